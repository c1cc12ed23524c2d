"""Whether the page's frame shows the controls of the demo's clock."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from anlan.base import clock

from .services import RATES


def clock_controls(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if not settings.DEMO or user is None or not user.is_authenticated:
        return {}
    if not (clock.is_scenario() and user.may_anywhere("demo.control")):
        return {}
    return {"clock_rates": RATES}
