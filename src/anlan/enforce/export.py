"""The publicity list as a file for the credit platform."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from anlan.people.models import Account

from . import queries
from .publicity import COLUMNS


def rows(*, actor: Account, at: datetime) -> list[dict[str, Any]]:
    """Every penalty on the list in the actor's regions, as it was published."""
    found = queries.list_publications(actor=actor, at=at)
    return list(found.values_list("content", flat=True))


def csv_text(lines: Iterable[Mapping[str, Any]]) -> str:
    """CSV that Excel opens right: UTF-8 with its mark; no cell becomes a formula."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([column.headers[0] for column in COLUMNS])
    for line in lines:
        writer.writerow([_harmless(str(line.get(column.name, ""))) for column in COLUMNS])
    return out.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text[:1] in "=+-@\t\r" and text else text
