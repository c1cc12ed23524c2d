"""Say that data changed, so that every process makes its tiles and outlines anew."""

from django.db.models import F

from ..models import Revision


def touch(name: str) -> None:
    """Called in the transaction that changes the rows."""
    if not Revision.objects.filter(name=name).update(number=F("number") + 1):
        Revision.objects.get_or_create(name=name, defaults={"number": 1})
