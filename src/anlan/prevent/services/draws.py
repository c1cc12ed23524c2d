"""Draws (双随机): the list is fixed, then the seed is published, then the lots are drawn."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.places.models import Region

from ..limits import check_ahead
from ..lots import (
    FORMAT,
    INSPECTOR,
    TARGET,
    BadDraw,
    Candidate,
    Excluded,
    Frozen,
    Pair,
    Recused,
    draw,
    frozen_from,
)
from ..models import Campaign, Draw, Enterprise
from ..queries.draws import candidates_of
from ..queries.inspectors import RECHECKS, who_inspects
from .visits import plan_visits

LEAST_SEED = 6
MOST_TARGETS = 2000


@transaction.atomic
def freeze_draw(
    *,
    title: str,
    region: Region,
    wanted: int,
    each: int,
    due_on: date,
    campaign: Campaign | None = None,
    without: Mapping[str, str] | None = None,
    recused: Sequence[Recused] = (),
    by: Account,
    at: datetime,
) -> Draw:
    """Fix who may be drawn; from here on nothing of it changes.

    `without` names candidates by credit code, or inspectors by "I" and their number, with the
    reason why they are left out: the list keeps both.
    """
    by.require("prevent.campaign", region=region)
    if not title.strip():
        raise BadInput("prevent.no_title", _("Give it a title."))
    check_ahead(due_on, at)
    targets = {e.credit_code: e.site.name for e in candidates_of(region, campaign)}
    inspectors = {str(person.pk): str(person) for person in who_inspects(region, at, RECHECKS)}
    excluded = _exclude(targets, inspectors, without or {})
    frozen = Frozen(
        targets=tuple(Candidate(code, name) for code, name in sorted(targets.items())),
        inspectors=tuple(Candidate(code, name) for code, name in sorted(inspectors.items())),
        wanted=wanted,
        each=each,
        excluded=tuple(excluded),
        recused=tuple(sorted(recused, key=lambda one: (one.inspector, one.target))),
    )
    _check(frozen)
    made = Draw.objects.create(
        title=title.strip()[:120],
        region=region,
        campaign=campaign,
        due_on=due_on,
        frozen=frozen.as_dict(),
        digest=frozen.digest(),
        frozen_at=at,
        frozen_by=by,
    )
    _tell("prevent.draw.frozen", made, by, at, digest=made.digest)
    return made


def _exclude(
    targets: dict[str, str], inspectors: dict[str, str], without: Mapping[str, str]
) -> list[Excluded]:
    """Take them out of the candidates; each with its reason, none that is not there."""
    excluded = []
    for code, reason in sorted(without.items()):
        kind, pool = (INSPECTOR, inspectors) if code.startswith("I") else (TARGET, targets)
        key = code.removeprefix("I") if kind == INSPECTOR else code
        name = pool.pop(key, None)
        if name is None:
            raise BadInput(
                "prevent.no_candidate", _("“%(code)s” is no candidate.") % {"code": code[:40]}
            )
        if not reason.strip():
            raise BadInput("prevent.no_reason", _("Say why, in a few words."))
        excluded.append(Excluded(kind, key, name, reason.strip()[:200]))
    return excluded


def _check(frozen: Frozen) -> None:
    if not 0 < frozen.wanted <= min(len(frozen.targets), MOST_TARGETS):
        raise BadInput(
            "prevent.bad_wanted",
            _("Of %(there)d candidates between 1 and %(most)d can be drawn.")
            % {"there": len(frozen.targets), "most": min(len(frozen.targets), MOST_TARGETS)},
        )
    if not 0 < frozen.each <= len(frozen.inspectors):
        raise BadInput(
            "prevent.bad_each",
            _("There are %(there)d inspectors to draw from.") % {"there": len(frozen.inspectors)},
            hint=_("Candidates may inspect in the whole of the draw's region."),
        )
    codes = {one.code for one in frozen.inspectors}, {one.code for one in frozen.targets}
    for one in frozen.recused:
        if one.inspector not in codes[0] or one.target not in codes[1]:
            raise BadInput(
                "prevent.no_candidate",
                _("“%(code)s” is no candidate.") % {"code": f"{one.inspector} {one.target}"[:60]},
            )


@transaction.atomic
def draw_lots(*, draw_of: Draw, seed: str, source: str, by: Account, at: datetime) -> Draw:
    """Draw by a seed that became known after the list was fixed, and hand the visits out."""
    by.require("prevent.campaign", region=draw_of.region)
    seed, source = seed.strip(), source.strip()
    if not LEAST_SEED <= len(seed) <= 200 or not source:
        raise BadInput(
            "prevent.bad_seed",
            _("The seed needs at least %(n)d characters and where it can be looked up.")
            % {"n": LEAST_SEED},
            hint=_("Take a number that anybody can look up and nobody could know before."),
        )
    if at <= draw_of.frozen_at:
        raise Refusal("prevent.seed_before", _("The seed must come after the list was fixed."))
    try:
        pairs = draw(frozen_from(draw_of.frozen), seed)
    except BadDraw as error:
        raise Refusal(
            "prevent.too_few_inspectors",
            _("Too many recusals: a target is left without enough inspectors."),
            hint=_("Call this draw off and fix a new list."),
        ) from error
    waiting = Draw.objects.filter(pk=draw_of.pk, state=Draw.State.FROZEN)
    if not waiting.update(
        state=Draw.State.DRAWN,
        seed=seed,
        seed_source=source[:300],
        drawn=[asdict(pair) for pair in pairs],
        drawn_at=at,
        drawn_by=by,
    ):
        raise Refusal("prevent.not_frozen", _("This draw was made already, or called off."))
    draw_of.refresh_from_db()
    _hand_out(draw_of, pairs, by, at)
    _tell("prevent.draw.drawn", draw_of, by, at, digest=draw_of.digest, seed=seed)
    return draw_of


def _hand_out(made: Draw, pairs: list[Pair], by: Account, at: datetime) -> None:
    """Visits to those drawn who are still in business; the result itself is never changed."""
    codes = [pair.target for pair in pairs]
    rows = Enterprise.objects.in_business().filter(credit_code__in=codes)
    found = {row.credit_code: row for row in rows.select_related("site__region")}
    people = Account.objects.in_bulk([int(code) for pair in pairs for code in pair.inspectors])
    going = [pair for pair in pairs if pair.target in found]
    plan_visits(
        enterprises=[found[pair.target] for pair in going],
        due_on=made.due_on,
        campaign=made.campaign,
        draw=made,
        inspectors=[[people[int(code)] for code in pair.inspectors] for pair in going],
        by=by,
        at=at,
    )


@transaction.atomic
def call_off(*, draw_of: Draw, note: str, by: Account, at: datetime) -> Draw:
    """Give up a fixed list before its seed is known; it stays, with the reason."""
    by.require("prevent.campaign", region=draw_of.region)
    if not note.strip():
        raise BadInput("prevent.no_reason", _("Say why, in a few words."))
    waiting = Draw.objects.filter(pk=draw_of.pk, state=Draw.State.FROZEN)
    if not waiting.update(state=Draw.State.CANCELLED, note=note.strip()[:300]):
        raise Refusal("prevent.not_frozen", _("This draw was made already, or called off."))
    draw_of.refresh_from_db()
    _tell("prevent.draw.cancelled", draw_of, by, at)
    return draw_of


def publication(made: Draw) -> bytes:
    """The file that is published: all that is needed to repeat the draw."""
    document = {
        "format": FORMAT,
        "title": made.title,
        "region": made.region.name,
        "frozen": made.frozen,
        "digest": made.digest,
        "frozen_at": made.frozen_at.isoformat(),
        "seed": made.seed,
        "seed_source": made.seed_source,
        "drawn_at": made.drawn_at.isoformat() if made.drawn_at else "",
        "drawn": made.drawn,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _tell(name: str, made: Draw, by: Account, at: datetime, **more: Any) -> None:
    publish(name, at=at, by=by, region_path=made.region.path, draw_id=made.pk, **more)
