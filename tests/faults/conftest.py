"""Databases for houses: a file of their own, or a database of their own on CI's PostgreSQL."""

import os
import re
import secrets

import psycopg
import pytest


@pytest.fixture
def postgres():
    """DATABASE_URL of a fresh database on the server that DATABASE_URL names."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        pytest.skip("no PostgreSQL here; .ci/run starts one and sets DATABASE_URL")
    name = f"house_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"CREATE DATABASE {name}")
    yield re.sub(r"/[^/]*$", f"/{name}", server)
    with psycopg.connect(server, autocommit=True) as line:
        line.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request):
    return request.getfixturevalue("postgres") if request.param == "postgres" else ""
