"""Depths by time are large and soon old: what may go, goes; rows, hits and scores stay."""

import shutil
import time
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from ..models import Run
from ..results.files import FRAMES

KEPT_FIELD = "max_depth.tif"  # of a forecast whose frames are gone
PART_S = 86_400.0  # a folder that nobody has finished in a day never will be
AT_ONCE = 200  # a call; the ticker calls again


def tidy_runs(at: datetime) -> int:
    """Drop frames of forecasts after some days, their files after more. Called by the ticker.

    Scenarios stay: somebody asked for each. Returns how many folders were touched.
    """
    folder = Path(settings.DATA_DIR) / "simulate" / "runs"
    if not folder.is_dir():
        return 0
    old = at - timedelta(days=settings.FRAME_DAYS)
    older = at - timedelta(days=settings.RUN_DAYS)
    touched = _drop_parts(folder)
    for pk, base_at in _forecasts_before(folder, old):
        if touched >= AT_ONCE:
            break
        touched += _drop(folder / str(pk), everything=base_at < older)
    return touched


def _forecasts_before(folder: Path, old: datetime) -> list[tuple[int, datetime]]:
    """Forecasts whose files may shrink, the oldest first."""
    there = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
    found: list[tuple[int, datetime]] = []
    for start in range(0, len(there), 500):
        rows = Run.objects.forecasts().filter(pk__in=there[start : start + 500], base_at__lt=old)
        found += rows.values_list("pk", "base_at")
    return sorted(found, key=lambda row: row[1])


def _drop(folder: Path, *, everything: bool) -> bool:
    if everything:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    large = [folder / FRAMES, *folder.glob("*.tif")]
    large = [path for path in large if path.exists() and path.name != KEPT_FIELD]
    for path in large:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return bool(large)


def _drop_parts(folder: Path) -> int:
    """What a process left that was killed while it wrote."""
    stale = [path for path in folder.glob(".*.part") if path.stat().st_mtime < time.time() - PART_S]
    for path in stale:
        shutil.rmtree(path, ignore_errors=True)
    return len(stale)
