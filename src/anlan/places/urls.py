from django.urls import path

from . import map_pages, pages

app_name = "places"
urlpatterns = [
    path("", pages.index, name="index"),
    path("find/", pages.find, name="find"),
    path("sites/", pages.sites, name="sites"),
    path("import/divisions/", pages.import_divisions, name="import_divisions"),
    path("import/divisions/<uuid:upload_id>/", pages.confirm_divisions, name="confirm_divisions"),
    path("import/sites/", pages.import_sites, name="import_sites"),
    path("import/sites/<uuid:upload_id>/", pages.confirm_sites, name="confirm_sites"),
    path("import/sites/<uuid:upload_id>/errors.xlsx", pages.site_errors, name="site_errors"),
    path("import/outlines/", pages.import_outlines, name="import_outlines"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", map_pages.tile, name="tile"),
    path("outlines/<int:level>.geojson", map_pages.outlines, name="outlines"),
    path("layers.json", map_pages.layer_list, name="layers"),
]
