"""Lists on their way: handed in, checked, confirmed, written, discarded.

`at` is machine time where a row's own life is meant, the house's clock where the files change.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from anlan.base import tables
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.tables import clean
from anlan.people.models import Account
from anlan.places.models import Region

from ..models import ListImport
from . import contract_lists, enterprise_lists, list_cells, list_rows
from .list_known import PERMISSION

S = ListImport.State
KEPT_FOR = timedelta(days=1)
SILENCE = timedelta(seconds=90)
SHOWN = 100
Beat = Callable[[int, int], None]
Plan = list_rows.Plan | contract_lists.Plan


def hand_in(
    *,
    name: str,
    content: bytes,
    region: Region | None,
    of: str = ListImport.Of.ENTERPRISES,
    by: Account,
    at: datetime,
) -> ListImport:
    """Take a file in to be checked; nothing changes yet."""
    if not (by.is_system or by.may_anywhere(PERMISSION)):
        raise NotAllowed("prevent.not_granted", _("You may not keep enterprise files anywhere."))
    if len(content) > settings.MAX_UPLOAD_BYTES:
        raise BadInput(
            "places.upload_too_big",
            _("The file is larger than %(most)d MB.")
            % {"most": settings.MAX_UPLOAD_BYTES // 1024 // 1024},
        )
    return ListImport.objects.create(
        by=by,
        region=region,
        of=of,
        name=clean(name)[:200],
        content=content,
        made_at=at,
        beat_at=at,
    )


def confirm(*, row: ListImport, by: Account, at: datetime) -> None:
    """Whoever handed it in has looked at it: take the good lines."""
    same = ListImport.objects.filter(pk=row.pk, by=by, state=S.CHECKED)
    if not same.update(state=S.TO_WRITE, done=0, beat_at=at):
        raise Refusal(
            "prevent.not_checked",
            _("This list is not waiting for you."),
            hint=_("Reload the page to see where it stands."),
        )


def take_next(*, at: datetime) -> ListImport | None:
    """The oldest that waits, or that somebody began and was killed over; claimed in one UPDATE."""
    lost = Q(state__in=[S.CHECKING, S.WRITING], beat_at__lt=at - SILENCE)
    waiting = ListImport.objects.filter(Q(state__in=[S.TO_CHECK, S.TO_WRITE]) | lost)
    for pk, state in waiting.order_by("made_at").values_list("pk", "state"):
        now = S.CHECKING if state in {S.TO_CHECK, S.CHECKING} else S.WRITING
        mine = ListImport.objects.filter(pk=pk, state=state).filter(
            Q(state__in=[S.TO_CHECK, S.TO_WRITE]) | lost
        )
        if mine.update(state=now, beat_at=at):
            return ListImport.objects.select_related("by", "region").get(pk=pk)
    return None


def carry_out(*, row: ListImport, beat: Beat, at: datetime) -> None:
    """Check or write one that `take_next` has claimed; a refusal stays with it, to be read."""
    try:
        plan = _work_on(row, beat, at)
    except Refusal as refusal:
        _save(row, state=S.REFUSED, why=f"{refusal.message} {refusal.hint}".strip()[:500])
        return
    if row.state == S.WRITING:
        _save(row, state=S.DONE, counts=plan.counts, content=b"")
    else:
        _save(row, state=S.CHECKED, **_summary(plan))


def _work_on(row: ListImport, beat: Beat, at: datetime) -> Plan:
    content, writes = bytes(row.content), row.state == S.WRITING
    if row.of == ListImport.Of.CONTRACTS:
        contracts = contract_lists.plan_list(
            content=content, region=row.region, by=row.by, at=at, progress=beat
        )
        if writes:
            contract_lists.write_plan(plan=contracts, by=row.by, at=at, progress=beat)
        return contracts
    firms = enterprise_lists.plan_list(content=content, region=row.region, by=row.by, progress=beat)
    if writes:
        enterprise_lists.write_plan(plan=firms, by=row.by, at=at, progress=beat)
    return firms


def give_up(*, row: ListImport) -> None:
    """An error of ours: the parts that were written stay, and the list can be handed in again."""
    why = _("An error on the server: what was taken in stays. Tell the system's administrator.")
    _save(row, state=S.REFUSED, why=why)


def discard_old(*, at: datetime) -> int:
    """What is older than a day, confirmed or not."""
    return ListImport.objects.filter(made_at__lt=at - KEPT_FOR).delete()[0]


def _summary(plan: Plan) -> dict[str, Any]:
    problems = [
        {"row": p.row, "column": p.column, "value": p.value, "text": p.text}
        for p in plan.problems[:SHOWN]
    ]
    columns = (
        contract_lists.COLUMNS if isinstance(plan, contract_lists.Plan) else list_cells.COLUMNS
    )
    return {
        "counts": plan.counts,
        "shown": {**plan.shown, "problems": problems},
        "errors": tables.error_workbook(columns, plan.lines, plan.problems)
        if plan.problems
        else b"",
    }


def _save(row: ListImport, **values: Any) -> None:
    ListImport.objects.filter(pk=row.pk, state=row.state).update(**values)
    for name, value in values.items():
        setattr(row, name, value)
