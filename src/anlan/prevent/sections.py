"""What an enterprise's file shows besides its particulars: visits, hazards, risk points …

Each subject registers its section in `apps.py`; the page asks for what it holds and includes its
template, which finds that as `data`, beside `enterprise` and `at`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from anlan.people.models import Account

    from .models import Enterprise


@dataclass(frozen=True)
class Section:
    title: "StrOrPromise"
    template: str  # "prevent/_enterprise_hazards.html": a card
    order: int
    # (actor, enterprise, at) → what the template shows; None: nothing to show to this reader.
    load: "Callable[[Account, Enterprise, datetime], dict[str, Any] | None]"


_sections: list[Section] = []


def register(section: Section) -> None:
    if section not in _sections:
        _sections.append(section)


def of_enterprise(
    *, actor: "Account", enterprise: "Enterprise", at: datetime
) -> list[tuple[Section, dict[str, Any]]]:
    """The sections that have something to show to this reader, in their order."""
    found = []
    for section in sorted(_sections, key=lambda section: section.order):
        data = section.load(actor, enterprise, at)
        if data is not None:
            found.append((section, data))
    return found
