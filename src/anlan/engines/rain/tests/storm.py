"""The gauge storm of Amsterdam, 2017-09-08, where the data folder is set."""

import csv
import os
from pathlib import Path

import numpy as np

GOLDEN = os.environ.get("ANLAN_GOLDEN")


def gauges_of_the_storm():
    """Places and depths of the gauges that report most of the day and are not plainly broken."""
    folder = Path(GOLDEN) / "rain"
    with (folder / "ams_pws_5min_20170908.csv").open() as file:
        rows = list(csv.reader(file))[1:]
    with (folder / "ams_pws_stations.csv").open() as file:
        stations = list(csv.DictReader(file))
    depth = np.array([[float(v) if v else np.nan for v in row[1:]] for row in rows])
    x, y = (np.array([float(s[name]) for s in stations]) for name in "xy")
    total = np.nansum(depth, 0)
    kept = (np.isnan(depth).mean(0) < 0.2) & (total > 5.0) & (total < 100.0)
    return x[kept], y[kept], depth[:, kept]
