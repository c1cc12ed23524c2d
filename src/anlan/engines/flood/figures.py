"""Whatever was given, as an array; or a refusal."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .case import BadCase


def as_array(value: Any, name: str, kind: Any = None) -> NDArray[Any]:
    try:
        return np.asarray(value, kind)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadCase(
            "flood.numbers",
            f"{name} is not made of numbers.",
            hint="Give a number, or an array of one shape.",
        ) from error


def as_reals(value: Any, name: str) -> NDArray[np.float64]:
    return as_array(value, name, np.float64)
