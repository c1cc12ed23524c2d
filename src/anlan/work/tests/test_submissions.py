import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotFound, Refusal
from anlan.base.models import Event
from anlan.work import files
from anlan.work.handlers import apply_what_waited
from anlan.work.models import Attachment, Conflict, Submission, WorkItem
from anlan.work.queries import unsettled_of
from anlan.work.services import advance

from .conftest import NOON, photo

pytestmark = pytest.mark.django_db
HERE = {"lon": 119.5001, "lat": 29.2, "accuracy_m": 8.0}


def state_of(item):
    return WorkItem.objects.get(pk=item.pk).state


def test_proof_goes_from_the_phone_to_the_closed_task(story):
    item, picture = story.open(kind="test.photo"), photo()
    assert story.send(item, "accept").state == "ACCEPTED"

    sent = story.send(item, files=[picture], note="已转移3户", **HERE)
    assert (sent.state, sent.missing) == ("WAITING", [hashlib.sha256(picture).hexdigest()])
    assert story.attach(sent, picture).state == "ACCEPTED"

    step = item.steps.get(move="submit")
    assert (step.note, step.submission_id) == ("已转移3户", sent.pk)
    item.refresh_from_db()
    advance(item=item, move="verify", by=story.officer, at=NOON)
    assert state_of(item) == "CLOSED"


def test_the_same_bytes_again_get_the_same_answer_and_change_nothing(story):
    item, sid = story.open(), uuid4()
    story.send(item, "accept")
    first = story.send(item, sid=sid, note="好")

    again = story.send(item, sid=sid, note="好")

    assert (again.pk, again.state) == (first.pk, "ACCEPTED")
    assert item.steps.filter(move="submit").count() == 1


def test_other_bytes_under_the_same_id_are_refused_kept_and_shown(story):
    item, sid = story.open(), uuid4()
    story.send(item, "accept")
    story.send(item, sid=sid, note="积水已排除")

    for _ in range(2):
        with pytest.raises(Refusal) as refusal:
            story.send(item, sid=sid, note="积水未排除")
        assert (refusal.value.code, refusal.value.status) == ("work.other_bytes", 409)

    assert "\\u672a" in Conflict.objects.get().body  # 未, as it was sent
    assert [s.pk for s in unsettled_of(item)] == [sid]
    assert Event.objects.filter(name="work.submission.conflict").count() == 1
    assert Submission.objects.get(pk=sid).note == "积水已排除"


def test_an_id_that_somebody_else_used_is_a_conflict_not_a_window(story):
    item, sid = story.open(), uuid4()
    story.send(item, "accept", sid=sid)

    with pytest.raises(Refusal) as refusal:
        story.send(item, "accept", sid=sid, by=story.officer)
    assert refusal.value.code == "work.other_bytes"


def test_a_submission_that_overtakes_its_acceptance_waits_is_shown_and_goes_on(story):
    item = story.open()
    early = story.send(item, note="先到")
    assert early.state == "WAITING"
    assert unsettled_of(item) == [early]

    story.send(item, "accept")

    early.refresh_from_db()
    assert (early.state, state_of(item)) == ("ACCEPTED", "SUBMITTED")


def test_acceptance_by_button_lets_the_waiting_submission_go_on(story):
    item = story.open()
    early = story.send(item)
    advance(item=item, move="accept", by=story.worker, at=NOON)

    apply_what_waited(Event.objects.get(name="work.item.accept"))

    early.refresh_from_db()
    assert early.state == "ACCEPTED"


def test_of_two_phones_one_is_accepted_and_the_other_is_told_why(story):
    item = story.open()
    story.send(item, "accept")
    other = story.send(item, "accept", by=story.officer)

    assert other.state == "REFUSED"
    assert "办理中" in other.reason
    late = story.send(item, by=story.officer)
    assert (late.state, late.code) == ("REFUSED", "work.not_yours")


def test_a_refused_submission_says_so_again_when_it_is_sent_again(story):
    item, sid = story.open(), uuid4()
    story.send(item, "accept")
    story.send(item, "accept", sid=sid, by=story.officer)

    again = story.send(item, "accept", sid=sid, by=story.officer)

    assert (again.state, again.code) == ("REFUSED", "work.no_such_move")
    assert again.reason


def test_two_identical_photos_are_one_attachment(story):
    item, picture = story.open(kind="test.photo"), photo()
    story.send(item, "accept")
    sent = story.send(item, files=[picture, picture], **HERE)

    story.attach(sent, picture)
    again = story.attach(sent, picture)

    assert again.state == "ACCEPTED"
    assert Attachment.objects.count() == 1


def test_nothing_is_added_that_was_not_announced_and_nothing_is_replaced(story):
    item = story.open()
    sent = story.send(item, files=[photo()])

    with pytest.raises(Refusal) as refusal:
        story.attach(sent, photo("red"))
    assert refusal.value.code == "work.not_announced"
    with pytest.raises(NotFound):
        story.attach(sent, photo(), by=story.officer)


def test_a_file_damaged_on_the_way_may_come_again(story):
    item, picture = story.open(), photo()
    sent = story.send(item, files=[picture])
    whole = hashlib.sha256(picture).hexdigest()

    with pytest.raises(BadInput) as refusal:
        story.attach(sent, picture[:-1] + b"x", digest=whole)
    assert refusal.value.code == "work.bytes_differ"
    assert story.attach(sent, picture).missing == []


def test_a_file_that_is_never_taken_ends_the_waiting_with_its_reason(story):
    item, script = story.open(), b"<svg onload='alert(1)'>"
    story.send(item, "accept")
    sent = story.send(item, files=[script])

    for _ in range(2):
        with pytest.raises(Refusal) as refusal:
            story.attach(sent, script)
        assert refusal.value.code == "work.file_type"
    sent.refresh_from_db()
    assert sent.state == "REFUSED"
    assert state_of(item) == "DOING"


def test_a_full_disk_refuses_clearly_and_acknowledges_nothing(story, monkeypatch):
    item, picture = story.open(), photo()
    story.send(item, "accept")
    sent = story.send(item, files=[picture])

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_write", full)
    with pytest.raises(files.DiskFull) as refusal:
        story.attach(sent, picture)
    assert refusal.value.status == 507
    monkeypatch.undo()
    sent.refresh_from_db()
    assert sent.state == "WAITING"
    assert not Attachment.objects.exists()


def test_proof_without_photo_or_position_is_refused_with_the_reason(story):
    item = story.open(kind="test.photo")
    story.send(item, "accept")

    assert story.send(item).code == "work.no_photo"
    picture = photo()
    sent = story.send(item, files=[picture])
    assert story.attach(sent, picture).code == "work.no_position"


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(order=st.permutations(range(6)), repeats=st.lists(st.integers(0, 5), max_size=8))
def test_any_interleaving_accepts_each_submission_once(story, order, repeats):
    """Two phones, each an acceptance and a proof with a photo, sent in any order and again."""
    items = [story.open(kind="test.photo"), story.open(kind="test.photo")]
    pictures = [photo("navy"), photo("olive")]
    ids = [uuid4() for _ in range(4)]

    def act(n):
        which = n // 3
        item, picture = items[which], pictures[which]
        if n % 3 == 0:
            story.send(item, "accept", sid=ids[which * 2])
        elif n % 3 == 1:
            story.send(item, sid=ids[which * 2 + 1], files=[picture], **HERE)
        else:
            sent = Submission.objects.filter(pk=ids[which * 2 + 1]).first()
            if sent:  # the phone sends files only after its submission had an answer
                story.attach(sent, picture)

    for n in [*order, *repeats, *range(6), *repeats]:
        act(n)

    for item in items:
        moves = list(item.steps.order_by("pk").values_list("move", flat=True))
        assert moves == ["open", "accept", "submit"]
    assert set(Submission.objects.filter(pk__in=ids).values_list("state", flat=True)) == {
        "ACCEPTED"
    }


def test_made_at_is_kept_as_the_phone_said_but_steps_run_on_our_clock(story):
    item = story.open()
    sent = story.send(item, "accept")

    assert item.steps.get(move="accept").at == NOON
    assert sent.made_at - NOON < timedelta(days=1)
