"""Filters of this room's templates (settings: builtins)."""

from django import template
from django.utils.translation import gettext as _

from anlan.work import moves

register = template.Library()


@register.filter
def masked(phone: str) -> str:
    """138****5678: enough to recognise, not enough to call."""
    text = str(phone or "")
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 9 else "*" * len(text)


@register.filter
def move_label(move: str) -> str:
    return moves.label(move)


@register.filter
def metres(value: float | None) -> str:
    """35 m, 1.2 km"""
    if value is None:
        return ""
    if value < 1000:
        return _("%(n)d m") % {"n": round(value)}
    return _("%(n)s km") % {"n": f"{value / 1000:.1f}"}
