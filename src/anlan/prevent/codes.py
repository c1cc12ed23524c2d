"""Sheets of QR codes for gates, as PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

import segno
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from anlan.base import typeset

from .models import Enterprise


def sheet(
    *, enterprises: Iterable[Enterprise], address: Callable[[Enterprise], str], at: datetime
) -> bytes:
    """Each with its name and place; `address` is what its code opens."""
    data = {
        "title": _("Safety codes of enterprises"),
        "day": localdate(at).isoformat(),
        "invitation": _("Scan for safety notices, and to report a hazard"),
        "codes": [
            {
                "svg": _svg(address(enterprise)),
                "name": enterprise.site.name,
                "place": enterprise.site.region.place(),
            }
            for enterprise in enterprises
        ],
    }
    return typeset.render("anlan.prevent", "codes.typ", data)


def _svg(url: str) -> str:
    # Q: a quarter of it may be dirty or torn, as things at gates are.
    return str(segno.make(url, error="q", micro=False).svg_inline(scale=4, border=2))
