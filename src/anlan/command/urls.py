from django.urls import path

from . import closure_pages, pages, plan_pages

app_name = "command"
urlpatterns = [
    path("", pages.incident_list, name="incidents"),
    path("open/", pages.open_incident, name="open"),
    path("from-alarm/<int:alarm_id>/", pages.open_from_alarm, name="open_from_alarm"),
    path("<int:incident_id>/", pages.incident, name="incident"),
    path("<int:incident_id>/activate/", pages.activate, name="activate"),
    path("<int:incident_id>/preview/", pages.preview, name="preview"),
    path("<int:incident_id>/note/", pages.note, name="note"),
    path("<int:incident_id>/close/", pages.close, name="close"),
    path("<int:incident_id>/print/", pages.printed, name="print"),
    path("tasks/<int:item_id>/", pages.task, name="task"),
    path("closures/", closure_pages.closure_list, name="closures"),
    path("closures/<int:item_id>/", closure_pages.closure, name="closure"),
    path("closures/<int:item_id>/reopen/", closure_pages.reopen, name="reopen"),
    path("closures/from-alarm/<int:alarm_id>/", closure_pages.from_alarm, name="close_from_alarm"),
    path("closures/site/<int:site_id>/", closure_pages.of_site, name="closure_of_site"),
    path("closures/site/<int:site_id>/order/", closure_pages.order_site, name="close_site"),
    path("closures/road/<int:road_id>/", closure_pages.of_road, name="closure_of_road"),
    path("closures/road/<int:road_id>/order/", closure_pages.order_road, name="close_road"),
    path("plans/", plan_pages.plan_list, name="plans"),
    path("plans/<int:version_id>/", plan_pages.version, name="version"),
    path("plans/<int:version_id>/draft/", plan_pages.draft, name="draft"),
    path("plans/<int:version_id>/steps/", plan_pages.save_step, name="save_step"),
    path(
        "plans/<int:version_id>/steps/<int:order>/remove/",
        plan_pages.remove_step,
        name="remove_step",
    ),
    path("plans/<int:version_id>/approve/", plan_pages.approve, name="approve"),
]
