"""Read alarms and rules. Every function takes the reader and shows only their regions."""

from django.db.models import Count, F, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.observe.models import Series
from anlan.people.models import Account
from anlan.places.models import PLACE

from .models import Alarm, AlarmNote, AlarmQuerySet, Rule, RuleVersion, Severity

STATES = ("open", "unacknowledged", "acknowledged", "cleared", "all")


def list_alarms(
    *,
    actor: Account,
    state: str = "open",
    severity: int | None = None,
    region_path: str = "",
    exercise: bool | None = None,
) -> QuerySet[Alarm]:
    """Alarms the actor may see: the gravest first, then the newest. Open ones, if not asked else.

    `unacknowledged` and `acknowledged` are open alarms; `cleared` and `all` are newest first.
    """
    alarms = Alarm.objects.within(actor.regions_for("warn.view"))
    alarms = _in_state(alarms, state)
    if severity is not None:
        alarms = alarms.filter(severity=severity)
    if region_path:
        alarms = alarms.filter(region__path__under=region_path)
    if exercise is not None:
        alarms = alarms.filter(exercise=exercise)
    order = ["-opened_at", "-pk"]
    if state not in {"cleared", "all"}:
        order.insert(0, "severity")
    return alarms.select_related(
        "rule", "version", f"region__{PLACE}", "series__station", "site", "acknowledged_by"
    ).order_by(*order)


def _in_state(alarms: AlarmQuerySet, state: str) -> AlarmQuerySet:
    if state == "cleared":
        return alarms.exclude(cleared_at=None)
    if state == "all":
        return alarms
    alarms = alarms.open()
    if state == "unacknowledged":
        return alarms.unacknowledged()
    if state == "acknowledged":
        return alarms.exclude(acknowledged_at=None)
    return alarms


def get_alarm(*, actor: Account, alarm_id: int) -> Alarm:
    """One alarm, or NotFound: an alarm outside the actor's regions is not there."""
    visible = Alarm.objects.within(actor.regions_for("warn.view"))
    alarm = (
        visible.select_related(
            "rule",
            "version__author",
            f"region__{PLACE}",
            "series__station",
            "site__region",
            "acknowledged_by",
            "cleared_by",
        )
        .filter(pk=alarm_id)
        .first()
    )
    if alarm is None:
        raise NotFound("warn.no_alarm", _("There is no such alarm in your regions."))
    return alarm


def list_notes(*, alarm: Alarm) -> QuerySet[AlarmNote]:
    """The history of an alarm that the reader was given, oldest first."""
    return alarm.notes.select_related("by").order_by("pk")


def count_alarms(*, actor: Account) -> dict[int, int]:
    """Open alarms by severity, exercises left out: a menu's or a board's number."""
    visible = Alarm.objects.within(actor.regions_for("warn.view")).open().filter(exercise=False)
    rows = visible.values("severity").annotate(n=Count("pk")).values_list("severity", "n")
    return dict.fromkeys(Severity.values, 0) | dict(rows)


def list_rules(*, actor: Account) -> QuerySet[Rule]:
    """Rules of the actor's regions and those that watch them from above, by name."""
    versions = RuleVersion.objects.filter(number=F("rule__number")).select_related("author")
    found = _visible_rules(actor).select_related("region").order_by("region__path", "name", "pk")
    open_alarms = Count("alarms", filter=Q(alarms__cleared_at=None))
    return found.annotate(open_alarms=open_alarms).prefetch_related(
        Prefetch("versions", versions, to_attr="in_force")
    )


def get_rule(*, actor: Account, rule_id: int) -> Rule:
    """One rule, or NotFound."""
    rule = _visible_rules(actor).select_related("region").filter(pk=rule_id).first()
    if rule is None:
        raise NotFound("warn.no_rule", _("There is no such rule in your regions."))
    return rule


def _visible_rules(actor: Account) -> QuerySet[Rule]:
    return Rule.objects.watching(actor.regions_for("warn.view"))


def get_version(rule: Rule) -> RuleVersion:
    """The version in force of a rule that the reader was given."""
    return rule.versions.select_related("rule__region", "author").get(number=rule.number)


def list_versions(*, rule: Rule) -> QuerySet[RuleVersion]:
    """All versions of a rule that the reader was given, newest first."""
    return rule.versions.select_related("author").order_by("-number")


def list_level_series(
    *, actor: Account, region_path: str = "", search: str = ""
) -> QuerySet[Series]:
    """Series that have levels or may have some, in the actor's regions."""
    may_have = Q(quantity="water_level") | ~Q(levels=None)
    visible = Series.objects.within(actor.regions_for("warn.view")).filter(may_have).distinct()
    if region_path:
        visible = visible.filter(station__region__path__under=region_path)
    if search:
        found = Q(station__name__icontains=search) | Q(station__code__icontains=search)
        visible = visible.filter(found)
    return (
        visible.filter(station__retired_at=None)
        .select_related(f"station__region__{PLACE}")
        .prefetch_related("levels")
        .order_by("station__region__path", "station__name", "pk")
    )


def get_series(*, actor: Account, series_id: int) -> Series:
    """A series for which the actor sees alarms, or NotFound."""
    visible = Series.objects.within(actor.regions_for("warn.view"))
    series = visible.select_related("station__region").filter(pk=series_id).first()
    if series is None:
        raise NotFound("warn.no_series", _("There is no such series in your regions."))
    return series


def gauge_at(alarm: Alarm) -> Series | None:
    """The ponding gauge at the site of a forecast's alarm that the reader was given."""
    rows = Series.objects.filter(station__site=alarm.site_id, quantity="ponding_depth")
    return rows.filter(station__retired_at=None).order_by("pk").first() if alarm.site_id else None
