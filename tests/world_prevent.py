"""One of everything that the room `prevent` holds, for `tests.world`."""

import io
from datetime import datetime
from typing import Any

from PIL import Image

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.prevent.models import Entry, Standard, StandardVersion
from anlan.prevent.services import contacts, enterprises, haves, imports
from anlan.prevent.services.enterprises import Particulars
from anlan.prevent.tests.factories import credit_code

from .world_dual import around


def prevention(
    *, mark: str, number: int, village: Region, by: Account, colleague: Account, at: datetime
) -> dict[str, Any]:
    """Ids as the room's addresses name them."""
    enterprise = enterprises.make_enterprise(
        given=Particulars(
            name=f"{mark}机械厂",
            credit_code=credit_code(number),
            region=village,
            lon=119.65,
            lat=29.1,
            legal_person=f"{mark}王",
        ),
        by=by,
        at=at,
    )
    contact = contacts.add_contact(
        enterprise=enterprise, role="SAFETY", name=f"{mark}李", phone="13812345678", by=by, at=at
    )
    have = haves.confirm_have(
        enterprise=enterprise,
        what="STAFF",
        note=f"{mark}任命文件",
        uploads=[(f"{mark}.png", picture())],
        by=by,
        at=at,
    )
    handed_in = imports.hand_in(
        name=f"{mark}台账.xlsx", content=mark.encode(), region=village, by=by, at=at
    )
    standard = Standard.objects.create(code=f"s{number}", name="小型机械加工企业")
    checklist = StandardVersion.objects.create(
        standard=standard, number=1, author=colleague, made_at=at
    )
    Entry.objects.create(version=checklist, number=1, text="防护装置齐全有效")
    return {
        **around(enterprise=enterprise, mark=mark, by=by, colleague=colleague, at=at),
        "standard_id": standard.pk,
        "checklist_id": checklist.pk,
        "number": 1,
        "import_id": handed_in.pk,
        "enterprise_id": enterprise.pk,
        "contact_id": contact.pk,
        "evidence_id": have.evidence.get().pk,
    }


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 90, 90)).save(file, "PNG")
    return file.getvalue()
