"""Surface and SWMM together: up at the low manhole, down again, and not a drop between them."""

from pathlib import Path

import numpy as np
import pytest

from anlan.engines.flood import BadCase, FloodCase, Manhole, Rain, run_with_drains
from anlan.engines.flood.inlets import head_after, inlet_m3_s
from anlan.engines.flood.tests.sewer import sewer

pytest.importorskip("swmm.toolkit", reason="swmm-toolkit is not installed (anlan[drains])")

from anlan.engines.flood import swmm

CELL = 5.0
RIMS = [10.0, 9.7, 8.6, 9.1, 8.8]  # the third stands in a hollow
AT = [4, 16, 28, 40, 52]  # columns, 60 m apart


def street(rims=RIMS, rows=7, cols=60):
    """Ground that joins the rims along the middle and rises to both sides."""
    along = np.interp(np.arange(cols), AT, rims)
    away = np.abs(np.arange(rows) - rows // 2)[:, None]
    return along + 0.1 * away


MANHOLES = [Manhole(f"J{i + 1}", 3, col) for i, col in enumerate(AT)]


@pytest.fixture
def network(tmp_path):
    def make(rims=RIMS, **given):
        path = tmp_path / "network.inp"
        path.write_text(sewer(rims, **given))
        return path

    return make


def go(path, *, bed=None, until=5400.0, **given):
    case = FloodCase(bed_m=street() if bed is None else bed, cell_m=CELL, manning=0.02)
    case = FloodCase(**{**case.__dict__, **given.pop("case", {})})
    given = {"manholes": MANHOLES, "network": path} | given
    return run_with_drains(case, until, **given)


STORM = [(0, 0), (5, 0.5), (35, 0.5), (40, 0)]  # 1,050 m3, twice what the lower pipes carry
NARROW = (0.8, 0.8, 0.45, 0.45, 0.45)


@pytest.fixture(scope="module")
def storm(tmp_path_factory):
    path = tmp_path_factory.mktemp("storm") / "network.inp"
    path.write_text(sewer(RIMS, inflow=STORM, pipes=NARROW))
    return go(path)


def test_a_surcharge_comes_up_at_the_low_manhole_and_drains_back(storm):
    up, down = storm.out_of_drains_m3, storm.into_drains_m3

    assert up.argmax() == 2
    assert up[2] > 100.0
    assert down[2] > 20.0
    assert storm.flood.max_depth_m[3, AT[2]] > 0.3
    assert storm.flood.depth_m[3, AT[2]] < 0.1
    assert up[[0, 4]] == pytest.approx(0.0, abs=20.0)


def test_mass_closes_between_the_two_and_over_both(storm):
    exchanged = (storm.out_of_drains_m3 + storm.into_drains_m3).sum()
    given = (storm.into_drains_m3 - storm.out_of_drains_m3).sum()
    all_of_it = (
        storm.outfalls_m3 + storm.stored_m3 + storm.flooded_m3 + storm.flood.balance.stored_m3
    )

    assert abs(given - storm.taken_m3 - storm.on_the_way_m3) < 1e-6 * exchanged
    assert storm.flood.balance.error_m3 == 0.0
    assert storm.flood.balance.inflow_m3 == pytest.approx(-given, rel=1e-9)
    assert all_of_it == pytest.approx(1050.0, rel=2e-3)  # SWMM's own error of continuity
    assert abs(storm.routing_error) < 2e-3
    assert storm.flooded_m3 == 0.0


@pytest.mark.parametrize("variable", [0, 0.75])
def test_what_swmm_counts_is_what_the_surface_gave(network, variable, monkeypatch):
    """Rain on the street, nothing else in the pipes: SWMM's own accounts are the judge."""
    seen = {}
    totals = swmm.Network.totals
    monkeypatch.setattr(swmm.Network, "totals", lambda self: seen.update(t := totals(self)) or t)
    end = go(
        network(variable=variable, step=5), case={"rain": Rain([0, 1800], [80.0])}, until=3600.0
    )
    counted = seen["external_m3"] - (seen["outflow_m3"] - seen["outfalls_m3"])

    assert end.into_drains_m3.sum() > 50.0
    assert counted == pytest.approx(end.taken_m3, rel=1e-6)
    assert end.taken_m3 + end.on_the_way_m3 == pytest.approx(
        (end.into_drains_m3 - end.out_of_drains_m3).sum(), rel=1e-9
    )


def test_a_longer_interval_tells_the_same_story(network, storm):
    other = go(network(inflow=STORM, pipes=NARROW), interval_s=30.0)

    assert other.out_of_drains_m3.sum() == pytest.approx(storm.out_of_drains_m3.sum(), rel=0.05)
    assert other.flood.max_depth_m[3, AT[2]] == pytest.approx(
        storm.flood.max_depth_m[3, AT[2]], abs=0.03
    )


def alone(path, until):
    """What SWMM does by itself: volume to its outfall."""
    with swmm.Network(path, ["J1"], CELL**2) as network:
        network.give(np.zeros(1), until)
        return network.totals()["outfalls_m3"]


def test_with_nothing_to_exchange_swmm_does_what_it_does_alone(network):
    small = network(inflow=[(0, 0), (5, 0.1), (35, 0.1), (40, 0)])
    end = go(small, until=7200.0)

    assert end.out_of_drains_m3.sum() == 0.0
    assert end.into_drains_m3.sum() == 0.0
    assert end.flood.max_depth_m.max() == 0.0
    assert end.outfalls_m3 == alone(small, 7200.0)


def test_rain_on_the_street_leaves_through_the_sewer(network):
    wet = go(network(), case={"rain": Rain([0, 1800], [80.0])})
    dry = FloodCase(bed_m=street(), cell_m=CELL, manning=0.02, rain=Rain([0, 1800], [80.0]))
    fell = wet.flood.balance.rain_m3

    assert fell == pytest.approx(dry.bed_m.size * 25.0 * 0.04, rel=1e-3)
    assert wet.outfalls_m3 > 0.9 * fell
    assert wet.flood.depth_m.max() < 0.1


def test_the_rating_of_an_inlet_is_hec_22_s_both_ways():
    area, edge = 0.385, 2.2
    rating = lambda sewer, surface: inlet_m3_s(sewer, surface, 10.0, area, edge)  # noqa: E731

    assert rating(8.0, 10.1) == pytest.approx(-1.66 * edge * 0.1**1.5)  # shallow: a weir
    assert rating(8.0, 10.8) == pytest.approx(-0.67 * area * (2 * 9.81 * 0.8) ** 0.5)  # deep
    assert rating(10.6, 10.0) == pytest.approx(0.67 * area * (2 * 9.81 * 0.6) ** 0.5)  # upwards
    assert rating(10.3, 10.3) == 0.0
    assert rating(9.0, 10.0) == 0.0
    assert 0 > rating(10.25, 10.3) > rating(9.0, 10.3)


def test_a_manhole_ponds_above_its_rim_and_falls_below_it():
    assert head_after(10.2, 10.0, 5.0, 25.0) == pytest.approx(10.4)
    assert head_after(10.2, 10.0, -5.0, 25.0) == pytest.approx(10.0)
    assert head_after(10.0, 10.0, -1.17, 25.0) == pytest.approx(9.0)
    assert head_after(9.0, 10.0, 1.17 + 2.5, 25.0) == pytest.approx(10.1)


BEYOND = Manhole("J9", 3, 99)
REFUSED = {
    "a manhole outside the grid": ({"manholes": [BEYOND]}, {}, "flood.outside", "J9"),
    "a name that is not there": (
        {"manholes": [Manhole("J9", 3, 4)]},
        {},
        "flood.manhole_name",
        "no node J9",
    ),
    "an outfall": ({"manholes": [Manhole("OUT", 3, 4)]}, {}, "flood.manhole_name", "outfall"),
    "the same node twice": ({"manholes": MANHOLES[:1] * 2}, {}, "flood.manhole", "two manholes"),
    "no manhole": ({"manholes": []}, {}, "flood.manhole", "No manhole"),
    "a datum that is wrong": ({"bed": street() + 3.0}, {}, "flood.manhole_level", "datum"),
    "no interval": ({"interval_s": 0.0}, {}, "flood.interval", "1 to 60 s"),
    "a network that ends first": ({"until": 9000.0}, {}, "flood.swmm_ended", "END_TIME"),
    "US units": ({}, {"units": "CFS"}, "flood.swmm_units", "CMS"),
    "water that is lost": ({}, {"ponding": "NO"}, "flood.swmm_ponding", "ALLOW_PONDING YES"),
}


@pytest.mark.parametrize(("given", "made", "code", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_run_is_refused_with_what_to_do(network, given, made, code, words):
    with pytest.raises(BadCase, match=words) as refused:
        go(network(**made), **given)

    assert refused.value.code == code
    assert alone(network(), 60.0) >= 0.0  # and SWMM is free again


def test_a_file_that_swmm_does_not_read_is_refused_with_what_swmm_says(tmp_path):
    path = tmp_path / "broken.inp"
    path.write_text("[JUNCTIONS]\nJ1 ten 2 0 0 0\n")

    with pytest.raises(BadCase, match="ERROR") as refused:
        go(path)
    assert refused.value.code == "flood.swmm_input"


def test_a_second_network_in_one_process_is_refused(network):
    with (
        swmm.Network(network(), ["J1"], 25.0),
        pytest.raises(BadCase, match="one member a process"),
        swmm.Network(network(), ["J1"], 25.0),
    ):
        pass


def test_without_the_toolkit_the_refusal_says_how_to_install_it(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "swmm.toolkit", None)
    with pytest.raises(BadCase, match=r"anlan\[drains\]"):
        swmm.toolkit()


def test_the_compiled_loop_reads_what_the_toolkit_reads_node_by_node(network):
    with swmm.Network(network(inflow=STORM), [f"J{i}" for i in range(1, 6)], 25.0) as below:
        below.give(np.zeros(5), 900.0)
        slow = swmm._over_python(below.solver)
        for what in (swmm.INFLOW, swmm.OUTFLOW, swmm.HEAD):
            fast_read, slow_read = np.zeros(5), np.zeros(5)
            below.sets.read(below.nodes, what, fast_read)
            slow.read(below.nodes, what, slow_read)
            assert fast_read.tolist() == slow_read.tolist()
            assert fast_read.any()


def test_the_run_uses_no_file_of_the_caller_s_folder(network):
    path: Path = network()
    go(path, until=60.0)

    assert [p.name for p in path.parent.iterdir()] == ["network.inp"]
