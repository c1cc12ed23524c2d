"""A city on PostgreSQL is backed up while it runs and restored into another database."""

import subprocess
import sys

import pytest

from .conftest import ROOT

pytestmark = pytest.mark.server

# On two databases: a city with events and a file, its backup, and an empty place for it.
STORY = """
set -eu
export ANLAN_LOG_LEVEL=ERROR
export ANLAN_DATA=$1/city DATABASE_URL=$CITY
mkdir -p $ANLAN_DATA/files/ab && printf 'a picture' > $ANLAN_DATA/files/ab/proof.jpg
$2 -m anlan migrate -v0
$2 -m anlan divisions import $1/divisions.csv
$2 -m anlan admins add guanli --name 王管理 --region 3307 > $1/password
$2 -m anlan journal seal
$2 -m anlan backup $1/anlan.backup
export ANLAN_DATA=$1/other DATABASE_URL=$OTHER
$2 -m anlan restore $1/anlan.backup
$2 -m anlan journal verify
cat $ANLAN_DATA/files/ab/proof.jpg; echo
psql -Atq "$OTHER" -c "select name from places_region order by code"
if $2 -m anlan restore $1/anlan.backup; then echo RESTORED TWICE; fi
"""


def test_a_backup_of_postgresql_is_restored_whole_and_never_over_data(tmp_path, cluster, postgres):
    other = postgres + "_other"
    cluster.run(f"CREATE DATABASE {other.rpartition('/')[2]}")
    rows = "代码,名称,级别,上级代码\n33,浙江省,省,\n3307,金华市,市,33\n"
    (tmp_path / "divisions.csv").write_text(rows, encoding="utf-8")
    done = subprocess.run(
        ["sh", "-c", STORY, "story", str(tmp_path), sys.executable],
        env=cluster.env
        | {"PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "anlan.web.settings"}
        | {"CITY": postgres, "OTHER": other},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("存证完整") >= 2
    assert "a picture" in done.stdout
    assert "浙江省\n金华市" in done.stdout
    assert "RESTORED TWICE" not in done.stdout
