"""Blocks to PDF, with the typography of Chinese official documents (GB/T 9704)."""

from collections.abc import Mapping
from typing import Any

from anlan.base import typeset

from .blocks import blocks
from .catalogue import Form


def pdf(form: Form, values: Mapping[str, Any]) -> bytes:
    """One document."""
    return typeset.render(
        "anlan.enforce",
        "paper.typ",
        {
            "title": form.title,
            "number": values.get("number", ""),
            "organ": values.get("organ", ""),
            "day": values.get("issued_on", ""),
            "copies": form.copies,
            "seal": form.seal,
            "blocks": blocks(form, values),
        },
    )
