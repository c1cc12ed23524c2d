from django.urls import path

from . import pages, rule_pages

app_name = "warn"
urlpatterns = [
    path("", pages.alarms, name="alarms"),
    path("<int:alarm_id>/", pages.alarm, name="alarm"),
    path("<int:alarm_id>/acknowledge/", pages.acknowledge, name="acknowledge"),
    path("<int:alarm_id>/clear/", pages.clear, name="clear"),
    path("<int:alarm_id>/note/", pages.note, name="note"),
    path("rules/", rule_pages.rules, name="rules"),
    path("rules/new/", rule_pages.new_rule, name="new_rule"),
    path("rules/sentence/", rule_pages.sentence, name="sentence"),
    path("rules/trial/", rule_pages.trial, name="trial"),
    path("levels/", rule_pages.levels, name="levels"),
    path("levels/<int:series_id>/", rule_pages.set_level, name="set_level"),
    path("rules/<int:rule_id>/", rule_pages.rule, name="rule"),
    path("rules/<int:rule_id>/switch/", rule_pages.switch, name="switch"),
]
