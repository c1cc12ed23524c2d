"""Shape of what people type about letters and the ladder; the rules are in the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.places.models import Region
from anlan.prevent.forms.choosing import EnterpriseField

from . import accidents, queries
from .models import Accident, Finding, Letter, PersonMeasure, Rung
from .services.accidents import Count, Happening, PersonText
from .services.letters import LetterText, Talk

SENT_FREELY = [choice for choice in Letter.Kind.choices if choice[0] != Letter.Kind.SANCTION]


def day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more
    )


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
        # Nothing is chosen by itself: the first of a list is nobody's letter.
        chosen = [("", _("choose the office")), *((k, u.name) for k, u in self.offices.items())]
        self._choices("to", chosen)
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


class AccidentForm(forms.Form):
    """An accident as it is first reported, with its first count."""

    title = forms.CharField(label=_("Title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=Accident.Kind.choices)
    region = RegionField(label=_("Region"), permission="oversee.investigate")
    happened_at = forms.DateTimeField(
        label=_("Happened"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    enterprise = EnterpriseField(
        label=_("Enterprise"),
        required=False,
        help_text=_("At whose site it happened; the accident then stands in its file."),
    )
    place = forms.CharField(label=_("Place"), max_length=200)
    account = forms.CharField(
        label=_("Course of the accident"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    deaths = forms.IntegerField(label=_("Deaths"), min_value=0, max_value=9999, initial=0)
    injured = forms.IntegerField(
        label=_("Seriously injured, with acute poisoning"), min_value=0, max_value=9999, initial=0
    )
    loss = forms.DecimalField(
        label=_("Direct loss (yuan)"), min_value=0, max_digits=14, decimal_places=2, initial=0
    )

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["region"]
        assert isinstance(field, RegionField)
        field.paths = actor.regions_for("oversee.investigate")
        firm = self.fields["enterprise"]
        assert isinstance(firm, EnterpriseField)
        firm.actor = actor

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        what = {name: data[name] for name in ("title", "kind", "happened_at", "place", "account")}
        firm = data["enterprise"]
        what["site"] = firm.site if firm else None
        count = Count(data["deaths"], data["injured"], data["loss"])
        return {"region": data["region"], "what": Happening(**what), "count": count}


class OfAccident(forms.Form):
    """One of several on an accident's page: the label of each field must lead to its own."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("auto_id", f"{type(self).__name__.lower()}_%s")
        super().__init__(*args, **options)


class SiteForm(OfAccident):
    enterprise = EnterpriseField(
        label=_("Enterprise"), required=False, help_text=_("Empty: at no enterprise's site.")
    )
    why = forms.CharField(label=_("Why it is changed"), max_length=200)

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        firm = self.fields["enterprise"]
        assert isinstance(firm, EnterpriseField)
        firm.actor = actor

    def arguments(self) -> dict[str, Any]:
        firm = self.cleaned_data["enterprise"]
        return {"site": firm.site if firm else None, "why": self.cleaned_data["why"]}


class CountForm(OfAccident):
    deaths = forms.IntegerField(label=_("Deaths"), min_value=0, max_value=9999)
    injured = forms.IntegerField(label=_("Seriously injured"), min_value=0, max_value=9999)
    loss = forms.DecimalField(
        label=_("Direct loss (yuan)"), min_value=0, max_digits=14, decimal_places=2
    )
    source = forms.CharField(label=_("Source"), max_length=200, required=False)

    def count(self) -> Count:
        return Count(**self.cleaned_data)


class PersonForm(OfAccident):
    name = forms.CharField(label=_("Name"), max_length=60)
    id_number = forms.CharField(label=_("Identity number"), max_length=30, required=False)
    position = forms.CharField(
        label=pgettext_lazy("person", "Position"), max_length=120, required=False
    )
    measure = forms.ChoiceField(
        label=pgettext_lazy("person", "Measure"), choices=PersonMeasure.Measure.choices
    )
    organ = forms.CharField(label=_("By which organ"), max_length=120)
    from_date = day(_("Since"))

    def person(self) -> PersonText:
        return PersonText(**self.cleaned_data)


class FindingForm(OfAccident):
    kind = forms.ChoiceField(label=_("Kind"), choices=Finding.Kind.choices)
    text = forms.CharField(
        label=pgettext_lazy("accident", "What was found"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ToOffice(OfAccident):
    """Something that an office of the accident's surroundings is to do by a day."""

    text = forms.CharField(
        label=pgettext_lazy("remedy", "What is to be done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    organisation = forms.ChoiceField(label=_("Office"))
    due_on = day(_("Due on"))

    def __init__(self, *args: Any, accident: Accident, **options: Any) -> None:
        super().__init__(*args, **options)
        offices = accidents.organisations_for(accident)
        self.offices = {str(unit.pk): unit for unit in offices}
        field = self.fields["organisation"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(pk, unit.name) for pk, unit in self.offices.items()]

    def chosen(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"organisation": self.offices[data["organisation"]]}


class ProblemForm(ToOffice):
    remedy = forms.ChoiceField(label=_("Line of the list"), required=False)

    def __init__(self, *args: Any, accident: Accident, **options: Any) -> None:
        super().__init__(*args, accident=accident, **options)
        self.fields["text"].label = _("Problem, and what is to be done")
        self.remedies = {str(r.pk): r for r in accidents.remedies_of(accident)}
        field = self.fields["remedy"]
        assert isinstance(field, forms.ChoiceField)
        lines = [(pk, remedy.text[:60]) for pk, remedy in self.remedies.items()]
        field.choices = [("", _("none of them")), *lines]

    def chosen(self) -> dict[str, Any]:
        return super().chosen() | {"remedy": self.remedies.get(self.cleaned_data["remedy"])}


class ReportForm(OfAccident):
    text = forms.CharField(
        label=pgettext_lazy("accident", "Report"), widget=forms.Textarea(attrs={"rows": 12})
    )
