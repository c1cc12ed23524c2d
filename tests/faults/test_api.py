"""Whatever is sent to the API and the door for readings: no 5xx, and only what is documented."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks

from anlan.web.api import api
from anlan.work.moves import LABELS as MOVES
from tests.house import House
from tests.world import SUBMISSION

pytestmark = pytest.mark.fault
load_all_checks()

EXAMPLES = 15  # made up for each operation and caller, beside those at the edges of its schema
PROMISES = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
]
CSRF = "f" * 32

# What exists in the house below, so that the values tried also lead to where the work is done.
IDS = ["alarm_id", "incident_id", "item_id", "post_id", "series_id", "station_id", "version_id"]
REGIONS = ["000001", "000000002", "000000000003"]
KNOWN = {
    **{name: [1] for name in IDS},
    "submission_id": [str(SUBMISSION)],
    "move": sorted(MOVES),
    "region": REGIONS,
    "region_code": REGIONS,
    "station": ["SECRET1"],
    "quantity": ["rain_5min"],
}


def with_known(node):
    """The schema, where what has a name that we know may also take a value that exists."""
    if isinstance(node, list):
        return [with_known(one) for one in node]
    if not isinstance(node, dict):
        return node
    # Schemathesis would turn it into a list of `items`, which OpenAPI 3.1 no longer has.
    kept = {key: with_known(value) for key, value in node.items() if key != "prefixItems"}
    if "in" in kept and kept.get("name") in KNOWN:
        kept["schema"] = or_known(kept["name"], kept["schema"])
    if isinstance(kept.get("properties"), dict):
        kept["properties"] = {
            name: or_known(name, schema) for name, schema in kept["properties"].items()
        }
    return kept


def or_known(name, schema):
    return {"anyOf": [{"enum": KNOWN[name]}, schema]} if name in KNOWN else schema


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House(tmp_path_factory.mktemp("house"), inside="tests.faults.everything")
    house.city = house.ask("prepare")
    assert {name: house.city["ids"][name] for name in IDS} == dict.fromkeys(IDS, 1)
    assert house.city["regions"] == REGIONS
    house.start()
    yield house
    house.stop()
    # Also what was answered well left no traceback behind.
    assert '"level": "ERROR"' not in house.log.read_text()


described = schemathesis.openapi.from_dict(
    with_known(api.get_openapi_schema()), config=schemathesis.Config.from_dict({"seed": 1})
)


@pytest.mark.parametrize("who", ["nobody", "officer", "commander"])
@described.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_asked_the_answer_is_a_documented_one(case, who, house):
    session, token = house.city["callers"].get(who, ("", ""))
    case.call_and_validate(
        base_url=house.url,
        cookies={"csrftoken": CSRF, "sessionid": session},
        headers={"X-CSRFToken": CSRF, "Authorization": f"Bearer {token}"},
        checks=[CHECKS.get_one(name) for name in PROMISES],
    )
