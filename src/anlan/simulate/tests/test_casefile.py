"""Cases from files: the guide's own example, stopping and going on, and what is refused."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from anlan.base.errors import Refusal
from anlan.engines.flood.tests.sewer import sewer
from anlan.simulate.casefile.read import read_case
from anlan.simulate.casefile.solo import run_file
from anlan.simulate.ground.grid import Grid
from anlan.simulate.ground.rasters import write_raster
from anlan.simulate.results.files import open_folder

from .factories import GRID, SAG, valley

GUIDE = Path(__file__).parents[4] / "docs" / "guide" / "flood.md"
CASE = """
[ground]
bed = "bed.tif"
manning = 0.03
[rain]
edges_s = [0, 1800]
rate_mm_h = [60.0]
[[edge]]
side = "south"
[run]
until_s = 3600
"""


def blocks(language):
    text = GUIDE.read_text(encoding="utf-8").split("## 单独使用")[1]
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_raster(tmp_path / "bed.tif", valley(), GRID)
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path


def test_the_guides_example_runs_as_it_is_printed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    ground, notebook = blocks("python")
    names = {}
    exec(ground, names)
    (tmp_path / "case.toml").write_text(blocks("toml")[0], encoding="utf-8")

    call_command("flood", "check", "case.toml")
    call_command("flood", "run", "case.toml", "-o", "out")
    exec(notebook, names)

    assert "二十年一遇" in capsys.readouterr().out
    found = open_folder(tmp_path / "out")
    assert found.times_s == tuple(range(0, 5401, 600))
    assert found.max_depth_m()[60:70, 35:45].mean() > 0.3
    assert np.isnan(found.max_depth_m()[30, 20])  # a house
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["balance_m3"]["error"] == 0
    assert names["end"].balance.error_m3 == 0


def test_a_stopped_run_goes_on_to_the_same_end(folder):
    file = read_case(folder / "case.toml")
    whole = run_file(file, folder / "whole")
    told = []
    stopped = run_file(
        file,
        folder / "twice",
        show=lambda progress: told.append(progress.time_s),
        stop=lambda: bool(told) and told[-1] > 2000,
    )
    assert stopped is None
    assert not (folder / "twice").exists()
    with pytest.raises(Refusal) as refused:
        run_file(file, folder / "twice")
    assert refused.value.code == "flood.unfinished"

    again = run_file(file, folder / "twice", resume=True)

    assert [p.name for p in folder.iterdir() if p.name.startswith(".")] == []
    for frame in range(7):
        # Where it was stopped, a step was cut: a rounding's difference, not to the last bit.
        one, other = (open_folder(folder / n).depth_cm(frame) for n in ("whole", "twice"))
        assert np.abs(one.astype(int) - other.astype(int)).max() <= 1
    assert again["balance_m3"]["rain"] == whole["balance_m3"]["rain"]
    assert again["balance_m3"]["error"] == 0


def test_going_on_with_another_case_or_without_a_checkpoint_is_refused(folder):
    file = read_case(folder / "case.toml")
    run_file(file, folder / "out", stop=lambda: True)
    (folder / "case.toml").write_text(CASE.replace("60.0", "61.0"))

    for name, code in (("out", "flood.other_case"), ("none", "flood.no_checkpoint")):
        with pytest.raises(Refusal) as refused:
            run_file(read_case(folder / "case.toml"), folder / name, resume=True)
        assert refused.value.code == code
    (folder / "full").mkdir()
    with pytest.raises(Refusal) as refused:
        run_file(file, folder / "full")
    assert refused.value.code == "flood.folder"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[ground]", "[grund]"), "flood.case_word"),
        (("manning", "maning"), "flood.case_word"),
        (('bed = "bed.tif"', 'bed = "none.tif"'), "flood.case_file"),
        (("until_s = 3600", ""), "flood.case_file"),
        (("[run]", "[run"), "flood.case_file"),
        (("manning = 0.03", "manning = -1"), "flood.range"),
        (("[60.0]", "[-60.0]"), "flood.rain_value"),
        (("[60.0]", "[5160.0]"), "flood.rain_value"),
        (("[60.0]", "[60.0, 1.0]"), "flood.rain_shape"),
        (('side = "south"', 'side = "up"'), "flood.edge"),
        (("[run]", "[[inflow]]\nat = [[99, 0]]\nflow_m3_s = 1\n[run]"), "flood.outside"),
        (("[run]", '[[inflow]]\nat = [[1, 0]]\nflow_m3_s = "empty.csv"\n[run]'), "flood.case_file"),
        (('bed = "bed.tif"', 'bed = "empty.npz"\ncell_m = 10'), "flood.case_file"),
        (('bed = "bed.tif"', 'bed = "junk.npz"\ncell_m = 10'), "flood.case_file"),
        (("until_s = 3600", "until_s = 0"), "flood.case_run"),
        (("until_s = 3600", "until_s = inf"), "flood.case_run"),
        (("until_s = 3600", 'until_s = "1 h"'), "flood.case_run"),
        (("until_s = 3600", "until_s = 3600\nframe_s = 0"), "flood.case_run"),
        (("until_s = 3600", "until_s = 1e7\nframe_s = 1"), "flood.case_frames"),
        (("until_s = 3600", "until_s = 3600\nfactor = 3"), "flood.factor"),
        (("until_s = 3600", "until_s = 3600\nthreads = true"), "flood.case_run"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_computed(folder, change, code):
    (folder / "case.toml").write_text(CASE.replace(*change))
    for name, content in (("empty.csv", b""), ("empty.npz", b""), ("junk.npz", b"PK\x03\x04")):
        (folder / name).write_bytes(content)
    there = sorted(folder.iterdir())
    with pytest.raises(CommandError) as refused:
        call_command("flood", "run", "case.toml")
    assert refused.value.__cause__.code == code
    assert sorted(folder.iterdir()) == there


def test_a_case_in_degrees_is_refused(folder):
    write_raster(folder / "bed.tif", valley(), replace(GRID, epsg=4326, west_m=119, north_m=29))
    with pytest.raises(CommandError) as refused:
        call_command("flood", "check", "case.toml")
    assert refused.value.__cause__.code == "flood.case_grid"


def test_a_case_too_large_for_memory_is_refused_with_the_cell_that_fits(folder, monkeypatch):
    monkeypatch.setattr("anlan.engines.flood.memory.machine_bytes", lambda: 100_000)
    with pytest.raises(CommandError) as refused:
        call_command("flood", "check", "case.toml")
    assert refused.value.__cause__.code == "flood.memory"


def test_forcing_by_place_and_by_series(folder):
    x, y = GRID.xy_m(30, 30)
    (folder / "flow.csv").write_text("s,m3/s\n0,0\n600,0.4\n1800,0\n")
    more = f"""
[[inflow]]
at = [{{x = {float(x)}, y = {float(y)}}}]
flow_m3_s = "flow.csv"
[[wall]]
row = 40
col = 10
side = "south"
crest_m = 61.0
[run]"""
    (folder / "case.toml").write_text(CASE.replace("[run]", more).replace("60.0", "0.0"))

    file = read_case(folder / "case.toml")
    summary = run_file(file, folder / "out")

    assert (file.case.inflows[0].rows, file.case.inflows[0].cols) == ([30], [30])
    assert summary["balance_m3"]["inflow"] == pytest.approx(0.4 * 1800 / 2, rel=0.02)
    assert open_folder(folder / "out").max_depth_m()[SAG].max() > 0.1


@pytest.mark.fault
def test_the_command_alone_leaves_nothing_in_the_folder_but_its_results(folder):
    run = [sys.executable, "-m", "anlan", "flood", "run", "case.toml", "-o", "out"]
    done = subprocess.run(run, capture_output=True, text=True, check=True, cwd=folder)

    assert sorted(p.name for p in folder.iterdir()) == ["bed.tif", "case.toml", "out"]
    assert "100 %" in done.stdout


def test_a_ground_without_a_crs_keeps_its_metres(tmp_path):
    local = Grid(0, 100.0, 900.0, 5.0, 20, 30)
    write_raster(tmp_path / "a.tif", np.ones(local.shape, np.float32), local)
    (tmp_path / "case.toml").write_text('[ground]\nbed = "a.tif"\n[run]\nuntil_s = 60\n')
    file = read_case(tmp_path / "case.toml")
    assert file.grid == local
    run_file(file, tmp_path / "out")
    assert open_folder(tmp_path / "out").grid == local


SEWER = """
[ground]
bed = "street.npz"
cell_m = 5
manning = 0.02
[rain]
edges_s = [0, 1800]
rate_mm_h = [80.0]
[swmm]
inp = "network.inp"
manhole = [
  {node = "J1", at = [3, 4]},
  {node = "J2", at = [3, 16]},
  {node = "J3", at = [3, 28]},
]
[run]
until_s = 3600
"""


@pytest.fixture
def street(folder):
    """A street with three manholes over a sewer that SWMM routes."""
    pytest.importorskip("swmm.toolkit", reason="swmm-toolkit is not installed (anlan[drains])")
    rims = [10.0, 9.7, 9.4]
    along = np.interp(np.arange(40), [4, 16, 28], rims)
    np.savez(folder / "street.npz", bed=along + 0.1 * np.abs(np.arange(7) - 3)[:, None])
    (folder / "network.inp").write_text(sewer(rims, pipes=(0.5, 0.5, 0.5)))
    (folder / "case.toml").write_text(SEWER)
    return folder


def test_a_drain_network_takes_water_and_is_told_of(street, capsys):
    call_command("flood", "run", "case.toml", "-o", "out")

    summary = json.loads((street / "out" / "summary.json").read_text())
    assert summary["drains"]["into_m3"] > 10
    assert summary["drains"]["outfalls_m3"] > 5
    assert summary["balance_m3"]["error"] == 0
    assert open_folder(street / "out").times_s == (3600,)
    assert "管网" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[3, 28]", "[3, 99]"), "flood.outside"),
        (('"J3"', '"J9"'), "flood.manhole_name"),
        (("network.inp", "none.inp"), "flood.case_file"),
        (("until_s = 3600", "until_s = 3600\nfactor = 2"), "flood.swmm_coarse"),
        (("until_s = 3600", "until_s = 36000"), "flood.swmm_ended"),
    ],
)
def test_a_drain_network_that_cannot_be_is_refused(street, change, code):
    (street / "case.toml").write_text(SEWER.replace(*change))
    with pytest.raises(CommandError) as refused:
        call_command("flood", "run", "case.toml", "-o", "out")
    assert refused.value.__cause__.code == code
    assert [p.name for p in street.iterdir() if "out" in p.name] == []
    with pytest.raises(Refusal) as again:
        run_file(read_case(street / "case.toml"), street / "out", resume=True)
    assert again.value.code in {code, "flood.no_checkpoint"}
