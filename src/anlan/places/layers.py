"""Layers of the map. Rooms register theirs in `apps.py`; each is served as vector tiles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .mvt import Value

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Features:
    """Every point of a layer, whoever may see it; tiles are cut to the reader's regions."""

    ids: npt.NDArray[np.int64]
    lon: npt.NDArray[np.float64]
    lat: npt.NDArray[np.float64]
    paths: Sequence[str]  # of each point's region
    kinds: Sequence[str] = ()  # for filtering and for clusters of one kind
    properties: dict[str, Sequence[Value | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Lines:
    """Every line of a layer, the same way."""

    ids: npt.NDArray[np.int64]
    geometries: npt.NDArray[Any]  # shapely LineString or MultiLineString, WGS 84
    paths: Sequence[str]
    from_zoom: npt.NDArray[np.int64]  # how far in one must look to see each
    kinds: Sequence[str] = ()
    properties: dict[str, Sequence[Value | None]] = field(default_factory=dict)


@dataclass(frozen=True)
class Layer:
    code: str
    label: "StrOrPromise"
    permission: str
    features: Callable[[], Features | Lines]
    version: Callable[[], str]  # changes when the features do; asked at every request, so be quick
    cluster_below: int = 14  # zoom from which every point is shown by itself
    order: int = 100


_layers: dict[str, Layer] = {}


def register(layer: Layer) -> None:
    _layers[layer.code] = layer


def get(code: str) -> Layer | None:
    return _layers.get(code)


def registered() -> list[Layer]:
    return sorted(_layers.values(), key=lambda layer: layer.order)
