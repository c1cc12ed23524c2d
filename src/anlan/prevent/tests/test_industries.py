"""The classification of industries comes from the bureau's own list."""

from importlib import resources

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from anlan.base.errors import NotAllowed
from anlan.people.tests.factories import account_in
from anlan.places.tests.factories import RegionFactory
from anlan.prevent.models import Industry
from anlan.prevent.queries import enterprises as queries
from anlan.prevent.services.industries import import_industries

from .factories import NOON

pytestmark = pytest.mark.django_db
LIST = "行业代码,行业名称\nC26,化学原料和化学制品制造业\nc2641,涂料制造\nXX,无\nC26,重复\nC27,\n"


def test_a_list_is_taken_in_and_again_changes_nothing():
    city = RegionFactory(level=2)
    writer = account_in(city, "prevent.standard")
    plan = import_industries(content=LIST.encode(), by=writer, at=NOON)
    assert (plan.new, plan.changed, plan.same) == (2, 0, 0)
    assert [(p.row, p.column) for p in plan.problems] == [(4, "code"), (5, "code"), (6, "name")]
    again = import_industries(content=LIST.encode(), by=writer, at=NOON)
    assert (again.new, again.changed, again.same) == (0, 0, 2)
    renamed = "行业代码,行业名称\nC2641,涂料\n"
    assert import_industries(content=renamed.encode("gb18030"), by=writer, at=NOON).changed == 1
    assert queries.industry_name("C2641") == "涂料"
    assert queries.industry_name("C2699") == "化学原料和化学制品制造业"  # the nearest around it
    assert [row.code for row in queries.list_industries(text="涂")] == ["C2641"]


def test_only_who_writes_standards_for_the_whole_city_takes_lists_in(client):
    city = RegionFactory(level=2)
    county = account_in(RegionFactory(parent=city), "prevent.standard", "prevent.view")
    with pytest.raises(NotAllowed):
        import_industries(content=LIST.encode(), by=county, at=NOON)
    client.force_login(county)
    file = SimpleUploadedFile("a.csv", LIST.encode())
    assert client.post("/prevent/industries/", {"file": file}).status_code == 403
    assert client.get("/prevent/industries/").status_code == 200
    client.force_login(account_in(city))
    assert client.get("/prevent/industries/").status_code == 403
    assert not Industry.objects.exists()


def test_the_example_is_taken_in_by_the_terminal(capsys):
    with resources.as_file(
        resources.files("anlan.prevent").joinpath("data/industries.csv")
    ) as path:
        call_command("industries", "import", path)
    assert Industry.objects.count() == 22
