from django.urls import path

from ..pages import campaigns as pages
from ..pages import draws

CAMPAIGN = "campaigns/<int:campaign_id>/"
DRAW = "draws/<int:draw_id>/"
urlpatterns = [
    path("campaigns/", pages.campaign_list, name="campaigns"),
    path("campaigns/new/", pages.make, name="make_campaign"),
    path(CAMPAIGN, pages.campaign, name="campaign"),
    path(f"{CAMPAIGN}quota/", pages.quota, name="set_quota"),
    path(f"{CAMPAIGN}close/", pages.close, name="close_campaign"),
    path("draws/", draws.draw_list, name="draws"),
    path("draws/new/", draws.make, name="make_draw"),
    path("draws/verify/", draws.verify, name="verify_draw"),
    path(DRAW, draws.draw, name="draw"),
    path(f"{DRAW}lots/", draws.lots_drawn, name="draw_lots"),
    path(f"{DRAW}call-off/", draws.call_off, name="call_off_draw"),
    path(f"{DRAW}file/", draws.published, name="draw_file"),
]
