"""Two people, or two tickers, in the same instant. PostgreSQL lets both in."""

from datetime import timedelta
from functools import partial

import pytest

from anlan.oversee.models import Letter, Proposal
from anlan.oversee.services import ladders, letters
from anlan.work.tests.test_at_once import at_once

from .factories import NOON
from .test_letters import confirm, ladder, one

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_confirm_in_the_same_instant_one_sends_the_letter(city):
    proposal, at = one(city), NOON + timedelta(hours=2)

    def decide():
        return confirm(city, Proposal.objects.select_related("item__region").get(), at).number

    answers = at_once(decide, decide)
    assert proposal.pk == Letter.objects.get().proposal_id
    assert "oversee.decided" in answers


def test_letters_in_the_same_instant_get_numbers_in_a_row(city):
    def send(title):
        return letters.issue_letter(letter=city.text(title=title), by=city.office, at=NOON).number

    numbers = sorted(at_once(*[partial(send, f"督办函之{n}") for n in range(4)]))
    assert numbers == [f"应急管理局督办函〔2026〕{n}号" for n in range(1, 5)]


def test_one_form_sent_twice_in_the_same_instant_is_one_letter(city):
    def send():
        return letters.issue_letter(letter=city.text(), by=city.office, at=NOON).number

    assert len(set(at_once(send, send))) == Letter.objects.count() == 1


def test_two_tickers_propose_a_step_once(city):
    ladder({ladders.Rung.REMIND: 0})
    city.late()
    at = NOON + timedelta(hours=1)
    made = at_once(*[lambda: ladders.propose_due(at)] * 3)
    assert (sum(made), Proposal.objects.count()) == (1, 1)
