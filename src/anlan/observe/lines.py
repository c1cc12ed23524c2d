"""Levels that upper rooms have of a series, to be drawn in its chart."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

from .models import Series


@dataclass(frozen=True)
class Line:
    label: str
    value: float
    severity: int  # 1 to 4, its colour


Provider = Callable[[Series], list[Line]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    if provider not in _providers:
        _providers.append(provider)


def of_series(series: Series) -> list[dict[str, object]]:
    """As the chart reads them."""
    return [asdict(line) for provider in _providers for line in provider(series)]
