"""What every page's frame needs: the menu and the clock."""

from typing import Any

from django.http import HttpRequest

from anlan.base import clock, navigation


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"now": clock.now(), "menu": []}
    menu = [
        entry
        for entry in navigation.registered()
        if not entry.permission or user.may_anywhere(entry.permission)
    ]
    return {
        "menu": menu,
        "now": clock.now(),
        "clock_rate": clock.rate(),
        "is_scenario": clock.is_scenario(),
    }
