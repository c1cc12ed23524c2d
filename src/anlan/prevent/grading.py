"""How a risk is graded: by LEC or by the risk matrix, in one of four colours (docs/rules/risks.md).

Only the values of a method's tables are taken, and the product alone decides the colour; where a
limit lies between two grades, the graver one holds at the limit where the table says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from anlan.base.errors import BadInput

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

RED, ORANGE, YELLOW, BLUE = 1, 2, 3, 4


@dataclass(frozen=True)
class Factor:
    """One factor of the product, and the values that its table knows, gravest first."""

    code: str
    label: "StrOrPromise"
    values: "tuple[tuple[Decimal, StrOrPromise], ...]"

    def knows(self, value: Decimal) -> bool:
        return any(value == known for known, _label in self.values)


@dataclass(frozen=True)
class Limit:
    """From this score on a risk has this grade; `over`: only above it."""

    grade: int
    score: Decimal
    over: bool = False

    def holds(self, score: Decimal) -> bool:
        return score > self.score if self.over else score >= self.score


@dataclass(frozen=True)
class Method:
    code: str
    label: "StrOrPromise"
    formula: str
    factors: tuple[Factor, ...]
    limits: tuple[Limit, ...]  # gravest first; below the last one: blue
    source: str


def _table(*rows: "tuple[str, StrOrPromise]") -> "tuple[tuple[Decimal, StrOrPromise], ...]":
    return tuple((Decimal(value), label) for value, label in rows)


LEC = Method(
    "LEC",
    gettext_lazy("LEC (risk of working conditions)"),
    "D = L × E × C",
    (
        Factor(
            "likelihood",
            gettext_lazy("L: likelihood of an accident"),
            _table(
                ("10", gettext_lazy("to be expected")),
                ("6", gettext_lazy("quite possible")),
                ("3", gettext_lazy("possible, but not often")),
                ("1", gettext_lazy("hardly possible, would be a surprise")),
                ("0.5", gettext_lazy("very unlikely, but conceivable")),
                ("0.2", gettext_lazy("extremely unlikely")),
                ("0.1", gettext_lazy("practically impossible")),
            ),
        ),
        Factor(
            "exposure",
            gettext_lazy("E: how often people are exposed"),
            _table(
                ("10", gettext_lazy("all the time")),
                ("6", gettext_lazy("every working day")),
                ("3", gettext_lazy("once a week, or now and then")),
                ("2", gettext_lazy("once a month")),
                ("1", gettext_lazy("a few times a year")),
                ("0.5", gettext_lazy("very rarely")),
            ),
        ),
        Factor(
            "severity",
            gettext_lazy("C: what an accident would do"),
            _table(
                ("100", gettext_lazy("catastrophe, many dead")),
                ("40", gettext_lazy("disaster, several dead")),
                ("15", gettext_lazy("very grave, one dead")),
                ("7", gettext_lazy("grave, serious injuries")),
                ("3", gettext_lazy("considerable, disabling injury")),
                ("1", gettext_lazy("noticeable, needs first aid")),
            ),
        ),
    ),
    (
        Limit(RED, Decimal(320), over=True),
        Limit(ORANGE, Decimal(160)),
        Limit(YELLOW, Decimal(70)),
    ),
    "Graham & Kinney, NWC TP 5865 (1976)；国内通行分级界限 320、160、70",
)

MATRIX = Method(
    "LS",
    gettext_lazy("risk matrix (L × S)"),
    "R = L × S",
    (
        Factor(
            "likelihood",
            gettext_lazy("L: likelihood"),
            _table(
                ("5", gettext_lazy("no measures on the spot, happens often")),
                ("4", gettext_lazy("hard to notice, has happened here")),
                ("3", gettext_lazy("measures are not kept to, has happened elsewhere")),
                ("2", gettext_lazy("measures are kept to, happens rarely")),
                ("1", gettext_lazy("measures are full and effective")),
            ),
        ),
        Factor(
            "severity",
            gettext_lazy("S: severity"),
            _table(
                ("5", gettext_lazy("death")),
                ("4", gettext_lazy("loss of the ability to work")),
                ("3", gettext_lazy("broken bones, deafness, chronic illness")),
                ("2", gettext_lazy("slight injury")),
                ("1", gettext_lazy("no injury")),
            ),
        ),
    ),
    (Limit(RED, Decimal(20)), Limit(ORANGE, Decimal(15)), Limit(YELLOW, Decimal(9))),
    "风险矩阵分析法（L·S），通行分级界限 20、15、9",
)

METHODS = {method.code: method for method in (LEC, MATRIX)}
CHOICES = [(method.code, method.label) for method in METHODS.values()]


def score(method: Method, values: Mapping[str, Decimal]) -> Decimal:
    """The product of the factors, each one of its table's values."""
    if set(values) != {factor.code for factor in method.factors}:
        raise BadInput(
            "prevent.factors",
            _("%(method)s needs a value for each of its factors.") % {"method": method.label},
        )
    product = Decimal(1)
    for factor in method.factors:
        value = values[factor.code]
        if not factor.knows(value):
            raise BadInput(
                "prevent.factor_value",
                _("%(value)s is no value of “%(factor)s”.")
                % {"value": value, "factor": factor.label},
                hint=_("Choose one from the table; values between are not used."),
            )
        product *= value
    return product


def grade_of(method: Method, score: Decimal) -> int:
    """1 (red) to 4 (blue)."""
    return next((limit.grade for limit in method.limits if limit.holds(score)), BLUE)
