"""Read fishbones, with the number of open hazards at each bone, counted now."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from anlan.base.errors import NotFound
from anlan.people.models import Account, Organisation
from anlan.places.models import PLACE, Region
from anlan.places.queries import paths_upwards

from .. import ishikawa
from ..models import Bone, Entry, Fishbone, FishboneVersion, Hazard
from ..models.hazards import HazardQuerySet
from .hazards import visible as visible_hazards

VIEW, WRITE = "prevent.view", "prevent.standard"
V = FishboneVersion.State


def visible(actor: Account) -> Q:
    """Fishbones of the actor's regions and of those around them: a county sees its city's."""
    paths = actor.regions_for(VIEW)
    condition = Q(region__path__in={up for path in paths for up in paths_upwards(path)})
    for path in paths:
        condition |= Q(region__path__under=path)
    return condition


@dataclass(frozen=True)
class Shelf:
    """A fishbone with its versions that matter."""

    fishbone: Fishbone
    in_force: FishboneVersion | None
    draft: FishboneVersion | None

    @property
    def shown(self) -> FishboneVersion | None:
        return self.in_force or self.draft


def list_fishbones(*, actor: Account) -> list[Shelf]:
    rows = Fishbone.objects.in_use().filter(visible(actor)).select_related("region", "standard")
    wanted = FishboneVersion.objects.exclude(state=V.REPLACED).select_related("author")
    by_key = {
        (version.fishbone_id, version.state): version
        for version in wanted.filter(fishbone__in=rows)
    }
    return [
        Shelf(row, by_key.get((row.pk, V.IN_FORCE)), by_key.get((row.pk, V.DRAFT)))
        for row in rows.order_by("region__path", "name")
    ]


def get_version(*, actor: Account, fishbone_version_id: int) -> FishboneVersion:
    version = (
        FishboneVersion.objects.select_related(
            f"fishbone__region__{PLACE}", "fishbone__standard", "author", "approved_by"
        )
        .filter(fishbone__in=Fishbone.objects.filter(visible(actor)), pk=fishbone_version_id)
        .first()
    )
    if version is None:
        raise NotFound("prevent.no_fishbone", _("There is no such fishbone in your regions."))
    return version


def get_bone(*, actor: Account, bone_id: int) -> Bone:
    bone = (
        Bone.objects.select_related("version__fishbone__region", "unit", "standard", "parent")
        .filter(version__fishbone__in=Fishbone.objects.filter(visible(actor)), pk=bone_id)
        .first()
    )
    if bone is None:
        raise NotFound("prevent.no_bone", _("There is no such bone in your regions."))
    return bone


def lines_to_bind(bone: Bone) -> list[Entry]:
    """Lines of the bone's checklist as it is in force, to choose from."""
    rows = Entry.objects.filter(version__standard=bone.standard_id or 0, version__state="IN_FORCE")
    return list(rows.select_related("version").order_by("number"))


def versions_of(fishbone: Fishbone) -> QuerySet[FishboneVersion]:
    return fishbone.versions.order_by("-number")


def organisations_of(region: Region, *, named: int | None = None) -> QuerySet[Organisation]:
    """Whom to choose from: offices of the region and directly below, and who is named already.

    A city has thousands of villages' committees below its counties: nobody finds one in a list.
    """
    near = Q(region__path=region.path) | Q(region__parent__path=region.path)
    rows = Organisation.objects.filter(near | Q(pk=named))
    return rows.order_by("region__level", "region__path", "name")


@dataclass
class BoneView:
    """A bone with what leads to it and how many hazards are open."""

    bone: Bone
    count: int | None = None  # None: nothing is bound to it or below it
    causes: list[BoneView] = field(default_factory=list)

    @property
    def cause(self) -> ishikawa.Cause:
        below = tuple(view.cause for view in self.causes)
        return ishikawa.Cause(self.bone.text, self.count, below)


def tree_of(*, actor: Account, version: FishboneVersion) -> list[BoneView]:
    """The main bones with all below them; counts are of the actor's regions, in one question."""
    rows = version.bones.select_related("unit", "standard").order_by("order", "pk")
    views = {bone.pk: BoneView(bone) for bone in rows}
    mains: list[BoneView] = []
    for view in views.values():
        parent = views.get(view.bone.parent_id or 0)
        (parent.causes if parent else mains).append(view)
    conditions = {key: found for key, view in views.items() if (found := _condition(view))}
    for key, number in _counts(actor, version.fishbone, conditions).items():
        views[key].count = number
    return mains


def _counts(actor: Account, fishbone: Fishbone, conditions: dict[int, Q]) -> dict[int, int]:
    if not conditions:
        return {}
    asked = {f"n{key}": Count("pk", filter=found) for key, found in conditions.items()}
    found = open_hazards(actor, fishbone).aggregate(**asked)
    return {int(name[1:]): number for name, number in found.items()}


def _condition(view: BoneView) -> Q:
    """What the bone itself is bound to, or all that leads to it; empty where nothing is."""
    if view.bone.is_bound:
        return binding(view.bone)
    found = Q()
    for cause in view.causes:
        below = _condition(cause)
        if below:
            found |= below
    return found


def binding(bone: Bone) -> Q:
    """The hazards that a bone is bound to by checklist, part of it and words."""
    found = Q()
    if bone.standard_id:
        found &= Q(entry__version__standard=bone.standard_id)
    if bone.section:
        found &= Q(entry__section=bone.section)
    if bone.lines:
        found &= Q(entry__text__in=bone.lines)
    words = Q()
    for word in bone.keywords.split():
        words |= Q(what__contains=word) | Q(entry__text__contains=word)
    return found & words if words else found


def open_hazards(actor: Account, fishbone: Fishbone) -> HazardQuerySet:
    """Hazards not yet put right, of the fishbone's enterprises, in the actor's regions."""
    rows = (
        visible_hazards(actor)
        .unresolved()
        .counted()
        .filter(item__region__path__under=fishbone.region.path)
    )
    if fishbone.industry:
        rows = rows.filter(site__enterprise__industry__startswith=fishbone.industry)
    if fishbone.standard_id:
        rows = rows.filter(site__enterprise__standard=fishbone.standard_id)
    return rows


def hazards_at(*, actor: Account, bone: Bone) -> QuerySet[Hazard]:
    """The rows behind a bone's number, what is due first comes first."""
    mains = tree_of(actor=actor, version=bone.version)
    view = _find(mains, bone.pk)
    condition = _condition(view) if view else Q()
    if not condition:
        return Hazard.objects.none()
    rows = open_hazards(actor, bone.version.fishbone).filter(condition)
    return rows.select_related("site", "item", f"item__region__{PLACE}").order_by(
        "item__due_at", "pk"
    )


def _find(views: list[BoneView], key: int) -> BoneView | None:
    for view in views:
        found = view if view.bone.pk == key else _find(view.causes, key)
        if found:
            return found
    return None


def drawing_of(version: FishboneVersion, mains: list[BoneView]) -> ishikawa.Drawing:
    return ishikawa.layout(version.effect, [main.cause for main in mains])
