"""A change of an enterprise's file as a phone hands it in: it names the version that it changes."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from anlan.base.errors import BadInput
from anlan.people.models import Account
from anlan.places.models import Region
from anlan.work.models import Submission

from .models import Enterprise
from .queries.enterprises import get_enterprise
from .services.edits import take_edit

CODE = "prevent.edit"


class Text(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: Annotated[str, Field(max_length=200)]
    wanted: Annotated[str, Field(max_length=200)]


class Number(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: float | None
    wanted: Annotated[float, Field(ge=-180, le=180)]


class Count(BaseModel):
    model_config = ConfigDict(extra="forbid")

    seen: int | None
    wanted: Annotated[int, Field(ge=0, le=1_000_000)] | None


class FieldsIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Text | None = None
    address: Text | None = None
    legal_person: Text | None = None
    employees: Count | None = None
    lon: Number | None = None
    lat: Number | None = None


class EditIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    enterprise: Annotated[int, Field(ge=1, le=2**63 - 1)]
    seen_at: AwareDatetime
    fields: FieldsIn


def locate(actor: Account, data: dict[str, Any]) -> Region:
    return _enterprise(actor, _read(data)).site.region


def take(submission: Submission, at: datetime) -> None:
    sent = _read(submission.data)
    given = sent.fields.model_dump(exclude_none=False, exclude_unset=True)
    take_edit(
        submission=submission,
        enterprise=_enterprise(submission.by, sent),
        seen_at=sent.seen_at,
        fields={n: (pair["seen"], pair["wanted"]) for n, pair in given.items() if pair},
        by=submission.by,
        at=at,
    )


def _read(data: dict[str, Any]) -> EditIn:
    try:
        return EditIn.model_validate(data)
    except ValidationError as error:
        where = "，".join(".".join(map(str, one["loc"])) for one in error.errors()[:5])
        raise BadInput(
            "prevent.edit_unreadable",
            _("The change cannot be read (%(where)s).") % {"where": where},
            hint=_("Nothing is lost on the device. Tell your administrator."),
        ) from error


def _enterprise(by: Account, sent: EditIn) -> Enterprise:
    return get_enterprise(actor=by, enterprise_id=sent.enterprise)
