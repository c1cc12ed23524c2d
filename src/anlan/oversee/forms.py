"""Shape of what people type about letters and the ladder; the rules are in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.models import Region

from . import queries
from .models import Letter, Rung
from .services.letters import LetterText, Talk

SENT_FREELY = [choice for choice in Letter.Kind.choices if choice[0] != Letter.Kind.SANCTION]


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}), **more)


class LetterForm(forms.Form):
    """A letter to an office of a region, of those above it or directly below."""

    kind = forms.ChoiceField(label=_("Kind"), choices=SENT_FREELY)
    to = forms.ChoiceField(label=_("To the office"))
    post = forms.ChoiceField(label=_("Post that answers"), required=False)
    title = forms.CharField(label=_("Title"), max_length=120)
    text = forms.CharField(
        label=_("Text"), max_length=8000, widget=forms.Textarea(attrs={"rows": 6})
    )
    basis = forms.CharField(label=_("Basis"), max_length=300, required=False)
    measure = forms.ChoiceField(label=_("Sanction"), choices=Letter.Measure.choices, required=False)
    reply_by = day(_("Answer by"))

    def __init__(self, *args: Any, actor: Account, region: Region, rung: str = "", **more: Any):
        super().__init__(*args, **more)
        offices = queries.organisations_for(actor=actor, region=region)
        self.offices = {str(unit.pk): unit for unit in offices}
        self.posts = {str(post.pk): post for post in queries.posts_for(region)}
        self.rung = rung
        self._choices("to", [(pk, unit.name) for pk, unit in self.offices.items()])
        none = ("", _("whoever may do it there"))
        self._choices("post", [none, *((pk, str(post)) for pk, post in self.posts.items())])
        if rung:
            del self.fields["kind"]
        if rung != Rung.SANCTION:
            del self.fields["measure"]

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def letter(self) -> LetterText:
        data = self.cleaned_data
        return LetterText(
            kind=self.rung or data["kind"],
            to=self.offices[data["to"]],
            post=self.posts.get(data["post"]),
            title=data["title"],
            text=data["text"],
            basis=data["basis"],
            measure=data.get("measure", ""),
            reply_by=data["reply_by"],
        )


class InterviewForm(forms.Form):
    held_on = day(_("Held on"))
    place = forms.CharField(label=_("Place"), max_length=120, required=False)
    held_by = forms.CharField(label=_("Held by"), max_length=120)
    with_whom = forms.CharField(label=_("With whom"), max_length=120)
    minutes = forms.CharField(label=_("Minutes"), widget=forms.Textarea(attrs={"rows": 6}))
    promised = forms.CharField(label=_("What was promised"), max_length=500, required=False)

    def talk(self) -> Talk:
        return Talk(**self.cleaned_data)


def _days(label: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=365, required=False)


class LadderForm(forms.Form):
    """The next version of the ladder; a step without days is left out."""

    remind_days = _days(_("Reminder letter: working days after the limit"))
    urge_days = _days(_("Urging letter: working days after the step before it"))
    interview_days = _days(_("Interview: working days after the step before it"))
    sanction_days = _days(_("Sanction: working days after the step before it"))
    since = day(_("In force from"))
    source = forms.CharField(label=_("Document that it rests on"), max_length=300)

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "days": {rung: data[f"{rung.value.lower()}_days"] for rung in Rung},
            "since": data["since"],
            "source": data["source"],
        }
