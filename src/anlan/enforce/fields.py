"""Fields and readings that the room's forms share."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

MANY_LINES = forms.Textarea(attrs={"rows": 8})


class DayField(forms.DateField):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MomentField(forms.DateTimeField):
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def money(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, max_digits=14, decimal_places=2, min_value=Decimal(0), **more
    )


def lines(label: Any, most: int = 4000, **more: Any) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": 3}), **more
    )


def parse_day(text: str | None) -> date | None:
    """A day in an address; none where there is none, or nonsense."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    # At the calendar's own ends there is no day before or after.
    return day if 1900 <= day.year <= 2200 else None
