"""Filters of the room's pages."""

from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from anlan.base.numbers import yuan
from anlan.enforce.asked import asked_for
from anlan.enforce.crimes import CrimeRule, by_code
from anlan.enforce.models import Paper, Referral
from anlan.enforce.papers import catalogue
from anlan.enforce.papers.blocks import blocks
from anlan.people.masking import mask

register = template.Library()
LAMPS = {
    "met": _("kept"),
    "late": _("kept too late"),
    "dropped": _("no longer counts"),
    "over": _("run out"),
    "ended": _("limit over"),
    "soon": _("ends soon"),
    "running": _("runs"),
}


@register.filter
def lamp(code: str) -> str:
    return str(LAMPS[code])


@register.filter
def fine_of(amount: Any) -> str:
    """罚款12,300.00元"""
    return _("fine of %(amount)s yuan") % {"amount": yuan(amount)}


@register.filter
def gains_of(amount: Any) -> str:
    """没收违法所得12,300.00元"""
    return _("illegal gains of %(amount)s yuan confiscated") % {"amount": yuan(amount)}


register.filter("asked_for", asked_for)


@register.filter
def masked(code: str) -> str:
    """330702********1234: an identity number that its owner knows and nobody else can use."""
    return code[:6] + "*" * max(len(code) - 10, 0) + code[-4:] if len(code) > 10 else "****"


masked_phone = register.filter("masked_phone", mask)


@register.filter
def crimes(referral: Referral) -> list[CrimeRule]:
    found = (by_code(code.partition("@")[0]) for code in referral.rules)
    return [rule for rule in found if rule]


@register.filter
def paper_state(paper: Paper) -> str:
    """Whether it waits for service; what nobody is served with has no such state."""
    form = catalogue.edition(paper.edition).form(paper.form)
    if paper.state == Paper.State.ISSUED and not form.served:
        return str(_("on file"))
    return str(paper.get_state_display())


@register.filter
def preview(paper: Paper) -> SafeString:
    """What the document says, for reading on screen."""
    form = catalogue.edition(paper.edition).form(paper.form)
    return format_html_join("", "{}", ((_html(b),) for b in blocks(form, paper.fields)))


def _html(block: dict[str, Any]) -> SafeString:
    if block["kind"] == "table":
        rows = [row[i : i + 2] for row in block["rows"] for i in range(0, len(row), 2)]
        cells = format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
        return format_html('<dl class="facts">{}</dl>', cells)
    if block["kind"] == "list":
        heads = format_html_join("", "<th>{}</th>", ((head,) for head in block["heads"]))
        body = format_html_join(
            "",
            "<tr>{}</tr>",
            ((format_html_join("", "<td>{}</td>", ((c,) for c in row)),) for row in block["rows"]),
        )
        return format_html(
            '<div class="table-scroll"><table><thead><tr>{}</tr></thead>'
            "<tbody>{}</tbody></table></div>",
            heads,
            body,
        )
    if block["kind"] in {"sign", "tick"}:
        return format_html_join("", "<p class='small soft'>{}</p>", ((s,) for s in block["lines"]))
    label = format_html("<strong>{}</strong><br>", block["label"]) if "label" in block else ""
    lines = format_html_join("", "<p>{}</p>", ((line,) for line in block["text"].split("\n")))
    return format_html("{}{}", label, lines)
