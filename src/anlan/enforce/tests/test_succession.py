"""Counties that are recoded or merged: their organs, tables, numbers and cases."""

from datetime import date

import pytest
from django.urls import reverse

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.base.events import deliver_waiting
from anlan.base.models import Event
from anlan.enforce import queries
from anlan.enforce.models import Certificate, Organ
from anlan.enforce.services import cases, evidence
from anlan.enforce.services.evidence import Thing
from anlan.enforce.services.numbers import take_number
from anlan.enforce.services.officers import acting, change_officer
from anlan.enforce.services.organs import add_certificate
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.places.models import Region
from anlan.places.services import import_divisions, recode_region
from anlan.places.tests.factories import RegionFactory

from .factories import NOON
from .test_discretion import load

pytestmark = pytest.mark.django_db
DAY = date(2026, 7, 1)


def merge(bureau, into):
    line = f"{into.code},{into.name},县,,{bureau.county.code}"
    import_divisions(
        content=f"代码,名称,级别,上级代码,原代码\n{line}\n".encode(), valid_from=DAY,
        by=Account.objects.system(), at=NOON,
    )  # fmt: skip
    for _again in range(2):
        deliver_waiting()
    bureau.organ = Organ.objects.get(pk=bureau.organ.pk)
    for account in (into.head, *into.officers):
        account.forget_scopes()


@pytest.fixture
def heir():
    """The county that takes over, with an organ of its own, two officers and a head."""
    region = RegionFactory(level=3, name="金东区")
    region.organ = Organ.objects.create(region=region, name="金东区应急管理局", mark="东")
    handles = ("enforce.view", "enforce.handle")
    region.officers = [account_in(region, *handles) for _n in range(2)]
    region.head = account_in(region, "enforce.view", "enforce.approve", "enforce.manage")
    region.certificates = [
        Certificate.objects.create(
            account=account, organ=region.organ, number=f"D{account.pk}",
            valid_from=date(2020, 1, 1), valid_until=date(2030, 1, 1),
        )
        for account in region.officers
    ]  # fmt: skip
    return region


def test_a_merged_county_s_organ_takes_no_new_case_and_ends_its_old_ones(bureau, heir, client):
    table = load(bureau.county, bureau.head, since=date(2026, 1, 1))
    own = load(heir, heir.head, since=date(2026, 1, 1))
    case = bureau.filed()
    before = take_number(organ=bureau.organ, word="应急罚", at=NOON)
    merge(bureau, heir)

    assert (bureau.organ.region, bureau.organ.has_ended) == (bureau.county, True)
    assert queries.organs_for(actor=heir.officers[0]) == [heir.organ]
    with pytest.raises(Refusal, match="金东区") as refused:
        bureau.propose(cause="另一违法行为")
    assert refused.value.code == "enforce.organ_ended"
    with pytest.raises(Refusal):
        add_certificate(
            organ=bureau.organ, account=bureau.spare, number="新1", valid_from=DAY,
            valid_until=DAY, by=bureau.head, at=NOON,
        )  # fmt: skip
    # Its table holds for its own cases only; the county that takes over has its own.
    assert queries.discretion_on(organ=bureau.organ, day=DAY) == table
    assert queries.discretion_on(organ=heir.organ, day=DAY) == own
    # What is open goes on under its name and mark, also with officers of the other organ.
    case.refresh_from_db()
    assert (case.organ, case.number) == (bureau.organ, "（金）应急立〔2026〕1号")
    assert queries.get_case(actor=heir.head, case_id=case.pk) == case
    free = queries.certificates_for(case=case, on=DAY)
    assert {c.pk for c in free} == {c.pk for c in [*bureau.certificates, *heir.certificates]}
    change_officer(
        case=case, old=acting(case)[1], new=heir.certificates[0], recused=False,
        reason="机构撤并", by=heir.head, at=NOON,
    )  # fmt: skip
    evidence.add_evidence(
        case=case, thing=Thing("THING", "台账", "未培训"), by=heir.officers[0], at=NOON
    )
    assert take_number(organ=bureau.organ, word="应急罚", at=NOON) == before.replace("1号", "2号")
    client.force_login(heir.head)
    page = client.get(reverse("enforce:organs")).content.decode()
    assert "撤并" in page
    assert "仅适用于原有案件" in page
    with pytest.raises(NotFound):
        queries.get_case(actor=bureau.stranger, case_id=case.pk)
    with pytest.raises(NotFound):
        queries.get_organ(actor=bureau.stranger, organ_id=bureau.organ.pk)


def test_the_organ_that_takes_over_punishes_in_what_was_the_other_county(bureau, heir):
    """A new case there; with the same mark, numbers go on where the other's ended."""
    assert take_number(organ=bureau.organ, word="应急立", at=NOON) == "（金）应急立〔2026〕1号"
    merge(bureau, heir)
    Organ.objects.filter(pk=heir.organ.pk).update(mark="金")
    heir.organ.refresh_from_db()
    town = Region.objects.get(code=bureau.town.code, valid_to=None)
    assert town.path.startswith(heir.path)
    new = {"organ": heir.organ, "region": town, "by": heir.officers[0]}
    with pytest.raises(BadInput):  # officers of the organ that has ended open none
        bureau.propose(**new)
    case = bureau.propose(**new, certificates=heir.certificates)
    bureau.decide(case, by=heir.head)
    assert case.number == "（金）应急立〔2026〕2号"


def test_a_recoded_county_keeps_organ_tables_and_numbers_under_its_new_code(bureau):
    table = load(bureau.county, bureau.head, since=date(2025, 1, 1))
    newer = load(bureau.county, bureau.head, since=date(2026, 6, 1))
    first = take_number(organ=bureau.organ, word="应急罚", at=NOON)
    new = recode_region(
        region=bureau.county, code="ZZ7", name="婺江区", valid_from=DAY,
        by=Account.objects.system(), at=NOON,
    )  # fmt: skip
    for _again in range(2):
        deliver_waiting()
    organ = Organ.objects.get(pk=bureau.organ.pk)
    assert (organ.region, organ.has_ended) == (new, False)
    assert [queries.discretion_on(organ=organ, day=day) for day in (DAY, date(2026, 5, 31))] == [
        newer, table
    ]  # fmt: skip
    assert (first, take_number(organ=organ, word="应急罚", at=NOON)) == (
        "（金）应急罚〔2026〕1号", "（金）应急罚〔2026〕2号"
    )  # fmt: skip
    assert Event.objects.get(name="enforce.organ.went_along").data["organ_id"] == organ.pk
    assert queries.organs_for(actor=bureau.officer) == [organ]
    town = Region.objects.get(code=bureau.town.code, valid_to=None)
    case = cases.propose_case(
        organ=organ, region=town, party=bureau.party(), cause="未培训", source="VISIT",
        summary="检查发现", certificates=bureau.certificates[:2], by=bureau.officer, at=NOON,
    )  # fmt: skip
    with pytest.raises(NotFound):
        queries.get_case(actor=bureau.stranger, case_id=case.pk)
