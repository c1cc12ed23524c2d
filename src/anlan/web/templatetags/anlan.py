"""Tags and filters that every template has without loading them (settings: builtins).

Dates and numbers as Chinese officials write them; English when the reader has switched.
"""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from anlan.base import clock, navigation
from anlan.base.days import last_day, spoken
from anlan.base.notices import Notice, for_reader
from anlan.base.numbers import yuan
from anlan.base.tables import header_of

from .. import built
from ..context import menu

register = template.Library()
register.filter("header_of", header_of)
ICONS = "web/icons.svg"
ROMAN = ["", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ"]


def _english() -> bool:
    return (get_language() or "").startswith("en")


def _local(value: Any) -> datetime | None:
    return timezone.localtime(value) if isinstance(value, datetime) else None


register.filter(last_day)
register.filter(yuan)


@register.filter
def day(value: Any) -> str:
    """2026年7月3日"""
    value = _local(value) or value
    if not isinstance(value, date):
        return ""
    return spoken(value)


@register.filter
def short_day(value: Any) -> str:
    """7月3日, where the year is clear."""
    value = _local(value) or value
    if not isinstance(value, date):
        return ""
    return f"{value.day} {value:%b}" if _english() else f"{value.month}月{value.day}日"


@register.filter
def moment(value: Any) -> str:
    """2026年7月3日 08:05"""
    at = _local(value)
    return f"{day(at)} {at:%H:%M}" if at else ""


@register.filter
def short_moment(value: Any) -> str:
    """7月3日 08:05, where the year is clear."""
    at = _local(value)
    return f"{short_day(at)} {at:%H:%M}" if at else ""


def clear_moment(value: Any) -> str:
    """7月3日 08:05; of another year than the house's clock shows, with its year."""
    at, now = _local(value), _local(clock.now())
    return short_moment(at) if at and now and at.year == now.year else moment(at)


@register.filter
def ago(value: Any) -> str:
    """12分钟前, counted on the house's clock."""
    at = _local(value)
    if at is None:
        return ""
    return _("%(time)s ago") % {"time": duration(max(clock.now() - at, timedelta()))}


@register.filter
def ahead(value: Any) -> str:
    """12分钟: how long it is until then, on the house's clock."""
    at = _local(value)
    return duration(max(at - clock.now(), timedelta())) if at else ""


@register.filter
def duration(value: Any) -> str:
    """2小时, 12分钟: the largest unit of a timedelta or of seconds."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value or 0)
    if seconds < 60:
        return ngettext("%(n)d second", "%(n)d seconds", seconds) % {"n": seconds}
    if seconds < 3600:
        n = seconds // 60
        return ngettext("%(n)d minute", "%(n)d minutes", n) % {"n": n}
    if seconds < 86400:
        n = seconds // 3600
        return ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}
    n = seconds // 86400
    return ngettext("%(n)d day", "%(n)d days", n) % {"n": n}


@register.filter
def limit(value: Any) -> str:
    """2026年7月3日 24:00: a time limit that ends with a day is not said to end on the next one."""
    at = _local(value)
    if at is None or at.time() != time.min:
        return moment(value)
    return f"{day(last_day(at))} 24:00"


@register.simple_tag
def when(value: Any, style: str = "moment") -> SafeString:
    """A <time> element: {% when item.due_at %}, {% when at "ago" %}, {% when at "short" %}."""
    at = _local(value)
    if at is None:
        return SafeString("")
    styles = {"ago": ago, "short": short_moment, "clear": clear_moment, "day": day, "limit": limit}
    text = styles.get(style, moment)(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), moment(at), text)


@register.simple_tag
def countdown(value: Any) -> SafeString:
    """How long is left until then, kept right in the browser; the plain time without scripts."""
    at = _local(value)
    if at is None:
        return SafeString("")
    return format_html(
        '<time data-module="countdown" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        moment(at),
        moment(at),
    )


@register.simple_tag
def severity(level: Any) -> SafeString:
    """The chip of a severity or response level, 1 to 4: the numeral and the colour's name."""
    level = int(level)
    if not 1 <= level <= 4:
        return SafeString("")
    label = [_("Red Ⅰ"), _("Orange Ⅱ"), _("Yellow Ⅲ"), _("Blue Ⅳ")][level - 1]
    return format_html('<span class="chip sev sev-{}">{}</span>', level, label)


@register.filter
def roman(level: Any) -> str:
    """Ⅰ to Ⅳ."""
    return ROMAN[int(level)]


@register.simple_tag
def state(code: str, label: Any) -> SafeString:
    """The chip of a work item's state: {% state item.state item.get_state_display %}."""
    return format_html('<span class="chip state-{}">{}</span>', str(code).lower(), label)


@register.simple_tag(takes_context=True)
def notices(context: dict[str, Any]) -> list[Notice]:
    """What other rooms have to say to the reader: {% notices as found %}."""
    return for_reader(context["user"])


@register.inclusion_tag("web/_tabs.html", takes_context=True)
def tabs(context: dict[str, Any], group: str) -> dict[str, Any]:
    """{% tabs "prevent" %}: a room's lists side by side, those that the reader may see."""
    request = context["request"]
    entries = [entry for entry in navigation.group(group) if entry.is_for(request.user)]
    return {"tabs": menu(entries, request.path)}


@register.simple_tag
@lru_cache(maxsize=256)  # a page shows dozens
def icon(name: str) -> SafeString:
    """One of the drawings in static/web/icons.svg, beside a text that says the same."""
    if not name:
        return SafeString("")
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static(ICONS), name
    )


@register.simple_tag
def assets() -> SafeString:
    """The built style sheet and script. Nothing where the front end has not been built."""
    entry = built.entry("src/main.ts")
    if entry is None:
        return SafeString("<!-- the front end has not been built -->")
    _files, needed = built.closure(["src/main.ts"])
    styles = format_html_join(
        "", '<link rel="stylesheet" href="{}">', ((built.url(file),) for file in needed)
    )
    script = built.url(entry["file"])
    return styles + format_html('<script type="module" src="{}"></script>', script)


@register.simple_tag
def preload(*sources: str) -> SafeString:
    """Fetch these modules with all that they import while the page is still being read."""
    files, styles = built.closure(sources)
    scripts = ((built.url(file),) for file in files)
    return format_html_join(
        "", '<link rel="stylesheet" href="{}">', ((built.url(f),) for f in styles)
    ) + (format_html_join("", '<link rel="modulepreload" href="{}">', scripts))
