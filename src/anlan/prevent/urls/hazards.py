from django.urls import path

from ..pages import hazard_parts as parts
from ..pages import hazards as pages

ONE = "hazards/<int:hazard_id>/"
urlpatterns = [
    path("hazards/", pages.hazard_list, name="hazards"),
    path("hazards/moved/", pages.moved_away, name="moved_away"),
    path("hazards/rates/", pages.rate_list, name="rates"),
    path("enterprises/<int:enterprise_id>/report/", pages.report, name="report_hazard"),
    path(ONE, pages.hazard, name="hazard"),
    path(f"{ONE}order/", parts.order, name="order_hazard"),
    path(f"{ONE}extend/", parts.ask, name="ask_extension"),
    path("extensions/<int:extension_id>/", parts.decide, name="decide_extension"),
    path(f"{ONE}list/", parts.hang, name="list_hazard"),
    path("listings/<int:listing_id>/lift/", parts.lift, name="lift_listing"),
    path(f"{ONE}transfer/", parts.transfer, name="transfer_hazard"),
    path(f"{ONE}regrade/", parts.regrade, name="regrade_hazard"),
]
