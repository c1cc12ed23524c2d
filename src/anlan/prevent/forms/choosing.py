"""Choosing an enterprise in a form: by its name or credit code, among those the reader sees."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from anlan.people.models import Account
from anlan.places.forms import PickedField, Picker

from ..models import Enterprise
from ..queries import enterprises as queries


class EnterprisePicker(Picker):
    def shown(self, value: Any) -> tuple[str, str]:
        found = isinstance(value, Enterprise)
        return (value.credit_code, value.site.name) if found else ("", str(value or ""))

    def source(self) -> str:
        return reverse("api:enterprise_names")


class EnterpriseField(PickedField):
    """An enterprise that `actor` sees; set it before use."""

    default_error_messages = {
        "unknown": _("There is no such enterprise in your regions."),
        "several": _("Several enterprises are called so; choose one from the list."),
    }

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=EnterprisePicker(), **more)
        self.actor: Account | None = None

    def called(self, text: str) -> list[Enterprise]:
        assert self.actor is not None
        return queries.enterprises_called(actor=self.actor, text=text)
