"""Inside a house: 36,000 cases of a year, then pages asked for. Prints milliseconds as JSON.

The cases are those of `year`, written in bulk. Processor time of this process, which renders the
page and asks SQLite.
"""

# ruff: noqa: E402 — Django must be set up before its models are imported
import json
import sys
import time

import django

django.setup()

from django.core.management import call_command
from django.test import Client

from anlan.enforce.models import Case
from anlan.people import permissions
from anlan.people.models import Account, Grant
from anlan.places.models import Region
from prevent import regions
from year import bulk, plan, world


def load(count: int) -> int:
    """The year's cases in a city of their own; returns one that has everything."""
    regions()
    city = Region.objects.get(level=Region.Level.CITY)
    reader = Account.objects.create_account("reader", None, name="读者")
    for code in permissions.registered():
        Grant.objects.create(account=reader, permission=code, region=city)
    made = plan.of_cases(count)
    there = world.make(made.enterprises)
    made.number(there.county_of)
    bulk.write(made, there)
    closed = Case.objects.filter(stage="CLOSED", procedure="ORDINARY")
    return closed.order_by("pk").values_list("pk", flat=True)[0]


def measure(client: Client, url: str, times: int) -> list[float]:
    client.get(url)  # modules and templates are read at the first
    spent = []
    for _ in range(times):
        began = time.process_time()
        response = client.get(url)
        spent.append((time.process_time() - began) * 1000)
        assert response.status_code == 200, (url, response.status_code)
    return sorted(spent)


def main() -> None:
    call_command("migrate", verbosity=0)
    case_id = load(int(sys.argv[1]))
    client = Client()
    client.force_login(Account.objects.get(username="reader"))
    pages = {
        "list": "/cases/?stage=all",
        "overdue": "/cases/?overdue=1",
        "town": "/cases/?stage=all&region=990703004",
        "search": "/cases/?stage=all&q=1017制品",
        "case": f"/cases/{case_id}/",
        "figures": "/cases/figures/?since=2026-01-01&until=2026-12-31",
        "publicity": "/cases/publicity/",
    }
    print(json.dumps({name: measure(client, url, 20) for name, url in pages.items()}))


if __name__ == "__main__":
    main()
