"""Two phones in the same instant. On SQLite one waits for the other; PostgreSQL lets both in."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection

from anlan.base.errors import Refusal
from anlan.work.models import Attachment, Conflict, Submission

from .conftest import photo

pytestmark = pytest.mark.django_db(transaction=True)
HERE = {"lon": 119.5, "lat": 29.2}


def at_once(*calls):
    """Run them in threads that start together; their results, or what they refused with."""
    start = Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_the_same_submission_from_two_places_is_taken_in_once(story):
    item, sid = story.open(), uuid4()
    answers = at_once(*[lambda: story.send(item, "accept", sid=sid).state] * 4)

    assert answers == ["ACCEPTED"] * 4
    assert item.steps.filter(move="accept").count() == 1


def test_the_same_id_with_two_contents_is_one_submission_and_one_conflict(story):
    item, sid = story.open(), uuid4()
    answers = at_once(
        lambda: story.send(item, "accept", sid=sid, note="甲").state,
        lambda: story.send(item, "accept", sid=sid, note="乙").state,
    )

    assert sorted(answers) == ["ACCEPTED", "work.other_bytes"]
    assert Conflict.objects.count() == 1


def test_of_two_who_accept_in_the_same_instant_one_has_it(story):
    item = story.open()
    answers = at_once(
        lambda: story.send(item, "accept").state,
        lambda: story.send(item, "accept", by=story.officer).state,
    )

    assert sorted(answers) == ["ACCEPTED", "REFUSED"]


def test_the_last_two_files_arriving_together_do_not_leave_it_waiting(story):
    item, pictures = story.open(kind="test.photo"), [photo("navy"), photo("olive")]
    story.send(item, "accept")
    sent = story.send(item, files=pictures, **HERE)

    at_once(*[lambda data=data: story.attach(sent, data).state for data in pictures * 2])

    assert Submission.objects.get(pk=sent.pk).state == "ACCEPTED"
    assert Attachment.objects.count() == 2
    assert item.steps.filter(move="submit").count() == 1
