from django.urls import path

from . import pages, plan_pages

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
