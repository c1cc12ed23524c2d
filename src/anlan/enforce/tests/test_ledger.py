"""What is left of a fine: worked by hand, and against a count of every single day."""

from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anlan.enforce.ledger import Due, Paid, Postponed, Still, balance, equal_parts
from anlan.enforce.papers.amounts import both, capital, full_day

D0 = date(2026, 7, 16)
FINE = [Due(Decimal(10000), D0)]


def july(day):
    return date(2026, 7, day)


def test_nothing_is_charged_until_the_last_day_is_over():
    stands = balance(FINE, [], [], D0)
    assert (stands.surcharge, stands.left, stands.overdue_days) == (0, Decimal(10000), 0)


@pytest.mark.parametrize(
    ("payments", "still", "day", "surcharge"),
    [
        ([], [], july(20), "1200.00"),  # four days at 300
        ([Paid(Decimal(4000), july(18))], [], july(20), "960.00"),  # 2 x 300 + 2 x 180
        ([], [Still(july(18), july(19))], july(20), "600.00"),  # two days do not count
        ([], [Still(july(10), None)], july(31), "0.00"),
        ([], [], D0 + timedelta(34), "10000.00"),  # 34 x 300 is more than the fine
        ([Paid(Decimal(10000), july(18))], [], july(31), "600.00"),  # stops with the payment
        ([Paid(Decimal(10000), july(10))], [], july(31), "0.00"),
    ],
)
def test_the_surcharge_worked_by_hand(payments, still, day, surcharge):
    assert balance(FINE, payments, still, day).surcharge == Decimal(surcharge)


def test_of_instalments_only_what_is_due_is_charged():
    parts = [Due(Decimal(5000), D0), Due(Decimal(5000), date(2026, 8, 16))]
    assert balance(parts, [], [], july(20)).surcharge == Decimal("600.00")
    paid = [Paid(Decimal(5000), D0)]
    assert balance(parts, paid, [], date(2026, 8, 16)).surcharge == 0
    assert balance(parts, paid, [], date(2026, 8, 17)).surcharge == Decimal("150.00")


def test_later_days_take_nothing_back_of_what_had_grown():
    late = [Due(Decimal(4000), july(30)), Due(Decimal(6000), date(2026, 8, 30))]
    granted = [Postponed(FINE, july(20))]
    grown = Decimal("900.00")  # 17th to 19th at 300; on the 20th nothing is late any more
    for day in (july(19), july(20), july(30)):
        assert balance(late, [], [], day, before=granted).surcharge == grown
    stands = balance(late, [], [], july(31), before=granted)
    assert stands.surcharge == grown + Decimal("120.00")


def test_a_cancelled_payment_counts_as_if_it_had_not_been():
    payments = [Paid(Decimal(10000), july(17)), Paid(Decimal(-10000), july(17))]
    assert balance(FINE, payments, [], july(20)) == balance(FINE, [], [], july(20))


def test_what_comes_in_goes_to_the_fine_first():
    stands = balance(FINE, [Paid(Decimal(10100), july(18))], [], july(30))
    assert (stands.paid_fine, stands.paid_surcharge) == (Decimal(10000), Decimal(100))
    assert stands.left == stands.left_of_surcharge == Decimal("500.00")


cents = st.integers(1, 5_000_000).map(lambda n: Decimal(n) / 100)
offsets = st.integers(-10, 60)
parts_of_a_fine = st.lists(st.tuples(cents, offsets), min_size=1, max_size=4)


def day_by_day(parts, payments, still, day, granted):
    """The law read literally: each day on its own, three in a hundred of what was late then."""
    fine = sum(p.amount for p in parts)
    raw, today = Decimal(0), D0 - timedelta(30)
    while today <= day:
        before = today - timedelta(1)
        asked = [was.parts for was in granted if today < was.on] or [parts]
        due = sum(p.amount for p in asked[0] if p.due_on <= before)
        late = due - min(sum(p.amount for p in payments if p.on <= before), due)
        if not any(s.start <= today and (s.end is None or today <= s.end) for s in still):
            raw += max(late, 0) * Decimal("0.03")
        today += timedelta(1)
    return min(raw, fine).quantize(Decimal("0.01"), ROUND_HALF_UP)


@given(
    parts_of_a_fine,
    st.lists(st.tuples(cents, offsets), max_size=5),
    st.lists(st.tuples(offsets, st.one_of(st.none(), st.integers(0, 20))), max_size=2),
    st.integers(0, 80),
    st.lists(st.tuples(offsets, parts_of_a_fine), max_size=2, unique_by=lambda was: was[0]),
)
def test_stretches_come_to_the_same_as_every_single_day(parts, payments, still, after, granted):
    parts = [Due(amount, D0 + timedelta(n)) for amount, n in parts]
    payments = [Paid(amount, D0 + timedelta(n)) for amount, n in payments]
    still = [
        Still(D0 + timedelta(n), None if length is None else D0 + timedelta(n + length))
        for n, length in still
    ]
    granted = [
        Postponed([Due(amount, D0 + timedelta(n)) for amount, n in was], D0 + timedelta(on))
        for on, was in sorted(granted, key=lambda was: was[0])
    ]
    day = D0 + timedelta(after)
    stands = balance(parts, payments, still, day, before=granted)
    assert stands.surcharge == day_by_day(parts, payments, still, day, granted)
    assert 0 <= stands.surcharge <= stands.fine
    came_in = sum((p.amount for p in payments if p.on <= day), Decimal(0))
    assert stands.paid_fine + stands.paid_surcharge == came_in


@given(cents, st.integers(1, 24))
def test_equal_parts_add_up_to_the_cent(amount, count):
    parts = equal_parts(amount, count)
    assert sum(parts) == amount
    assert max(parts) - min(parts) <= Decimal("0.01")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        # The examples of 《正确填写票据和结算凭证的基本规定》 and some of our own, by hand.
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("1680.32", "壹仟陆佰捌拾元叁角贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("3000", "叁仟元整"),
        ("50000.00", "伍万元整"),
        ("100050000", "壹亿零伍万元整"),
        ("20000000", "贰仟万元整"),
        ("10010", "壹万零壹拾元整"),
        ("0.05", "伍分"),
    ],
)
def test_amounts_in_capital_numerals(amount, words):
    assert capital(Decimal(amount)) == words
    assert both(Decimal(amount)) == f"人民币{words}（¥{Decimal(amount):,.2f}）"


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 7, 1), "二〇二六年七月一日"),
        (date(2021, 10, 10), "二〇二一年十月十日"),
        (date(2020, 12, 31), "二〇二〇年十二月三十一日"),
        (date(2024, 2, 20), "二〇二四年二月二十日"),
    ],
)
def test_days_under_a_document(day, words):
    assert full_day(day) == words
