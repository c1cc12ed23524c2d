from django.urls import path

from ..pages import planning
from ..pages import visits as pages

ONE = "visits/<uuid:visit_id>/"
urlpatterns = [
    path("visits/", pages.visit_list, name="visits"),
    path("own/", pages.own, name="own"),
    path("visits/files/<int:visit_file_id>/", pages.file, name="visit_file"),
    path("visits/planned/<int:plan_id>/", pages.plan, name="plan"),
    path("enterprises/<int:enterprise_id>/visit/", pages.start, name="start_visit"),
    path("enterprises/<int:enterprise_id>/plan/", planning.plan_visit, name="plan_visit"),
    path(ONE, pages.visit, name="visit"),
    path(f"{ONE}people/", pages.people, name="visit_people"),
    path(f"{ONE}answers/", pages.answers, name="answer_visit"),
    path(f"{ONE}hazards/", pages.found, name="visit_hazard"),
    path(f"{ONE}check/", pages.check, name="visit_check"),
    path(f"{ONE}files/", pages.upload, name="visit_upload"),
    path(f"{ONE}finish/", pages.finish, name="finish_visit"),
    path(f"{ONE}order/", pages.order, name="order_from_visit"),
]
