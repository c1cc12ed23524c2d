"""How long a hazard may take to be put right (docs/rules/hazards.md).

No law says it in days: the order does, or the bureau's own rule where no order is given.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import BadInput
from anlan.work.deadlines import BEIJING, Rule, Unit, Version, register

RULE = "prevent.rectify"
VERIFY = "prevent.report"
VERIFY_DAYS = 3  # working days, the bureau's rule
DAYS = 15  # the bureau's rule as shipped
MOST_DAYS_AHEAD = 3650
SOURCE = "本局隐患整改时限规定；责令限期整改依据安全生产法（2021）第六十五条"

VERIFY_SOURCE = "本局群众举报核实时限规定；受理举报依据安全生产法（2021）第七十三条"


def register_limits() -> None:
    register(
        Rule(
            RULE,
            gettext_lazy("rectification of a hazard"),
            (Version(date(2021, 9, 1), DAYS, Unit.NATURAL_DAYS, SOURCE),),
        )
    )
    register(
        Rule(
            VERIFY,
            gettext_lazy("verification of a public report"),
            (Version(date(2021, 9, 1), VERIFY_DAYS, Unit.WORKING_DAYS, VERIFY_SOURCE),),
        )
    )


def rule_for_rectification() -> str:
    """The bureau's rule. Another number of days is kept with each clock as what it was then."""
    days = settings.RECTIFY_DAYS
    return RULE if days == DAYS else f"natural_days:{days}"


def beginning_of(day: date) -> datetime:
    """0:00 of a day in Beijing."""
    return datetime.combine(day, datetime.min.time(), BEIJING)


def end_of(day: date) -> datetime:
    """Midnight (24:00) at the end of a day in Beijing: an order until the 5th may be met on it."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), BEIJING)


def check_ahead(day: date, at: datetime) -> None:
    """Until when something is asked for: neither over already nor beyond what anybody plans."""
    if not 0 <= (day - timezone.localdate(at)).days <= MOST_DAYS_AHEAD:
        raise BadInput(
            "prevent.past_day", _("That day has passed, or is more than ten years away.")
        )
