"""How a permission reads, and who has it."""

from django import template

from anlan.people import permissions
from anlan.people.models import Account

register = template.Library()


@register.filter
def permission_label(code: str) -> str:
    return permissions.label(code)


@register.filter
def may_anywhere(reader: Account, code: str) -> bool:
    """Whether a page that needs this is worth a link; the page asks again."""
    return reader.may_anywhere(code)
