"""Who lets the others in: made on the server's own command line, where nobody is signed in yet."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.places.models import Region

from .. import permissions
from ..models import Account, Organisation
from .accounts import create_account, create_organisation
from .grants import grant
from .posts import load_roles


@transaction.atomic
def make_administrator(
    *, username: str, name: str, region: Region, by: Account, at: datetime
) -> tuple[Account, str]:
    """An account with every permission in a region, and its first password. Loads the roles."""
    load_roles(by=by, at=at)
    code = f"admin-{region.code}"
    organisation = Organisation.objects.filter(code=code).first() or create_organisation(
        code=code,
        name=_("Administrators of %(region)s") % {"region": region.name},
        region=region,
        by=by,
        at=at,
    )
    account, password = create_account(
        username=username, name=name, phone="", organisation=organisation, by=by, at=at
    )
    for permission in sorted(permissions.registered()):
        grant(account=account, permission=permission, region=region, by=by, at=at)
    return account, password
