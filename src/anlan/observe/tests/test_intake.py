"""The way to the writer and back, and what happens when the writer does not."""

import os
import signal
import subprocess
import sys
import threading
from multiprocessing import Pipe

import pytest
from django.db import OperationalError
from django.utils import timezone

from anlan.base import clock
from anlan.base.storage import NotStored
from anlan.observe import intake as intake_module
from anlan.observe import writer as writer_module
from anlan.observe.intake import Fault, Intake, Line
from anlan.observe.models import Latest, Reading
from anlan.observe.parcels import Parcel, Receipt
from anlan.observe.store import Store
from anlan.observe.tests.factories import SeriesFactory
from anlan.observe.writer import Reply, Trouble, Writer

WAIT_S = 30
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("readings_emptied")]


@pytest.fixture
def series():
    return SeriesFactory()


@pytest.fixture
def intake(monkeypatch):
    monkeypatch.setattr(intake_module, "AGAIN_S", 0)
    monkeypatch.setattr(writer_module, "RETRY_S", 0)
    intake = Intake()
    yield intake
    intake.stop()


def parcel(series, *values, station=None):
    start, count = clock.to_epoch_ms(timezone.now()) - 600_000, len(values)
    times = [start + 1000 * number for number in range(count)]
    code = station or series.station.code
    return Parcel("http", [code] * count, [series.quantity] * count, times, list(values))


def ends(line, writer):
    """A writer that takes a batch and is gone."""
    line.recv()


def test_parcels_are_answered_each_with_its_own_receipt(series, intake):
    one, two, both = parcel(series, 1), parcel(series, 1, 2), parcel(series, 3, station="UNKNOWN")
    futures = [intake.submit(one), intake.submit(two), intake.submit(both)]
    receipts = [future.result(WAIT_S) for future in futures]

    assert sum(receipt.stored for receipt in receipts) == Reading.objects.count()
    assert [receipt.quarantined for receipt in receipts] == [0, 0, 1]


def test_what_a_writer_that_died_held_is_refused_and_the_next_one_stores(
    series, intake, monkeypatch, caplog
):
    with monkeypatch.context() as patch:
        patch.setattr(intake_module, "serve", ends)
        dying = Intake()
        with pytest.raises(NotStored):
            dying.submit(parcel(series, 1)).result(WAIT_S)
    assert not Reading.objects.exists()
    outcome = _stored_in_the_end(dying, parcel(series, 2))
    dying.stop()

    assert outcome == Receipt(stored=1)
    assert "starting it again" in caplog.text


def test_who_ends_while_a_writer_has_died_waits_for_no_other(monkeypatch):
    """A signal to the group may end a writer that is only starting."""
    died = threading.Event()

    class Dying(Line):
        def close(self):
            died.set()
            return super().close()

    monkeypatch.setattr(intake_module, "Line", Dying)
    monkeypatch.setattr(intake_module, "serve", lambda line, writer: None)
    monkeypatch.setattr(intake_module, "AGAIN_S", 3600)
    ending = Intake()
    assert died.wait(WAIT_S)
    ending.stop(WAIT_S)

    assert not any(thread.is_alive() for thread in ending._threads)


def test_a_writer_that_is_started_during_the_end_is_told_of_it(monkeypatch):
    made, lives, known = [], intake_module.serve, threading.Event()

    class Late(Line):
        """The second stands only when the end has been said to the first."""

        def __init__(self):
            made.append(self)
            if len(made) == 2:
                threading.Thread(target=ending.stop).start()
                ending._threads[0].join(WAIT_S)
                monkeypatch.setattr(intake_module, "serve", lives)
            super().__init__()

    monkeypatch.setattr(intake_module, "Line", Late)
    monkeypatch.setattr(intake_module, "serve", lambda line, writer: known.wait(WAIT_S))
    monkeypatch.setattr(intake_module, "AGAIN_S", 0)
    ending = Intake()
    known.set()  # the first writer ends
    ending._threads[1].join(WAIT_S)

    assert len(made) == 2
    assert not any(thread.is_alive() for thread in ending._threads)


def test_a_parcel_with_a_fault_costs_no_other(series, monkeypatch, caplog):
    real = Store.write

    def faulty(self, parcels, known=None, **how):
        if any(parcel.address == "faulty" for parcel in parcels):
            raise ZeroDivisionError
        return real(self, parcels, known, **how)

    monkeypatch.setattr(Store, "write", faulty)
    bad = parcel(series, 1)
    bad.address = "faulty"
    outcomes = Writer().write([bad, parcel(series, 1, 2, 3)])

    assert outcomes == [Trouble.FAULT, Receipt(stored=3)]
    assert "readings could not be stored" in caplog.text


def test_a_fault_is_told_as_such(series, intake, monkeypatch):
    monkeypatch.setattr(Store, "write", lambda *_, **__: 1 / 0)
    with pytest.raises(Fault):
        intake.submit(parcel(series, 1)).result(WAIT_S)


def test_more_than_can_be_in_work_is_refused_as_busy(series, intake, monkeypatch):
    monkeypatch.setattr(intake_module, "WAITING_ROWS", -1)
    refused = intake.submit(parcel(series, 1), wait_s=0.01)
    with pytest.raises(NotStored):
        refused.result(0)


def test_after_the_end_nothing_is_taken(series, intake):
    kept = intake.submit(parcel(series, 1))
    intake.stop()

    assert kept.result(0).stored == 1
    with pytest.raises(NotStored):
        intake.submit(parcel(series, 1)).result(0)


def test_in_a_stream_the_latest_values_follow_a_moment_later(series, intake):
    first, second = parcel(series, 1), parcel(series, 1, 2)
    for one in (first, second):
        intake.submit(one).result(WAIT_S)
    intake.stop()

    assert Latest.objects.get().value == 2


def test_latest_values_that_cannot_be_written_now_are_kept(series, monkeypatch, caplog):
    writer = Writer()
    writer.write([parcel(series, 1)])
    writer.write([parcel(series, 1, 2)])
    assert Latest.objects.get().value == 1
    with monkeypatch.context() as patch:
        patch.setattr("anlan.observe.sql.raise_latest", _locked)
        writer.flush()
    assert "the latest values wait" in caplog.text
    writer.flush()

    assert Latest.objects.get().value == 2
    assert writer.store.latest.due_in() is None


def _locked(*_columns):
    raise OperationalError("database is locked")


def _stored_in_the_end(intake, again):
    """The one that was started next may have died as well, with the next batch."""
    for _ in range(1000):
        try:
            return intake.submit(again).result(WAIT_S)
        except NotStored:
            continue
    return None


def test_a_signal_to_the_group_never_reaches_a_writer_that_is_starting(settings):
    settings.READINGS_WRITER_APART = True
    intake = Intake()

    assert os.getpgid(intake.writer_pid) == intake.writer_pid != os.getpgid(0)
    intake.stop()


def test_as_a_process_it_ends_with_its_parent_and_not_by_a_signal_to_the_group():
    here, there = Pipe()
    command = [sys.executable, "-m", "anlan", "readings_writer", str(there.fileno())]
    process = subprocess.Popen(command, pass_fds=[there.fileno()])
    there.close()
    nothing = Reply([], 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        here.send([])
        assert here.recv() == nothing
        process.send_signal(number)
    here.send([])
    assert here.recv() == nothing
    here.close()

    assert process.wait(60) == 0
