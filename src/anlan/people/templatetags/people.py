"""How a permission reads."""

from django import template

from anlan.people import permissions

register = template.Library()


@register.filter
def permission_label(code: str) -> str:
    return permissions.label(code)
