"""Shape of what an organ keeps: itself, its officers' certificates, its discretion table."""

from django import forms
from django.utils.translation import gettext_lazy as _

from anlan.places.forms import RegionField
from anlan.places.models import Region

from .fields import DayField, money


class OrganForm(forms.Form):
    region = RegionField(label=_("Region"), permission="enforce.manage", deepest=Region.Level.TOWN)
    name = forms.CharField(label=_("Name or title"), max_length=60)
    mark = forms.CharField(label=_("Mark in its numbers"), max_length=6)
    credit_code = forms.CharField(label=_("Credit code"), max_length=18, required=False)
    address = forms.CharField(label=_("Address"), max_length=120)
    postcode = forms.CharField(label=_("Postcode"), max_length=6, required=False)
    contact = forms.CharField(label=_("Contact"), max_length=40, required=False)
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    review_body = forms.CharField(label=_("Body for reconsideration"), max_length=60)
    court = forms.CharField(label=_("Court"), max_length=60)
    bank = forms.CharField(label=_("Bank that takes fines"), max_length=60)
    account_number = forms.CharField(label=_("Account number"), max_length=40)
    hearing_org = money(_("Hearing from this fine on (organisations)"), required=False)
    hearing_person = money(_("Hearing from this fine on (persons)"), required=False)


class CertificateForm(forms.Form):
    username = forms.CharField(label=_("User name of the officer"), max_length=60)
    number = forms.CharField(label=_("Certificate number"), max_length=30)
    valid_from = DayField(label=_("Valid from"))
    valid_until = DayField(label=_("Valid until"))


class DiscretionForm(forms.Form):
    region = RegionField(label=_("Region"), permission="enforce.manage", deepest=Region.Level.TOWN)
    name = forms.CharField(label=_("Name of the table"), max_length=120)
    source = forms.CharField(label=_("Document that issued it"), max_length=200)
    since = DayField(label=_("Holds from"))
    file = forms.FileField(label=_("Excel or CSV"))
