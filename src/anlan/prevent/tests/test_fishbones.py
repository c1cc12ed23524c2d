"""Fishbones: drawn without overlaps, written by one and put in force by another, counted now."""

from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.models import Organisation
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent import ishikawa
from anlan.prevent.ishikawa import Cause
from anlan.prevent.models import Bone, Entry, FishboneVersion, StandardVersion
from anlan.prevent.queries import fishbones as queries
from anlan.prevent.services import fishbones
from anlan.prevent.services.fishbones import MAINS, BoneText
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.work.services import advance

from .factories import NOON, EnterpriseFactory, StandardFactory

pytestmark = pytest.mark.django_db
WRITES = ("prevent.view", "prevent.standard", "prevent.inspect", "prevent.check")
TEXT = st.text("炉体冷却水泄漏ABC 1", min_size=1, max_size=40)
COUNT = st.none() | st.integers(0, 9999)
DEEP = st.builds(Cause, TEXT, COUNT)
CAUSE = st.builds(Cause, TEXT, COUNT, st.lists(DEEP, max_size=4).map(tuple))
MAIN = st.builds(Cause, TEXT, COUNT, st.lists(CAUSE, max_size=5).map(tuple))


def overlap(a, b):
    beside = a.x < b.x + b.width and b.x < a.x + a.width
    return beside and a.y < b.y + b.height and b.y < a.y + a.height


@settings(max_examples=30, deadline=None)
@given(TEXT, st.lists(MAIN, max_size=8))
def test_no_words_overlap_or_leave_the_drawing(effect, mains):
    drawing = ishikawa.layout(effect, mains)
    texts = drawing.texts
    for number, text in enumerate(texts):
        assert text.x >= 0
        assert text.y >= 0
        assert text.x + text.width <= drawing.width
        assert text.y + text.height <= drawing.height
        for other in texts[number + 1 :]:
            assert not overlap(text, other), (text.lines, other.lines)
    told = sum(1 + len(m.causes) + sum(len(c.causes) for c in m.causes) for m in mains)
    assert len(texts) == told + 1


def test_nothing_of_a_text_is_lost_when_it_is_wrapped():
    text = "电气线路老化、私拉乱接，配电箱无漏电保护 RCD 30 mA 失效未更换"
    lines = ishikawa.wrap(text)
    assert "".join(lines) == text
    assert max(ishikawa.em(line) for line in lines) <= ishikawa.WRAP


class Foundries:
    """A county's fishbone for foundries, with a checklist and hazards."""

    def __init__(self):
        self.county = RegionFactory(level=3, name="婺城区")
        self.village = RegionFactory(parent=RegionFactory(parent=self.county))
        self.writer = account_in(self.county, *WRITES)
        self.other = account_in(self.county, *WRITES)
        self.stranger = account_in(RegionFactory(level=3), *WRITES)
        self.town_officer = account_in(self.village.parent, "prevent.view")
        self.standard = StandardFactory(name="铸造")
        edition = StandardVersion.objects.create(
            standard=self.standard, number=1, made_at=NOON, author=self.writer
        )
        self.entry = Entry.objects.create(
            version=edition, number=1, section="熔炼", text="冷却水有报警"
        )
        self.foundry = EnterpriseFactory(site__region=self.village, industry="C3391")
        self.version = fishbones.make_fishbone(
            name="铸造行业", effect="熔炼爆炸", region=self.county, industry="C339",
            by=self.writer, at=NOON,
        )  # fmt: skip
        self.mains = {bone.text: bone for bone in self.version.bones.all()}

    def add(self, main, text, **given):
        return fishbones.add_bone(
            version=self.version, parent=self.mains.get(main, main), by=self.writer, at=NOON,
            given=BoneText(text, **given),
        )  # fmt: skip

    def hazard(self, what, entry=None, enterprise=None):
        return report_hazard(
            site=(enterprise or self.foundry).site, finding=Finding(what, entry=entry),
            by=self.writer, at=NOON,
        )  # fmt: skip

    def counts(self, actor=None):
        found = {}

        def walk(views):
            for view in views:
                found[view.bone.text] = view.count
                walk(view.causes)

        walk(queries.tree_of(actor=actor or self.writer, version=self.version))
        return found


@pytest.fixture
def foundries():
    return Foundries()


def test_each_bone_counts_the_open_hazards_that_it_is_bound_to(foundries):
    furnace = foundries.add("设备设施", "炉体", standard=foundries.standard, section="熔炼")
    foundries.add("设备设施", "电气", keywords="漏电、接地，裸露")
    foundries.add(furnace, "冷却水", keywords="冷却水")
    first = foundries.hazard("报警器坏", entry=foundries.entry)
    foundries.hazard("配电箱未接地")
    foundries.hazard("冷却水管老化")
    shop = EnterpriseFactory(site__region=foundries.village, industry="H6210")
    foundries.hazard("配电箱未接地", enterprise=shop)  # no foundry
    wanted = dict.fromkeys(MAINS)
    # The first hazard's words lack 冷却水, its line of the checklist has them.
    assert foundries.counts() == {
        **wanted, "设备设施": 2, "炉体": 1, "电气": 1, "冷却水": 2
    }  # fmt: skip
    assert foundries.counts(foundries.town_officer)["电气"] == 1  # a town sees its county's
    advance(item=first.item, move="cancel", note="重复", by=foundries.other, at=NOON)
    assert foundries.counts()["炉体"] == 0
    bone = Bone.objects.get(text="电气")
    assert [h.what for h in queries.hazards_at(actor=foundries.writer, bone=bone)] == [
        "配电箱未接地"
    ]
    stranger_sees = queries.hazards_at(actor=foundries.stranger, bone=bone)
    assert list(stranger_sees) == []


def test_counting_a_whole_fishbone_is_one_question(foundries, django_assert_max_num_queries):
    for number in range(30):
        foundries.add("人员", f"原因{number}", keywords=f"词{number}")
    foundries.writer.regions_for("prevent.view")
    with django_assert_max_num_queries(3):
        foundries.counts()


def test_who_wrote_a_version_does_not_put_it_in_force_and_the_next_is_a_copy(foundries):
    version = foundries.version
    with pytest.raises(BadInput):  # no causes yet
        fishbones.put_in_force(version=version, by=foundries.other, at=NOON)
    cause = foundries.add("物料", "炉料潮湿", measures="入炉前烘干")
    foundries.add(cause, "露天堆放")
    with pytest.raises(Refusal):
        fishbones.put_in_force(version=version, by=foundries.writer, at=NOON)
    fishbones.put_in_force(version=version, by=foundries.other, at=NOON)
    with pytest.raises(Refusal):  # never changed once it is in force
        foundries.add("物料", "另一条")
    with pytest.raises(Refusal):
        fishbones.remove_bone(bone=cause, by=foundries.other, at=NOON)
    draft = fishbones.draft_version(fishbone=version.fishbone, by=foundries.writer, at=NOON)
    assert draft == fishbones.draft_version(fishbone=version.fishbone, by=foundries.other, at=NOON)
    copy, original = (
        list(one.bones.order_by("text").values_list("text", "parent__text", "measures"))
        for one in (draft, version)
    )
    assert copy == original
    copied = draft.bones.get(text="炉料潮湿")
    fishbones.change_bone(
        bone=copied, given=BoneText("炉料潮湿或混入密闭容器"), by=foundries.other, at=NOON
    )
    with pytest.raises(Refusal):  # the last to write is its author
        fishbones.put_in_force(version=draft, by=foundries.other, at=NOON)
    draft.refresh_from_db()
    fishbones.put_in_force(version=draft, by=foundries.writer, at=NOON)
    states = FishboneVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["REPLACED", "IN_FORCE"]
    assert version.bones.filter(text="炉料潮湿").exists()


def test_a_draft_that_was_changed_meanwhile_is_not_put_in_force_unseen(foundries):
    foundries.add("物料", "炉料潮湿")
    seen = FishboneVersion.objects.get(pk=foundries.version.pk)
    fishbones.add_bone(
        version=foundries.version, parent=None, given=BoneText("监管"), by=foundries.other, at=NOON
    )
    third = account_in(foundries.county, *WRITES)
    with pytest.raises(Refusal):
        fishbones.put_in_force(version=seen, by=third, at=NOON)
    assert FishboneVersion.objects.get().state == "DRAFT"


def test_bones_are_moved_and_bounded(foundries):
    second = list(foundries.version.bones.order_by("order"))[1]
    fishbones.move_bone(bone=second, by=foundries.writer, at=NOON)
    assert next(iter(foundries.version.bones.order_by("order"))) == second
    fishbones.move_bone(bone=second, by=foundries.writer, at=NOON)  # first already
    deep = foundries.add(foundries.add("人员", "一"), "二")
    for wrong in (lambda: foundries.add(deep, "三"), lambda: foundries.add("人员", " ")):
        with pytest.raises(BadInput):
            wrong()
    elsewhere = Organisation.objects.create(code="x", name="外地局", region=RegionFactory(level=3))
    with pytest.raises(BadInput):
        foundries.add("人员", "四", unit=elsewhere)


def test_offices_near_by_are_offered_and_a_far_one_that_is_named_stays(client, foundries):
    county = foundries.county
    town = RegionFactory(parent=county)
    regions = {"县局": county, "镇站": town, "村委会": RegionFactory(parent=town)}
    units = {
        name: Organisation.objects.create(code=name, name=name, region=region)
        for name, region in regions.items()
    }
    assert [u.name for u in queries.organisations_of(county)] == ["县局", "镇站"]
    bone = foundries.add("人员", "一", unit=units["村委会"])
    client.force_login(foundries.writer)
    page = f"/prevent/fishbones/bones/{bone.pk}/"
    assert "村委会" in client.get(page).content.decode()
    assert client.post(page, {"text": "改", "unit": units["村委会"].pk}).status_code == 302
    bone.refresh_from_db()
    assert (bone.text, bone.unit) == ("改", units["村委会"])


def test_strangers_neither_see_nor_write_it(foundries):
    bone = foundries.add("人员", "一")
    stranger = {"by": foundries.stranger, "at": NOON}
    assert queries.list_fishbones(actor=foundries.stranger) == []
    with pytest.raises(NotFound):
        queries.get_version(actor=foundries.stranger, fishbone_version_id=foundries.version.pk)
    with pytest.raises(NotFound):
        queries.get_bone(actor=foundries.stranger, bone_id=bone.pk)
    for do in (
        lambda: fishbones.remove_bone(bone=bone, **stranger),
        lambda: fishbones.draft_version(fishbone=foundries.version.fishbone, **stranger),
        lambda: fishbones.put_in_force(version=foundries.version, **stranger),
    ):
        with pytest.raises(NotAllowed):
            do()


def test_pages_from_the_first_draft_to_the_drawing(client, foundries):
    client.force_login(foundries.writer)
    sent = {"name": "涂装行业", "effect": "喷漆房火灾", "region": foundries.county.code}
    made = client.post("/prevent/fishbones/", sent)
    page = made["Location"]
    assert client.post("/prevent/fishbones/", sent).status_code == 422
    main = Bone.objects.filter(version__fishbone__name="涂装行业")[0]
    cause = {"bone": main.pk, "text": "<script>alert(1)</script>", "keywords": "动火"}
    assert client.post(f"{page}bones/", cause).status_code == 302
    assert client.post(f"{page}bones/", cause | {"bone": "x"}).status_code == 404
    bone = Bone.objects.get(text__startswith="<script>")
    shown = client.get(page).content.decode()
    assert "<script>alert" not in shown
    drawn = client.get(f"{page}drawing.svg")
    assert drawn.headers["Content-Type"] == "image/svg+xml"
    words = "".join(ElementTree.fromstring(drawn.content).itertext())
    assert "喷漆房火灾" in words
    url = f"/prevent/fishbones/bones/{bone.pk}/"
    assert client.post(url, {"text": "违规动火", "keywords": "动火"}).status_code == 302
    assert "违规动火" in client.get(url).content.decode()
    assert client.post(f"{url}move/").status_code == 302
    client.force_login(foundries.other)
    assert client.post(f"{page}in-force/").status_code == 302
    assert client.post(f"{page}draft/").status_code == 302
    client.force_login(foundries.stranger)
    for door in (page, url, f"{page}drawing.svg"):
        assert client.get(door).status_code == 404
    assert "涂装行业" not in client.get("/prevent/fishbones/").content.decode()


def test_a_bone_bound_to_single_lines_counts_what_was_found_by_them_in_any_edition(
    foundries, client
):
    edition = foundries.entry.version
    edition.state = "IN_FORCE"
    edition.save()
    other = Entry.objects.create(version=edition, number=2, section="熔炼", text="炉体接地")
    bone = foundries.add("设备设施", "冷却水", standard=foundries.standard)
    for entry, what in ((foundries.entry, "无报警"), (other, "未接地"), (None, "通道堵")):
        foundries.hazard(what, entry=entry)
    assert foundries.counts()["冷却水"] == 2
    client.force_login(foundries.writer)
    page = f"/prevent/fishbones/bones/{bone.pk}/"
    sent = {"text": "冷却水", "standard": foundries.standard.pk, "lines": [foundries.entry.pk]}
    assert client.post(page, sent).status_code == 302
    assert foundries.counts()["冷却水"] == 1
    assert "无报警" in client.get(page).content.decode()
    # The next edition of the checklist keeps the line's words: what it finds is counted too.
    StandardVersion.objects.filter(pk=edition.pk).update(state="REPLACED")
    later = StandardVersion.objects.create(
        standard=foundries.standard, number=2, made_at=NOON, author=foundries.writer,
        state="IN_FORCE",
    )  # fmt: skip
    again = Entry.objects.create(version=later, number=7, section="熔炼", text="冷却水有报警")
    foundries.hazard("报警器拆除", entry=again)
    assert foundries.counts()["冷却水"] == 2
    assert f'value="{again.pk}" id="id_lines_0" checked' in client.get(page).content.decode()
    # A line of another checklist is no choice; the next edition of the fishbone keeps the lines.
    foreign = Entry.objects.create(
        version=StandardVersion.objects.create(
            standard=StandardFactory(), number=1, made_at=NOON, author=foundries.writer
        ),
        number=1,
        text="他行业",
    )
    assert client.post(page, sent | {"lines": [foreign.pk]}).status_code == 422
    fishbones.put_in_force(version=foundries.version, by=foundries.other, at=NOON)
    draft = fishbones.draft_version(
        fishbone=foundries.version.fishbone, by=foundries.writer, at=NOON
    )
    assert draft.bones.get(text="冷却水").lines == ["冷却水有报警"]
