"""Letters: number, receipt, answer, verification, paper; the ladder's proposals and decisions."""

import io
from datetime import date, timedelta

import docx
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.base.journal import verify
from anlan.oversee import printing, queries, word
from anlan.oversee.models import Ladder, Letter, Proposal, Rung
from anlan.oversee.services import ladders, letters
from anlan.oversee.services.letters import Talk
from anlan.people.models import Account
from anlan.people.tests.factories import account_in
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.prevent.tests.conftest import firm_in
from anlan.work.models import WorkItem
from anlan.work.services import advance

from .factories import MONDAY, NOON, OVERSEES, noon

pytestmark = pytest.mark.django_db
DAYS = {Rung.REMIND: 1, Rung.URGE: 2, Rung.INTERVIEW: 3, Rung.SANCTION: 5}


def ladder(days=None, since=date(2026, 1, 1)):
    return ladders.write_ladder(
        days=days or DAYS, since=since, source="市安委办〔2026〕3号", by=Account.objects.system(),
        at=NOON,
    )  # fmt: skip


def confirm(city, proposal, at, by=None, **more):
    more |= {"measure": "CRITICISM"} if proposal.rung == Rung.SANCTION else {}
    return ladders.confirm(
        proposal=proposal, letter=city.text(proposal.rung, **more), by=by or city.leader, at=at
    )


def test_a_letter_is_received_answered_with_proof_and_verified_by_another(city):
    letter = letters.issue_letter(letter=city.text(), about=city.late(), by=city.office, at=NOON)
    assert letter.number == "应急管理局督办函〔2026〕1号"
    assert letter.organ == "应急管理局"
    item = letter.item
    assert (item.region, item.post) == (city.county, city.post)
    advance(item=item, move="accept", by=city.doer, at=NOON)
    with pytest.raises(BadInput):
        advance(item=item, move="submit", by=city.doer, at=NOON)
    advance(item=item, move="submit", by=city.doer, at=NOON, note="已完成除险，附照片。")
    advance(item=item, move="verify", by=city.office, at=NOON)
    assert item.state == "CLOSED"
    steps = [step.move for step in queries.steps_of(letter)]
    assert steps == ["open", "accept", "submit", "verify"]


def test_head_and_number_name_the_same_region_where_the_issuer_belongs_to_no_office(city):
    letter = letters.issue_letter(letter=city.text(), by=city.leader, at=NOON)
    assert letter.number.startswith(f"（{city.city.name}）")
    assert city.city.name in letter.organ


def test_numbers_run_per_office_word_and_year_without_gaps(city):
    def send(kind, at, **more):
        return letters.issue_letter(letter=city.text(kind, **more), by=city.office, at=at).number

    first, other = send("URGE", NOON), send("REMIND", NOON)
    with pytest.raises(BadInput), transaction.atomic():
        letters.issue_letter(letter=city.text(title=" "), by=city.office, at=NOON)
    assert send("URGE", NOON) == first  # a form sent twice is one letter
    assert [first, other, send("URGE", NOON, title="再次督办")] == [
        "应急管理局督办函〔2026〕1号", "应急管理局提醒函〔2026〕1号", "应急管理局督办函〔2026〕2号",
    ]  # fmt: skip


def test_the_paper_says_what_the_record_says(city):
    letter = letters.issue_letter(
        letter=city.text(basis="安全生产法第九条"), about=city.late(), by=city.office, at=NOON
    )
    paper = printing.pdf(letter)
    assert paper[:5] == b"%PDF-"
    document = docx.Document(io.BytesIO(word.letter_paper(letter)))
    said = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for text in (
        letter.number,
        "水利局：",
        "山塘除险",
        "依据：安全生产法第九条。",
        "2026年5月11日",
    ):
        assert text in said
    assert "请于2026年12月31日前书面回复" in said


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": " "},
        {"kind": "POEM"},
        {"reply_by": date(2026, 5, 10)},
        {"reply_by": date.max},
        {"measure": "CRITICISM"},
    ],
)
def test_letters_that_make_no_sense_are_refused(city, wrong):
    with pytest.raises(BadInput):
        letters.issue_letter(letter=city.text(**wrong), by=city.office, at=NOON)


def test_the_whole_ladder_each_step_confirmed_by_a_person_with_its_facts(city):
    ladder()
    item, at = city.late(), noon(MONDAY)
    assert ladders.propose_due(at) == 0
    for rung, days in DAYS.items():
        at = noon(working(at.date(), days))
        assert ladders.propose_due(at) == 1
        assert ladders.propose_due(at) == 0  # one at a time
        proposal = Proposal.objects.get(state="PROPOSED")
        assert proposal.rung == rung
        assert proposal.evidence["post"] == str(city.post)
        assert len(proposal.evidence["letters"]) == list(DAYS).index(rung)
        letter = confirm(city, proposal, at)
        assert (letter.kind, letter.about, letter.proposal) == (rung, item, proposal)
    assert ladders.propose_due(at + timedelta(days=60)) == 0
    climb = queries.climb_of(item)
    assert [row.state for row in climb.proposals] == ["CONFIRMED"] * 4
    assert [row.kind for row in climb.letters] == list(DAYS)


def working(day, days):
    """So many working days later, in weeks without holidays."""
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < 5
    return day


def test_the_day_counts_not_the_hour(city):
    """Due late on Monday, one working day: due from the first minute of Tuesday."""
    ladder({Rung.REMIND: 1})
    item = city.late()
    WorkItem.objects.filter(pk=item.pk).update(due_at=NOON + timedelta(hours=11, minutes=59))
    assert ladders.propose_due(NOON + timedelta(hours=11, minutes=59, seconds=30)) == 0
    assert ladders.propose_due(NOON + timedelta(hours=12, minutes=1)) == 1


def one(city, rung=Rung.REMIND):
    ladder({rung: 0})
    city.late()
    ladders.propose_due(NOON + timedelta(hours=1))
    return Proposal.objects.get()


def test_the_house_itself_confirms_nothing_and_neither_does_the_database(city):
    proposal = one(city)
    with pytest.raises(Refusal) as refused:
        confirm(city, proposal, NOON + timedelta(hours=2), by=Account.objects.system())
    assert refused.value.code == "oversee.not_a_person"
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(state="CONFIRMED")
    assert not Letter.objects.exists()


def test_a_sanction_needs_the_right_to_sanction_and_comes_only_from_the_ladder(city):
    proposal, at = one(city, Rung.SANCTION), NOON + timedelta(hours=2)
    with pytest.raises(NotAllowed):
        confirm(city, proposal, at, by=city.office)
    with pytest.raises(Refusal):
        letters.issue_letter(
            letter=city.text("SANCTION", measure="CRITICISM"), by=city.leader, at=NOON
        )
    assert confirm(city, proposal, at).measure == "CRITICISM"


def test_dropped_with_a_reason_it_is_proposed_again_after_its_days(city):
    ladder({Rung.REMIND: 2, Rung.URGE: 1})
    city.late()
    at = noon(working(MONDAY, 2))
    ladders.propose_due(at)
    proposal = Proposal.objects.get()
    with pytest.raises(BadInput):
        ladders.drop(proposal=proposal, reason=" ", by=city.office, at=at)
    ladders.drop(proposal=proposal, reason="因台风停工", by=city.office, at=at)
    with pytest.raises(Refusal):
        confirm(city, proposal, at)
    assert ladders.propose_due(noon(working(at.date(), 1))) == 0
    assert ladders.propose_due(noon(working(at.date(), 2))) == 1
    assert Proposal.objects.latest("pk").rung == Rung.REMIND


def test_what_is_settled_meanwhile_lapses_and_is_not_confirmed(city):
    proposal, at = one(city), NOON + timedelta(hours=2)
    advance(item=proposal.item, move="accept", by=city.doer, at=at)
    advance(item=proposal.item, move="submit", by=city.doer, at=at, note="办结")
    with pytest.raises(Refusal) as refused:
        confirm(city, Proposal.objects.get(), at)
    assert refused.value.code == "oversee.settled"
    ladders.propose_due(at)
    assert Proposal.objects.get().state == "LAPSED"


def test_exercises_and_letters_themselves_are_not_climbed_upon(city):
    ladder({Rung.REMIND: 0})
    city.late(exercise=True)
    letters.issue_letter(letter=city.text(reply_by=MONDAY), by=city.office, at=NOON)
    assert ladders.propose_due(NOON + timedelta(days=9)) == 0


def test_without_a_ladder_nothing_and_a_new_version_holds_from_its_day(city):
    city.late()
    assert ladders.propose_due(NOON + timedelta(days=9)) == 0
    ladder({Rung.REMIND: 0})
    ladder({Rung.URGE: 0}, since=MONDAY + timedelta(days=2))
    assert queries.ladder_in_force(MONDAY).number == 1
    assert queries.ladder_in_force(MONDAY + timedelta(days=2)).number == 2
    for wrong in ({"days": {Rung.URGE: None}}, {"days": {Rung.URGE: 999}}, {"since": MONDAY}):
        with pytest.raises(BadInput):
            ladder(**wrong)
    with pytest.raises(NotAllowed):
        ladders.write_ladder(days=DAYS, since=MONDAY, source="x", by=city.office, at=NOON)
    assert Ladder.objects.count() == 2


def test_an_interview_is_held_once_and_kept(city):
    letter = letters.issue_letter(letter=city.text("INTERVIEW"), by=city.office, at=NOON)
    talk = Talk(held_on=MONDAY, held_by="王副市长", with_whom="李局长", minutes="说明原因。")
    letters.record_interview(letter=letter, talk=talk, by=city.office, at=NOON)
    with pytest.raises(Refusal):
        letters.record_interview(letter=letter, talk=talk, by=city.office, at=NOON)
    urge = letters.issue_letter(letter=city.text(), by=city.office, at=NOON)
    with pytest.raises(BadInput):
        letters.record_interview(letter=urge, talk=talk, by=city.office, at=NOON)
    early = Talk(held_on=date(2026, 5, 1), held_by="王", with_whom="李", minutes="x")
    other = letters.issue_letter(letter=city.text("INTERVIEW"), by=city.office, at=NOON)
    with pytest.raises(BadInput):
        letters.record_interview(letter=other, talk=early, by=city.office, at=NOON)


def test_altered_words_and_facts_are_found_by_the_journal(city):
    letter = letters.issue_letter(letter=city.text(), by=city.office, at=NOON)
    proposal = one(city)
    assert [finding for finding in verify() if finding.kind == "content"] == []
    Letter.objects.filter(pk=letter.pk).update(text="算了。")
    Proposal.objects.filter(pk=proposal.pk).update(
        evidence=proposal.evidence | {"working_days_over": 99}
    )
    assert len([finding for finding in verify() if finding.kind == "content"]) == 2


def test_a_stranger_neither_reads_nor_writes_nor_decides(city):
    letter = letters.issue_letter(letter=city.text("INTERVIEW"), by=city.office, at=NOON)
    proposal, who = one(city), city.stranger
    everything = queries.LetterFilter()
    assert not queries.list_letters(actor=who, region=city.city, wanted=everything, at=NOON)
    assert not queries.list_proposals(actor=who, region=city.city, decided=False)
    assert queries.count_proposals(actor=who, region=city.city) == {}
    for ask in (
        lambda: queries.get_letter(actor=who, letter_id=letter.pk),
        lambda: queries.get_proposal(actor=who, proposal_id=proposal.pk),
        lambda: queries.get_about(actor=who, item_id=proposal.item_id),
    ):
        with pytest.raises(NotFound):
            ask()
    talk = Talk(held_on=MONDAY, held_by="a", with_whom="b", minutes="c")
    for do in (
        lambda: letters.issue_letter(letter=city.text(), by=who, at=NOON),
        lambda: confirm(city, proposal, NOON + timedelta(hours=2), by=who),
        lambda: ladders.drop(proposal=proposal, reason="x", by=who, at=NOON),
        lambda: letters.record_interview(letter=letter, talk=talk, by=who, at=NOON),
    ):
        with pytest.raises(NotAllowed):
            do()
    # Whoever has to answer sees the letter, and nothing else of the office's.
    assert queries.get_letter(actor=city.doer, letter_id=letter.pk) == letter
    assert not queries.list_proposals(actor=city.doer, region=city.city, decided=False)


def test_letters_stand_on_the_page_of_what_they_are_about(city, client):
    item = city.late()
    letter = letters.issue_letter(letter=city.text(), about=item, by=city.office, at=NOON)
    about = reverse("work:item", args=[item.pk])
    # Seen by who oversees and by who has to answer.
    for account in (city.office, city.doer):
        client.force_login(account)
        assert letter.number in client.get(about).content.decode()
    client.force_login(city.stranger)
    assert client.get(about).status_code == 404

    firm = firm_in(city.county, "00000000000017")
    inspector = account_in(city.county, "prevent.view", "prevent.inspect", "work.view")
    hazard = report_hazard(
        site=firm.site, finding=Finding(what="未设警示标志"), by=inspector, at=NOON
    )
    two = letters.issue_letter(letter=city.text(), about=hazard.item, by=city.office, at=NOON)
    file = reverse("prevent:enterprise", args=[firm.pk])
    of_hazard = reverse("prevent:hazard", args=[hazard.pk])
    both = account_in(city.city, *OVERSEES, "prevent.view")
    # Not by who sees the enterprise and its hazards but neither oversees nor sees the task.
    looker = account_in(city.county, "prevent.view")
    for account, sees in ((both, True), (looker, False)):
        client.force_login(account)
        for address in (file, of_hazard):
            assert (two.number in client.get(address).content.decode()) is sees
