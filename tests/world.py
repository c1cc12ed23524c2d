"""One of everything in a region: what strangers must not read, change, or refer to.

Its records carry a mark in their names: whoever has no right there must never read it.
"""

import hashlib
import io
import math
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from PIL import Image

from anlan.command.services import activation, incidents, plans
from anlan.command.services.plans import StepText
from anlan.enforce.models import Certificate, Organ
from anlan.enforce.services import approvals, cases, evidence
from anlan.govern.services import committees, meetings, year_lists
from anlan.govern.services import refresh as refreshes
from anlan.observe.models import Quarantined, Report, Series
from anlan.observe.tests.factories import SeriesFactory, StationFactory, sender_for
from anlan.oversee.services import accidents, ladders, letters
from anlan.people import permissions
from anlan.people.models import Account, Grant, Organisation, Shift
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.services import keep_upload
from anlan.places.tests.factories import RegionFactory, RoadFactory, SiteFactory
from anlan.simulate.models import Hit
from anlan.simulate.tests.ponds import pond_area_in, pond_in
from anlan.warn.models import Alarm, Rule, RuleVersion
from anlan.work import submissions
from anlan.work.models import Attachment, WorkItem
from anlan.work.services import advance, open_item

from .world_prevent import prevention

NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)
MARK = "甲乙丙丁"
TILE_ZOOM = 15
SUBMISSION = uuid.UUID(int=1)


class World:
    """A county with a town and a village, two who may do everything there, an officer, records."""

    def __init__(self, mark: str = MARK, number: int = 1) -> None:
        self.mark, self.number = mark, number
        everything = sorted(permissions.registered())
        self.county = RegionFactory(level=3)
        self.town = RegionFactory(parent=self.county)
        self.village = RegionFactory(parent=self.town)
        self.insider = account_in(self.county, *everything)
        colleague = account_in(self.county, *everything)
        # Who holds everything hands rights out and is not drawn: somebody inspects, too.
        account_in(self.county, "prevent.inspect", "prevent.check")
        town, village = self.town, self.village
        site = SiteFactory(region=village, name=f"{mark}下穿", kind="underpass")
        road = RoadFactory(region=village, name=f"{mark}大道")
        station = StationFactory(region=village, name=f"{mark}雨量站", code=f"SECRET{number}")
        series = SeriesFactory(station=station)
        post = post_in(village, "village.flood_officer", "work.do", "work.view")
        officer = self.officer = holder_of(post)
        officer.name, officer.phone = f"{mark}张", "13812345678"
        officer.save()
        step = StepText(
            level=4,
            title=f"{mark}巡查",
            role="village.flood_officer",
            region_level=5,
            minutes=60,
        )
        document = {"code": f"p{number}", "name": f"{mark}预案", "steps": [vars(step)]}
        draft = plans.load_plan(document=document, region=self.county, by=self.insider, at=NOON)
        version = plans.approve_version(version=draft, by=colleague, at=NOON)
        incident = incidents.open_incident(
            title=f"{mark}暴雨", kind="rainstorm", region=self.county, by=self.insider, at=NOON
        )
        activation.activate(
            incident=incident, version=version, level=4, areas=[town], by=self.insider, at=NOON
        )
        item = incident.tasks.get().item
        advance(item=item, move="accept", by=officer, at=NOON)
        attachment = self._hand_in(item, officer)
        alarm = self._raise_alarm(series)
        picture = Report.objects.create(
            station_code=station.code, at=NOON, text=f"{mark}人工报", picture=photo()
        )
        tile = mercantile_tile(site.lon, site.lat, TILE_ZOOM)
        shift = Shift.objects.create(
            region=self.county,
            account=officer,
            starts_at=NOON,
            ends_at=NOON + timedelta(hours=12),
            handover_note=f"{mark}积水待退",
        )
        forecast = pond_in(pond_area_in(self.county, name=f"{mark}城区"))
        Hit.objects.create(
            run=forecast,
            region=village,
            site=site,
            lon=site.lon,
            lat=site.lat,
            first_at=NOON,
            max_at=NOON,
            max_depth_m=0.4,
            duration_s=600,
        )
        sender = sender_for(self.county, token=f"token-{number}", name=f"{mark}网关")
        Quarantined.objects.create(
            station_code=f"NEW{number}",
            raw=mark,
            quantity="rain_5min",
            at_ms=1,
            value=1.0,
            door="http",
            sender=sender,
            received_ms=1,
        )
        upload = keep_upload(
            purpose="people", name=f"{mark}.csv", content=mark.encode(), by=self.insider, at=NOON
        )
        case = self._case(colleague)
        organisation = Organisation.objects.create(
            code=f"org-{number}", name=f"{mark}应急局", region=self.county
        )
        governing = self._govern(organisation)
        self.ids: dict[str, Any] = {
            **governing,
            "act": "evidence",
            "as_file": "csv",
            "table_id": 1,
            "case_id": case.pk,
            "evidence_id": case.evidence.get().pk,
            "paper_id": case.papers.get().pk,
            "certificate_id": case.officers.first().certificate_id,
            "organ_id": case.organ_id,
            "organisation_id": organisation.pk,
            "incident_id": incident.pk,
            "version_id": version.pk,
            "item_id": item.pk,
            "order": 1,
            "station_id": station.pk,
            "series_id": series.pk,
            "site_id": site.pk,
            "road_id": road.pk,
            "account_id": officer.pk,
            "post_id": post.pk,
            "role_id": post.role_id,
            "holding_id": post.holdings.get().pk,
            "grant_id": Grant.objects.filter(account=self.insider).order_by("pk")[0].pk,
            "shift_id": shift.pk,
            "upload_id": upload.pk,
            "sender_id": sender.pk,
            "submission_id": attachment.submission_id,
            "attachment_id": attachment.pk,
            "digest": attachment.sent_digest,
            "report_id": picture.pk,
            "alarm_id": alarm.pk,
            "rule_id": alarm.rule_id,
            "run_id": forecast.pk,
            "area_id": forecast.area_id,
            "terrain_id": forecast.area.terrain_id,
            "depth_cm": 15,
            "frame": 1,
            "move": "cancel",
            "layer": "sites",
            "level": 4,
            "z": TILE_ZOOM,
            "x": tile[0],
            "y": tile[1],
            **prevention(
                mark=mark,
                number=number,
                village=village,
                by=self.insider,
                colleague=colleague,
                at=NOON,
            ),
        }

    def _govern(self, organisation: Organisation) -> dict[str, Any]:
        """A committee with a unit, a duty, a year's list, a meeting; a refresh under way."""
        mark, by, day = self.mark, self.insider, NOON.date()
        committee = committees.found_committee(
            kind="SAFETY", name=f"{mark}安委会", region=self.county, founded_on=day, by=by, at=NOON
        )
        member = committees.add_member(
            committee=committee, organisation=organisation, since=day, by=by, at=NOON
        )
        duty = committees.DutyText(text=f"{mark}职责", since=day)
        version = committees.write_duty(member=member, duty=duty, by=by, at=NOON)
        year_list = year_lists.draft_list(committee=committee, year=2026, by=by, at=NOON)
        line = year_lists.EntryText(kind="TASK", title=f"{mark}排查", opens_on=day, due_on=day)
        entry = year_lists.add_entry(year_list=year_list, entry=line, by=by, at=NOON)
        held = meetings.Held(held_on=day, presided_by=f"{mark}县长", minutes=f"{mark}纪要")
        meeting = meetings.record_meeting(
            committee=committee, held=held, present=[member], by=by, at=NOON
        )
        refresh = refreshes.plan_refresh(
            region=self.county, year=2026, opens_on=day, due_on=day, by=by, at=NOON
        )
        refreshes.open_refresh(refresh=refresh, by=by, at=NOON)
        return self._oversee(organisation) | {
            "committee_id": committee.pk,
            "member_id": member.pk,
            "duty_id": version.duty_id,
            "list_id": year_list.pk,
            "entry_id": entry.pk,
            "meeting_id": meeting.pk,
            "refresh_id": refresh.pk,
        }

    def _oversee(self, office: Organisation) -> dict[str, Any]:
        """A letter, and a proposal about a task that is late."""
        mark, by, day = self.mark, self.insider, NOON.date()
        text = letters.LetterText(
            kind="INTERVIEW", to=office, title=f"{mark}约谈", text=f"{mark}请到场", reply_by=day
        )
        letter = letters.issue_letter(letter=text, by=by, at=NOON)
        late = open_item(
            kind="govern.task", title=f"{mark}逾期", region=self.county, due_at=NOON, by=by, at=NOON
        )
        ladder = ladders.write_ladder(
            days={ladders.Rung.REMIND: 0}, since=day, source="示例", by=Account.objects.system(),
            at=NOON,
        )  # fmt: skip
        proposal = ladders.propose(item=late, ladder=ladder, at=NOON + timedelta(hours=1))
        assert proposal is not None
        ids = {"letter_id": letter.pk, "proposal_id": proposal.pk, "about_id": late.pk}
        return ids | self._investigate(office)

    def _investigate(self, office: Organisation) -> dict[str, Any]:
        """An accident with a person, a cause and a remedy, its report still to be written."""
        mark, by, day = self.mark, self.insider, NOON.date()
        what = accidents.Happening(
            title=f"{mark}事故", kind="FIRE", happened_at=NOON, place=f"{mark}厂"
        )
        accident = accidents.open_accident(
            region=self.county, what=what, count=accidents.Count(1, 0, Decimal(0)), by=by, at=NOON
        )
        person = accidents.PersonText(f"{mark}丙", "DETAINED", f"{mark}公安局", day)
        measure = accidents.add_person(accident=accident, person=person, by=by, at=NOON)
        finding = accidents.add_finding(
            accident=accident, kind="DIRECT", text=f"{mark}原因", by=by, at=NOON
        )
        remedy = accidents.add_remedy(
            accident=accident, text=f"{mark}整改", organisation=office,
            due_on=day + timedelta(days=30), by=by, at=NOON,
        )  # fmt: skip
        return {
            "accident_id": accident.pk,
            "measure_id": measure.pk,
            "finding_id": finding.pk,
            "remedy_id": remedy.pk,
        }

    def _hand_in(self, item: WorkItem, officer: Account) -> Attachment:
        """Proof of the task, with a photo."""
        data, made, mark = photo(self.number), uuid.UUID(int=self.number), self.mark
        digest = hashlib.sha256(data).hexdigest()
        sent = submissions.Sent(
            id=made,
            item=item,
            move="submit",
            made_at=NOON,
            note=f"{mark}已查看",
            lon=119.65,
            lat=29.1,
            accuracy_m=8.0,
            announced=(digest,),
        )
        submissions.receive(sent=sent, body=b"{}", by=officer, at=NOON)
        submissions.attach(
            submission_id=made, digest=digest, data=data, name=f"{mark}.jpg", by=officer, at=NOON
        )
        return Attachment.objects.get(submission_id=made)

    def _case(self, head: Account) -> Any:
        """A case that has been filed, with its first document."""
        organ = Organ.objects.create(
            region=self.county, name=f"{self.mark}应急管理局", mark=self.mark[:1], address="1号",
            review_body="人民政府", court="人民法院", bank="银行", account_number="1",
        )  # fmt: skip
        certificates = [
            Certificate.objects.create(
                account=account, organ=organ, number=f"C{account.pk}",
                valid_from=NOON.date(), valid_until=NOON.date() + timedelta(days=9999),
            )
            for account in (self.insider, account_in(self.county))
        ]  # fmt: skip
        case = cases.propose_case(
            organ=organ, region=self.village, party=cases.PartyText("ORG", f"{self.mark}厂"),
            cause="未培训", source="VISIT", summary=f"{self.mark}检查", certificates=certificates,
            by=self.insider, at=NOON,
        )  # fmt: skip
        approvals.decide(
            approval=case.approvals.get(), agree=True, opinion="同意", by=head, at=NOON
        )
        case.refresh_from_db()
        thing = evidence.Thing("THING", f"{self.mark}台账", "未培训")
        evidence.add_evidence(
            case=case, thing=thing, data=photo(self.number), file_name=f"{self.mark}.jpg",
            by=self.insider, at=NOON,
        )  # fmt: skip
        return case

    def _raise_alarm(self, series: Series) -> Alarm:
        rule = Rule.objects.create(
            code=f"r{self.number}", name=f"{self.mark}积水", region=series.station.region, number=1
        )
        version = RuleVersion.objects.create(
            rule=rule,
            number=1,
            made_at=NOON,
            author=self.insider,
            severity=2,
            quantity=series.quantity,
            threshold=1.0,
        )
        return Alarm.objects.create(
            rule=rule,
            version=version,
            series=series,
            region=series.station.region,
            severity=2,
            opened_at=NOON,
            value=2.0,
        )


def photo(shade: int = 0) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (0, 0, 128 + shade)).save(file, "JPEG")
    return file.getvalue()


def mercantile_tile(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The web-mercator tile that holds a point."""
    size, phi = 2**zoom, math.radians(lat)
    return int((lon + 180) / 360 * size), int((1 - math.asinh(math.tan(phi)) / math.pi) / 2 * size)
