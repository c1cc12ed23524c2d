"""The region picker for forms that are written by hand."""

from django import template
from django.utils.safestring import SafeString

from ..forms import RegionPicker
from ..models import Region

register = template.Library()


@register.simple_tag
def region_picker(
    name: str,
    permission: str,
    region: Region | None = None,
    *,
    label: str = "",
    element_id: str = "",
    deepest: int = Region.Level.GRID,
    required: bool = False,
    submits: bool = False,
) -> SafeString:
    """{% region_picker "region" "people.manage" region required=True %}

    `submits`: choosing sends the form, as a filter does.
    """
    widget = RegionPicker(permission=permission, deepest=deepest, submits=submits)
    attrs = {"id": element_id, "aria-label": label, "required": required}
    return widget.render(name, region, {key: value for key, value in attrs.items() if value})
