"""How the room's records read."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

FIELDS = {
    "name": gettext_lazy("name of the enterprise"),
    "region": gettext_lazy("region"),
    "lon": gettext_lazy("longitude"),
    "lat": gettext_lazy("latitude"),
    "credit_code": gettext_lazy("credit code"),
    "industry": gettext_lazy("industry"),
    "standard": gettext_lazy("standard"),
    "size": gettext_lazy("size"),
    "employees": gettext_lazy("employees"),
    "address": gettext_lazy("address"),
    "legal_person": gettext_lazy("legal representative"),
    "state": gettext_lazy("state"),
    "colour": gettext_lazy("risk colour"),
    "contacts": gettext_lazy("contacts"),
    "haves": gettext_lazy("five haves"),
}


@register.filter
def field_label(name: str) -> str:
    """What a field of a change is called."""
    return str(FIELDS.get(name, _("other")))


@register.filter
def column_label(name: str, labels: dict[str, str]) -> str:
    """The header under which people write a column."""
    return labels.get(name, name)
