"""The request of a signed-in API caller, for the type checker."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from anlan.people.models import Account


class SignedInApi(HttpRequest):
    """Behind the API's `auth`: who calls is in `auth`."""

    auth: "Account"
