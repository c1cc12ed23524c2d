"""How scores read."""

from urllib.parse import urlencode

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from anlan.simulate.scores.contingency import LEADS_S
from anlan.simulate.scores.records import centimetres
from anlan.simulate.scores.reliability import Asked, minutes_text

register = template.Library()


@register.filter
def cm(depth_m: float) -> int:
    return centimetres(depth_m)


@register.filter
def percent(part: float | None) -> str:
    """Of a ratio of nothing there is no figure."""
    return "–" if part is None else f"{part * 100:.0f}%"


@register.filter
def ratio(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


@register.filter
def late(seconds: float | None) -> str:
    return minutes_text(seconds)


@register.filter
def signed_m(metres: float | None) -> str:
    return "–" if metres is None else f"{metres:+.2f} m"


@register.filter
def metres(depth_m: float | None) -> str:
    return "–" if depth_m is None else f"{depth_m:.2f} m"


@register.filter
def stretch(end_s: int) -> str:
    begin = max((lead for lead in (0, *LEADS_S) if lead < end_s), default=0)
    return _("%(begin)d–%(end)d min") % {"begin": begin // 60, "end": end_s // 60}


@register.simple_tag
def score_link(count: int, asked: Asked, **chosen: object) -> SafeString | str:
    """A number that opens to the forecasts behind it."""
    if not count:
        return "0"
    where = urlencode({"days": asked.days, "depth": centimetres(asked.threshold_m), **chosen})
    return format_html('<a href="{}?{}">{}</a>', reverse("simulate:score_list"), where, count)
