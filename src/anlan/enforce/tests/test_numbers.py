"""Numbers without gaps, also where many take one at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from anlan.base.models import Serial
from anlan.enforce.papers import catalogue
from anlan.enforce.services.numbers import take_number
from anlan.people.models import Organisation
from anlan.people.numbers import number_document

from .factories import NOON, days


@pytest.mark.django_db
def test_numbers_run_per_organ_word_and_year_and_a_failure_leaves_no_gap(bureau):
    take = {"organ": bureau.organ, "word": "应急罚"}
    assert take_number(**take, at=NOON) == "（金）应急罚〔2026〕1号"
    with transaction.atomic():
        assert take_number(**take, at=NOON) == "（金）应急罚〔2026〕2号"
        transaction.set_rollback(True)
    assert take_number(**take, at=NOON) == "（金）应急罚〔2026〕2号"
    assert take_number(organ=bureau.organ, word="应急立", at=NOON) == "（金）应急立〔2026〕1号"
    # The year is Beijing's: 16:00 UTC on the last of December is in the next year there.
    assert take_number(**take, at=days(183, 11)) == "（金）应急罚〔2026〕3号"
    assert take_number(**take, at=days(183, 12)) == "（金）应急罚〔2027〕1号"


@pytest.mark.django_db
def test_an_office_gives_no_number_twice_with_a_case_and_without(bureau):
    """An order at a visit and an order in a case: one row, whichever room takes the number."""
    bureau.officer.organisation = Organisation.objects.create(
        code="wc", name=bureau.organ.name, region=bureau.county, short="（金）应急"
    )
    at_visit = {"by": bureau.officer, "region": bureau.town, "at": NOON}
    words = {form.word for form in catalogue.edition_on(NOON.date()).forms.values() if form.word}
    for word in sorted(words):
        taken = [
            number_document(word=word.removeprefix("应急"), **at_visit),
            take_number(organ=bureau.organ, word=word, at=NOON),
            number_document(word=word.removeprefix("应急"), **at_visit),
        ]
        assert taken == [f"（金）{word}〔2026〕{n}号" for n in (1, 2, 3)]


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_different_numbers_and_none_is_left_out(bureau):
    start = Barrier(4)

    def take():
        start.wait()
        try:
            return [_take(bureau.organ) for _ in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(take) for _ in range(4)]
        taken = [number for each in done for number in each.result()]
    assert set(taken) == {f"（金）应急罚〔2026〕{n}号" for n in range(1, 21)}
    assert len(taken) == Serial.objects.get().last == 20


def _take(organ):
    with transaction.atomic():
        return take_number(organ=organ, word="应急罚", at=NOON)
