"""What people type about an enterprise."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import RegionField

from ..models import Enterprise
from ..queries import enterprises as queries
from ..services.enterprises import Particulars

BLANK = ("", _("not known"))


class EnterpriseForm(forms.Form):
    """The particulars; without a position that of the region is taken."""

    name = forms.CharField(label=_("Name of the enterprise"), max_length=120)
    credit_code = forms.CharField(
        label=_("Unified social credit code"),
        max_length=24,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "class": "mono"}),
    )
    region = RegionField(label=_("Grid or village"), permission="prevent.manage")
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    industry = forms.CharField(
        label=_("Industry (GB/T 4754)"),
        max_length=5,
        required=False,
        widget=forms.TextInput(attrs={"list": "industries", "autocomplete": "off"}),
    )
    standard = forms.ChoiceField(label=_("Safety standard"), required=False)
    size = forms.ChoiceField(
        label=_("Size"), choices=[BLANK, *Enterprise.Size.choices], required=False
    )
    employees = forms.IntegerField(
        label=_("Employees"), min_value=0, max_value=1_000_000, required=False
    )
    legal_person = forms.CharField(label=_("Legal representative"), max_length=60, required=False)
    lon = forms.FloatField(
        label=_("Longitude"), min_value=-180, max_value=180, required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    lat = forms.FloatField(
        label=_("Latitude"), min_value=-90, max_value=90, required=False,
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip

    def __init__(
        self, *args: Any, actor: Account, enterprise: Enterprise | None = None, **options: Any
    ) -> None:
        options["initial"] = _initial(enterprise)
        super().__init__(*args, **options)
        region, standard = self.fields["region"], self.fields["standard"]
        assert isinstance(region, RegionField)
        assert isinstance(standard, forms.ChoiceField)
        region.paths = actor.regions_for("prevent.manage")
        self.standards = {str(s.pk): s for s in queries.list_standards()}
        standard.choices = [BLANK, *((pk, s.name) for pk, s in self.standards.items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        region = data.get("region")
        if data.get("lon") is None or data.get("lat") is None:
            data["lon"], data["lat"] = (region.lon, region.lat) if region else (None, None)
            if region and region.lon is None:
                self.add_error("lon", _("Give the position: nothing is known of the region's."))
        return data

    def particulars(self) -> Particulars:
        data = {name: self.cleaned_data[name] for name in self.base_fields}
        data["standard"] = self.standards.get(data["standard"])
        data["industry"] = data["industry"].upper()
        return Particulars(**data)


def _initial(enterprise: Enterprise | None) -> dict[str, Any]:
    if enterprise is None:
        return {}
    site = enterprise.site
    own = ("credit_code", "address", "industry", "size", "employees", "legal_person")
    return {name: getattr(enterprise, name) for name in own} | {
        "name": site.name,
        "region": site.region,
        "lon": site.lon,
        "lat": site.lat,
        "standard": enterprise.standard_id or "",
    }
