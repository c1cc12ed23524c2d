"""Every door of the house, and how to knock at it for something that is not yours.

`tests/test_access.py` walks the URL map, the API and the source of the pages, and fails when a
door, or a field that a door takes, is missing here.
"""

from typing import Any

from .world import World

# Parameters that say where to look, not whose record it is.
# Checklists are the whole city's: the same for everybody who may see enterprises.
NEUTRAL = {
    "standard_id",
    "checklist_id",
    "number",
    "layer",
    "level",
    "z",
    "x",
    "y",
    "frame",
    "depth_cm",
}


# What a door must be asked with to answer at all.
ASKED_WITH = {"/api/forecasts/<int:run_id>/point": "?lon=119.65&lat=29.1"}

# Doors that anybody may open, and why.
PUBLIC = {
    "/language/setlang/": "chooses a language for oneself",
    "/api/openapi.json": "the API's description, no data",
    "/api/docs": "the API's description, no data",
    "/api/": "nothing there",
    "/api/clock": "what time it is, for devices",
    "/prevent/draws/verify/": "repeats a draw from a file handed in; reads and keeps nothing",
    "/sign-in/": "the way in",
    "/sign-in/code/": "the way in",
    "/sign-in/password/": "the way in",
    "/sign-in/provider/": "the way in",
    "/sign-in/provider/back/": "the way in",
    "/health/live": "“ok” where the process answers",
    "/health/": "one word; details only to this machine and to who holds the token",
    "/phone/": "the same page for everybody, no data; what it shows comes by the API",
    "/phone/sw.js": "the phone's service worker, a script",
    "/phone/manifest.webmanifest": "name and icons for a phone's home screen",
    "/e/<uuid:token>/": "an enterprise's gate: name, standard, colour; prevent/tests/test_gate.py",
    "/e/<uuid:token>/report/": "the public reports a hazard there; prevent/tests/test_gate.py",
    "/metrics": "only to this machine and to who holds the token; counts, no records",
}

# Doors that stand before Django, and where it is tested who gets what there.
BEFORE_DJANGO = {
    "/feed/": "src/anlan/web/tests/test_feed.py, test_asgi.py",
    "/ingest/": "src/anlan/observe/tests/test_http_door.py",
    "/places/tiles/": "src/anlan/web/tests/test_map_door.py",
}

# Doors about oneself: closed to who has not signed in, open to the same for everybody else.
OWN = {
    "/prevent/own/",
    "/people/sign-out/",
    "/people/account/",
    "/people/account/password/",
    "/people/account/second-factor/",
    "/people/account/second-factor/off/",
}


def naming(world: World) -> dict[str, Any]:
    """Fields that name a record or a region, with this world's."""
    ids = world.ids
    return {
        "account": ids["account_id"],
        "enterprise": ids["enterprise_id"],
        "campaign": ids["campaign_id"],
        "hazard": ids["hazard_id"],
        "plan": ids["plan_id"],
        "accounts": [ids["account_id"]],
        "alarm_id": ids["alarm_id"],
        "area": ids["area_id"],
        "areas": [world.town.code],
        "attachments": [],
        "code": f"NEW{world.number}",
        "about": ids["about_id"],
        "remedy": ids["remedy_id"],
        "entry": ids["entry_id"],
        "holding": ids["holding_id"],
        "present": [ids["member_id"]],
        "item_id": ids["item_id"],
        "organisation": ids["organisation_id"],
        "parent": world.county.code,
        "post": ids["post_id"],
        "post_id": ids["post_id"],
        "q": world.mark[:2],
        "region": world.county.code,
        "region_code": world.county.code,
        "region_codes": [world.county.code],
        "plan_area": ids["plan_area"],
        "bone": ids["bone_id"],
        "role": "village.flood_officer",
        "rule": ids["rule_id"],
        "search": world.mark[:2],
        "series": ids["series_id"],
        "station": f"SECRET{world.number}",
        "version": ids["version_id"],
        "version_id": ids["version_id"],
    }


# Fields that say what to do, how or when, with something that is mostly taken.
OTHER: dict[str, Any] = {
    **dict.fromkeys(
        ["digest", "file", "moved", "owner", "summary", "region-text", "low"],
        "",
    ),
    **dict.fromkeys(["high", "spike", "flat", "interval", "datum", "clear", "within"], ""),
    **dict.fromkeys(["quiet_from", "quiet_to", "quiet_severity", "old", "outcome"], ""),
    **dict.fromkeys(["note", "reason", "text", "name", "title", "instructions"], "夜间加密巡查"),
    **dict.fromkeys(["hits", "of", "stations", "page", "leads", "enabled", "order"], 1),
    **dict.fromkeys(["hold", "clear_after", "forget", "offset", "rate", "window_s", "below"], 0),
    **{name: [] for name in ["site_kinds", "station_kinds", "quiet_days"]},
    **dict.fromkeys(["at", "from", "made_at", "starts_at"], "2026-07-01T08:00:00+08:00"),
    **dict.fromkeys(["to", "ends_at"], "2026-07-01T20:00:00+08:00"),
    **dict.fromkeys(["on", "valid_from", "counted_on"], "2026-07-01"),
    **dict.fromkeys(["new", "again", "password"], "一条很长的口令-2026"),
    **dict.fromkeys(["level", "severity", "limit"], 4),
    **dict.fromkeys(["region_level", "deepest"], 5),
    **dict.fromkeys(["lead", "depth", "value", "threshold", "accuracy_m"], 9),
    **dict.fromkeys(["overdue", "mine", "closed", "ended", "exercise", "hit_by_forecast"], False),
    **dict.fromkeys(["rain_factors", "manning_factors", "drain_factors"], "1, 1.2"),
    **dict.fromkeys(["first_row", "first_col"], 0),
    **dict.fromkeys(["rows", "cols"], 20),
    **dict.fromkeys(["colour", "employees", "standard", "size", "gap", "industry"], ""),
    **dict.fromkeys(["why", "address", "legal_person"], "按规定办理"),
    **dict.fromkeys(["show", "back", "corners", "checker", "unit", "section"], ""),
    **dict.fromkeys(["effect", "measures", "keywords"], "爆炸"),
    **dict.fromkeys(["stage", "result", "sort"], "FACILITY"),
    "danger": "挤压",
    "accident": "03",
    "every_days": 7,
    "method": "LS",
    **dict.fromkeys(["section", "basis", "how", "notice"], "现场"),
    "major": "on",
    "number": 1,
    **dict.fromkeys(["standing", "visit_kind", "since", "left_out", "recusals", "industries"], ""),
    **dict.fromkeys(["basis", "remark", "seed", "seed_source"], "安全生产法第三十六条"),
    **dict.fromkeys(["listed", "again", "asked", "counted", "planned", "led", "mine"], ""),
    **dict.fromkeys(["starts_on", "ends_on", "due_on", "until"], "2026-07-30"),
    **dict.fromkeys(["wanted", "each", "visits"], 1),
    **dict.fromkeys(["granted", "passed"], "yes"),
    **{name: [] for name in ["standards", "colours"]},
    "what": "安全出口锁闭",
    "grade": "GENERAL",
    "found_how": "VISIT",
    "role": "PHOTO",
    "q": "",
    "over": "",
    "website": "",
    "contact_role": "SAFETY",
    "have": "STAFF",
    "files": "",
    "credit_code": "91330702MA28D1KX5T",
    "seen_at": "2026-07-01T12:00:00+08:00",
    "rain": "design",
    **dict.fromkeys(["basis", "presided_by", "place"], "王市长"),
    **dict.fromkeys(["founded_on", "since", "opens_on", "due_on", "held_on"], "2026-07-01"),
    **dict.fromkeys(["number", "chair"], 1),
    **dict.fromkeys(["deaths", "injured", "loss"], 1),
    **dict.fromkeys(["organ", "position", "id_number"], "330702198001011234"),
    "from_date": "2026-07-01",
    "happened_at": "2026-07-01T08:00",
    "result": "DONE",
    **dict.fromkeys(["held_by", "with_whom", "promised"], "李局长"),
    **dict.fromkeys(["remind_days", "urge_days", "interview_days", "sanction_days"], 3),
    "reply_by": "2027-07-01",
    "led_by_principal": False,
    "year": 2026,
    "a": 1600,
    "b": 7,
    "c": 0.8,
    "n": 0.7,
    "years": 20,
    "peak": 0.4,
    "duration": 60,
    "factor": 1,
    "every": 10,
    "horizon": 1,
    "frame": 10,
    "box": "open",
    "handed_in": "",
    "after": "00000000-0000-4000-8000-000000000008",
    "data": {},
    "by": "region",
    "changes_at": "08:00",
    "crs": "wgs84",
    "days": 7,
    "hours": 12,
    "id": "00000000-0000-4000-8000-000000000009",
    "kind": "rainstorm",
    "lat": 29.1,
    "lon": 119.65,
    "measure": "VALUE",
    "minutes": 60,
    "move": "accept",
    "next": "/",
    "permission": "work.view",
    "phone": "13800000000",
    "quantity": "rain_5min",
    "site_kind": "underpass",
    "source": "2026年普查",
    "span": "week",
    "stage": "all",
    "state": "all",
    "username": "newcomer",
}


def fields(world: World) -> dict[str, Any]:
    """Every field that any door takes, naming this world's records."""
    return OTHER | naming(world)
