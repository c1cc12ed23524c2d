"""A PostgreSQL of our own for tests, one for all of them: as root Debian's tools make only one."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest


@dataclass
class Cluster:
    """A throw-away PostgreSQL; `env` is what Debian's tools need to find it."""

    env: dict[str, str]

    def url(self, database: str) -> str:
        name, password = self.env["PGUSER"], self.env["PGPASSWORD"]
        return f"postgres://{name}:{password}@127.0.0.1:{self.env['PGPORT']}/{database}"

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as line:
            line.execute(statement)

    def crash(self) -> None:
        """Stop without a checkpoint, as a power cut does, and start again."""
        listed = subprocess.run(
            ["pg_lsclusters", "-h"], env=self.env, capture_output=True, text=True, check=True
        )
        rows = [line.split() for line in listed.stdout.splitlines()]
        version, name = next(row[:2] for row in rows if row[2] == self.env["PGPORT"])
        subprocess.run(
            ["pg_ctlcluster", version, name, "restart", "-m", "immediate"], env=self.env, check=True
        )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """It lives as long as the shell inside pg_virtualenv, which waits for us."""
    if shutil.which("pg_virtualenv") is None:
        pytest.skip("PostgreSQL is not installed; .ci/run installs it")
    inside = subprocess.Popen(
        ["pg_virtualenv", "-t", "sh", "-c", "env; echo READY; exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    lines = []
    for line in inside.stdout:
        if line == "READY\n":
            break
        lines.append(line.rstrip("\n").partition("="))
    else:
        pytest.fail("pg_virtualenv did not start a PostgreSQL")
    yield Cluster({**os.environ, **{key: value for key, _sign, value in lines if value}})
    inside.communicate(timeout=60)


@pytest.fixture
def postgres(cluster: Cluster) -> Iterator[str]:
    """DATABASE_URL of a fresh database."""
    name = f"house_{secrets.token_hex(4)}"
    cluster.run(f"CREATE DATABASE {name}")
    yield cluster.url(name)
    cluster.run(f"DROP DATABASE {name} WITH (FORCE)")
