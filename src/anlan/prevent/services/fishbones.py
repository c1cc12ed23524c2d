"""Write a fishbone's next version, bone by bone; another person puts it in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, Refusal
from anlan.base.events import publish
from anlan.people.models import Account, Organisation
from anlan.places.models import Region

from ..models import Bone, Entry, Fishbone, FishboneVersion, Standard
from .risks import INDUSTRY

V = FishboneVersion.State
MAINS = ("人员", "设备设施", "物料", "作业方法", "作业环境", "安全管理")  # 人机料法环管
DEPTH = 3
MOST_BONES = 120
# What the next edition takes over of a bone.
COPIED = ("order", "text", "measures", "unit_id", "standard_id", "section", "lines", "keywords")


@dataclass(frozen=True)
class BoneText:
    """A bone as somebody writes it."""

    text: str
    measures: str = ""
    unit: Organisation | None = None
    standard: Standard | None = None
    section: str = ""
    lines: tuple[Entry, ...] = ()
    keywords: str = ""


@transaction.atomic
def make_fishbone(
    *,
    name: str,
    effect: str,
    region: Region,
    industry: str = "",
    standard: Standard | None = None,
    by: Account,
    at: datetime,
) -> FishboneVersion:
    """A fishbone with a first draft that has the six usual main bones."""
    by.require("prevent.standard", region=region)
    industry = industry.strip().upper()
    if industry and not INDUSTRY.fullmatch(industry):
        raise BadInput(
            "prevent.industry", _("An industry is a letter and up to four digits, such as C26.")
        )
    if not name.strip() or not effect.strip():
        raise BadInput("prevent.empty", _("Give the fishbone a name and say what it leads to."))
    try:
        with transaction.atomic():
            fishbone = Fishbone.objects.create(
                name=name.strip()[:120], region=region, industry=industry, standard=standard
            )
    except IntegrityError as error:
        raise Refusal(
            "prevent.fishbone_known", _("There is a fishbone of this name in the region.")
        ) from error
    version = FishboneVersion.objects.create(
        fishbone=fishbone, number=1, effect=effect.strip()[:60], made_at=at, author=by
    )
    for order, text in enumerate(MAINS, start=1):
        Bone.objects.create(version=version, order=order, text=text)
    _tell("prevent.fishbone.made", version, by=by, at=at)
    return version


@transaction.atomic
def draft_version(*, fishbone: Fishbone, by: Account, at: datetime) -> FishboneVersion:
    """The fishbone's draft: the one that is being written, or a copy of the one in force."""
    by.require("prevent.standard", region=fishbone.region)
    draft = fishbone.versions.filter(state=V.DRAFT).first()
    if draft is not None:
        return draft
    last = fishbone.versions.order_by("-number").first()
    assert last is not None  # made with its first version
    base = fishbone.versions.filter(state=V.IN_FORCE).first() or last
    draft = FishboneVersion.objects.create(
        fishbone=fishbone, number=last.number + 1, effect=base.effect, made_at=at, author=by
    )
    copies: dict[int, Bone] = {}
    for bone in base.bones.order_by("parent", "order", "pk"):
        _copy(bone, draft, copies)
    return draft


def _copy(bone: Bone, draft: FishboneVersion, copies: dict[int, Bone]) -> Bone:
    if bone.pk in copies:
        return copies[bone.pk]
    parent = _copy(bone.parent, draft, copies) if bone.parent else None
    copy = Bone(version=draft, parent=parent)
    for name in COPIED:
        setattr(copy, name, getattr(bone, name))
    copy.save()
    copies[bone.pk] = copy
    return copy


@transaction.atomic
def add_bone(
    *, version: FishboneVersion, parent: Bone | None, given: BoneText, by: Account, at: datetime
) -> Bone:
    """A main bone, or a cause that leads to another one."""
    _write(version, by, at)
    if parent is not None and parent.version_id != version.pk:
        raise BadInput("prevent.bone_elsewhere", _("That bone belongs to another version."))
    if _depth(parent) >= DEPTH:
        raise BadInput("prevent.bone_deep", _("A fishbone goes %(n)s levels deep.") % {"n": DEPTH})
    if version.bones.count() >= MOST_BONES:
        raise BadInput(
            "prevent.bones_many", _("A fishbone has at most %(n)s bones.") % {"n": MOST_BONES}
        )
    siblings = version.bones.filter(parent=parent)
    order = (siblings.aggregate(last=Max("order"))["last"] or 0) + 1
    return _save(Bone(version=version, parent=parent, order=order), given)


@transaction.atomic
def change_bone(*, bone: Bone, given: BoneText, by: Account, at: datetime) -> Bone:
    _write(bone.version, by, at)
    return _save(bone, given)


@transaction.atomic
def move_bone(*, bone: Bone, by: Account, at: datetime) -> None:
    """One place forward among those that lead to the same."""
    _write(bone.version, by, at)
    before = (
        bone.version.bones.filter(parent=bone.parent, order__lt=bone.order)
        .order_by("-order")
        .first()
    )
    if before is not None:
        bone.order, before.order = before.order, bone.order
        Bone.objects.bulk_update([bone, before], ["order"])


@transaction.atomic
def remove_bone(*, bone: Bone, by: Account, at: datetime) -> None:
    """With all that leads to it."""
    _write(bone.version, by, at)
    bone.delete()


@transaction.atomic
def put_in_force(*, version: FishboneVersion, by: Account, at: datetime) -> FishboneVersion:
    """Put a draft in force in place of the version before it. Not by who last wrote it."""
    by.require("prevent.standard", region=version.fishbone.region)
    if version.author_id == by.pk:
        raise Refusal(
            "prevent.own_fishbone",
            _("You wrote this version, so someone else must put it in force."),
            hint=_("Ask a colleague who may write checklists."),
        )
    if not version.bones.filter(parent__isnull=False).exists():
        raise BadInput("prevent.bare_fishbone", _("No causes are written yet."))
    version.fishbone.versions.filter(state=V.IN_FORCE).update(state=V.REPLACED)
    same = FishboneVersion.objects.filter(pk=version.pk, state=V.DRAFT, author=version.author)
    if not same.update(state=V.IN_FORCE, in_force_from=at, approved_by=by):
        raise Refusal(
            "prevent.not_draft",
            _("This edition is no longer a draft, or somebody has just changed it."),
            hint=_("Reload the page to see where it stands."),
        )
    version.refresh_from_db()
    _tell("prevent.fishbone.in_force", version, by=by, at=at)
    return version


def _write(version: FishboneVersion, by: Account, at: datetime) -> None:
    """Only a draft is written; whoever wrote last is its author."""
    by.require("prevent.standard", region=version.fishbone.region)
    same = FishboneVersion.objects.filter(pk=version.pk, state=V.DRAFT)
    if not same.update(author=by, made_at=at):
        raise Refusal(
            "prevent.not_draft",
            _("This edition is no longer a draft."),
            hint=_("Start a new version to change it."),
        )


def _depth(bone: Bone | None) -> int:
    return 0 if bone is None else 1 + _depth(bone.parent)


def _save(bone: Bone, given: BoneText) -> Bone:
    if not given.text.strip():
        raise BadInput("prevent.empty", _("Name the cause."))
    region = bone.version.fishbone.region
    if given.unit is not None and not region.covers(given.unit.region):
        raise BadInput("prevent.unit_elsewhere", _("That organisation belongs to another region."))
    bone.text = given.text.strip()[:40]
    bone.measures = given.measures.strip()[:500]
    bone.unit, bone.standard = given.unit, given.standard
    bone.section = given.section.strip()[:60]
    bone.keywords = " ".join(given.keywords.replace("、", " ").replace("，", " ").split())[:120]
    # Another checklist was chosen: lines of the one before no longer belong here.
    kept = [one for one in given.lines if one.version.standard_id == bone.standard_id]
    bone.lines = [one.text for one in kept]
    bone.save()
    return bone


def _tell(name: str, version: FishboneVersion, *, by: Account, at: datetime) -> None:
    publish(
        name,
        at=at,
        by=by,
        region_path=version.fishbone.region.path,
        fishbone_id=version.fishbone_id,
        number=version.number,
    )
