"""Lists of enterprises as workbooks, under the headers by which they can be taken in again."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from anlan.base import tables
from anlan.base.tables import Column
from anlan.people.masking import mask
from anlan.people.models import Account

from ..models import Contact, Enterprise
from .enterprises import CONTACTS, Asked, list_enterprises

HEADERS = (
    Column("credit_code", ("统一社会信用代码",)),
    Column("name", ("企业名称",)),
    Column("region", ("网格或区划",)),
    Column("address", ("地址",)),
    Column("industry", ("行业代码",)),
    Column("standard", ("行业标准",)),
    Column("size", ("规模",)),
    Column("employees", ("从业人数",)),
    Column("legal_person", ("法定代表人",)),
    Column("lon", ("经度",)),
    Column("lat", ("纬度",)),
    Column("colour", ("风险等级",)),
    Column("state", ("状态",)),
    Column("gaps", ("五有缺项数",)),
    Column("contacts", ("联系人",)),
)


def export_enterprises(*, actor: Account, asked: Asked) -> bytes:
    """The narrowed list; numbers masked as on screen, people only where the actor sees them."""
    rows = list_enterprises(actor=actor, asked=asked)
    return tables.workbook(HEADERS, _cells(actor, rows))


def _cells(actor: Account, rows: QuerySet[Enterprise]) -> Iterator[dict[str, object]]:
    paths = tuple(actor.regions_for(CONTACTS))
    for enterprise in rows.prefetch_related("contacts").iterator(2000):
        site = enterprise.site
        seen = bool(paths) and site.region.path.startswith(paths)
        yield {
            "credit_code": enterprise.credit_code,
            "name": site.name,
            "region": site.region.code,
            "address": enterprise.address,
            "industry": enterprise.industry,
            "standard": enterprise.standard or "",
            "size": enterprise.get_size_display(),
            "employees": "" if enterprise.employees is None else str(enterprise.employees),
            "legal_person": enterprise.legal_person,
            "lon": site.lon,
            "lat": site.lat,
            "colour": enterprise.get_colour_display(),
            "state": enterprise.get_state_display(),
            "gaps": str(enterprise.gaps),
            "contacts": "；".join(map(_line, enterprise.contacts.all())) if seen else "",
        }


def _line(contact: Contact) -> str:
    return f"{contact.get_role_display()} {contact.name} {mask(contact.phone)}".strip()
