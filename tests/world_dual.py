"""Risk points and what else stands around an enterprise, for `tests.world_prevent`."""

import io
from datetime import datetime
from decimal import Decimal
from typing import Any

from PIL import Image

from anlan.people.models import Account
from anlan.prevent.models import Enterprise
from anlan.prevent.services import contracts, controls, fishbones, floor_plans, risks, towns
from anlan.prevent.services.fishbones import BoneText
from anlan.prevent.services.towns import LineText


def around(
    *, enterprise: Enterprise, mark: str, by: Account, colleague: Account, at: datetime
) -> dict[str, Any]:
    """Ids as the room's addresses name them."""
    point = risks.add_point(
        enterprise=enterprise,
        area=f"{mark}车间",
        name=f"{mark}冲床",
        sort="FACILITY",
        danger="挤压",
        accident="03",
        by=by,
        at=at,
    )
    graded = {"likelihood": Decimal(3), "exposure": Decimal(6), "severity": Decimal(15)}
    risks.grade(point=point, stage="INHERENT", values=graded, note=mark, by=by, at=at)
    control = controls.add_control(
        point=point,
        sort="MANAGE",
        text=f"{mark}点检",
        level="TEAM",
        checker=f"{mark}班长",
        every_days=1,
        by=by,
        at=at,
    )
    plan = floor_plans.upload_plan(
        enterprise=enterprise, name=f"{mark}一层", data=picture(), by=by, at=at
    )
    edition = fishbones.make_fishbone(
        name=f"{mark}行业", effect=f"{mark}爆炸", region=enterprise.site.region, by=by, at=at
    )
    given = BoneText(f"{mark}老化", measures=f"{mark}更换", keywords=mark)
    bone = fishbones.add_bone(
        version=edition, parent=edition.bones.get(order=1), given=given, by=by, at=at
    )
    town = enterprise.site.region.parent
    asked = towns.make_standard(
        region=town,
        year=2026,
        name=f"{mark}标准",
        passing=Decimal(5),
        due_on=at.date(),
        by=by,
        at=at,
    )
    line = LineText(f"{mark}机构", Decimal(10), f"{mark}照片")
    towns.save_line(standard=asked, line=line, number=None, by=by, at=at)
    towns.put_in_force(standard=asked, by=colleague, at=at)
    assessed = towns.begin(standard=asked, town=town, by=by, at=at)
    score = towns.claim(
        assessment=assessed,
        line=asked.lines.get(),
        claimed=Decimal(9),
        note=mark,
        uploads=[(f"{mark}.png", picture())],
        by=by,
        at=at,
    )
    contract = contracts.make_contract(
        number=f"{mark}合同",
        provider=f"{mark}安全技术公司",
        provider_code=enterprise.credit_code,
        region=town,
        from_date=at.date(),
        to_date=at.date(),
        visits_a_year=4,
        by=by,
        at=at,
    )
    contracts.serve(contract=contract, codes=[enterprise.credit_code], by=by, at=at)
    return {
        "town_standard_id": asked.pk,
        "assessment_id": assessed.pk,
        "score_file_id": score.files.get().pk,
        "contract_id": contract.pk,
        "fishbone_version_id": edition.pk,
        "bone_id": bone.pk,
        "point_id": point.pk,
        "control_id": control.pk,
        "floor_plan_id": plan.pk,
        "plan_area": point.area_id,
    }


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (32, 24), (90, 90, 90)).save(file, "PNG")
    return file.getvalue()
