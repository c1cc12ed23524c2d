"""One of everything that the room `prevent` holds, for `tests.world`."""

import io
from datetime import datetime, timedelta
from typing import Any

from PIL import Image

from anlan.people.models import Account
from anlan.places.models import Region
from anlan.prevent.models import Enterprise, Entry, Hazard, Standard, StandardVersion, Visit
from anlan.prevent.services import (
    campaigns,
    contacts,
    draws,
    edits,
    enterprises,
    extensions,
    gate,
    haves,
    imports,
    listings,
    visit_files,
    visits,
)
from anlan.prevent.services.enterprises import Particulars
from anlan.prevent.services.hazards import Finding, report_hazard
from anlan.prevent.tests.factories import credit_code
from anlan.work.models import Submission

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
    loop = hazards_and_visits(mark, enterprise, by, colleague, at)
    sent = Submission.objects.create(
        digest="0" * 64, by=by, kind="prevent.edit", region=village, made_at=at, received_at=at
    )
    edit = edits.take_edit(
        submission=sent,
        enterprise=enterprise,
        seen_at=at,
        fields={"address": ("旧址", f"{mark}路8号")},
        by=by,
        at=at,
    )
    return {
        **loop,
        "edit_id": edit.pk,
        **around(enterprise=enterprise, mark=mark, by=by, colleague=colleague, at=at),
        "standard_id": standard.pk,
        "checklist_id": checklist.pk,
        "number": 1,
        "import_id": handed_in.pk,
        "enterprise_id": enterprise.pk,
        "contact_id": contact.pk,
        "evidence_id": have.evidence.get().pk,
    }


def hazards_and_visits(
    mark: str, enterprise: Enterprise, by: Account, colleague: Account, at: datetime
) -> dict[str, Any]:
    """A visit with a photo and two hazards, one listed, one with an extension; a draw; a plan."""
    campaign = campaigns.make_campaign(
        title=f"{mark}整治", region=enterprise.site.region.parent, starts_on=at.date(),
        ends_on=at.date() + timedelta(days=60), by=by, at=at,
    )  # fmt: skip
    visit = visits.start_visit(enterprise=enterprise, by=by, at=at)
    major = visits.find_hazard(
        visit=visit, finding=Finding(f"{mark}除尘停用", grade="MAJOR"), by=by, at=at
    )
    photo = visit_files.add_file(
        visit=visit, data=picture(), name=f"{mark}.png", hazard=major, by=by, at=at
    )
    region = enterprise.site.region
    listing = listings.list_hazard(
        hazard=major, region=region, until=at.date() + timedelta(days=90), reason=f"{mark}久拖",
        by=by, at=at,
    )  # fmt: skip
    hazard = report_hazard(site=enterprise.site, finding=Finding(f"{mark}灭火器过期"), by=by, at=at)
    extension = extensions.ask_extension(
        hazard=hazard, until=at.date() + timedelta(days=40), reason=f"{mark}等配件", by=colleague,
        at=at,
    )  # fmt: skip
    made = draws.freeze_draw(
        title=f"{mark}双随机", region=region, wanted=1, each=1,
        due_on=at.date() + timedelta(days=30), by=by, at=at,
    )  # fmt: skip
    (plan,) = visits.plan_visits(
        enterprises=[enterprise], due_on=at.date() + timedelta(days=30), by=by, at=at
    )
    finished, ordered, checked = papers(mark, enterprise, by, at)
    report = gate.report_at_gate(
        enterprise=enterprise, what=f"{mark}通道堵塞", address=mark, machine_at=at, at=at
    )
    return {
        "public_report_id": report.pk,
        "campaign_id": campaign.pk,
        "visit_id": visit.pk,
        "hazard_id": hazard.pk,
        "listing_id": listing.pk,
        "extension_id": extension.pk,
        "draw_id": made.pk,
        "plan_id": plan.pk,
        "visit_file_id": photo.pk,
        "finished_visit_id": finished.pk,
        "ordered_id": ordered.pk,
        "recheck_visit_id": checked.pk,
        "printed_as": "docx",
    }


def papers(
    mark: str, enterprise: Enterprise, by: Account, at: datetime
) -> tuple[Visit, Hazard, Visit]:
    """An inspection that is over, what it ordered to be put right, the visit of its re-check."""
    finished = visits.start_visit(enterprise=enterprise, by=by, at=at)
    ordered = visits.find_hazard(visit=finished, finding=Finding(f"{mark}通道"), by=by, at=at)
    visits.finish_visit(visit=finished, by=by, at=at)
    visits.order_from_visit(visit=finished, by=by, at=at)
    checked = visits.start_visit(enterprise=enterprise, kind="RECHECK", by=by, at=at)
    visits.check_again(visit=checked, hazard_id=ordered.pk, passed=False, note=mark, by=by, at=at)
    visits.finish_visit(visit=checked, by=by, at=at)
    return finished, ordered, checked


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 90, 90)).save(file, "PNG")
    return file.getvalue()
