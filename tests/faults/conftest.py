"""Databases for houses: a file of their own, or a database of their own on a PostgreSQL of ours."""

import pytest


def pytest_ignore_collect(collection_path, config):
    """To find the tests of the whole API takes ten seconds: not where they are not to run."""
    unwanted = "not fault" in (config.option.markexpr or "")
    return True if unwanted and collection_path.name == "test_api.py" else None


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue("postgres") if request.param == "postgres" else ""
