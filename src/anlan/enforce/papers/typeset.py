"""Blocks to PDF, with the typography of Chinese official documents (GB/T 9704), and to .docx."""

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


def docx(form: Form, values: Mapping[str, Any]) -> bytes:
    """The same as a .docx. Its library takes a while: only who asks for one reads it."""
    from . import word

    return word.docx(form, values)
