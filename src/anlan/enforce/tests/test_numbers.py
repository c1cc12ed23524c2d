"""Numbers without gaps, also where many take one at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from anlan.enforce.models import Serial
from anlan.enforce.services.numbers import take_number

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
