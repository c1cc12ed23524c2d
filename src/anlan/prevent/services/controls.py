"""Controls of a risk point and their checks; one not made in time becomes a hazard by itself.

A check that is made leaves one row and no task: an enterprise makes thousands a year. Only what
was missed, or found not to work, becomes a duty of the loop.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from anlan.base.days import last_day, spoken
from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.work.models import WorkItem

from ..models import Check, Control, Enterprise, Hazard, MissedCheck, RiskPoint
from ..queries.risks import is_own
from .hazards import Finding, report_hazard
from .risks import require_keeper

AT_ONCE = 50  # missed checks that one round of the ticker turns into hazards
Result = Check.Result


def next_due(every_days: int, at: datetime) -> datetime:
    """The end of the last day on which the next check is in time; days by the local calendar."""
    last = timezone.localdate(at) + timedelta(days=every_days)
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time()))


@transaction.atomic
def add_control(
    *,
    point: RiskPoint,
    sort: str,
    text: str,
    level: str,
    checker: str = "",
    every_days: int | None = None,
    by: Account,
    at: datetime,
) -> Control:
    """Put a measure beside a risk point; with a number of days it has to be checked so often."""
    require_keeper(point.enterprise, by)
    if sort not in Control.Sort or level not in Control.Level:
        raise BadInput("prevent.control", _("Choose a kind from the list."))
    if not text.strip():
        raise BadInput("prevent.empty", _("Say what is done about the risk."))
    if every_days is not None and every_days not in Control.Every:
        raise BadInput("prevent.control_every", _("Choose how often from the list."))
    if every_days and not checker.strip():
        raise BadInput("prevent.control_checker", _("Name the post that has to check it."))
    control = Control.objects.create(
        point=point,
        sort=sort,
        text=text.strip()[:300],
        level=level,
        checker=checker.strip()[:60],
        every_days=every_days,
        due_at=next_due(every_days, at) if every_days else None,
        made_at=at,
    )
    _tell("prevent.control.added", control, by=by, at=at)
    return control


@transaction.atomic
def retire_control(*, control: Control, by: Account, at: datetime) -> None:
    """The measure is no longer used. The point has to be graded again, since it relied on it."""
    require_keeper(control.point.enterprise, by)
    if not Control.objects.filter(pk=control.pk, retired_at=None).update(retired_at=at):
        raise Refusal("prevent.control_retired", _("This measure is no longer used."))
    RiskPoint.objects.filter(pk=control.point_id).update(regrade_on=timezone.localdate(at))
    _tell("prevent.control.retired", control, by=by, at=at)


@transaction.atomic
def check_control(
    *, control: Control, result: str, note: str = "", by: Account, at: datetime
) -> Check:
    """Write down that a control was looked at; one that does not work is reported as a hazard."""
    enterprise = control.point.enterprise
    require_keeper(enterprise, by)
    if result not in Result:
        raise BadInput("prevent.check_result", _("Say whether it works."))
    if result == Result.WRONG and not note.strip():
        raise BadInput("prevent.check_note", _("Describe what is wrong."))
    if control.every_days is None or control.due_at is None or control.retired_at is not None:
        raise Refusal("prevent.not_checked", _("This measure has no regular check."))
    due_at = next_due(control.every_days, at)
    same = Control.objects.filter(pk=control.pk, due_at=control.due_at, retired_at=None)
    if not same.update(due_at=due_at):
        raise Refusal(
            "prevent.checked",
            _("Somebody else has just checked it."),
            hint=_("Reload the page to see what they found."),
        )
    check = Check.objects.create(
        control=control,
        due_at=control.due_at,
        at=at,
        by=by,
        result=result,
        note=note.strip()[:300],
        hazard=_report_wrong(control, note, by, at) if result == Result.WRONG else None,
    )
    control.due_at = due_at
    _tell("prevent.control.checked", control, by=by, at=at, check_id=check.pk, result=result)
    return check


def _report_wrong(control: Control, note: str, by: Account, at: datetime) -> Hazard:
    what = _("%(area)s, %(point)s: %(control)s — %(note)s") % {
        **_names(control),
        "note": note.strip(),
    }
    own = is_own(by, control.point.enterprise)
    return report_hazard(
        site=control.point.enterprise.site,
        finding=Finding(what[:500]),
        source=Hazard.Source.SELF if own else Hazard.Source.VISIT,
        by=by,
        at=at,
    )


def report_missed(at: datetime) -> int:
    """A duty of the ticker: what should have been checked and was not becomes a hazard, once."""
    _let_rest(at)
    late = (
        Control.objects.overdue(at)
        .without_open_hazard()
        .select_related("point__area", "point__enterprise__site__region")
        .order_by("due_at", "pk")[:AT_ONCE]
    )
    return sum(_report_missed(control, at) for control in late)


def _report_missed(control: Control, at: datetime) -> bool:
    """False where another worker was quicker, or this very check was reported before."""
    due_at = control.due_at
    assert due_at is not None  # it would not be overdue
    system = Account.objects.system()
    what = _("Not checked by %(day)s: %(area)s, %(point)s: %(control)s (every %(n)s days)") % {
        **_names(control),
        "day": spoken(last_day(due_at)),
        "n": control.every_days,
    }
    try:
        with transaction.atomic():
            hazard = report_hazard(
                site=control.point.enterprise.site,
                finding=Finding(what[:500]),
                source=Hazard.Source.CHECK,
                by=system,
                at=at,
            )
            MissedCheck.objects.create(control=control, due_at=due_at, hazard=hazard)
            _tell("prevent.check.missed", control, by=system, at=at, hazard_id=hazard.pk)
    except IntegrityError:
        return _go_on(control, at)
    return True


def _go_on(control: Control, at: datetime) -> bool:
    """It was reported for this date already, and that is settled: the next date counts."""
    if control.every_days:
        same = Control.objects.filter(pk=control.pk, due_at=control.due_at)
        same.without_open_hazard().update(due_at=next_due(control.every_days, at))
    return False


def _let_rest(at: datetime) -> None:
    """Where production is suspended nobody checks, and nobody is late on coming back."""
    resting = Control.objects.filter(
        retired_at=None,
        due_at__lte=at,
        point__enterprise__state=Enterprise.State.SUSPENDED,
    )
    for every in Control.Every:
        some = resting.filter(every_days=every).values("pk")
        Control.objects.filter(pk__in=some).update(due_at=next_due(every, at))


@transaction.atomic
def settle(*, item: WorkItem, at: datetime) -> None:
    """The hazard of a missed check was put right or called off: its control is due anew."""
    missed = MissedCheck.objects.filter(hazard=item.pk).select_related("control").first()
    if missed is None or missed.control.every_days is None:
        return
    same = Control.objects.filter(pk=missed.control_id, due_at=missed.due_at)
    same.update(due_at=next_due(missed.control.every_days, at))


def _names(control: Control) -> dict[str, str]:
    return {
        "area": control.point.area.name,
        "point": control.point.name,
        "control": control.text[:200],
    }


def _tell(name: str, control: Control, *, by: Account, at: datetime, **data: object) -> None:
    enterprise = control.point.enterprise
    publish(
        name,
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        control_id=control.pk,
        **data,
    )
