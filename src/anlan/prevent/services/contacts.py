"""People of an enterprise whom somebody must be able to reach. Their numbers are personal."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput, NotAllowed, Refusal
from anlan.base.events import publish
from anlan.base.tables import clean
from anlan.people import permissions
from anlan.people.models import Account
from anlan.people.services.accounts import PHONE

from ..models import Contact, Enterprise
from .enterprises import note_change
from .wordings import keep_wording

MOST = 20


@transaction.atomic
def add_contact(
    *,
    enterprise: Enterprise,
    role: str,
    name: str,
    phone: str = "",
    account: Account | None = None,
    by: Account,
    at: datetime,
) -> Contact:
    """Write down whom to reach; the same person in the same role again changes the number."""
    by.require("prevent.manage", region=enterprise.site.region)
    name, phone = clean(name), clean(phone)
    _check(enterprise, role, name, phone)
    contact, made = Contact.objects.get_or_create(
        enterprise=enterprise, role=role, name=name, defaults={"phone": phone, "account": account}
    )
    account = account or contact.account  # a new number takes nobody's sign-in away
    if not made and (contact.phone, contact.account) == (phone, account):
        return contact
    if not made:
        contact.phone, contact.account = phone, account
        contact.save(update_fields=["phone", "account"])
    _tell(enterprise, by, at)
    return contact


@transaction.atomic
def set_sign_in(*, contact: Contact, username: str, by: Account, at: datetime) -> Contact:
    """Let a contact sign in for the enterprise with an account that there is; "" ends it."""
    enterprise = contact.enterprise
    by.require("prevent.manage", region=enterprise.site.region)
    account = Account.objects.filter(username=username.strip(), is_active=True).first()
    if username.strip() and account is None:
        raise BadInput(
            "prevent.no_account",
            _("There is no account with this user name."),
            hint=_("The administrator makes it first, without any right."),
        )
    if account is not None and account.may_anywhere("prevent.inspect"):
        raise Refusal(
            "prevent.inspects", _("Whoever inspects enterprises does not sign in for one.")
        )
    contact.account = account
    contact.save(update_fields=["account"])
    publish(
        "prevent.contact.sign_in",
        at=at,
        by=by,
        region_path=enterprise.site.region.path,
        enterprise_id=enterprise.pk,
        contact_id=contact.pk,
        account_id=account.pk if account else None,
    )
    return contact


@transaction.atomic
def remove_contact(*, contact: Contact, by: Account, at: datetime) -> None:
    """No longer to be reached there."""
    enterprise = contact.enterprise
    by.require("prevent.manage", region=enterprise.site.region)
    contact.delete()
    _tell(enterprise, by, at)


@transaction.atomic
def reveal_phone(*, contact: Contact, by: Account, at: datetime) -> str:
    """The whole number, for who may see it; each look is in the journal."""
    region = contact.enterprise.site.region
    if not by.may("people.unmask", region=region):
        raise NotAllowed(
            "people.masked",
            _("You may not see whole phone numbers here."),
            hint=_("Ask your office administrator for “%(permission)s”.")
            % {"permission": permissions.label("people.unmask")},
        )
    publish(
        "prevent.contact.revealed",
        at=at,
        by=by,
        region_path=region.path,
        enterprise_id=contact.enterprise_id,
        contact_id=contact.pk,
    )
    return contact.phone


def _check(enterprise: Enterprise, role: str, name: str, phone: str) -> None:
    if role not in Contact.Role.values:
        raise BadInput("prevent.bad_role", _("Choose what the person does there."))
    if not 0 < len(name) <= 60:
        raise BadInput("prevent.no_contact_name", _("Give the person's name."))
    if phone and not PHONE.fullmatch(phone):
        raise BadInput("prevent.bad_phone", _("This is not a telephone number."))
    if enterprise.contacts.count() >= MOST:
        raise Refusal(
            "prevent.too_many_contacts",
            _("There are %(count)d contacts already.") % {"count": MOST},
            hint=_("Remove those who have left."),
        )


def _tell(enterprise: Enterprise, by: Account, at: datetime) -> None:
    keep_wording(enterprise)
    # Who it was stays out of the history: it is kept for good, a contact is not.
    note_change(enterprise, {"contacts": []}, why="", by=by, at=at)
