import pytest

from anlan.work import kinds

from .factories import City


@pytest.fixture
def city():
    return City()


@pytest.fixture(autouse=True)
def _a_kind_of_duty(monkeypatch):
    """Any room's duty: the ladder knows none of them. A slow machine is no fault of it."""
    monkeypatch.setattr("anlan.oversee.services.ladders.BUDGET_S", 60)
    kinds.register(
        kinds.Kind("test.duty", "任务", page="work:item", may_do="work.do", may_check="work.check")
    )
