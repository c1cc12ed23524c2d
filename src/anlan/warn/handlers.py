"""What this room does when something happened."""

from anlan.base.events import subscribe
from anlan.base.models import Event

from . import forecasts


@subscribe("simulate.run.done")
def judge_forecast(event: Event) -> None:
    """A forecast is there: hold it against the rules on forecasts."""
    forecasts.judge_run(run_id=event.data["run_id"], at=event.at)
