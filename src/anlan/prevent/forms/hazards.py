"""What people type about a hazard."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import Hazard
from ..services.hazards import Finding


class HazardForm(forms.Form):
    """What was found; the place is the enterprise's."""

    what = forms.CharField(
        label=_("Description of the hazard"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    grade = forms.ChoiceField(label=_("Grade"), choices=Hazard.Grade.choices)
    found_how = forms.ChoiceField(
        label=_("How it was found"),
        choices=[
            (source, source.label)
            for source in (Hazard.Source.VISIT, Hazard.Source.REPORT, Hazard.Source.VIDEO)
        ],
    )
    basis = forms.CharField(label=_("Article that it offends"), max_length=300, required=False)
    due_on = forms.DateField(
        label=_("To be put right by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Without a day, the bureau's usual time limit holds."),
    )

    def finding(self) -> Finding:
        data = self.cleaned_data
        return Finding(
            what=data["what"], grade=data["grade"], basis=data["basis"], due_on=data["due_on"]
        )
