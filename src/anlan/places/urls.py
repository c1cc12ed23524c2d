from django.urls import path

from . import map_pages

app_name = "places"
urlpatterns = [
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", map_pages.tile, name="tile"),
    path("outlines/<int:level>.geojson", map_pages.outlines, name="outlines"),
    path("layers.json", map_pages.layer_list, name="layers"),
]
