from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from anlan.base import journal
from anlan.base.events import publish
from anlan.base.models import Event, Seal

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path


def happen(number):
    with transaction.atomic():
        publish("test.happened", at=NOON, by=None, region_path="33/", number=number, name="兰溪")


def sealed(*counts):
    for count in counts:
        for number in range(count):
            happen(number)
        journal.seal_new_events()


def kinds():
    return [finding.kind for finding in journal.verify()]


def test_an_untouched_journal_verifies():
    sealed(3, 2)
    happen(1)  # not sealed yet, and that is no finding so soon

    assert kinds() == []
    assert list(Seal.objects.values_list("count", flat=True)) == [3, 2]


@pytest.mark.parametrize("change", [{"data": {"number": 9}}, {"name": "x"}, {"region_path": "34/"}])
def test_an_altered_event_is_found(change):
    sealed(3, 2)
    Event.objects.filter(pk=Event.objects.first().pk).update(**change)

    assert kinds() == ["altered"]


def test_what_only_waits_for_its_seal_is_not_called_altered():
    happen(1)  # a city that was set up, and nothing has run yet
    with pytest.raises(CommandError, match="未发现改动或缺失，但有事件尚未封存"):
        call_command("journal", "verify")
    Event.objects.update(name="x")
    journal.seal_new_events()
    Event.objects.update(name="y")
    happen(2)
    with pytest.raises(CommandError, match="存证不完整"):
        call_command("journal", "verify")


def test_a_removed_event_is_found():
    sealed(3)
    Event.objects.first().deliveries.all().delete()
    Event.objects.filter(pk=Event.objects.first().pk).delete()

    assert kinds() == ["missing"]


def test_a_rewritten_chain_does_not_reach_the_exported_head(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sealed(2, 2)
    Event.objects.filter(data__number=0).update(data={"number": 7})
    previous = journal.GENESIS
    for seal in Seal.objects.order_by("pk"):
        seal.previous_hash = previous
        seal.hash, _ = journal.chain_hash(previous, seal.events.order_by("pk"))
        seal.save()
        previous = seal.hash

    assert set(kinds()) == {"head"}
