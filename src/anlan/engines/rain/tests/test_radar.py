"""Rain ahead from radar."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from anlan.engines.rain import BadCase
from anlan.engines.rain.radar import checked, pysteps_parts, radar_ahead

GOLDEN = os.environ.get("ANLAN_GOLDEN")
WET = np.zeros((3, 40, 40))
WET[:, 10:20, 10:20] = 5.0


def test_without_pysteps_the_refusal_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pysteps", None)

    with pytest.raises(BadCase, match=r"anlan\[nowcast\]"):
        radar_ahead(WET)


@pytest.mark.parametrize(
    ("fields", "given", "words"),
    [
        (WET[:2], {}, "too few"),
        (WET[:, :8, :8], {}, "too small"),
        (WET[0], {}, "shape"),
        (WET - 1.0, {}, "not plausible"),
        (WET * 1000.0, {}, "not plausible"),
        (WET, {"step_s": 0.0}, "cannot be forecast"),
        (WET, {"leads": 0}, "cannot be forecast"),
    ],
)
def test_fields_that_make_no_sense_are_refused(fields, given, words):
    with pytest.raises(BadCase, match=words):
        checked(fields, **({"step_s": 300.0, "leads": 12} | given))


@pytest.fixture
def pysteps():
    pytest.importorskip("pysteps", reason="pysteps is not installed (anlan[nowcast])")
    return pysteps_parts()


@pytest.mark.usefixtures("pysteps")
def test_a_dry_radar_stays_dry():
    told = radar_ahead(np.full((3, 40, 40), np.nan), leads=4)

    assert told.edges_s.tolist() == [0, 300, 600, 900, 1200]
    assert told.rate_mm_h.shape == (4, 40, 40)
    assert told.rate_mm_h.max() == 0.0


def storm():
    """KNMI's fields of 2010-08-26 as rates on cells of 2 km [mm/h]: 92 times, 5 min."""
    from netCDF4 import Dataset

    fields = []
    for path in sorted((Path(GOLDEN) / "rain" / "knmi_radar_20100826").glob("*.h5")):
        with Dataset(path) as file:
            file.set_auto_mask(False)
            counts = file["image1"]["image_data"][:].astype(float)
        fields.append(np.where(counts >= 65534, np.nan, counts * 0.01 * 12))
    seen = np.stack(fields)[:, 220:636, 160:578]
    cells = seen.reshape(len(fields), 208, 2, 209, 2)
    there = np.isfinite(cells).sum(axis=(2, 4))
    return np.where(there > 0, np.nansum(cells, axis=(2, 4)) / np.maximum(there, 1), np.nan)


def skill(told, then, threshold_mm_h):
    """Critical success index: hits over hits, misses and false alarms."""
    seen = ~np.isnan(then)
    both = (told >= threshold_mm_h)[seen], (then >= threshold_mm_h)[seen]
    return (both[0] & both[1]).sum() / max((both[0] | both[1]).sum(), 1)


@pytest.mark.usefixtures("pysteps")
@pytest.mark.skipif(not GOLDEN, reason="ANLAN_GOLDEN is not set: radar is not in the project")
def test_s_prog_tells_the_next_hour_better_than_the_rain_as_it_is():
    """Critical success index at 1 mm/h, three times of the night."""
    fields = storm()
    ours, still = [], []
    for now in range(20, 80, 20):
        told = radar_ahead(fields[now - 2 : now + 1], leads=12).rate_mm_h
        for lead in (3, 6, 12):
            then = 0.5 * (fields[now + lead] + fields[now + lead - 1])
            ours.append(skill(told[lead - 1], then, 1.0))
            still.append(skill(np.nan_to_num(fields[now]), then, 1.0))
    ours, still = (np.reshape(v, (3, 3)).mean(0) for v in (ours, still))

    assert ours == pytest.approx([0.69, 0.53, 0.29], abs=0.02)
    assert still == pytest.approx([0.41, 0.24, 0.13], abs=0.01)
    assert told.min() >= 0.0
