from django.urls import path

from .pages import ground as ground_pages
from .pages import maps as map_pages
from .pages import runs as pages
from .pages import scenarios as scenario_pages
from .pages import scores as score_pages
from .results.frames import MAX

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
    path("<int:run_id>/over-<int:depth_cm>.png", map_pages.likely, name="likely"),
    path("<int:run_id>/max.tif", map_pages.raster, name="raster"),
    path("areas/<int:area_id>/scenario/", scenario_pages.scenario, name="scenario"),
    path("<int:run_id>/over/<int:depth_cm>.tif", scenario_pages.probability, name="probability"),
    path("ground/", ground_pages.grounds, name="grounds"),
    path("ground/<int:terrain_id>/", ground_pages.ground, name="ground"),
    path("ground/<int:terrain_id>/need/", ground_pages.estimate, name="need"),
    path("ground/<int:terrain_id>/shade.png", ground_pages.picture, name="shade"),
    path("areas/<int:area_id>/switch/", ground_pages.switch, name="switch"),
]
