"""Shape of what people type about incidents and plans; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField
from anlan.places.models import Region

from . import queries
from .models import Incident, ResponseLevel
from .services.plans import StepText

INCIDENT_KINDS = [
    ("rainstorm", _("heavy rain and flood")),
    ("waterlogging", _("urban waterlogging")),
    ("typhoon", _("typhoon")),
    ("landslide", _("landslide")),
    ("fire", _("fire")),
    ("work_accident", _("work-safety accident")),
    ("other", _("other")),
]


class IncidentForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=INCIDENT_KINDS)
    region = RegionField(label=_("Region"), permission="command.lead", deepest=Region.Level.TOWN)
    exercise = forms.BooleanField(label=_("This is an exercise"), required=False)

    def __init__(self, *args: Any, actor: Account, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["region"]
        assert isinstance(field, RegionField)
        field.paths = actor.regions_for("command.lead")


class ActivationForm(forms.Form):
    """Which plan, which level, where."""

    version = forms.ChoiceField(label=_("Plan"))
    level = forms.TypedChoiceField(
        label=_("Response level"), choices=ResponseLevel.choices, coerce=int, initial=4
    )
    areas = forms.MultipleChoiceField(label=_("Regions concerned"))

    def __init__(self, *args: Any, actor: Account, incident: Incident, **options: Any) -> None:
        super().__init__(*args, **options)
        self.versions = {
            str(version.pk): version
            for version in queries.plans_in_force(actor=actor, region=incident.region)
        }
        self.groups = queries.areas_to_choose(actor=actor, within=incident.region)
        self.regions = {
            str(area.pk): area for group in self.groups for area in (group.head, *group.towns)
        }
        version_field, areas_field = self.fields["version"], self.fields["areas"]
        assert isinstance(version_field, forms.ChoiceField)
        assert isinstance(areas_field, forms.MultipleChoiceField)
        version_field.choices = [(pk, str(version)) for pk, version in self.versions.items()]
        areas_field.choices = [(pk, area.name) for pk, area in self.regions.items()]

    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "version": self.versions[data["version"]],
            "level": data["level"],
            "areas": [self.regions[pk] for pk in data["areas"]],
        }


class StepForm(forms.Form):
    """A plan's step as typed."""

    level = forms.TypedChoiceField(
        label=_("From level"), choices=ResponseLevel.choices, coerce=int, initial=4
    )
    title = forms.CharField(label=_("What is to be done"), max_length=100)
    role = forms.ChoiceField(label=_("Post"))
    region_level = forms.TypedChoiceField(
        label=_("In each"), choices=Region.Level.choices, coerce=int, initial=5
    )
    site_kind = forms.ChoiceField(label=_("At each"), required=False)
    hit_by_forecast = forms.BooleanField(
        label=_("Only at those that the last forecast says will stand in water"), required=False
    )
    minutes = forms.IntegerField(label=_("Within (minutes)"), min_value=1, initial=60)
    instructions = forms.CharField(
        label=_("Instructions"), widget=forms.Textarea, required=False, max_length=2000
    )

    def __init__(self, *args: Any, site_kinds: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        role_field, site_field = self.fields["role"], self.fields["site_kind"]
        assert isinstance(role_field, forms.ChoiceField)
        assert isinstance(site_field, forms.ChoiceField)
        role_field.choices = list(queries.role_names().items())
        site_field.choices = [("", _("region (not a site)")), *site_kinds]

    def text(self) -> StepText:
        return StepText(**self.cleaned_data)
