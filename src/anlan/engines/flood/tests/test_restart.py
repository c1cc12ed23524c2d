"""The water of one account as the beginning of the next."""

from dataclasses import replace

import numpy as np

from anlan.engines.flood import FloodCase, OpenEdge, Rain, restarted, run


def ground():
    r = np.random.default_rng(5)
    bed = 20.0 - 0.01 * np.arange(24)[:, None] + 0.05 * r.random((24, 18))
    bed[10:14, 6:10] -= 0.8
    return FloodCase(bed_m=bed, cell_m=10.0, drain_mm_h=5.0, edges=(OpenEdge("south"),), wet_m=0.15)


def test_a_restarted_run_moves_the_same_water_and_begins_its_own_records():
    dry = ground()
    first = run(replace(dry, rain=Rain([0, 1800], [80.0])), 1800.0)
    straight = run(replace(dry, rain=Rain([0, 1800, 3600], [80.0, 0.0])), 3600.0)

    again = run(dry, 1800.0, state=restarted(first.state))

    np.testing.assert_array_equal(again.depth_m, straight.depth_m)
    assert (again.time_s, again.balance.rain_m3, again.balance.error_m3) == (1800.0, 0.0, 0.0)
    assert again.balance.initial_m3 == first.balance.stored_m3
    assert again.balance.drained_m3 < straight.balance.drained_m3
    assert np.nanmin(again.arrival_s) < 120 < np.nanmin(straight.arrival_s)
    assert (again.max_depth_m <= straight.max_depth_m).all()
