"""How the room's records read."""

from datetime import date

from django import template
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.places.models import Region

from ..models import Campaign
from ..queries.hazards import STANDINGS
from ..queries.rates import Rate, RatePart

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
    "served": gettext_lazy("enterprises served"),
}


@register.filter
def field_label(name: str) -> str:
    """What a field of a change is called."""
    return str(FIELDS.get(name, _("other")))


@register.filter
def column_label(name: str, labels: dict[str, str]) -> str:
    """The header under which people write a column."""
    return labels.get(name, name)


@register.filter
def standing_label(name: str) -> str:
    """How far a hazard is."""
    return str(STANDINGS.get(name, ""))


@register.filter
def of_grade(rate: Rate, grade: str) -> RatePart:
    return RatePart(rate, grade)


@register.simple_tag
def rate_query(region: Region, campaign: Campaign | None = None, since: date | None = None) -> str:
    """What asks for the same figures of another region."""
    asked = {"region": region.code}
    if campaign is not None:
        asked["campaign"] = str(campaign.pk)
    if since is not None:
        asked["since"] = since.isoformat()
    return urlencode(asked)
