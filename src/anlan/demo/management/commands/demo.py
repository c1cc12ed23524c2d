"""The reference city in a storm: load it, run everything, simulate its devices."""

import os
import shutil
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from anlan.base import clock
from anlan.base.errors import Refusal
from anlan.base.models import ScenarioClock
from anlan.demo import load, people, services, storm
from anlan.people.models import Account
from anlan.web import running
from anlan.web.management.commands.up import children, refuse_taken_ports
from anlan.web.ops import forget_old_counters
from anlan.web.supervisor import Child, Supervisor


class Command(BaseCommand):
    help = "Run the reference city through a recorded storm. Its data is its own."
    # It may have to make its database first.
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=settings.WEB_PORT)
        parser.add_argument("--reset", action="store_true", help="throw the demo's data away first")
        parser.add_argument("--sites", type=int, default=None, help="about so many sites")
        parser.add_argument("--load-only", action="store_true", help="load the city, then stop")

    def handle(self, **options: Any) -> None:
        if not settings.DEMO:
            start_again_as_demo(port=options["port"])
        try:
            with translation.override(settings.LANGUAGE_CODE), running.alone():
                self.run(**options)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.hint}") from refusal

    def run(self, *, port: int, reset: bool, sites: int | None, load_only: bool, **_o: Any) -> None:
        if not load_only:
            refuse_taken_ports()
        if reset:
            self.throw_away()
        call_command("migrate", verbosity=0, interactive=False)
        made = load.load(sites=sites, say=self.say)
        if load_only:
            return
        self.start_clock()
        self.greet(people.accounts_table(load.wanted_sign_ins(made)))
        connections.close_all()
        forget_old_counters()
        simulator = Child("devices", [sys.executable, "-m", "anlan", "simulate-devices"])
        code = Supervisor([*children(), simulator]).run()
        self.stop_clock()
        sys.exit(code)

    def say(self, text: str) -> None:
        self.stdout.write(f"· {text}")
        self.stdout.flush()

    def throw_away(self) -> None:
        """The demo's own files; a PostgreSQL database is dropped by whoever made it."""
        if connection.vendor != "sqlite":
            raise CommandError(_("--reset works on the demo's own SQLite database only."))
        connections.close_all()
        for path in settings.DATA_DIR.glob("anlan.sqlite3*"):
            path.unlink()
        (settings.DATA_DIR / "journal-heads.log").unlink(missing_ok=True)
        for folder in (
            settings.FILES_DIR,
            *(settings.DATA_DIR / n for n in ("terrain", "simulate")),
        ):
            shutil.rmtree(folder, ignore_errors=True)

    def start_clock(self) -> None:
        """Where it stood when the demo was last stopped, and running."""
        row = ScenarioClock.objects.get()
        # Where it was killed, the clock has run on; what was recorded says when that was.
        stood_at = row.scenario_at if row.rate == 0 else max(row.scenario_at, load.last_seen())
        services.set_rate(rate=services.OPENING_RATE, by=Account.objects.system(), at=stood_at)

    def stop_clock(self) -> None:
        services.set_rate(rate=0, by=Account.objects.system(), at=clock.now())

    def greet(self, accounts: list[tuple[str, str, str]]) -> None:
        url = f"http://{settings.WEB_HOST}:{settings.WEB_PORT}/"
        at = timezone.localtime(clock.now())
        lines = [
            "",
            f"安澜演示城市（金华）：{url}",
            f"场景时间 {at:%Y-%m-%d %H:%M} 起，按 {services.OPENING_RATE} 倍速运行，右上角可调。",
            f"降雨：2013年6月热带风暴安德烈的实测小时雨量×{storm.SCALE:g}；",
            "小时内分配、积水、水位、点位、人员均为生成数据。按 Ctrl-C 停止。",
            "",
            *table(("岗位", "用户名", "密码"), accounts),
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


def table(head: tuple[str, ...], rows: list[tuple[str, str, str]]) -> list[str]:
    """Columns that line up where a Chinese character is two wide."""
    widths = [max(width(row[n]) for row in (head, *rows)) for n in range(len(head))]
    return [
        "  " + "  ".join(cell + " " * (widths[n] - width(cell)) for n, cell in enumerate(row))
        for row in (head, *rows)
    ]


def width(text: str) -> int:
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)


def start_again_as_demo(*, port: int) -> None:
    """This command once more, on the demo's own data and never on a city's database."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_URL")}
    env |= {
        "ANLAN_DEMO": "1",
        "ANLAN_DATA": str(Path(settings.DATA_DIR) / "demo"),
        "ANLAN_WEB_PORT": str(port),
    }
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, "-m", "anlan", *sys.argv[1:]], env)  # noqa: S606
