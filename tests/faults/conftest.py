"""Databases for houses: a file of their own, or a database of their own on a PostgreSQL of ours."""

import pytest


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("postgres") if request.param == "postgres" else ""
