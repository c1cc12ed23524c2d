from django.urls import path

from . import calendar_pages, import_pages, meeting_pages, pages, refresh_pages

app_name = "govern"
urlpatterns = [
    path("", pages.index, name="index"),
    path("gaps/", pages.gap_list, name="gaps"),
    path("new/", pages.found, name="found"),
    path("committees/<int:committee_id>/", pages.committee, name="committee"),
    path("committees/<int:committee_id>/dissolve/", pages.dissolve, name="dissolve"),
    path("committees/<int:committee_id>/chair/", pages.seat, name="seat"),
    path("committees/<int:committee_id>/join/", pages.join, name="join"),
    path("committees/<int:committee_id>/list/", calendar_pages.draft, name="draft"),
    path("committees/<int:committee_id>/meeting/", meeting_pages.record, name="record"),
    path("members/<int:member_id>/leave/", pages.leave, name="leave"),
    path("members/<int:member_id>/duty/", pages.write, name="write"),
    path("duties/<int:duty_id>/", pages.duty, name="duty"),
    path("duties/<int:duty_id>/end/", pages.end_duty, name="end_duty"),
    path("lists/", calendar_pages.lists, name="lists"),
    path("lists/<int:list_id>/", calendar_pages.year_list, name="list"),
    path("lists/<int:list_id>/add/", calendar_pages.add, name="add"),
    path("lists/<int:list_id>/quarterly/", calendar_pages.quarterly, name="quarterly"),
    path("lists/<int:list_id>/issue/", calendar_pages.issue, name="issue"),
    path("entries/<int:entry_id>/remove/", calendar_pages.remove, name="remove"),
    path("work/<int:item_id>/", calendar_pages.of_item, name="of_item"),
    path("meetings/", meeting_pages.meetings, name="meetings"),
    path("meetings/<int:meeting_id>/", meeting_pages.meeting, name="meeting"),
    path("meetings/<int:meeting_id>/resolve/", meeting_pages.resolve, name="resolve"),
    path("refresh/", refresh_pages.refreshes, name="refreshes"),
    path("refresh/<int:refresh_id>/", refresh_pages.refresh, name="refresh"),
    path("refresh/village/<int:item_id>/", refresh_pages.task, name="refresh_task"),
    path("refresh/village/<int:item_id>/confirm/", refresh_pages.confirm, name="confirm"),
    path("import/", import_pages.import_list, name="import"),
    path("import/template.xlsx", import_pages.template, name="import_template"),
    path("import/<uuid:upload_id>/", import_pages.confirm, name="import_confirm"),
    path("import/<uuid:upload_id>/errors.xlsx", import_pages.errors, name="import_errors"),
]
