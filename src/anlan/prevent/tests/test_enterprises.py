"""An enterprise's file: made, changed, moved, closed; found by who may see it."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from stdnum.cn import uscc

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.models import Event
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory, SiteFactory
from anlan.prevent.models import Enterprise
from anlan.prevent.queries import enterprises as queries
from anlan.prevent.queries.enterprises import Asked
from anlan.prevent.services import contacts, haves
from anlan.prevent.services import enterprises as services

from .factories import NOON, EnterpriseFactory, StandardFactory, credit_code, particulars

pytestmark = pytest.mark.django_db
KEEPS = ("prevent.view", "prevent.manage", "people.view")
C = Enterprise.Colour


@pytest.fixture
def county():
    return RegionFactory(name="东湖区", lon=119.6, lat=29.1)


@pytest.fixture
def village(county):
    return RegionFactory(parent=RegionFactory(parent=county), name="溪口村", lon=119.6, lat=29.1)


@pytest.fixture
def keeper(county):
    return account_in(county, *KEEPS)


@pytest.fixture
def stranger():
    return account_in(RegionFactory(), *KEEPS, "people.unmask")


@pytest.fixture
def files(settings, tmp_path):
    settings.FILES_DIR = tmp_path


def found(actor, **asked):
    return [e.site.name for e in queries.list_enterprises(actor=actor, asked=Asked(**asked))]


def test_a_file_is_opened_changed_moved_and_closed(village, keeper, stranger):
    made = services.make_enterprise(given=particulars(village), by=keeper, at=NOON)
    assert found(keeper) == ["东湖五金厂"]
    assert found(stranger) == []
    other = RegionFactory(parent=village.parent, name="桥头村")
    later = NOON + timedelta(hours=1)
    now = replace(particulars(other), name="东湖五金有限公司", employees=40)
    services.change_enterprise(enterprise=made, given=now, by=keeper, at=later)
    made = queries.get_enterprise(actor=keeper, enterprise_id=made.pk)
    assert (made.site.region, made.employees, made.changed_at) == (other, 40, later)
    change = queries.list_changes(enterprise=made)[0]
    assert change.fields["name"] == ["东湖五金厂", "东湖五金有限公司"]
    assert change.fields["region"][1].endswith("桥头村")
    assert Event.objects.filter(name="prevent.enterprise.moved", region_path=village.path).exists()
    services.set_state(enterprise=made, state="CLOSED", why="已注销", by=keeper, at=later)
    assert found(keeper) == []
    assert found(keeper, state="") == ["东湖五金有限公司"]
    made.site.refresh_from_db()
    assert made.site.closed_on is not None


def test_the_same_particulars_again_change_nothing(village, keeper):
    made = services.make_enterprise(given=particulars(village), by=keeper, at=NOON)
    services.change_enterprise(
        enterprise=made, given=particulars(village), by=keeper, at=NOON + timedelta(days=1)
    )
    assert made.changed_at == NOON
    assert queries.list_changes(enterprise=made) == []


def test_of_two_who_change_one_file_the_second_is_told(village, keeper):
    made = services.make_enterprise(given=particulars(village), by=keeper, at=NOON)
    mine, yours = (queries.get_enterprise(actor=keeper, enterprise_id=made.pk) for _ in range(2))
    services.change_enterprise(
        enterprise=mine, given=particulars(village, size="S"), by=keeper,
        at=NOON + timedelta(minutes=1), seen_at=NOON,
    )  # fmt: skip
    with pytest.raises(Refusal) as told:
        services.change_enterprise(
            enterprise=yours, given=particulars(village, size="M"), by=keeper,
            at=NOON + timedelta(minutes=2), seen_at=NOON,
        )  # fmt: skip
    assert told.value.code == "prevent.changed_meanwhile"
    assert Enterprise.objects.get().size == "S"


def test_a_stranger_neither_reads_nor_changes_nor_takes_a_file(village, keeper, stranger):
    made = services.make_enterprise(given=particulars(village), by=keeper, at=NOON)
    with pytest.raises(NotFound):
        queries.get_enterprise(actor=stranger, enterprise_id=made.pk)
    with pytest.raises(NotAllowed):
        services.change_enterprise(
            enterprise=made, given=particulars(village, size="L"), by=stranger, at=NOON
        )
    theirs = RegionFactory()
    mover = account_in(theirs, *KEEPS)
    with pytest.raises(NotAllowed):  # not into one's own regions either
        services.change_enterprise(enterprise=made, given=particulars(theirs), by=mover, at=NOON)
    with pytest.raises(NotAllowed):
        services.set_state(enterprise=made, state="CLOSED", why="x", by=stranger, at=NOON)


def test_a_credit_code_has_one_file_and_the_refusal_does_not_say_where(village, keeper, stranger):
    services.make_enterprise(given=particulars(village), by=keeper, at=NOON)
    theirs = RegionFactory()
    other = account_in(theirs, *KEEPS)
    with pytest.raises(Refusal) as told:
        services.make_enterprise(given=particulars(theirs), by=other, at=NOON)
    assert told.value.code == "prevent.double_credit_code"
    assert village.name not in told.value.message + told.value.hint


@given(st.integers(0, 999_999_999), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJK"))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_one_wrong_character_of_a_credit_code_is_noticed(number, where, wrong):
    code = credit_code(number)
    assert services.check_credit_code(f" {code.lower()} ") == code
    if code[where] != wrong:
        with pytest.raises(BadInput):
            services.check_credit_code(code[:where] + wrong + code[where + 1 :])


def test_a_real_registered_code_is_right():
    """Outside truth for the check digit: a code as the registry gave it to a large company."""
    assert uscc.is_valid("9144030071526726XG")
    assert services.check_credit_code("9144030071526726xg") == "9144030071526726XG"


def test_search_finds_any_two_characters_and_people_only_where_they_may_be_seen(village, keeper):
    EnterpriseFactory(
        site__region=village,
        site__name="兰溪市云山化工有限公司",
        address="工业园区8号",
        legal_person="王一",
    )
    EnterpriseFactory(site__region=village, site__name="东阳木雕厂")
    assert found(keeper, text="溪市") == ["兰溪市云山化工有限公司"]
    assert found(keeper, text="园区8") == ["兰溪市云山化工有限公司"]
    assert found(keeper, text="兰溪 化工") == ["兰溪市云山化工有限公司"]
    assert found(keeper, text="王一") == ["兰溪市云山化工有限公司"]
    assert found(keeper, text="%") == []
    only_files = account_in(village, "prevent.view")
    assert found(only_files, text="王一") == []
    assert found(only_files, text="兰溪") == ["兰溪市云山化工有限公司"]


def test_the_list_is_narrowed_and_the_gravest_come_first(village, county, keeper):
    standard = StandardFactory()
    EnterpriseFactory(site__region=village, site__name="蓝", colour=C.BLUE, size="S")
    EnterpriseFactory(
        site__region=village, site__name="红", colour=C.RED, standard=standard, gaps=0
    )
    elsewhere = RegionFactory(parent=county)
    EnterpriseFactory(site__region=elsewhere, site__name="橙", colour=C.ORANGE, industry="C2651")
    assert found(keeper) == ["红", "橙", "蓝"]
    assert found(keeper, region=village) == ["红", "蓝"]
    assert found(keeper, region=county) == ["红", "橙", "蓝"]
    assert found(keeper, colour=C.RED) == ["红"]
    assert found(keeper, standard=standard.pk) == ["红"]
    assert found(keeper, standard=0) == ["橙", "蓝"]
    assert found(keeper, size="S") == ["蓝"]
    assert found(keeper, industry="c26") == ["橙"]
    assert found(keeper, gap="any") == ["橙", "蓝"]


def test_a_colour_set_by_hand_is_not_changed_by_a_rule(village, keeper):
    made = EnterpriseFactory(site__region=village)
    risk = {"enterprise": made, "why": "风险点评定", "by": keeper, "at": NOON}
    assert services.follow_risk(colour=C.YELLOW, **risk).colour == C.YELLOW
    made.refresh_from_db()
    services.set_colour(colour=C.RED, **risk)
    assert services.follow_risk(colour=C.YELLOW, **risk).colour == C.RED
    services.set_colour(colour=None, **risk)
    assert services.follow_risk(colour=C.YELLOW, **risk).colour == C.YELLOW


def test_a_site_on_the_map_gets_its_file(village, keeper):
    site = SiteFactory(region=village, kind="enterprise", name="旧名")
    made = services.adopt_site(site=site, given=particulars(village), by=keeper, at=NOON)
    assert made.pk == site.pk
    with pytest.raises(Refusal):
        services.adopt_site(site=site, given=particulars(village, 2), by=keeper, at=NOON)
    underpass = SiteFactory(region=village, kind="underpass")
    with pytest.raises(Refusal):
        services.adopt_site(site=underpass, given=particulars(village, 3), by=keeper, at=NOON)


def test_pages_list_open_make_and_change(client, village, keeper, stranger):
    client.force_login(keeper)
    assert client.get("/prevent/", follow=True).status_code == 200
    sent = {"name": "新厂", "credit_code": credit_code(7), "region": village.code}
    made = client.post("/prevent/enterprises/new/", sent)
    assert made.status_code == 302
    page = client.get(made["Location"])
    assert "新厂" in page.content.decode()
    bad = client.post("/prevent/enterprises/new/", {**sent, "credit_code": "91330702"})
    assert bad.status_code == 422
    change = made["Location"] + "change/"
    seen = client.get(change).context["enterprise"].changed_at.isoformat()
    assert client.post(change, {**sent, "employees": 12, "seen_at": seen}).status_code == 302
    late = client.post(change, {**sent, "employees": 15, "seen_at": seen})
    assert late.status_code == 422
    client.force_login(stranger)
    assert client.get(made["Location"]).status_code == 404
    assert client.get(change).status_code == 404


def test_the_list_asks_little_of_the_database(
    client, village, keeper, django_assert_max_num_queries
):
    for _n in range(60):
        EnterpriseFactory(site__region=village)
    client.force_login(keeper)
    with django_assert_max_num_queries(9):
        page = client.get("/prevent/enterprises/", {"q": "点位"})
    assert len(page.context["sheet"].rows) == 50
    for hostile in ("\0", "%_'\"", "－１' OR 1=1", "９９"):
        asked = {"q": hostile, "size": hostile, "gap": hostile, "colour": hostile, "page": hostile}
        assert client.get("/prevent/enterprises/", asked).status_code == 200
    assert client.get("/prevent/enterprises/", {"page": 2}).context["sheet"].number == 2


def png():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), (9, 9, 9)).save(file, "PNG")
    return file.getvalue()


def test_the_five_haves_are_shown_by_evidence_and_counted(client, village, keeper, stranger, files):
    made = EnterpriseFactory(site__region=village)
    own = {"enterprise": made, "by": keeper, "at": NOON}
    with pytest.raises(BadInput):
        haves.confirm_have(what="PLAN", note=" ", **own)
    with pytest.raises(BadInput):  # what calls itself a picture and is none
        haves.confirm_have(what="PLAN", note="", uploads=[("a.png", b"<script>")], **own)
    have = haves.confirm_have(what="PLAN", note="", uploads=[("预案.png", png())], **own)
    assert (made.gaps, found(keeper, gap="PLAN"), len(found(keeper, gap="FUNDS"))) == (4, [], 1)
    evidence = have.evidence.get()
    client.force_login(keeper)
    page = client.get(f"/prevent/enterprises/{made.pk}/").content.decode()
    assert f"/prevent/evidence/{evidence.pk}/" in page
    answer = client.get(f"/prevent/evidence/{evidence.pk}/")
    assert b"".join(answer.streaming_content)[:4] == b"\x89PNG"
    client.force_login(stranger)
    assert client.get(f"/prevent/evidence/{evidence.pk}/").status_code == 404
    haves.withdraw_have(what="PLAN", why="预案已过期", **own)
    assert made.gaps == 5
    assert queries.list_changes(enterprise=made)[0].why == "预案已过期"


def test_contacts_are_masked_and_each_look_is_in_the_journal(client, village, county, keeper):
    made = EnterpriseFactory(site__region=village)
    contact = contacts.add_contact(
        enterprise=made, role="SAFETY", name="张三", phone="13800001234", by=keeper, at=NOON
    )
    client.force_login(keeper)
    page = client.get(f"/prevent/enterprises/{made.pk}/").content.decode()
    assert "138****1234" in page
    assert "13800001234" not in page
    assert client.post(f"/prevent/contacts/{contact.pk}/phone/").status_code == 403
    assert found(keeper, text="13800001234") == []
    reader = account_in(county, *KEEPS, "people.unmask")
    client.force_login(reader)
    assert b"13800001234" in client.post(f"/prevent/contacts/{contact.pk}/phone/").content
    assert Event.objects.get(name="prevent.contact.revealed").by == reader
    assert len(found(reader, text="13800001234")) == 1
    assert found(reader, text="1380000123") == []  # the whole number only
    client.force_login(keeper)
    client.post(f"/prevent/contacts/{contact.pk}/remove/")
    assert found(keeper, text="张三") == []
    history = str([change.fields for change in queries.list_changes(enterprise=made)])
    assert "张三" not in history


def test_what_has_its_own_door_is_not_undone_by_saving_the_particulars(village, keeper):
    made = EnterpriseFactory(site__region=village)
    stale = queries.get_enterprise(actor=keeper, enterprise_id=made.pk)
    token = services.renew_token(enterprise=made, by=keeper, at=NOON).token
    now = replace(particulars(village), credit_code=made.credit_code, name="改名")
    services.change_enterprise(enterprise=stale, given=now, by=keeper, at=NOON)
    assert Enterprise.objects.get().token == token
