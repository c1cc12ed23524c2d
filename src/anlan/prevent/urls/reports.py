from django.urls import path

from ..pages import reports as pages

ONE = "reports/<int:public_report_id>/"
urlpatterns = [
    path("reports/", pages.report_list, name="reports"),
    path(ONE, pages.report, name="report"),
    path(f"{ONE}hazard/", pages.as_hazard, name="report_as_hazard"),
    path(f"{ONE}visit/", pages.as_visit, name="report_as_visit"),
    path(f"{ONE}merge/", pages.merge, name="merge_report"),
    path(f"{ONE}reject/", pages.reject, name="reject_report"),
]
