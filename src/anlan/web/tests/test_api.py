"""How the API answers what it will not do, before any room is asked."""

from collections import Counter

import pytest
from ninja import Schema

from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.web.api import api

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client):
    client.force_login(account_in(RegionFactory(), "command.view", "work.view"))
    return client


def refused(answer, status, code):
    """Every refusal has this shape, so that programs and toasts need to know only one."""
    assert answer.status_code == status
    body = answer.json()
    assert body["code"] == code
    assert {"message", "hint"} <= body.keys()
    return body


def test_who_has_not_signed_in_is_told_so_in_chinese(client):
    assert (
        refused(client.get("/api/incidents"), 401, "api.not_signed_in")["message"] == "您尚未登录。"
    )


def test_a_field_that_does_not_fit_is_named(reader):
    body = refused(reader.get("/api/work?limit=many"), 422, "api.bad_input")
    assert body["detail"][0]["loc"] == ["query", "limit"]


@pytest.mark.parametrize("number", ["offset=43972874951776935936", "limit=1001", "offset=-1"])
def test_a_page_beyond_what_a_database_can_count_is_refused(reader, number):
    refused(reader.get(f"/api/incidents?{number}"), 422, "api.bad_input")


def test_an_operation_that_does_not_exist_is_no_page(reader):
    refused(reader.get("/api/no-such-thing"), 404, "api.no_operation")


@pytest.mark.parametrize(("sent_as", "body"), [("application/json", b"{"), ("text/csv", b"\xff")])
def test_what_is_not_json_is_refused(reader, sent_as, body):
    answer = reader.post("/api/incidents", data=body, content_type=sent_as)
    refused(answer, 400, "api.not_json")


def test_a_form_without_its_boundary_is_no_fault_of_ours(client, caplog):
    account = account_in(RegionFactory(), "command.view")
    client.handler.enforce_csrf_checks = True  # which looks into the form
    client.force_login(account)
    client.cookies["csrftoken"] = "f" * 32
    answer = client.post("/api/incidents", data=b"x", content_type="multipart/form-data")

    refused(answer, 400, "api.not_json")
    assert "page failed" not in caplog.text


def test_two_schemas_of_one_name_would_hide_each_other():
    def below(kind):
        for one in kind.__subclasses__():
            yield one
            yield from below(one)

    ours = Counter(kind.__name__ for kind in below(Schema) if kind.__module__.startswith("anlan."))
    assert [name for name, count in ours.items() if count > 1] == []


def test_the_description_tells_what_a_refusal_is_and_where_readings_go():
    described = api.get_openapi_schema()

    assert "Receipt" in str(described["paths"]["/ingest/http"]["post"]["responses"]["207"])
    for path in described["paths"].values():
        for operation in path.values():
            assert "Refused" in str(operation["responses"]["default"])
