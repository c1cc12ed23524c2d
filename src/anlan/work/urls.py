from django.urls import path

from . import pages

app_name = "work"
urlpatterns = [
    path("", pages.inbox, name="inbox"),
    path("regions/", pages.regions, name="regions"),
    path("<int:item_id>/", pages.item, name="item"),
    path("<int:item_id>/moves/<slug:move>/", pages.move, name="move"),
    path("files/<int:attachment_id>/", pages.file, name="file"),
    path("files/<int:attachment_id>/small/", pages.thumbnail, name="thumbnail"),
]
