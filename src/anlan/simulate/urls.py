from django.urls import path

from . import map_pages, pages, score_pages
from .frames import MAX

app_name = "simulate"
urlpatterns = [
    path("", pages.runs, name="runs"),
    path("mine/", pages.mine, name="mine"),
    path("scores/", score_pages.scores, name="scores"),
    path("scores/list/", score_pages.score_list, name="score_list"),
    path("scores/<int:run_id>/<int:series_id>/", score_pages.story, name="story"),
    path("areas/<int:area_id>/ask/", pages.ask, name="ask"),
    path("<int:run_id>/", pages.run, name="run"),
    path("<int:run_id>/cancel/", pages.cancel, name="cancel"),
    path("<int:run_id>/frames/<int:frame>.png", map_pages.frame, name="frame"),
    path("<int:run_id>/max.png", map_pages.frame, {"frame": MAX}, name="max"),
    path("<int:run_id>/max.tif", map_pages.raster, name="raster"),
]
