from django.urls import path

from ..pages import floor_plans
from ..pages import risks as pages

OF_ENTERPRISE = "enterprises/<int:enterprise_id>/"
POINT = "risks/points/<int:point_id>/"
PLAN = "floor-plans/<int:floor_plan_id>/"
urlpatterns = [
    path("risks/", pages.overview, name="risks"),
    path("risks/points/", pages.point_list, name="risk_points"),
    path("risks/methods/", pages.methods, name="risk_methods"),
    path("risks/checks/", pages.due_checks, name="due_checks"),
    path(f"{OF_ENTERPRISE}risks/", pages.register, name="risk_register"),
    path(POINT, pages.point, name="risk_point"),
    path(f"{POINT}grade/", pages.grade, name="grade_risk"),
    path(f"{POINT}controls/", pages.add_control, name="add_control"),
    path(f"{POINT}close/", pages.close, name="close_risk"),
    path("risks/controls/<int:control_id>/check/", pages.check, name="check_control"),
    path("risks/controls/<int:control_id>/retire/", pages.retire_control, name="retire_control"),
    path(f"{OF_ENTERPRISE}floor-plans/", floor_plans.upload, name="upload_floor_plan"),
    path(PLAN, floor_plans.plan, name="floor_plan"),
    path(f"{PLAN}outline/", floor_plans.outline, name="outline_area"),
    path(f"{PLAN}picture/", floor_plans.picture, name="floor_plan_picture"),
]
