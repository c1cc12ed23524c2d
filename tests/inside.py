"""Run a function with a house's own settings: `python -m tests.inside MODULE FUNCTION`."""

import importlib
import json
import sys

import django
from django.conf import settings


def session_of(account) -> str:
    """The key of a session as a browser gets it by signing in."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    made = SessionStore()
    made[SESSION_KEY] = str(account.pk)
    made[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    made[HASH_SESSION_KEY] = account.get_session_auth_hash()
    made.create()
    return str(made.session_key)


if __name__ == "__main__":
    django.setup()
    module, function, *words = sys.argv[1:]
    found = getattr(importlib.import_module(module), function)(*words)
    sys.stdout.write("\n" + json.dumps(found, default=str) + "\n")
