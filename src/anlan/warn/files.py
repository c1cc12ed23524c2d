"""Rules from a file (docs/guide/alarms.md): a city's set is data, not code."""

from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from anlan.base.errors import BadInput
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.places.queries import get_region

from .models import Rule, Severity
from .services.rules import RuleText, change_rule, define_rule

COLOURS = {severity.name.lower(): severity.value for severity in Severity}


@dataclass(frozen=True)
class Loaded:
    rule: Rule
    what: str  # new, changed, unchanged


@transaction.atomic
def load_rules(
    *, document: dict[str, Any], region: Region, by: Account, at: datetime
) -> list[Loaded]:
    """Make the file's rules, or give those that differ a new version. All of them or none.

    Rules that the file does not name stay as they are.
    """
    return [_load(dict(row), region, by, at) for row in document.get("rule", [])]


def _load(row: dict[str, Any], region: Region, by: Account, at: datetime) -> Loaded:
    try:
        code, name = str(row.pop("code")), str(row.pop("name"))
        colour = row.pop("severity")
        own_region = row.pop("region", None)
        if "quiet_severity" in row:
            row["quiet_severity"] = COLOURS.get(row["quiet_severity"], row["quiet_severity"])
        for end in ("quiet_from", "quiet_to"):
            if isinstance(row.get(end), str):  # TOML's own times need seconds
                row[end] = time.fromisoformat(row[end])
        text = RuleText(severity=COLOURS.get(colour, colour), **row)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            "warn.rule_file",
            _("A rule in the file lacks something or has a field too many: %(what)s")
            % {"what": error},
            hint=_("Compare it with the example in the guide."),
        ) from error
    place = get_region(code=str(own_region)) if own_region else region
    rule = Rule.objects.filter(code=code).select_related("region").first()
    if rule is None:
        made = define_rule(code=code, name=name, region=place, text=text, by=by, at=at)
        return Loaded(made, "new")
    before = rule.number
    version = change_rule(rule=rule, text=text, by=by, at=at, name=name)
    return Loaded(rule, "changed" if version.number != before else "unchanged")
