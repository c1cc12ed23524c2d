"""Payments, instalments, standstills, the court: to the cent, once, by the right people."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from anlan.base.days import last_day
from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.enforce import acts, figures
from anlan.enforce.balances import balance_of
from anlan.enforce.known import Known
from anlan.enforce.models import Case, Fine, Payment
from anlan.enforce.services import cases, decisions, money, publicity
from anlan.enforce.stages import Stage
from anlan.places.tests.factories import RegionFactory

from .factories import FINDING, NOON, days

pytestmark = pytest.mark.django_db


def pay(bureau, case, amount, day, voucher="A1", by=None, n=30, **more):
    return money.enter_payment(
        case=case, amount=Decimal(amount), paid_on=day, voucher=voucher, on_spot=False,
        by=by or bureau.officer, at=days(n), **more,
    )  # fmt: skip


def code_of(call):
    with pytest.raises(Refusal) as refused:
        call()
    return refused.value.code


def test_a_payment_counts_once_and_never_for_more_than_is_left(bureau):
    case = bureau.served()
    pay(bureau, case, "10000.01", date(2026, 7, 10))
    assert code_of(lambda: pay(bureau, case, "1", date(2026, 7, 10))) == "enforce.voucher_used"
    over = code_of(lambda: pay(bureau, case, "20000", date(2026, 7, 11), "A2"))
    assert over == "enforce.overpaid"
    for bad in ("0", "-1", "0.001"):
        with pytest.raises(BadInput):
            pay(bureau, case, bad, date(2026, 7, 11), "A3")
    for day in (date(2026, 6, 30), date(2027, 1, 1)):
        with pytest.raises(BadInput):
            pay(bureau, case, "1", day, "A3")
    with pytest.raises(NotAllowed):
        pay(bureau, case, "1", date(2026, 7, 11), "A3", by=bureau.stranger)
    pay(bureau, case, "19999.99", date(2026, 7, 16), "A2")
    assert Fine.objects.get(pk=case.pk).settled_on == date(2026, 7, 16)
    assert case.terms.get(rule="penalty.payment").met_at is not None


def test_a_late_payment_owes_its_surcharge_before_the_case_is_closed(bureau):
    case = bureau.served()  # due on the sixteenth
    pay(bureau, case, "30000", date(2026, 7, 18))
    stands = balance_of(Fine.objects.get(pk=case.pk), date(2026, 7, 31))
    assert stands.left == Decimal("1800.00")  # two days at 900

    def close():
        decisions.ask_closing(case=case, result="缴清", by=bureau.officer, at=days(30))

    assert code_of(close) == "enforce.not_paid"
    pay(bureau, case, "1800", date(2026, 7, 20), "A2")
    close()


def test_a_wrong_entry_is_cancelled_by_another_person_by_a_row_of_its_own(bureau):
    case = bureau.served()
    wrong = pay(bureau, case, "30000", date(2026, 7, 10))
    bureau.officer.grants.create(permission="enforce.approve", region=bureau.county)
    bureau.officer.forget_scopes()

    def cancel(by):
        money.cancel_payment(payment=wrong, reason="票据录错", by=by, at=days(31))

    assert code_of(lambda: cancel(bureau.officer)) == "enforce.own_entry"
    cancel(bureau.head)
    assert code_of(lambda: cancel(bureau.head)) == "enforce.cancelled"
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [-30000, 30000]
    assert Fine.objects.get(pk=case.pk).settled_on is None


def test_no_surcharge_while_a_reconsideration_runs(bureau):
    case = bureau.served()
    money.begin_standstill(
        case=case, kind="REVIEW", from_date=date(2026, 7, 18), by=bureau.officer, at=days(20)
    )
    fine = Fine.objects.get(pk=case.pk)
    assert balance_of(fine, date(2026, 8, 1)).surcharge == Decimal("900.00")  # one day
    money.end_standstill(
        case=case,
        to_date=date(2026, 7, 25),
        result="维持",
        changed=False,
        by=bureau.officer,
        at=days(30),
    )
    fine = Fine.objects.get(pk=case.pk)
    assert balance_of(fine, date(2026, 7, 27)).surcharge == Decimal("2700.00")


def test_a_decision_that_did_not_stand_leaves_the_publicity_list_in_three_working_days(bureau):
    case = bureau.served()
    made = publicity.publish_case(case=case, by=bureau.head, at=days(1))
    money.begin_standstill(
        case=case, kind="COURT", from_date=date(2026, 7, 10), by=bureau.officer, at=days(20)
    )
    money.end_standstill(
        case=case, to_date=date(2026, 7, 15), result="撤销", changed=True, by=bureau.officer,
        at=days(20),
    )  # fmt: skip
    term = case.terms.get(rule="enforce.withdraw")
    assert term.due_at == days(23, 12)  # Wed, Thu, Fri; until midnight in Beijing
    publicity.withdraw(publication=made, reason="决定被撤销", by=bureau.head, at=days(21))
    term.refresh_from_db()
    assert term.met_at == days(21)


def test_cash_is_only_taken_on_the_spot_and_handed_in_within_two_working_days(bureau):
    def on_spot(fine):
        return cases.decide_on_spot(
            organ=bureau.organ, region=bureau.town, party=bureau.party(), cause="未戴安全帽",
            finding=replace(FINDING, fine=Decimal(fine)), certificates=bureau.certificates[:2],
            receiver="王某", by=bureau.officer, at=NOON,
        )  # fmt: skip

    def cash(case, voucher):
        money.enter_payment(
            case=case, amount=case.fine, paid_on=date(2026, 7, 1), voucher=voucher, on_spot=True,
            by=bureau.officer, at=NOON,
        )  # fmt: skip

    assert code_of(lambda: cash(bureau.served(), "A1")) == "enforce.no_cash"
    assert code_of(lambda: cash(on_spot("100.01"), "A1")) == "enforce.no_cash"
    case = on_spot(100)
    cash(case, "A1")
    assert case.terms.get(rule="enforce.cash").due_at == days(2, 12)
    money.hand_in_cash(case=case, by=bureau.officer, at=days(1))
    assert code_of(lambda: money.hand_in_cash(case=case, by=bureau.officer, at=days(1))) == (
        "enforce.no_cash_held"
    )


def test_the_court_is_asked_after_appeals_and_demand_and_not_after_three_months(bureau):
    case = bureau.served()
    assert code_of(lambda: money.demand_payment(case=case, by=bureau.officer, at=days(10))) == (
        "enforce.not_overdue"
    )

    about_fines = {"demand", "surcharge", "court"}

    def offered(n):
        """What the case's page offers of it to its officer that day."""
        known = Known(Case.objects.get(pk=case.pk), bureau.officer, days(n))
        codes = {act.code for found in acts.open_to(known).values() for act in found}
        assert {act.code for act, _why in acts.later(known)} == about_fines - codes
        return codes & about_fines

    def apply(n):
        return lambda: money.apply_to_court(
            case=case, request="请强制", by=bureau.officer, at=days(n)
        )

    assert (offered(10), offered(20)) == (set(), {"demand"})
    assert code_of(apply(20)) == "enforce.no_demand"
    money.demand_payment(case=case, by=bureau.officer, at=days(20))
    bureau.serve(case.papers.get(form="demand"), at=days(20))
    # Six months for a lawsuit: until 2027-01-04, since the first is a holiday week.
    assert code_of(apply(150)) == "enforce.too_early"
    assert code_of(apply(300)) == "enforce.too_late"
    assert (offered(150), offered(200)) == ({"demand", "surcharge"}, about_fines)
    assert offered(300) == {"demand", "surcharge"}
    stranger = Known(Case.objects.get(pk=case.pk), bureau.stranger, days(10))
    assert (acts.open_to(stranger), acts.later(stranger)) == ({}, [])
    apply(200)()
    case.refresh_from_db()
    assert case.stage == Stage.ENFORCE


def test_figures_add_up_to_the_cent_by_region_and_leave_exercises_out(
    bureau, django_assert_max_num_queries
):
    fines = ["30000.10", "0.20", "60000.03"]
    for n, fine in enumerate(fines):
        bureau.served(at=days(n), finding=replace(FINDING, fine=Decimal(fine)))
    bureau.served(at=days(5), exercise=True)
    cases.decide_on_spot(
        organ=bureau.organ, region=bureau.town, party=bureau.party(), cause="未戴安全帽",
        finding=replace(FINDING, fine=Decimal(100)), certificates=bureau.certificates[:2],
        receiver="王某", by=bureau.officer, at=NOON,
    )  # fmt: skip
    span = {"region": bureau.county, "since": date(2026, 7, 1), "until": date(2026, 7, 31)}
    for _n in range(3):  # regions without a case: no question more
        RegionFactory(parent=bureau.county)
    with django_assert_max_num_queries(8):
        sheet = figures.sums(actor=bureau.head, **span)
    total = sheet.total
    assert (total.fined, total.penalties, total.on_spot) == (Decimal("90100.33"), 4, 1)
    assert (total.large, total.filed) == (1, 3)
    assert [row.region for row in sheet.rows] == [bureau.town]
    assert figures.sums(actor=bureau.stranger, **span).total.fined == 0
    earlier = span | {"until": date(2026, 7, 1)}
    assert figures.sums(actor=bureau.head, **earlier).total.fined == Decimal("30100.10")


def test_instalments_move_the_party_s_limit_to_their_last_day(bureau):
    case = bureau.served()
    parts = [
        money.Part(Decimal(10000), date(2026, 8, 1)),
        money.Part(Decimal(20000), date(2026, 9, 1)),
    ]
    money.ask_instalments(case=case, parts=parts, reason="资金困难", by=bureau.officer, at=days(1))
    with pytest.raises(NotAllowed):
        bureau.decide(case, by=bureau.stranger, at=days(1))
    bureau.decide(case, at=days(1))
    assert last_day(case.terms.get(rule="penalty.payment").due_at) == date(2026, 9, 1)


def test_what_had_grown_before_later_days_were_granted_stays_owed(bureau):
    case = bureau.served()  # 30,000 yuan, until 16 July

    def grant(n, *parts):
        parts = [money.Part(Decimal(amount), day) for amount, day in parts]
        money.ask_instalments(
            case=case, parts=parts, reason="资金困难", by=bureau.officer, at=days(n)
        )
        bureau.decide(case, at=days(n))

    def owed(n):
        return balance_of(Fine.objects.get(), days(n).date())

    grant(20, ("10000", date(2026, 7, 25)), ("20000", date(2026, 8, 25)))
    assert owed(20).surcharge == Decimal("3600.00")  # 17 to 20 July at 900 a day
    assert owed(24).surcharge == Decimal("3600.00")
    grant(27, ("30000", date(2026, 9, 1)))  # 26 and 27 July at 300 more
    assert owed(40).surcharge == Decimal("4200.00")
    pay(bureau, case, "30000", date(2026, 8, 20), n=60)
    assert owed(60).left == owed(60).left_of_surcharge == Decimal("4200.00")
    assert Fine.objects.get().settled_on is None
