from django.urls import path

from . import import_pages, map_pages, pages, place_pages

app_name = "places"
urlpatterns = [
    path("", pages.index, name="index"),
    path("sites/", pages.sites, name="sites"),
    path("import/divisions/", pages.import_divisions, name="import_divisions"),
    path("import/divisions/<uuid:upload_id>/", pages.confirm_divisions, name="confirm_divisions"),
    path("import/sites/", pages.import_sites, name="import_sites"),
    path("import/sites/<uuid:upload_id>/", pages.confirm_sites, name="confirm_sites"),
    path("import/sites/<uuid:upload_id>/errors.xlsx", pages.site_errors, name="site_errors"),
    path("sites/<int:site_id>/", place_pages.site, name="site"),
    path("roads/", place_pages.roads, name="roads"),
    path("roads/<int:road_id>/", place_pages.road, name="road"),
    path("import/roads/", import_pages.import_roads, name="import_roads"),
    path("import/roads/<uuid:upload_id>/", import_pages.confirm_roads, name="confirm_roads"),
    path("import/roads/<uuid:upload_id>/errors.xlsx", import_pages.road_errors, name="road_errors"),
    path("import/populations/", import_pages.import_populations, name="import_populations"),
    path(
        "import/populations/<uuid:upload_id>/",
        import_pages.confirm_populations,
        name="confirm_populations",
    ),
    path(
        "import/populations/<uuid:upload_id>/errors.xlsx",
        import_pages.population_errors,
        name="population_errors",
    ),
    path("import/outlines/", pages.import_outlines, name="import_outlines"),
    path("tiles/<slug:layer>/<int:z>/<int:x>/<int:y>.mvt", map_pages.tile, name="tile"),
    path("outlines/<int:level>.geojson", map_pages.outlines, name="outlines"),
    path("layers.json", map_pages.layer_list, name="layers"),
]
