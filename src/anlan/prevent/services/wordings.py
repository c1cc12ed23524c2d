"""Keep what enterprises are found by beside them."""

from collections.abc import Iterable

from ..models import Contact, Enterprise, Wording

BLANK = " "


def wording_of(enterprise: Enterprise, contacts: Iterable[Contact]) -> Wording:
    """The row as it should be; `enterprise.site` is at hand."""
    site = enterprise.site
    text = BLANK.join((site.name, enterprise.credit_code, enterprise.address)).upper()
    names = dict.fromkeys([enterprise.legal_person, *(contact.name for contact in contacts)])
    people = BLANK.join(filter(None, names)).upper()
    return Wording(enterprise=enterprise, text=text, people=people[:300])


def keep_wording(enterprise: Enterprise) -> None:
    """After a change of the enterprise, its site or its contacts."""
    wording_of(enterprise, enterprise.contacts.all()).save()
