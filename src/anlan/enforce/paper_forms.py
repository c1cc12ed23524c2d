"""Shape of what becomes of a document: how it was served, how it is corrected."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .fields import MomentField, lines
from .models import Receipt


class ServeForm(forms.Form):
    """How a document reached the party."""

    way = forms.ChoiceField(label=_("Way of service"), choices=Receipt.Way.choices)
    place = forms.CharField(label=_("Place"), max_length=120)
    sent_at = MomentField(label=_("Sent at"))
    received_at = MomentField(label=_("Received at"))
    receiver = forms.CharField(label=_("Received by"), max_length=60, required=False)
    relation = forms.CharField(
        label=_("Relation to the party, where somebody else signed"), max_length=60, required=False
    )
    witness = forms.CharField(label=_("Witness"), max_length=60, required=False)
    note = forms.CharField(label=_("Further note"), max_length=200, required=False)


class CorrectForm(forms.Form):
    reason = forms.CharField(label=_("Reason for it"), max_length=200)
    text = lines(_("What the record does not hold"), 20000, required=False)
