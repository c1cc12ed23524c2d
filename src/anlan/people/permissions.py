"""What may be granted. Rooms register their permissions, with a label, in `apps.py`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

_labels: "dict[str, StrOrPromise]" = {}


def register(code: str, label: "StrOrPromise") -> None:
    """`code` is room.verb ("work.do"); it is stored in grants and never changes."""
    _labels[code] = label


def registered() -> "dict[str, StrOrPromise]":
    return dict(_labels)


def label(code: str) -> str:
    return str(_labels.get(code, code))
