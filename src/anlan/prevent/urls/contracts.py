from django.urls import path

from ..pages import contracts as pages

ONE = "contracts/<int:contract_id>/"
urlpatterns = [
    path("services/", pages.coverage, name="coverage"),
    path("services/small/", pages.small, name="small"),
    path("contracts/", pages.contract_list, name="contracts"),
    path(ONE, pages.contract, name="contract"),
    path(f"{ONE}serve/", pages.serve, name="serve"),
    path(f"{ONE}drop/<int:enterprise_id>/", pages.drop, name="drop_served"),
    path(f"{ONE}end/", pages.end, name="end_contract"),
    path(f"{ONE}judge/<uuid:visit_id>/", pages.judge, name="judge_visit"),
]
