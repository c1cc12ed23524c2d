"""Choosing an enterprise in a form: by its name or credit code, among those the reader sees."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import Picker

from ..models import Enterprise
from ..queries import enterprises as queries


class EnterprisePicker(Picker):
    def shown(self, value: Any) -> tuple[str, str]:
        found = isinstance(value, Enterprise)
        return (value.credit_code, value.site.name) if found else ("", str(value or ""))

    def source(self) -> str:
        return reverse("api:enterprise_names")


class EnterpriseField(forms.Field):
    """An enterprise that `actor` sees; set it before use."""

    default_error_messages = {
        "unknown": _("There is no such enterprise in your regions."),
        "several": _("Several enterprises are called so; choose one from the list."),
    }

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=EnterprisePicker(), **more)
        self.actor: Account | None = None

    def prepare_value(self, value: Any) -> Any:
        """What was typed comes back as typed; a code that is known, as the enterprise."""
        if not isinstance(value, str) or not value:
            return value
        found = self._called(value)
        return found[0] if len(found) == 1 else value

    def clean(self, value: Any) -> Enterprise | None:
        text = super().clean(value)
        if not text:
            return None
        found = self._called(text)
        if len(found) != 1:
            problem = "several" if found else "unknown"
            raise forms.ValidationError(self.error_messages[problem], code=problem)
        return found[0]

    def _called(self, text: str) -> list[Enterprise]:
        assert self.actor is not None
        return queries.enterprises_called(actor=self.actor, text=text)
