"""Changes of a file from a phone: merged field by field, or laid before a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.work.models import Submission

from ..models import Edit, Enterprise
from ..models.edits import FIELDS, current
from .enterprises import OF_FILE, OF_SITE, Particulars, change_enterprise

PHONE, OFFICE = "PHONE", "OFFICE"
W = Edit.State


@transaction.atomic
def take_edit(
    *,
    submission: Submission,
    enterprise: Enterprise,
    seen_at: datetime,
    fields: Mapping[str, tuple[Any, Any]],
    by: Account,
    at: datetime,
) -> Edit:
    """Take over what nobody else has touched; what two have changed differently waits for a choice.

    Who may not keep files proposes: all that they changed waits for the office.
    """
    unknown = sorted(set(fields) - set(FIELDS))
    if unknown or not fields:
        raise BadInput(
            "prevent.no_such_field",
            _("These cannot be changed from a phone: %(names)s") % {"names": "、".join(unknown)},
        )
    region = enterprise.site.region
    if not by.may("prevent.manage", region=region):
        by.require("prevent.inspect", region=region)
    now = current(enterprise)
    wanted = {n: want for n, (_seen, want) in fields.items() if not same(now[n], want)}
    if by.may("prevent.manage", region=region):
        waits = [n for n in wanted if not same(now[n], fields[n][0])]
    else:
        waits = list(wanted)
    clean = {n: want for n, want in wanted.items() if n not in waits}
    if clean:
        _write(enterprise, clean, by=by, at=at, why=_("changed on a phone"))
    edit = Edit.objects.create(
        submission=submission,
        enterprise=enterprise,
        by=by,
        made_at=submission.made_at,
        at=at,
        seen_at=seen_at,
        fields={n: list(pair) for n, pair in fields.items()},
        open=waits,
        state=W.OPEN if waits else W.APPLIED,
    )
    publish(
        "prevent.edit.received",
        at=at,
        by=by,
        region_path=region.path,
        enterprise_id=enterprise.pk,
        submission_id=str(submission.pk),
        open=waits,
    )
    return edit


@transaction.atomic
def settle_edit(
    *,
    edit: Edit,
    choices: Mapping[str, str],
    seen_at: datetime | None,
    by: Account,
    at: datetime,
) -> Edit:
    """A person has seen both and chosen; `seen_at`: the version of the file that was on screen."""
    enterprise = edit.enterprise
    by.require("prevent.manage", region=enterprise.site.region)
    chosen = {n: choices.get(n) for n in edit.open}
    if any(choice not in {PHONE, OFFICE} for choice in chosen.values()):
        raise BadInput("prevent.not_chosen", _("Choose one of the two for each line."))
    # Of two who settle the same one, the second is told.
    mine = Edit.objects.filter(pk=edit.pk, state=W.OPEN)
    if not mine.update(state=W.SETTLED, settled_by=by, settled_at=at):
        raise Refusal("prevent.edit_settled", _("Somebody else has just settled this."))
    before = current(enterprise)
    wanted = {n: edit.fields[n][1] for n, choice in chosen.items() if choice == PHONE}
    if wanted:
        why = _("changed on a phone by %(name)s") % {"name": edit.by}
        _write(enterprise, wanted, by=by, at=at, why=why, seen_at=seen_at)
    edit.choices = {n: [before[n], edit.fields[n][1], choice] for n, choice in chosen.items()}
    edit.save(update_fields=["choices"])
    publish(
        "prevent.edit.settled",
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        submission_id=str(edit.pk),
        taken=sorted(wanted),
    )
    edit.refresh_from_db()
    return edit


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) < 1e-6  # a tenth of a metre
    return bool(one == other)


def _write(
    enterprise: Enterprise,
    wanted: Mapping[str, Any],
    *,
    by: Account,
    at: datetime,
    why: str,
    seen_at: datetime | None = None,
) -> None:
    site = enterprise.site
    now = {n: getattr(site, n) for n in OF_SITE} | {n: getattr(enterprise, n) for n in OF_FILE}
    given = replace(Particulars(**now), **wanted)
    change_enterprise(enterprise=enterprise, given=given, seen_at=seen_at, why=why, by=by, at=at)
