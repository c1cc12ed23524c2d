"""Letters and accident files by the API: the caller's regions only, no persons."""

import pytest

from anlan.oversee.services import accidents as service
from anlan.oversee.services import letters
from anlan.oversee.services.accidents import PersonText

from .factories import MONDAY, NOON
from .test_accidents import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(monkeypatch):
    monkeypatch.setattr("anlan.base.clock.now", lambda: NOON)
    return Scene()


def test_letters_and_accidents_without_what_is_private(scene, client):
    letter = letters.issue_letter(letter=scene.text(), by=scene.office, at=NOON)
    accident = scene.written()
    person = PersonText("赵某某", "DETAINED", "公安局", MONDAY, id_number="330702198001011234")
    service.add_person(accident=accident, person=person, by=scene.detective, at=NOON)

    def asked(path, status=200, **query):
        response = client.get(f"/api/{path}", query)
        assert response.status_code == status, response.content
        return response.json()

    client.force_login(scene.office)
    [row] = asked("letters", kind="URGE")["items"]
    assert (row["number"], row["to"], row["state"]) == (letter.number, "水利局", "OPEN")
    assert asked("letters", state="overdue")["count"] == 0
    assert asked(f"letters/{letter.pk}")["text"].startswith("请抓紧办理")
    [row] = asked("accidents", region=scene.county.code, year=2026)["items"]
    assert (row["severity"], row["remedies"], row["remedies_done"]) == ("GENERAL", 1, 0)
    detail = asked(f"accidents/{accident.pk}")
    assert (detail["deaths"], detail["persons"], detail["causes"]) == (1, 1, ["违章堆载"])
    for secret in ("赵某某", "330702198001011234"):
        assert secret not in str(detail)

    client.force_login(scene.stranger)
    for path in ("letters", "accidents"):
        assert asked(path)["items"] == []
        asked(path, region=scene.county.code, status=404)
    asked(f"letters/{letter.pk}", status=404)
    asked(f"accidents/{accident.pk}", status=404)
