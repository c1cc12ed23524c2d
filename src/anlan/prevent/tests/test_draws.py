"""Draws that anybody can repeat, with a pocket calculator and `openssl` if need be."""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import BadInput, NotAllowed, NotFound, Refusal
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.prevent.lots import (
    BadDraw,
    Candidate,
    Frozen,
    Pair,
    Recused,
    draw,
    frozen_from,
    verify,
)
from anlan.prevent.models import Draw, VisitPlan
from anlan.prevent.queries.draws import get_draw, list_draws
from anlan.prevent.queries.inspectors import RECHECKS, who_inspects
from anlan.prevent.services.draws import call_off, draw_lots, freeze_draw, publication

from .conftest import NOON, days

KEPT = ("left_out", "recusals")
SEED = "双色球2026075期 03 08 14 21 27 33+09"
# Worked out by hand with sha256sum and `openssl dgst -sha256 -hmac`:
#   printf '%s\nTARGET\tC1' "$digest" | openssl dgst -sha256 -hmac "$seed"      1283a586…
#   C3 4f59968b…, C4 7985999e…, C2 86adbecc…: C1, C3 and C4 are drawn.
#   C1: 12 is recused; 11 (1a900d60…) and 13 (e5c0ac55…) go.
#   C3: 12 has been nowhere; of 11 (c232fdcd…) and 13 (d17ca41b…), once each, 11.
#   C4: 13 (12e03ddd…) and 12 (6268c20e…) have one each, 11 has two.
EXAMPLE = Frozen(
    targets=tuple(
        Candidate(code, name)
        for code, name in [("C1", "甲厂"), ("C2", "乙厂"), ("C3", "丙厂"), ("C4", "丁厂")]
    ),
    inspectors=tuple(
        Candidate(code, name) for code, name in [("11", "张一"), ("12", "李二"), ("13", "王三")]
    ),
    wanted=3,
    each=2,
    recused=(Recused("12", "C1", "亲属"),),
)


def test_the_hand_worked_example():
    assert EXAMPLE.digest() == "456f52a3fba760791bdc6609a52c330dabf6d032e9638a46c17977d6ecb73756"
    assert draw(EXAMPLE, SEED) == [
        Pair("C1", ("11", "13")),
        Pair("C3", ("12", "11")),
        Pair("C4", ("13", "12")),
    ]


def test_the_order_in_which_the_list_is_kept_makes_no_difference():
    turned = replace(EXAMPLE, targets=EXAMPLE.targets[::-1], inspectors=EXAMPLE.inspectors[::-1])
    assert draw(turned, SEED) == draw(EXAMPLE, SEED)
    renamed = replace(EXAMPLE, targets=(Candidate("C1", "甲厂（更名）"), *EXAMPLE.targets[1:]))
    assert renamed.digest() != EXAMPLE.digest()


@given(
    targets=st.integers(1, 30), inspectors=st.integers(1, 8), seed=st.text(min_size=6, max_size=20),
    data=st.data(),
)  # fmt: skip
def test_whatever_is_drawn_is_fair_and_keeps_recusals(targets, inspectors, seed, data):
    each = data.draw(st.integers(1, inspectors))
    frozen = Frozen(
        targets=tuple(Candidate(f"T{n}", "厂") for n in range(targets)),
        inspectors=tuple(Candidate(str(n), "员") for n in range(inspectors)),
        wanted=data.draw(st.integers(1, targets)),
        each=each,
    )
    pairs = draw(frozen, seed)
    drawn = [pair.target for pair in pairs]
    assert len(set(drawn)) == len(drawn) == frozen.wanted
    assert all(len(set(pair.inspectors)) == each for pair in pairs)
    load = [sum(code in pair.inspectors for pair in pairs) for code in map(str, range(inspectors))]
    assert max(load) - min(load) <= 1  # nobody goes twice before everybody has gone once
    assert frozen_from(json.loads(json.dumps(frozen.as_dict()))) == frozen


def test_a_list_that_cannot_be_drawn_from():
    everybody = tuple(Recused(code, "C1", "亲属") for code in ("11", "12"))
    for wrong in (
        replace(EXAMPLE, wanted=5), replace(EXAMPLE, wanted=0), replace(EXAMPLE, each=0),
        replace(EXAMPLE, wanted=4, recused=everybody),
    ):  # fmt: skip
        with pytest.raises(BadDraw):
            draw(wrong, SEED)


@pytest.fixture
def firms(story):
    return [story.firm, *(story.another_firm(str(n)) for n in range(2, 8))]


def freeze(story, **more):
    fields = {
        "title": "七月双随机", "region": story.county, "wanted": 3, "each": 2,
        "due_on": date(2026, 7, 31), "by": story.inspector, "at": NOON,
    }  # fmt: skip
    return freeze_draw(**(fields | more))


@pytest.mark.django_db
def test_from_the_fixed_list_to_visits_and_a_file_that_repeats_it(story, firms):
    out, closed = firms[1], firms[2]
    closed.state = closed.State.CLOSED
    closed.save()
    made = freeze(story, without={out.credit_code: "本年已检查"})
    listed = {row["code"] for row in made.frozen["targets"]}
    assert listed == {firm.credit_code for firm in firms} - {out.credit_code, closed.credit_code}
    assert made.frozen["excluded"][0]["reason"] == "本年已检查"
    assert not VisitPlan.objects.exists()
    assert list(list_draws(actor=story.stranger)) == []
    with pytest.raises(NotFound):
        get_draw(actor=story.stranger, draw_id=made.pk)

    def lots(**more):
        fields = {"seed": SEED, "source": "中国福利彩票网", "by": story.inspector, "at": days(1)}
        return draw_lots(draw_of=made, **(fields | more))

    with pytest.raises(NotAllowed):
        lots(by=story.stranger)
    for wrong in ({"seed": "123"}, {"source": " "}):
        with pytest.raises(BadInput):
            lots(**wrong)
    with pytest.raises(Refusal):
        lots(at=NOON - timedelta(seconds=1))
    lots()
    plans = VisitPlan.objects.filter(draw=made)
    assert {p.enterprise.credit_code for p in plans} == {row["target"] for row in made.drawn}
    assert all(set(p.inspectors.all()) == {story.inspector, story.colleague} for p in plans)
    with pytest.raises(Refusal):  # no second try until it pleases
        lots(seed="another seed")
    with pytest.raises(Refusal):
        call_off(draw_of=made, note="不满意", by=story.inspector, at=days(2))

    verdict = verify(publication(get_draw(actor=story.colleague, draw_id=made.pk)))
    assert verdict.is_right
    assert verdict.digest == made.digest


@pytest.mark.django_db
def test_a_file_that_was_tampered_with_is_found_out(story, firms, tmp_path):
    made = draw_lots(
        draw_of=freeze(story), seed=SEED, source="福彩", by=story.inspector, at=days(1)
    )
    good = json.loads(publication(made))

    def changed(**more):
        return verify(json.dumps({**good, **more}).encode())

    assert not changed(drawn=good["drawn"][::-1]).result_right
    assert not changed(seed=SEED + "0").is_right
    assert not changed(drawn_at=good["frozen_at"]).seed_after
    swapped = good["frozen"] | {"targets": good["frozen"]["targets"][:-1]}
    assert not changed(frozen=swapped).digest_right
    for rubbish in (b"", b"[]", b"{}", b"\xff\xfe", b'{"format": "anlan-draw-1"}', b"[" * 100000):
        with pytest.raises(BadDraw):
            verify(rubbish)

    file, out = tmp_path / "draw.json", StringIO()
    file.write_bytes(publication(made))
    call_command("draw", "verify", file, stdout=out)
    assert made.digest in out.getvalue()
    names = {one["code"]: one["name"] for one in good["frozen"]["targets"]}
    names |= {one["code"]: one["name"] for one in good["frozen"]["inspectors"]}
    for pair in good["drawn"]:  # by the names that stand in the file itself
        who = "、".join(f"{names[code]}（{code}）" for code in pair["inspectors"])
        assert f"{names[pair['target']]}（{pair['target']}） ← {who}" in out.getvalue()
    file.write_bytes(json.dumps({**good, "drawn": good["drawn"][:1]}).encode())
    with pytest.raises(CommandError):
        call_command("draw", "verify", file, stdout=out)
    with pytest.raises(CommandError):
        call_command("draw", "verify", tmp_path / "none.json", stdout=out)


@pytest.mark.django_db
def test_who_can_be_drawn_and_what_cannot_be_asked_for(story, firms):
    both = ("prevent.inspect", "prevent.check")
    by_post = holder_of(post_in(story.county, "county.inspector", *both))
    account_in(story.town, *both)  # not in the whole county
    account_in(story.county, "prevent.inspect")  # a grid worker's right
    account_in(story.county, *both, "people.manage")  # an administrator, to hand them out
    above = account_in(story.city, *both)
    assert set(who_inspects(story.county, NOON, RECHECKS)) == {
        story.inspector, story.colleague, by_post, above,
    }  # fmt: skip
    for wrong in (
        {"wanted": 8}, {"wanted": 0}, {"each": 5}, {"due_on": date(2026, 6, 30)}, {"title": " "},
        {"without": {"X": "不存在"}}, {"without": {firms[0].credit_code: " "}},
        {"recused": [Recused("0", firms[0].credit_code, "亲属")]},
    ):  # fmt: skip
        with pytest.raises(BadInput):
            freeze(story, **wrong)
    with pytest.raises(NotAllowed):
        freeze(story, by=story.stranger)
    assert not Draw.objects.exists()
    out = {f"I{above.pk}": "出差", f"I{by_post.pk}": "休假"}
    made = freeze(story, without=out)
    assert len(made.frozen["inspectors"]) == 2
    assert call_off(draw_of=made, note="名单有误", by=story.colleague, at=days(1)).note
    with pytest.raises(Refusal):
        draw_lots(draw_of=made, seed=SEED, source="福彩", by=story.inspector, at=days(1))


@pytest.mark.django_db
def test_who_is_left_out_or_recused_is_found_by_name(story, firms, client, monkeypatch):
    """Nobody needs to know a number: names in, names out, on every page and in the file's check."""
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    above = account_in(story.city, "prevent.inspect", "prevent.check")
    out, other = firms[1], firms[2]
    client.force_login(story.inspector)
    url = reverse("prevent:make_draw")
    sent = {
        "title": "七月双随机", "region": story.county.code, "wanted": 3, "each": 1,
        "due_on": "2026-07-31", "left_out": "", "recusals": "",
    }  # fmt: skip

    def press(status=200, **more):
        answer = client.post(url, sent | more)
        assert answer.status_code == status
        if status != 302:
            sent.update({name: answer.context["form"][name].value() for name in KEPT})
            return answer.content.decode()
        return answer.url

    assert "请先选择区划" in press(422, region="", find=1, who=out.site.name)
    typed = press(find=1, region="", **{"region-text": story.county.name})
    assert f'name="region" value="{story.county.code}"' in typed  # stays chosen
    shown = press(find=1, who=out.site.name)
    assert f'value="{out.credit_code}"' in shown
    assert f'value="{other.credit_code}"' not in shown
    assert f'value="I{above.pk}"' in press(find=1, who=above.name)
    press(422, leave_out=1, pick=[out.credit_code], because="")  # why?
    press(leave_out=1, pick=[out.credit_code, f"I{above.pk}"], because="本年 已检查")
    press(422, recuse=1, pick=[other.credit_code], because="亲属")  # who does not go there?
    # Found one after the other: whom one ticked stays ticked while one looks for the next.
    ticked = [f"I{story.colleague.pk}", other.credit_code]
    for n, name in enumerate((story.colleague.name, other.site.name)):
        shown = press(find=1, who=name, pick=ticked[:n])
        assert re.findall(r'value="([^"]+)" checked', shown) == ticked[:n]
        assert f'value="{ticked[n]}"' in shown
    shown = press(recuse=1, pick=ticked, because="亲属")
    assert " checked" not in shown
    assert f"{story.colleague.name} ↛ {other.site.name}" in shown
    twice = f"I{story.inspector.pk}"
    press(leave_out=1, pick=[twice], because="误选")
    shown = press(take_back=twice)
    assert "误选" not in shown
    press(422, pick=ticked)  # ticked and on neither list: not fixed in silence

    page = client.get(press(302)).content.decode()
    [made] = Draw.objects.all()
    assert {(one["name"], one["reason"]) for one in made.frozen["excluded"]} == {
        (out.site.name, "本年 已检查"), (above.name, "本年 已检查"),
    }  # fmt: skip
    [recused] = made.frozen["recused"]
    assert recused["inspector"] == str(story.colleague.pk)
    assert f"{story.colleague.name} <" in page
    assert f"↛ {other.site.name} <" in page
    draw_lots(draw_of=made, seed=SEED, source="福彩", by=story.inspector, at=days(1))
    file = SimpleUploadedFile("draw.json", publication(made))
    client.logout()
    repeated = client.post(reverse("prevent:verify_draw"), {"file": file}).content.decode()
    names = {one["code"]: one["name"] for one in made.frozen["targets"]}
    for row in made.drawn:
        assert f"{names[row['target']]} <" in repeated
    client.force_login(story.stranger)
    strange = client.post(url, sent | {"find": 1, "who": out.credit_code}).content.decode()
    assert "请先选择区划" in strange  # not one of the stranger's
    for name in (out.site.name, other.site.name, above.name, story.colleague.name):
        assert name not in strange
