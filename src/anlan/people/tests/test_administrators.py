from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command

from anlan.people import permissions
from anlan.people.models import Account, Role
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def test_the_first_administrator_may_do_everything_in_the_city_and_nothing_elsewhere(
    capsys, client
):
    city, elsewhere = RegionFactory(level=2), RegionFactory(level=2)

    call_command("admins", "add", "first", "--name", "王管理", "--region", city.code)

    account = Account.objects.get(username="first")
    password = capsys.readouterr().out.split()[1]
    assert account.check_password(password)
    assert all(account.may(code, region=city) for code in permissions.registered())
    assert not any(account.may(code, region=elsewhere) for code in permissions.registered())
    assert Role.objects.filter(code="village.flood_officer").exists()
    signed = client.post("/sign-in/", {"username": "first", "password": password})
    assert signed.status_code == 302
    assert "password" in signed["Location"]  # the first password must be changed


def test_a_region_that_is_not_there_or_a_taken_name_is_refused():
    city = RegionFactory(level=2)
    account_in(city).__class__.objects.update(username="taken")

    for name, code in (("first", "000"), ("taken", city.code)):
        with pytest.raises(CommandError):
            call_command("admins", "add", name, "--name", "王", "--region", code)
