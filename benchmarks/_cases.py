"""Inside a house: 36,000 cases of a year, then pages asked for. Prints milliseconds as JSON.

Rows are written in bulk in the shape that the services leave behind; the services' own tests say
what that is. Processor time of this process, which renders the page and asks SQLite.
"""

# ruff: noqa: E402 — Django must be set up before its models are imported
import json
import random
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import django

django.setup()

from django.core.management import call_command
from django.db import transaction
from django.test import Client

from anlan.enforce.models import (
    Case,
    CaseOfficer,
    CaseStep,
    Certificate,
    Fine,
    Organ,
    Party,
    Payment,
    Term,
)
from anlan.people import permissions
from anlan.people.models import Account, Grant
from anlan.places.models import Region

START = datetime(2026, 1, 1, 2, tzinfo=UTC)
STAGES = ("CLOSED",) * 16 + ("FULFIL", "INQUIRY", "NOTICE", "PROPOSED")


def regions() -> tuple[Region, list[Region]]:
    city = Region.objects.create(code="3307", name="市", level=2, path="33/3307/")
    towns = []
    for c in range(9):
        code = f"3307{c:02d}"
        county = Region.objects.create(
            code=code, name=f"县{c}", level=3, path=f"{city.path}{code}/", parent=city
        )
        for t in range(16):
            town = f"{code}{t:03d}"
            towns.append(
                Region.objects.create(
                    code=town, name=f"镇{t}", level=4, path=f"{county.path}{town}/", parent=county
                )
            )
    return city, towns


def load(count: int) -> int:
    """The year in a city of its own; returns a case that has everything."""
    city, towns = regions()
    reader = Account.objects.create_account("reader", None, name="读者")
    for code in permissions.registered():
        Grant.objects.create(account=reader, permission=code, region=city)
    return fill(count, city, towns, reader)


@transaction.atomic
def fill(count: int, city: Region, towns: list[Region], reader: Account) -> int:
    draw = random.Random(7)
    organ = Organ.objects.create(
        region=city, name="局", mark="金", address="1", review_body="府", court="院", bank="行",
        account_number="1",
    )  # fmt: skip
    held = Certificate.objects.create(
        account=reader, organ=organ, number="1", valid_from=date(2020, 1, 1),
        valid_until=date(2030, 1, 1),
    )  # fmt: skip
    cases = [_case(n, organ, draw.choice(towns), draw) for n in range(count)]
    Case.objects.bulk_create(cases, batch_size=500)
    Party.objects.bulk_create(
        [Party(case=c, kind="ORG", name=c.name[:12]) for c in cases], batch_size=500
    )
    CaseOfficer.objects.bulk_create(
        [CaseOfficer(case=c, certificate=held, leads=True, from_at=c.opened_at) for c in cases],
        batch_size=500,
    )
    Term.objects.bulk_create(_terms(cases), batch_size=500)
    moves = ("propose", "agree", "file", "evidence", "inquire", "conclude", "decide", "serve")
    CaseStep.objects.bulk_create(
        [
            CaseStep(case=c, move=move, by=reader, at=c.opened_at + timedelta(days=n))
            for c in cases
            for n, move in enumerate(moves)
        ],
        batch_size=1000,
    )
    _money([c for c in cases if c.fine], reader)
    return cases[0].pk


def _case(n: int, organ: Organ, region: Region, draw: random.Random) -> Case:
    opened = START + timedelta(minutes=n * 14)
    stage = STAGES[n % len(STAGES)]
    done = stage in {"CLOSED", "FULFIL"}
    return Case(
        organ=organ, region=region, number=f"（金）应急立〔2026〕{n + 1}号",
        name=f"企业{n:05d}有限公司未进行安全生产教育和培训案", cause="未培训", source="VISIT",
        procedure="ORDINARY" if n % 3 else "SUMMARY", stage=stage,
        outcome="PENALTY" if done else "", opened_at=opened, filed_at=opened + timedelta(days=1),
        decided_at=opened + timedelta(days=30) if done else None,
        closed_at=opened + timedelta(days=60) if stage == "CLOSED" else None,
        fine=Decimal(draw.randrange(10, 900)) * 100 if done else None, facts="违法事实" * 20,
    )  # fmt: skip


def _terms(cases: list[Case]) -> list[Term]:
    return [
        Term(
            case=c, rule=rule, rule_version=date(2021, 7, 15), started_at=c.opened_at,
            due_at=c.opened_at + timedelta(days=days), ours=ours,
            met_at=c.opened_at + timedelta(days=5) if c.stage in {"CLOSED", "FULFIL"} else None,
        )
        for c in cases
        for rule, days, ours in (
            ("penalty.decision", 90, True), ("penalty.serve", 9, True),
            ("enforce.reconsider", 60, False), ("enforce.lawsuit", 180, False),
        )
    ]  # fmt: skip


def _money(cases: list[Case], by: Account) -> None:
    day = date(2026, 2, 1)
    fines = [
        Fine(case=c, amount=c.fine, decided_on=day, due_on=date(2026, 2, 16), settled_on=day)
        for c in cases
    ]
    Fine.objects.bulk_create(fines, batch_size=500)
    Payment.objects.bulk_create(
        [
            Payment(fine=f, paid_on=day, amount=f.amount, voucher=str(n), entered_by=by,
                    entered_at=START)
            for n, f in enumerate(fines)
        ],
        batch_size=500,
    )  # fmt: skip


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
        "town": "/cases/?stage=all&region=330703004",
        "search": "/cases/?stage=all&q=20017",
        "case": f"/cases/{case_id}/",
        "figures": "/cases/figures/?since=2026-01-01&until=2026-12-31",
        "publicity": "/cases/publicity/",
    }
    print(json.dumps({name: measure(client, url, 20) for name, url in pages.items()}))


if __name__ == "__main__":
    main()
