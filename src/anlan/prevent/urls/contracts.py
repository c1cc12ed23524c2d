from django.urls import path

from ..pages import contracts as pages
from ..pages import enterprise_imports as lists

ONE = "contracts/<int:contract_id>/"
urlpatterns = [
    path("services/", pages.coverage, name="coverage"),
    path("services/small/", pages.small, name="small"),
    path("contracts/", pages.contract_list, name="contracts"),
    path("contracts/import/", lists.import_contracts, name="import_contracts"),
    path("contracts/import/template/", lists.contract_template, name="contract_template"),
    path(ONE, pages.contract, name="contract"),
    path(f"{ONE}serve/", pages.serve, name="serve"),
    path(f"{ONE}drop/<int:enterprise_id>/", pages.drop, name="drop_served"),
    path(f"{ONE}end/", pages.end, name="end_contract"),
    path(f"{ONE}judge/<uuid:visit_id>/", pages.judge, name="judge_visit"),
]
