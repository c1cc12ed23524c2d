"""Choosing one thing in a form: a region by its name or code, among the reader's own only."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from anlan.base.errors import NotFound

from . import queries
from .models import Region


class Picker(forms.Widget):
    """Two inputs: what is typed, and the code that the list below it fills in.

    Without scripts the typed name or code is enough.
    """

    template_name = "places/region_picker.html"
    submits = False

    def source(self) -> str:
        """Where the list comes from: [{code, name, full_name}] for `q`."""
        raise NotImplementedError

    def shown(self, value: Any) -> tuple[str, str]:
        """The code of what was chosen, if it was, and the text to show."""
        raise NotImplementedError

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        code, text = self.shown(value)
        more = {"src": self.source(), "code": code, "text": text, "submits": self.submits}
        context["widget"] |= more
        return context

    def value_from_datadict(
        self, data: Mapping[str, Any], files: Mapping[str, Any], name: str
    ) -> str:
        text = str(data.get(name) or data.get(f"{name}-text") or "")
        return text.replace("\x00", "").strip()  # PostgreSQL cannot compare with it

    def value_omitted_from_data(
        self, data: Mapping[str, Any], files: Mapping[str, Any], name: str
    ) -> bool:
        return name not in data and f"{name}-text" not in data


class RegionPicker(Picker):
    def __init__(
        self, *, permission: str, deepest: int = Region.Level.GRID, submits: bool = False
    ) -> None:
        super().__init__()
        self.permission, self.deepest, self.submits = permission, deepest, submits

    def source(self) -> str:
        query = urlencode([("permission", self.permission), ("deepest", str(int(self.deepest)))])
        return f"{reverse('api:regions')}?{query}"

    def shown(self, value: Any) -> tuple[str, str]:
        return (value.code, value.place()) if isinstance(value, Region) else ("", value or "")


def region_asked(values: Mapping[str, Any], *, paths: Iterable[str]) -> Region | None:
    """The region that a filter names, by code or as typed; none where it names none."""
    text = str(values.get("region") or values.get("region-text") or "").strip()
    if not text:
        return None
    found = queries.regions_called(text=text, paths=paths)
    if len(found) != 1:
        raise NotFound(
            "places.not_yours",
            gettext("There is no such region among yours."),
            hint=gettext("Choose one from the list below the field."),
        )
    return found[0]


class PickedField(forms.Field):
    """One thing that is chosen from a Picker's list, or typed: by its code or what it is called."""

    def called(self, text: str) -> Sequence[Any]:
        """What may be chosen and is called so."""
        raise NotImplementedError

    def prepare_value(self, value: Any) -> Any:
        """What was typed comes back as typed; a code that is known, as what it stands for."""
        if not isinstance(value, str) or not value:
            return value
        found = self.called(value)
        return found[0] if len(found) == 1 else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = self.called(text)
        if len(found) != 1:
            problem = "several" if found else "unknown"
            raise forms.ValidationError(self.error_messages[problem], code=problem)
        return found[0]


class RegionField(PickedField):
    """A region in force in `paths`, down to the level `deepest`; set `paths` before use."""

    default_error_messages = {
        "unknown": _("There is no such region among yours."),
        "several": _("Several regions are called so; choose one from the list."),
    }

    def __init__(self, *, permission: str, deepest: int = Region.Level.GRID, **more: Any) -> None:
        super().__init__(widget=RegionPicker(permission=permission, deepest=deepest), **more)
        self.permission, self.deepest = permission, deepest
        self.paths: Iterable[str] = ()

    def called(self, text: str) -> list[Region]:
        return queries.regions_called(text=text, paths=self.paths, deepest=self.deepest)
