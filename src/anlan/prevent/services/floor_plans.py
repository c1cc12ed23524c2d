"""Floor plans of an enterprise and the outlines of its areas on them."""

from __future__ import annotations

import json
import math
from datetime import datetime

import shapely
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image

from anlan.base.errors import BadInput
from anlan.base.events import publish
from anlan.people.models import Account
from anlan.work import files

from ..models import Area, Enterprise, FloorPlan
from .risks import require_keeper

MOST_CORNERS = 60
SMALLEST = 1e-4  # an area below a ten thousandth of the plan is a slip of the hand


def upload_plan(
    *, enterprise: Enterprise, name: str, data: bytes, by: Account, at: datetime
) -> FloorPlan:
    """Keep a picture as floor plan. A newer one of the same name takes over its outlines.

    It is looked at and stored before the transaction: a picture takes a second.
    """
    require_keeper(enterprise, by)
    name = name.strip()[:60]
    if not name:
        raise BadInput("prevent.empty", _("Name the floor plan."))
    if not files.is_picture(data):
        raise BadInput(
            "prevent.plan_picture",
            _("A floor plan is a picture (JPEG, PNG or WebP)."),
            hint=_("Export the drawing as a picture, or take a photo of it."),
        )
    stored = files.take(data)
    with Image.open(files.absolute(stored.path)) as image:
        size = image.size
    return _replace_plan(enterprise, name, stored, size, by, at)


@transaction.atomic
def _replace_plan(
    enterprise: Enterprise,
    name: str,
    stored: files.Stored,
    size: tuple[int, int],
    by: Account,
    at: datetime,
) -> FloorPlan:
    older = list(enterprise.floor_plans.select_for_update().filter(name=name, retired_at=None))
    enterprise.floor_plans.filter(pk__in=[plan.pk for plan in older]).update(retired_at=at)
    plan = FloorPlan.objects.create(
        enterprise=enterprise,
        name=name,
        path=stored.path,
        mime=stored.mime,
        width=size[0],
        height=size[1],
        made_at=at,
        by=by,
    )
    Area.objects.filter(plan__in=older).update(plan=plan)
    _tell("prevent.floor_plan.uploaded", enterprise, by=by, at=at, plan_id=plan.pk)
    return plan


@transaction.atomic
def outline_area(*, area: Area, plan: FloorPlan, corners: str, by: Account, at: datetime) -> Area:
    """Outline an area on a plan by its corners, as JSON; none takes it off the plan."""
    require_keeper(area.enterprise, by)
    in_use = FloorPlan.objects.filter(enterprise=area.enterprise_id, retired_at=None)
    if not in_use.filter(pk=plan.pk).exists():
        raise BadInput("prevent.plan_of_other", _("That is no floor plan of this enterprise."))
    points = read_corners(corners)
    area.plan, area.outline = (plan, points) if points else (None, [])
    area.save(update_fields=["plan", "outline"])
    _tell(
        "prevent.area.outlined", area.enterprise, by=by, at=at, area_id=area.pk, corners=len(points)
    )
    return area


def read_corners(text: str) -> list[list[float]]:
    """Corners as parts of the plan's width and height; they must enclose something."""
    wrong = BadInput(
        "prevent.outline",
        _("These corners do not enclose an area."),
        hint=_("Three to %(n)s corners on the plan, whose sides do not cross.")
        % {"n": MOST_CORNERS},
    )
    try:
        found = json.loads(text or "[]")
        points = [[round(float(x), 4), round(float(y), 4)] for x, y in found]
    except (ValueError, TypeError, RecursionError, OverflowError) as error:
        raise wrong from error
    if not points:
        return []
    inside = all(math.isfinite(v) and 0 <= v <= 1 for point in points for v in point)
    if not inside or not 3 <= len(points) <= MOST_CORNERS:
        raise wrong
    shape = shapely.Polygon(points)
    if not shape.is_valid or shape.area < SMALLEST:
        raise wrong
    return points


def _tell(name: str, enterprise: Enterprise, *, by: Account, at: datetime, **data: int) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        **data,
    )
