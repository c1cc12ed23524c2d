"""What a penalty is made of: exact amounts, each in the field of its kind."""

from decimal import Decimal

from django.utils.translation import gettext as _

from anlan.base.errors import BadInput

from ..ledger import CENT
from ..rules import GAINS


def check_penalty(
    *, fine: Decimal | None, confiscated: Decimal | None, besides: str, told: str = ""
) -> None:
    """A fine, illegal gains or another penalty, to the cent; or why not.

    `told` is the other penalty that the party was told of: where it names illegal gains, as before
    they had a field, the decision may say the same.
    """
    for amount in (fine, confiscated):
        if amount is not None and amount != amount.quantize(CENT):
            raise BadInput("enforce.fine_cents", _("An amount has no parts of a cent."))
        if amount is not None and amount < 0:
            raise BadInput("enforce.fine_negative", _("An amount is more than nothing."))
    if GAINS in besides and GAINS not in told:
        raise BadInput(
            "enforce.gains_elsewhere",
            _("Illegal gains that are confiscated have a field of their own."),
            hint=_("Enter the amount there; documents and the publicity list take it from it."),
        )
    if not fine and not confiscated and not besides.strip():
        raise BadInput("enforce.no_penalty", _("Name a fine or another penalty."))
