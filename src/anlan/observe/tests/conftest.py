import pytest
from django.db import connection

from anlan.observe import intake, registry


@pytest.fixture(autouse=True)
def afresh():
    """Series keep no slot, and no writer, from another test."""
    registry.forget()
    yield
    intake.stop()
    registry.forget()


@pytest.fixture
def readings_emptied(transactional_db):
    """The readings' table is not Django's, so its flush leaves it alone."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM observe_reading")
