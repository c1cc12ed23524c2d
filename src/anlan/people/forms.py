"""Shape and type of what people type; the rules are in the services."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.places.models import Region

from . import permissions


class SignInForm(forms.Form):
    username = forms.CharField(label=_("user name"), max_length=60)
    password = forms.CharField(label=_("password"), max_length=200, strip=False)


class CodeForm(forms.Form):
    code = forms.CharField(label=_("six-digit code"), max_length=12)


class PasswordForm(forms.Form):
    old = forms.CharField(label=_("present password"), max_length=200, strip=False, required=False)
    new = forms.CharField(label=_("new password"), max_length=200, strip=False)
    again = forms.CharField(label=_("new password again"), max_length=200, strip=False)

    def clean_again(self) -> str:
        again = str(self.cleaned_data["again"])
        if again != self.cleaned_data.get("new"):
            raise forms.ValidationError(_("The two new passwords differ."))
        return again


class OrganisationForm(forms.Form):
    name = forms.CharField(label=_("Name of the organisation"), max_length=120)
    short = forms.CharField(
        label=_("Prefix of its numbers"),
        max_length=20,
        required=False,
        help_text=_("（金）应急 in （金）应急责改〔2026〕1号; without one, the full name."),
    )


class RolePermissionsForm(forms.Form):
    """What comes with holding a post of a kind."""

    permissions = forms.MultipleChoiceField(
        label=_("What comes with the post"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        field = self.fields["permissions"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = sorted(permissions.registered().items())


class RoleForm(RolePermissionsForm):
    """A new kind of post; it gets its code by itself."""

    name = forms.CharField(label=_("Name of the kind of post"), max_length=60)
    level = forms.TypedChoiceField(
        label=_("Level"),
        coerce=int,
        choices=[choice for choice in Region.Level.choices if choice[0] >= Region.Level.CITY],
    )

    field_order = ("name", "level", "permissions")
