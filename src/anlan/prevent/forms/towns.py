"""What people type about model towns."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.base.numbers import plain
from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.places.models import Region

from ..models import TownLine
from ..queries.towns import Scored
from ..services.towns import LineText


class TownStandardForm(forms.Form):
    name = forms.CharField(label=_("Name of the standard"), max_length=120)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=2100)
    region = RegionField(
        label=_("Region"), permission="prevent.standard", deepest=Region.Level.COUNTY
    )
    passing = forms.DecimalField(
        label=_("Points to reach"), min_value=Decimal("0.1"), max_digits=5, decimal_places=1
    )
    due_on = forms.DateField(
        label=_("Towns assess themselves by"), widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        region = self.fields["region"]
        assert isinstance(region, RegionField)
        region.paths = actor.regions_for("prevent.standard")


class LineForm(forms.Form):
    text = forms.CharField(label=_("What is asked for"), max_length=300)
    points = forms.DecimalField(
        label=_("Points"), min_value=Decimal("0.1"), max_value=100, max_digits=5, decimal_places=1
    )
    proof = forms.CharField(label=_("Evidence wanted"), max_length=200, required=False)

    def line(self) -> LineText:
        return LineText(**self.cleaned_data)


class ClaimForm(forms.Form):
    claimed = forms.DecimalField(label=_("Own score"), max_digits=5, decimal_places=1, min_value=0)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class ReviewForm(forms.Form):
    """A score and a note for each line that the town has answered."""

    def __init__(self, *args: Any, rows: list[Scored], **options: Any) -> None:
        super().__init__(*args, **options)
        self.lines: list[TownLine] = [row.line for row in rows if row.score]
        for row in rows:
            if row.score:
                self._add(row.line, row.score.claimed)

    def _add(self, line: TownLine, claimed: Decimal) -> None:
        self.fields[f"points-{line.number}"] = forms.DecimalField(
            max_digits=5,
            decimal_places=1,
            min_value=0,
            max_value=Decimal(plain(line.points)),
            initial=Decimal(plain(claimed)),
        )
        self.fields[f"note-{line.number}"] = forms.CharField(max_length=300, required=False)

    def found(self) -> dict[int, tuple[Decimal, str]]:
        data = self.cleaned_data
        return {
            line.number: (data[f"points-{line.number}"], data[f"note-{line.number}"])
            for line in self.lines
        }
