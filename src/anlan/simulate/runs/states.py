"""Where an area's water stood at its last analysis, so that a forecast need not begin dry."""

import hashlib
import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from django.conf import settings

from anlan import __version__
from anlan.engines.flood import FloodState

from ..models import Area

META = "meta"


@dataclass(frozen=True)
class Analysis:
    """The water at an instant of the house's clock."""

    at: datetime
    state: FloodState = field(repr=False)
    print: str  # of the ground and method that it belongs to


def fingerprint(area: Area) -> str:
    """Changes with anything that makes an older state useless."""
    window = [area.first_row, area.first_col, area.rows, area.cols, area.factor]
    text = json.dumps([__version__, area.terrain_id, area.terrain.layers, window], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def keep(area: Area, *, at: datetime, state: FloodState) -> None:
    """Replace the area's kept state; whole or not at all."""
    save_state(_path(area), state, {"at": at.isoformat(), "print": fingerprint(area)})


def recall(area: Area) -> Analysis | None:
    """The kept state, if it is of this ground and can be read."""
    found = load_state(_path(area))
    if found is None or found[1].get("print") != fingerprint(area):
        return None
    state, meta = found
    return Analysis(datetime.fromisoformat(meta["at"]), state, meta["print"])


def save_state(path: Path, state: FloodState, notes: dict[str, Any]) -> None:
    """Write a state with its notes, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    meta = json.dumps({**notes, "time_s": state.time_s, "steps": state.steps})
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("wb") as file:
        np.savez(file, allow_pickle=False, **state.arrays, **{META: np.array(meta)})
    part.replace(path)


def load_state(path: Path) -> tuple[FloodState, dict[str, Any]] | None:
    """A state and its notes; None where there is none yet, or it is damaged."""
    try:
        # Opened here: of a damaged file numpy would leave its own handle to the collector.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        meta = json.loads(str(arrays.pop(META)))
        return FloodState(meta.pop("time_s"), meta.pop("steps"), arrays), meta
    except (OSError, ValueError, KeyError, BadZipFile):
        return None


def _path(area: Area) -> Path:
    return Path(settings.DATA_DIR) / "simulate" / "states" / f"{area.pk}.npz"
