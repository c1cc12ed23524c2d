"""Shape and type of what people type; the rules are in the services."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
