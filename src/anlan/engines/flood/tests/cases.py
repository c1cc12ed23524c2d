"""Small grids and the formulas that the engine is held against."""

import numpy as np

from anlan.engines.flood import FloodCase, run


def still(until_s=60.0, **given):
    """Run a case made of keyword arguments."""
    return run(FloodCase(**given), until_s)


def rough_ground(rows, cols, seed=1, relief=1.0):
    return np.random.default_rng(seed).normal(0.0, relief, (rows, cols)) + 40.0
