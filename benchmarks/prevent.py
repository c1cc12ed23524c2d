"""Enterprises at the size of a city: taking in a list of 60,000, searching, pages.

A house of its own in a folder; CPU time, which other work on the machine does not change. A figure
of pages is the slowest of its questions, each the quickest of five tries, by a reader of the city,
of a county and of a village. BENCH_DATABASE names another database than SQLite (it must be empty).

`prevent.pages.p95_ms` is wall time: a house with a whole year in it (`_year.py`), its real web
processes, and twenty signed-in people who open every list and file of prevention and penalties.
"""

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

SEED, ROWS = 20260703, 60_000
AIMS = {"import": 60.0, "again": 60.0, "search": 100.0, "list": 300.0}
NAMES = "兰溪云山化工五金机械纺织服装永康门业义乌饰品东阳木雕金华火腿武义保温杯浦江水晶磐安药材"
SEARCHES = ("兰溪", "水晶磐安", "不存在的", "李四", "工业园区7路", "00059", "13900001234")


def run() -> list[dict[str, Any]]:
    return [*of_lists(), *of_a_year()]


def of_a_year(scale: float = 1.0, seconds: float = 180) -> list[dict[str, Any]]:
    sys.path.insert(0, str(Path(__file__).parent))
    import _crowd
    import _house

    script = str(Path(__file__).with_name("_year.py"))
    database = os.environ.get("BENCH_DATABASE", "")
    settings = {"DATABASE_URL": database, "DJANGO_SETTINGS_MODULE": "anlan.web.settings"}
    with _house.folder(**settings) as env:
        made = subprocess.run(
            [sys.executable, script, str(scale)], env=env, check=True, stdout=subprocess.PIPE
        )
        readers = [json.loads(line) for line in made.stdout.splitlines()]
        keys = _house.sessions(env, *[reader["reader"] for reader in readers])
        before = used_s()
        with _house.running(env, worker=False):
            answers = _crowd.ask(keys, [reader["pages"] for reader in readers], seconds)
        cpu_s = used_s() - before
    if answers.failed:
        print("not answered with 200:", sorted(set(answers.failed))[:20], file=sys.stderr)
    asked = sum(map(len, answers.spent.values()))
    slowest = ", ".join(f"{name} {ms:.0f}" for name, ms in answers.worst(4))
    where = "PostgreSQL" if database else "SQLite"
    more = (
        f"{len(readers)} at once on {where}, {asked} pages, not answered {len(answers.failed)}; "
        f"p95 of the slowest: {slowest}; the web processes used {cpu_s:.0f} s of CPU in all"
    )
    return [told_as("prevent.pages.p95_ms", answers.p95, "ms", AIMS["list"], more)]


def used_s() -> float:
    """Processor seconds of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def of_lists() -> list[dict[str, Any]]:
    """In a process of its own: settings are read once, and this database is thrown away."""
    with tempfile.TemporaryDirectory(prefix="anlan-bench-") as folder:
        env = os.environ | {
            "ANLAN_DATA": folder,
            "DATABASE_URL": os.environ.get("BENCH_DATABASE", ""),
            "DJANGO_SETTINGS_MODULE": "anlan.web.settings",
            "ANLAN_LOG_LEVEL": "ERROR",
        }
        done = subprocess.run(
            [sys.executable, str(Path(__file__))], env=env, check=True, stdout=subprocess.PIPE
        )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    import django

    django.setup()
    for figure in measure():
        print(json.dumps(figure, ensure_ascii=False), flush=True)


def measure() -> Iterator[dict[str, Any]]:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    regions()
    content = make_list(ROWS)
    for name, figure in (("import", "prevent.import_60000_s"), ("again", "prevent.same_60000_s")):
        wall, cpu, counts = take(content)
        told = ", ".join(f"{n} {what}" for what, n in counts.items() if n)
        yield told_as(figure, cpu, "s", AIMS[name], f"CPU; {wall} s of wall time; {told}")
    clients = readers()
    for name, figure, value, slowest in pages(clients):
        yield told_as(figure, value, "ms", AIMS[name], f"CPU; the slowest: {slowest}")


def told_as(name: str, value: float, unit: str, aim: float, more: str) -> dict[str, Any]:
    return {
        "name": name,
        "value": round(value, 1),
        "unit": unit,
        "comparison": f"aim {aim:g} {unit}; {more}",
        "ratio": round(value / aim, 2),
    }


def regions() -> None:
    """9 counties, 144 towns, 3,312 villages, 6,624 grids, as the reference city has about."""
    from anlan.places.models import Region

    def below(parents: list[Any], level: int, count: int, digits: int, name: str) -> list[Any]:
        made = [
            Region(
                code=f"{parent.code}{n:0{digits}d}",
                name=name.format(n),
                level=level,
                parent=parent,
                path=f"{parent.path}{parent.code}{n:0{digits}d}/",
                lon=119 + n * 0.01,
                lat=29 + n * 0.01,
            )
            for parent in parents
            for n in range(1, count + 1)
        ]
        return Region.objects.bulk_create(made, batch_size=2000)

    city = Region.objects.create(code="9907", name="试验市", level=2, path="99/9907/")
    towns = below(below([city], 3, 9, 2, "第{}县"), 4, 16, 3, "第{}镇")
    below(below(towns, 5, 23, 3, "第{}村"), 6, 2, 3, "第{}网格")


def make_list(rows: int) -> bytes:
    from stdnum.cn import uscc

    from anlan.base import tables
    from anlan.places.models import Region
    from anlan.prevent.services.list_cells import COLUMNS

    draw = random.Random(SEED)
    grids = list(Region.objects.filter(level=6).values_list("code", flat=True))

    def row(n: int) -> dict[str, str]:
        at = draw.randrange(len(NAMES) - 4)
        base = f"91990000{n:09d}"
        return {
            "credit_code": base + str(uscc.calc_check_digit(base)),
            "name": f"{NAMES[at : at + 4]}{n}制品有限公司",
            "region": grids[n % len(grids)],
            "address": f"工业园区{n % 97}路{n % 311}号",
            "industry": "C3399",
            "size": "小型",
            "employees": str(n % 300),
            "legal_person": "王小明",
            "officer": f"张三{n % 50}",
            "officer_phone": f"1000000{n % 10000:04d}",
            "head": "李四",
            "head_phone": f"1390000{n % 10000:04d}",
        }

    return tables.workbook(COLUMNS, (row(n) for n in range(rows)))


def take(content: bytes) -> tuple[float, float, dict[str, int]]:
    from anlan.people.models import Account
    from anlan.prevent.services import enterprise_lists

    by, at = Account.objects.system(), datetime(2026, 7, 1, tzinfo=UTC)
    wall, cpu = time.perf_counter(), time.process_time()
    plan = enterprise_lists.plan_list(content=content, by=by)
    enterprise_lists.write_plan(plan=plan, by=by, at=at)
    spent = (time.perf_counter() - wall, time.process_time() - cpu)
    return round(spent[0], 1), round(spent[1], 1), plan.counts


def readers() -> dict[str, Any]:
    """Somebody of the city, of a county, of a village."""
    from django.conf import settings
    from django.test import Client

    from anlan.people.models import Account, Grant
    from anlan.places.models import Region

    settings.ALLOWED_HOSTS = ["*"]
    found = {}
    for name, level in (("city", 2), ("county", 3), ("village", 5)):
        account = Account.objects.create_account(name, name=name)
        region = Region.objects.filter(level=level).order_by("path")[0]
        for permission in ("prevent.view", "prevent.manage", "people.view", "people.unmask"):
            Grant.objects.create(account=account, permission=permission, region=region)
        found[name] = Client()
        found[name].force_login(account)
    return found


def pages(clients: dict[str, Any]) -> Iterator[tuple[str, str, float, str]]:
    """Which aim, which figure, how many milliseconds, and for what."""
    from anlan.places.models import Region
    from anlan.prevent.models import Enterprise

    village = Region.objects.filter(level=5).order_by("path")[0].code
    url = "/prevent/enterprises/"
    one = f"{url}{Enterprise.objects.order_by('pk')[0].pk}/"
    asked = {
        ("search", "prevent.search_ms"): [(url, {"q": text}) for text in SEARCHES],
        ("list", "prevent.lists_ms"): [
            (url, {}),
            (url, {"region": village}),
            (url, {"colour": "1"}),
            (url, {"gap": "PLAN"}),
            (url, {"page": "900"}),
            (one, {}),
        ],
    }
    for (name, figure), questions in asked.items():
        found = [
            (fastest(lambda c=client, p=path, q=query: c.get(p, q)), f"{who} {path} {query}")
            for who, client in clients.items()
            for path, query in questions
        ]
        value, slowest = max(found)
        yield name, figure, value, slowest


def fastest(ask: Callable[[], Any], tries: int = 5) -> float:
    """CPU milliseconds of the quickest of some tries."""
    found = []
    for _try in range(tries):
        cpu = time.process_time()
        ask()
        found.append((time.process_time() - cpu) * 1000)
    return min(found)


if __name__ == "__main__":
    main()
