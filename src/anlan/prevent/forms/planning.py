"""What people choose when they plan a visit."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account

from ..models import Standard
from ..services.planning import KINDS


class PlanForm(forms.Form):
    """One visit to an enterprise."""

    visit_kind = forms.ChoiceField(
        label=_("Kind"), choices=[(kind.value, kind.label) for kind in KINDS]
    )
    due_on = forms.DateField(
        label=_("To be made by"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    inspectors = forms.MultipleChoiceField(
        label=_("Inspectors"),
        error_messages={"required": _("Choose at least one inspector from the list.")},
    )
    standard = forms.ChoiceField(
        label=_("Checklist"),
        required=False,
        help_text=_("Without a choice, that of the enterprise's own category."),
    )
    note = forms.CharField(
        label=_("What to look at above all"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Account],
        standards: Sequence[Standard],
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.people = {str(person.pk): person for person in people}
        self.standards = {str(one.pk): one for one in standards}
        who, checklist = self.fields["inspectors"], self.fields["standard"]
        assert isinstance(who, forms.MultipleChoiceField)
        assert isinstance(checklist, forms.ChoiceField)
        who.choices = [(pk, str(person)) for pk, person in self.people.items()]
        checklist.choices = [("", "—"), *((pk, one.name) for pk, one in self.standards.items())]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "kind": data["visit_kind"],
            "due_on": data["due_on"],
            "inspectors": [self.people[pk] for pk in data["inspectors"]],
            "standard": self.standards.get(data["standard"]),
            "note": data["note"],
        }
