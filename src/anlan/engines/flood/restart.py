"""A state as the start of a new account: the water goes on, records and balance begin."""

from dataclasses import replace

import numpy as np

from .case import FloodState
from .record import NEUTRAL


def restarted(state: FloodState) -> FloodState:
    """The same water at time 0 of another case on the same ground.

    What the soil has taken, flows and running pumps stay. Records (greatest depth, arrival,
    duration) begin afresh, and the balance's initial water is what stands now. The next case must
    have as many inflows, links and open edges.
    """
    arrays = dict(state.arrays)
    accounts = np.zeros_like(arrays["accounts"])
    accounts[0] = arrays["units"].sum(dtype=np.int64)
    arrays["accounts"] = accounts
    for name in ("source_given", "link_moved", "ghost_left"):
        arrays[name] = np.zeros_like(arrays[name])
    for name, neutral in NEUTRAL.items():
        if name in arrays:
            arrays[name] = np.full_like(arrays[name], neutral)
    return replace(state, time_s=0.0, steps=0, arrays=arrays)
