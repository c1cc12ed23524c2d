"""Whose session it is, for the doors that do not pass through Django."""

from collections.abc import MutableMapping
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.http import HttpRequest

from anlan.people.models import Account


def account_of(session_key: str) -> Account | None:
    """Who is signed in as things stand now, or None: signed out, blocked, password changed."""
    if not session_key:
        return None
    engine = import_module(settings.SESSION_ENGINE)
    request = HttpRequest()
    request.session = engine.SessionStore(session_key)
    # Also checks that the password has not been changed since the session began.
    account = get_user(request)
    return account if isinstance(account, Account) and account.is_active else None


def key_of(scope: MutableMapping[str, Any]) -> str:
    """The session's cookie, or nothing."""
    for name, value in scope["headers"]:
        if name == b"cookie":
            cookies: SimpleCookie = SimpleCookie()
            try:
                cookies.load(value.decode("latin-1"))
            except CookieError:
                return ""
            morsel = cookies.get(settings.SESSION_COOKIE_NAME)
            return morsel.value if morsel else ""
    return ""
