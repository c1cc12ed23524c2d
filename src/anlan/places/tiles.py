"""Cut layers into vector tiles, scoped to a reader's regions.

A layer's points are kept as arrays sorted by region path, so a reader's subtrees are a few slices
of them; they are read again when the layer's version changes. Made tiles are kept too.
"""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import kinds as known_kinds
from . import layers, line_tiles, mvt
from .layers import Features, Layer, Lines
from .line_tiles import LineSnapshot

_BUFFER = 64  # tile units beyond the edge, so that symbols on it are not cut
_CELLS = 24  # clusters a tile's side at most
_KEPT_TILES = 4000
_MOST_ZOOM = 22
_GZIP_LEVEL = 5  # half the bytes, made once for everybody with the same regions

_lock = threading.Lock()
_held: dict[str, tuple[str, Snapshot | LineSnapshot]] = {}
_made: OrderedDict[tuple[Any, ...], tuple[bytes, str]] = OrderedDict()


@dataclass(frozen=True)
class Snapshot:
    features: Features
    order: npt.NDArray[np.int64]  # row of the features, by path
    paths: npt.NDArray[np.str_]  # sorted
    x: npt.NDArray[np.float64]  # web mercator, 0 to 1 from the west, in path order
    y: npt.NDArray[np.float64]  # 0 to 1 from the north
    kinds: npt.NDArray[np.int64]  # index into kind_names
    kind_names: list[str]


@dataclass(frozen=True)
class Asked:
    """One tile of one layer, narrowed to kinds."""

    layer: Layer
    kinds: tuple[str, ...]
    z: int
    x: int
    y: int


def asked(code: str, kinds: str, z: int, x: int, y: int) -> Asked | None:
    """What an address means; none where there is no such layer or tile."""
    layer = layers.get(code)
    if layer is None or z > _MOST_ZOOM or x >= 2**z or y >= 2**z:
        return None
    wanted = sorted(filter(None, kinds.split(",")))
    known = [one for one in wanted if known_kinds.get(one)] or wanted[:1]
    return Asked(layer, tuple(known), z, x, y)


def kept(asked: Asked, *, paths: Sequence[str], version: str) -> tuple[bytes, str] | None:
    """The tile as it was made before, gzipped, and its entity tag; none where it was not."""
    key = (asked.layer.code, version, tuple(paths), asked.kinds, asked.z, asked.x, asked.y)
    return _made.get(key)


def tile(
    layer: Layer,
    *,
    paths: Sequence[str],
    kinds: Sequence[str],
    z: int,
    x: int,
    y: int,
    version: str = "",
) -> tuple[bytes, str]:
    """The tile for a reader of these subtrees, gzipped, and its entity tag."""
    version = version or layer.version()
    key = (layer.code, version, tuple(paths), tuple(kinds), z, x, y)
    found = _made.get(key)
    if found is None:
        snapshot = _snapshot(layer, version)
        if isinstance(snapshot, LineSnapshot):
            body = line_tiles.cut(layer, snapshot, paths=paths, kinds=kinds, z=z, x=x, y=y)
        else:
            body = _cut(layer, snapshot, paths, kinds, z, x, y)
        tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'
        found = (gzip.compress(body, _GZIP_LEVEL, mtime=0), tag)
        with _lock:
            _made[key] = found
            while len(_made) > _KEPT_TILES:
                _made.popitem(last=False)
    return found


def warm() -> None:
    """Read every layer into memory before the first reader asks: a full city takes a second."""
    for layer in layers.registered():
        _snapshot(layer, layer.version())


def forget() -> None:
    """For tests."""
    with _lock:
        _held.clear()
        _made.clear()


def _snapshot(layer: Layer, version: str) -> Snapshot | LineSnapshot:
    held = _held.get(layer.code)
    if held is None or held[0] != version:
        # One thread reads; the others wait for it instead of reading the same.
        with _lock:
            held = _held.get(layer.code)
            if held is None or held[0] != version:
                found = layer.features()
                ready = line_tiles.prepare(found) if isinstance(found, Lines) else _prepare(found)
                held = (version, ready)
                _held[layer.code] = held
    return held[1]


def _prepare(features: Features) -> Snapshot:
    paths = np.array(features.paths if len(features.paths) else [], dtype=np.str_)
    order = np.argsort(paths, kind="stable")
    sine = np.sin(np.radians(np.clip(features.lat, -85.05, 85.05)))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    names, kinds = np.unique(np.array(features.kinds or [""] * len(paths)), return_inverse=True)
    return Snapshot(
        features,
        order,
        paths[order],
        ((features.lon + 180) / 360)[order],
        y[order],
        kinds[order].astype(np.int64),
        names.tolist(),
    )


def _cut(
    layer: Layer,
    snapshot: Snapshot,
    paths: Sequence[str],
    kinds: Sequence[str],
    z: int,
    x: int,
    y: int,
) -> bytes:
    side = 2**z
    margin = _BUFFER / mvt.EXTENT
    rows = _rows_within(snapshot, paths)
    px, py = snapshot.x[rows] * side - x, snapshot.y[rows] * side - y
    inside = (px >= -margin) & (px < 1 + margin) & (py >= -margin) & (py < 1 + margin)
    if kinds:
        wanted = [n for n, name in enumerate(snapshot.kind_names) if name in set(kinds)]
        inside &= np.isin(snapshot.kinds[rows], wanted)
    rows, px, py = rows[inside], px[inside], py[inside]
    if z < layer.cluster_below:
        # A cluster belongs to the one tile that its cell lies in.
        own = (px >= 0) & (px < 1) & (py >= 0) & (py < 1)
        return _clusters(layer, snapshot, rows[own], px[own], py[own])
    return _points(layer, snapshot, rows, px, py)


def _rows_within(snapshot: Snapshot, paths: Sequence[str]) -> npt.NDArray[np.int64]:
    """Sorted paths: a subtree is one slice, from its path to what follows its last '/'."""
    slices = [
        np.arange(
            np.searchsorted(snapshot.paths, path),
            np.searchsorted(snapshot.paths, path[:-1] + "0"),
        )
        for path in paths
    ]
    return np.concatenate(slices) if slices else np.zeros(0, dtype=np.int64)


def _points(
    layer: Layer,
    snapshot: Snapshot,
    rows: npt.NDArray[np.int64],
    px: npt.NDArray[np.float64],
    py: npt.NDArray[np.float64],
) -> bytes:
    source = snapshot.order[rows].tolist()
    properties: dict[str, Sequence[mvt.Value | None]] = {
        key: [values[n] for n in source] for key, values in snapshot.features.properties.items()
    }
    properties["count"] = [1] * len(source)
    return mvt.encode(layer.code, _units(px), _units(py), snapshot.features.ids[source], properties)


def _clusters(
    layer: Layer,
    snapshot: Snapshot,
    rows: npt.NDArray[np.int64],
    px: npt.NDArray[np.float64],
    py: npt.NDArray[np.float64],
) -> bytes:
    """Points of one cell as one, at their mean; alone ones stay what they are."""
    cell = (px * _CELLS).astype(np.int64) * _CELLS + (py * _CELLS).astype(np.int64)
    _cells, first, group, count = np.unique(
        cell, return_index=True, return_inverse=True, return_counts=True
    )
    n = len(count)
    mean_x, mean_y = np.bincount(group, px, n) / count, np.bincount(group, py, n) / count
    kind = snapshot.kinds[rows]
    lowest, highest = np.full(n, len(snapshot.kind_names)), np.full(n, -1)
    np.minimum.at(lowest, group, kind)
    np.maximum.at(highest, group, kind)
    alone = (count == 1).tolist()
    source = snapshot.order[rows[first]].tolist()
    properties: dict[str, Sequence[mvt.Value | None]] = {
        key: [values[s] if one else None for s, one in zip(source, alone, strict=True)]
        for key, values in snapshot.features.properties.items()
    }
    properties["count"] = count.tolist()
    if len(snapshot.kind_names) > 1 or "kind" in properties:
        properties["kind"] = [
            snapshot.kind_names[low] if low == high else "mixed"
            for low, high in zip(lowest.tolist(), highest.tolist(), strict=True)
        ]
    ids = np.where(count == 1, snapshot.features.ids[source], -1)
    return mvt.encode(layer.code, _units(mean_x), _units(mean_y), ids, properties)


def _units(part: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    return np.rint(part * mvt.EXTENT).astype(np.int64)
