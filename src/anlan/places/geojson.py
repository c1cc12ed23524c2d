"""Read GeoJSON that somebody hands in."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import shapely
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

from . import gcj02


def features(content: bytes) -> list[dict[str, Any]]:
    """The features of a file, of any kind of geometry."""
    try:
        found = json.loads(content)
        listed = found["features"] if found["type"] == "FeatureCollection" else [found]
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput("places.not_geojson", _("The file is not GeoJSON.")) from error
    if not isinstance(listed, list) or not all(isinstance(f, dict) for f in listed):
        raise BadInput("places.not_geojson", _("The file is not GeoJSON."))
    return listed


def unshifted(geometry: Any) -> Any:
    """From the shifted coordinates of Chinese web maps (GCJ-02) to WGS 84."""
    return shapely.transform(geometry, _to_wgs84)


def _to_wgs84(coordinates: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.column_stack(gcj02.to_wgs84(coordinates[:, 0], coordinates[:, 1]))
