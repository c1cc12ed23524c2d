"""A form that is sent twice makes one row: what stands there already is given back."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from ..models import Account

M = TypeVar("M", bound=Model)


def sent_already(rows: QuerySet[M], *, by: Account) -> M | None:
    """The row that this would only repeat. Inside the transaction that would make it.

    Two requests of one person that come at once wait for each other on the sender's row.
    """
    list(Account.objects.select_for_update().filter(pk=by.pk).values_list("pk"))
    return rows.order_by("-pk").first()
