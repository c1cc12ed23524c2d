"""What a run leaves on disk, and how it is read again."""

from datetime import UTC, datetime

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st

from anlan.base.errors import NotFound
from anlan.simulate.ground.grid import Grid, project, utm_zone
from anlan.simulate.results.files import OUTSIDE, centimetres, open_folder, writing

NOON = datetime(2026, 7, 3, 4, tzinfo=UTC)
GRID = Grid(epsg=32650, west_m=757_900.0, north_m=3_222_000.0, cell_m=10.0, rows=40, cols=30)


def write(folder, depth):
    with writing(folder, grid=GRID, base_at=NOON, made_up=True) as writer:
        writer.frames([0.0, 600.0])
        writer.frame(0, depth)
        writer.frame(1, depth * 2)
        writer.field("max_depth", depth * 2)


def test_a_run_is_read_as_it_was_written(tmp_path):
    depth = np.random.default_rng(1).uniform(0, 3, GRID.shape).astype(np.float32)
    depth[0, :5] = np.nan
    write(tmp_path / "7", depth)

    found = open_folder(tmp_path / "7")

    assert found.grid == GRID
    assert found.made_up
    assert [str(t) for t in found.times] == [
        "2026-07-03 04:00:00+00:00",
        "2026-07-03 04:10:00+00:00",
    ]
    assert (found.depth_cm(1)[0, :5] == OUTSIDE).all()
    np.testing.assert_allclose(found.depth_cm(1)[1:] / 100, depth[1:] * 2, atol=0.005001)
    np.testing.assert_allclose(found.max_depth_m(), depth * 2, atol=0.0005)
    assert not found.has("arrival")
    with pytest.raises(NotFound):
        found.arrival_s()


def test_the_geotiff_says_where_it_lies_and_what_it_measures(tmp_path):
    write(tmp_path / "7", np.zeros(GRID.shape, np.float32))

    with rasterio.open(open_folder(tmp_path / "7").path("max_depth")) as file:
        assert file.crs.to_epsg() == 32650
        assert file.bounds == (757_900, 3_221_600, 758_200, 3_222_000)
        assert file.units == ("m",)
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "made-up ground"


def test_nothing_appears_under_the_runs_name_before_it_is_whole(tmp_path):
    write(tmp_path / "7", np.ones(GRID.shape, np.float32))
    with pytest.raises(ValueError, match="broadcast"):
        write(tmp_path / "7", np.ones((2, 3), np.float32))

    assert open_folder(tmp_path / "7").made_up  # still the first
    assert [path.name for path in tmp_path.iterdir()] == ["7"]


def _read_all(folder):
    result = open_folder(folder)
    return result.max_depth_m(), result.depth_cm(0)


@pytest.mark.parametrize("name", ["meta.json", "max_depth.tif", "frames.zarr/depth/zarr.json"])
@pytest.mark.parametrize("content", [b"", b"\x00{cut short"])
def test_files_that_a_disk_has_damaged_are_said(tmp_path, name, content):
    with writing(tmp_path / "1", grid=GRID, base_at=NOON, made_up=False) as writer:
        writer.frames([0.0])
        writer.frame(0, np.zeros(GRID.shape))
        writer.field("max_depth", np.zeros(GRID.shape))
    (tmp_path / "1" / name).write_bytes(content)
    with pytest.raises(NotFound) as refused:
        _read_all(tmp_path / "1")
    assert refused.value.code == "simulate.damaged_files"


def test_a_run_without_files_says_so(tmp_path):
    with pytest.raises(NotFound) as refused:
        open_folder(tmp_path / "nowhere")
    assert refused.value.code == "simulate.no_files"


@given(st.lists(st.one_of(st.floats(0, 655), st.just(float("nan"))), min_size=1))
def test_centimetres_are_off_by_half_a_one_at_most(depths):
    found = centimetres(np.array(depths))

    for kept, depth in zip(found, depths, strict=True):
        assert kept == OUTSIDE if np.isnan(depth) else abs(kept / 100 - depth) <= 0.00501


def test_positions_and_cells_lead_to_each_other():
    rows, cols = np.array([0, 39, 12]), np.array([0, 29, 7])
    back = GRID.cells(*GRID.lonlat(rows, cols))

    np.testing.assert_array_equal(back, (rows, cols))
    assert utm_zone(119.65, 29.1) == GRID.epsg
    x, y = project(32650, 117.0, 0.0)  # the zone's middle on the equator
    assert (round(float(x), 3), round(float(y), 3)) == (500_000.0, 0.0)
    assert not GRID.holds(*GRID.cells(119.9, 29.1))
    assert GRID.widened(4).shape == (10, 8)
    assert GRID.crop(10, 5, 4, 4).bounds_m == (757_950, 3_221_860, 757_990, 3_221_900)
