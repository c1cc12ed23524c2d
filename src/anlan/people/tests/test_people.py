from datetime import UTC, date, datetime, time, timedelta

import pytest

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.models import Event
from anlan.base.tables import workbook
from anlan.people import permissions, queries
from anlan.people.models import Account, Grant, Holding, Post, Role, Shift
from anlan.people.services import accounts, duty, grants, lists, posts
from anlan.people.tests.factories import AccountFactory, account_in, holder_of, post_in
from anlan.places.services import recode_region
from anlan.places.tests.factories import RegionFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 1, 4, tzinfo=UTC)
TODAY = date(2026, 6, 1)


@pytest.fixture
def county():
    return RegionFactory(code="990702", path="99/990702/")


@pytest.fixture
def village(county):
    return RegionFactory(parent=RegionFactory(parent=county))


@pytest.fixture
def clerk(county):
    return account_in(county, "people.view", "people.manage", "people.duty", *ORDINARY)


ORDINARY = ("work.do", "work.view", "places.view")


@pytest.fixture
def stranger():
    return account_in(RegionFactory(), *permissions.registered())


# Posts and who holds them ----------------------------------------------------------------------


def names(actor, region, on):
    found = queries.who_answers(actor=actor, region=region, on=on)
    return [[holder.name for holder in answer.holders] for answer in found]


def test_who_answered_on_a_day_is_known_across_a_hand_over_without_a_gap(village, clerk, stranger):
    post = post_in(village)
    wang, li = AccountFactory(name="王某"), AccountFactory(name="李某")
    first = posts.appoint(post=post, account=wang, from_date=date(2024, 1, 1), by=clerk, at=NOON)
    posts.hand_over(holding=first, to=li, on=date(2026, 3, 1), by=clerk, at=NOON)

    assert names(clerk, village, date(2023, 12, 31)) == [[]]
    assert names(clerk, village, date(2026, 2, 28)) == [["王某"]]
    assert names(clerk, village, date(2026, 3, 1)) == [["李某"]]
    with pytest.raises(NotFound):
        queries.who_answers(actor=stranger, region=village, on=TODAY)
    with pytest.raises(NotAllowed):
        posts.appoint(post=post, account=wang, from_date=TODAY, by=stranger, at=NOON)
    with pytest.raises(Refusal, match="已经结束"):
        posts.end_holding(holding=first, on=TODAY, by=clerk, at=NOON)


def test_who_answers_goes_along_when_a_region_gets_another_code(village, county, clerk):
    holder_of(post_in(village))
    manager = account_in(county, "places.manage")
    new = recode_region(region=village, code="990702999888", valid_from=TODAY, by=manager, at=NOON)
    clerk.forget_scopes()
    assert len(names(clerk, new, TODAY)[0]) == 1


def test_a_village_officer_sees_whom_to_ring_above_but_not_beside(village, county):
    officer = account_in(village, "people.view")
    holder_of(post_in(county, "county.duty_officer"))
    chain = queries.line_of_command(actor=officer, region=village, on=TODAY)
    assert [region.level for region, _answers in chain] == [5, 4, 3]
    beside = RegionFactory(parent=village.parent)
    with pytest.raises(NotFound):
        queries.who_answers(actor=officer, region=beside, on=TODAY)


def test_vacant_posts_and_unconfirmed_holdings_are_listed(village, county, clerk, stranger):
    vacant, held = post_in(village, "village.patrol"), post_in(village, "village.mover")
    holding = Holding.objects.create(
        post=held, account=AccountFactory(), from_date=date(2020, 1, 1)
    )
    assert list(queries.list_gaps(actor=clerk, region=county, on=TODAY)) == [vacant]
    assert list(queries.list_stale(actor=clerk, region=county, on=TODAY)) == [holding]
    assert list(queries.list_gaps(actor=stranger, region=county, on=TODAY)) == []
    posts.confirm_holding(holding=holding, by=clerk, at=NOON)
    assert list(queries.list_stale(actor=clerk, region=county, on=TODAY)) == []
    with pytest.raises(NotAllowed):
        posts.confirm_holding(holding=holding, by=stranger, at=NOON)


def test_nobody_appoints_to_a_post_that_may_more_than_they_may(county, clerk):
    post = post_in(county, "county.commander", "command.lead", "work.do")
    with pytest.raises(NotAllowed, match="您在该区划没有此权限"):
        posts.appoint(post=post, account=clerk, from_date=TODAY, by=clerk, at=NOON)


def test_default_roles_are_loaded_once_and_carry_known_permissions(clerk):
    system = Account.objects.system()
    made = posts.load_roles(by=system, at=NOON)
    Role.objects.filter(code="grid.grid_officer").update(permissions=["work.view"])
    assert posts.load_roles(by=system, at=NOON) == []
    assert Role.objects.get(code="grid.grid_officer").permissions == ["work.view"]
    carried = {code for role in made for code in role.permissions}
    assert carried <= set(permissions.registered())
    with pytest.raises(NotAllowed):
        posts.load_roles(by=clerk, at=NOON)


# Phones ----------------------------------------------------------------------------------------


def test_a_phone_is_masked_and_each_look_at_the_whole_of_it_is_in_the_journal(
    village, clerk, stranger
):
    officer = holder_of(post_in(village))
    Account.objects.filter(pk=officer.pk).update(phone="13812341234")
    officer.refresh_from_db()
    answer = queries.who_answers(actor=clerk, region=village, on=TODAY)[0]
    assert answer.holders[0].phone == "138****1234"
    with pytest.raises(NotAllowed):
        accounts.reveal_phone(account=officer, by=clerk, at=NOON)
    with pytest.raises(NotFound):
        accounts.reveal_phone(account=officer, by=stranger, at=NOON)

    reader = account_in(village, "people.view", "people.unmask")
    assert accounts.reveal_phone(account=officer, by=reader, at=NOON) == "13812341234"
    event = Event.objects.get(name="people.phone.revealed")
    assert (event.by, event.data) == (reader, {"account_id": officer.pk})


# Accounts --------------------------------------------------------------------------------------


def test_a_new_account_gets_a_first_password_that_must_be_changed(county, clerk, stranger):
    office = accounts.create_organisation(
        code="o1", name="应急管理局", region=county, by=clerk, at=NOON
    )
    new = {"username": "li.si", "name": "李四", "phone": "13800001234", "organisation": office}
    with pytest.raises(NotAllowed):
        accounts.create_account(**new, by=stranger, at=NOON)
    account, password = accounts.create_account(**new, by=clerk, at=NOON)
    assert account.check_password(password)
    assert account.must_change_password
    with pytest.raises(Refusal, match="已被使用"):
        accounts.create_account(**new, by=clerk, at=NOON)
    assert list(queries.list_accounts(actor=stranger, text="李")) == []
    assert list(queries.list_accounts(actor=clerk, text="李")) == [account]


def test_a_password_is_issued_only_over_somebody_who_may_no_more(village, county, clerk, stranger):
    officer = holder_of(post_in(village, "village.flood_officer", "work.do"))
    assert officer.check_password(accounts.issue_first_password(account=officer, by=clerk, at=NOON))
    with pytest.raises(NotFound):
        accounts.issue_first_password(account=officer, by=stranger, at=NOON)
    Grant.objects.create(account=officer, permission="command.lead", region=county)
    officer.forget_scopes()
    with pytest.raises(NotAllowed, match="您在该区划没有"):
        accounts.issue_first_password(account=officer, by=clerk, at=NOON)
    with pytest.raises(NotAllowed):
        accounts.close_account(account=officer, by=clerk, at=NOON)


# Grants ----------------------------------------------------------------------------------------


def test_nobody_grants_what_they_do_not_hold_nor_beyond_their_regions(
    village, county, clerk, stranger
):
    officer = AccountFactory()
    row = grants.grant(account=officer, permission="work.view", region=village, by=clerk, at=NOON)
    assert officer.regions_for("work.view") == [village.path]
    with pytest.raises(NotAllowed, match="您自己"):
        grants.grant(account=clerk, permission="command.lead", region=county, by=clerk, at=NOON)
    elsewhere = RegionFactory()
    with pytest.raises(NotAllowed):
        grants.grant(account=clerk, permission="work.view", region=elsewhere, by=clerk, at=NOON)
    with pytest.raises(NotAllowed):
        grants.revoke(row=row, by=stranger, at=NOON)
    with pytest.raises(BadInput):
        grants.grant(account=clerk, permission="no.such", region=county, by=clerk, at=NOON)
    assert row not in queries.list_grants(actor=stranger)
    with pytest.raises(NotFound):
        queries.get_grant(actor=stranger, pk=row.pk)

    grants.revoke(row=row, by=clerk, at=NOON)
    told = Event.objects.filter(name__in=["people.granted", "people.revoked"])
    assert [event.data["permission"] for event in told] == ["work.view", "work.view"]


# Lists -----------------------------------------------------------------------------------------


def people_list(*rows):
    keys = [column.name for column in lists.COLUMNS]
    return workbook(lists.COLUMNS, [dict(zip(keys, row, strict=False)) for row in rows])


def test_a_list_of_people_makes_accounts_posts_and_holdings_and_twice_is_once(village, clerk):
    Role.objects.create(code="v.f", name="村防汛责任人", level=5, permissions=["work.do"])
    Role.objects.create(code="v.p", name="村巡查员", level=5)
    content = people_list(
        ("王五", "13800001111", village.code, "村防汛责任人"),
        ("王五", "13800001111", village.code, "村巡查员"),
        ("赵六", "13800002222", village.code, "村巡查员", "zhao", "2026-01-05"),
    )
    plan = lists.plan_people(content=content, by=clerk, at=NOON)
    assert (plan.new_accounts, plan.new_posts, plan.new_holdings) == (2, 2, 3)
    assert not Holding.objects.exists()

    lists.import_people(content=content, by=clerk, at=NOON)
    again = lists.import_people(content=content, by=clerk, at=NOON)

    assert (again.new_accounts, again.new_holdings, again.same) == (0, 0, 3)
    assert Post.objects.count() == 2
    zhao = Account.objects.get(username="zhao")
    assert zhao.holdings.get().from_date == date(2026, 1, 5)
    assert not zhao.has_usable_password()
    shorter = people_list(("王五", "13800001111", village.code, "村防汛责任人"))
    lists.import_people(content=shorter, by=clerk, at=NOON)
    assert Holding.objects.filter(to_date=None).count() == 3


def test_bad_cells_of_a_list_come_back_marked_and_the_good_lines_are_taken(
    village, clerk, stranger
):
    Role.objects.create(code="v.f", name="村防汛责任人", level=5)
    Role.objects.create(code="c.c", name="县指挥长", level=3, permissions=["command.lead"])
    content = people_list(
        ("王五", "13800001111", village.code, "村防汛责任人"),
        ("", "1", village.code, "村防汛责任人"),
        ("赵六", "13800002222", "77", "没有的岗位", "", "某日"),
        ("钱七", "13800003333", "990702", "县指挥长"),
    )
    plan = lists.import_people(content=content, by=clerk, at=NOON)
    bad = [(p.row, p.column) for p in plan.problems]
    assert bad == [
        (3, "name"),
        (3, "phone"),
        (4, "region"),
        (4, "role"),
        (4, "from_date"),
        (5, "role"),
    ]
    assert [h.account.name for h in Holding.objects.filter(to_date=None)] == ["王五"]
    assert lists.error_list(plan)[:2] == b"PK"
    theirs = lists.plan_people(content=content, by=stranger, at=NOON)
    assert theirs.new_holdings == 0


# Duty ------------------------------------------------------------------------------------------


def test_a_rotation_is_planned_once_and_says_who_is_on_duty(county, clerk, stranger):
    team = [account_in(county, "people.view") for _n in range(3)]
    plan = {
        "region": county,
        "accounts": team,
        "first": TODAY,
        "days": 3,
        "changes_at": time(8),
        "hours": 12,
        "leads": False,
    }
    assert len(duty.plan_rotation(**plan, by=clerk, at=NOON)) == 6
    assert duty.plan_rotation(**plan, by=clerk, at=NOON) == []
    # 12:00 in Shanghai on the first day, and just before and after the change at 20:00.
    assert [s.account for s in queries.on_duty(county, NOON)] == [team[0]]
    change = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert queries.on_duty(county, change - timedelta(seconds=1))[0].account == team[0]
    assert queries.on_duty(county, change)[0].account == team[1]
    with pytest.raises(NotAllowed):
        duty.plan_rotation(**plan, by=stranger, at=NOON)
    with pytest.raises(NotFound):
        queries.list_shifts(actor=stranger, region=county, since=NOON, until=change)


def shift(county, clerk, account, start, hours, leads=False):
    return duty.plan_shift(
        region=county,
        account=account,
        starts_at=NOON + timedelta(hours=start),
        ends_at=NOON + timedelta(hours=start + hours),
        leads=leads,
        by=clerk,
        at=NOON,
    )


def test_gaps_and_overlaps_of_a_rota_are_found(county, clerk):
    one, two = AccountFactory(), AccountFactory()
    first = shift(county, clerk, one, 0, 12)
    second = shift(county, clerk, two, 11, 12)
    shift(county, clerk, AccountFactory(), 0, 24, leads=True)
    rows = list(Shift.objects.filter(leads=False))
    gaps = queries.find_uncovered(rows, NOON, NOON + timedelta(hours=24))
    assert [(g.starts_at, g.ends_at) for g in gaps] == [
        (NOON + timedelta(hours=23), NOON + timedelta(hours=24))
    ]
    assert queries.find_overlaps(Shift.objects.all()) == [(first, second)]
    with pytest.raises(Refusal, match="已有值班"):
        shift(county, clerk, one, 6, 3)


def test_a_hand_over_is_signed_by_both_with_a_note(county, clerk, stranger):
    one, two = AccountFactory(), AccountFactory()
    turn = shift(county, clerk, one, 0, 12)
    with pytest.raises(NotAllowed):
        duty.hand_over_shift(shift=turn, to=two, note="x", by=stranger, at=NOON)
    with pytest.raises(BadInput):
        duty.hand_over_shift(shift=turn, to=two, note=" ", by=one, at=NOON)
    with pytest.raises(NotAllowed):
        duty.take_over_shift(shift=turn, by=two, at=NOON)
    turn = duty.hand_over_shift(shift=turn, to=two, note="城西下穿积水待退", by=one, at=NOON)
    with pytest.raises(Refusal, match="已交班"):
        duty.hand_over_shift(shift=turn, to=two, note="x", by=one, at=NOON)
    turn = duty.take_over_shift(shift=turn, by=two, at=NOON)
    assert (turn.handed_over_at, turn.taken_over_at) == (NOON, NOON)
    with pytest.raises(Refusal, match="已开始"):
        duty.drop_shift(shift=turn, by=clerk, at=NOON)


def test_a_post_is_called_as_officials_call_it():
    def named(region, role):
        return str(Post(region=RegionFactory(name=region), role=Role(name=role)))

    assert named("金华市", "市值班员") == "金华市值班员"
    assert named("婺城区", "县防指指挥长") == "婺城区防指指挥长"
    assert named("第一网格", "网格员") == "第一网格员"
    assert named("义乌市", "网格员") == "义乌市网格员"


def test_the_rota_puts_those_on_the_same_hours_together(county):
    starts = NOON.replace(hour=12)  # 20:00 there
    night = {"region": county, "starts_at": starts, "ends_at": starts + timedelta(hours=12)}
    shifts = [Shift.objects.create(account=AccountFactory(), **night) for _ in range(2)]

    [(day, [turn]), (_next, none)] = queries.by_day(shifts, TODAY, 2)

    assert (day, turn.shifts, turn.days_later, none) == (TODAY, shifts, 1, [])
