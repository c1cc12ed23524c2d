"""Kinds of post on their pages: added, renamed, retired; never deleted, always journaled."""

import pytest
from django.urls import reverse

from anlan.base.errors import Refusal
from anlan.base.models import Event
from anlan.people.models import Account, Role
from anlan.people.services import posts
from anlan.people.services import role_list as service
from anlan.people.tests.factories import account_in, holder_of, post_in
from anlan.places.tests.factories import RegionFactory

from .test_people import NOON

pytestmark = pytest.mark.django_db
RIGHTS = ("people.view", "people.manage", "work.view")


@pytest.fixture
def city():
    return RegionFactory(level=2, parent=RegionFactory(level=1))


@pytest.fixture
def chief(city):
    """Manages people in the whole tree."""
    return account_in(city.parent, *RIGHTS)


def send(client, page, *args, status=302, **data):
    response = client.post(reverse(f"people:{page}", args=args), data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response


def test_a_kind_of_post_is_added_renamed_and_retired_on_its_page(city, chief, client):
    client.force_login(chief)
    new = {"name": "市防汛联络员", "level": 2, "permissions": ["work.view"]}
    send(client, "roles", **new)
    role = Role.objects.get(name="市防汛联络员")
    assert (role.level, role.permissions) == (2, ["work.view"])
    send(client, "roles", status=422, **new)  # the name is taken
    send(client, "roles", status=422, **new | {"name": "甲", "permissions": ["no.such"]})
    send(client, "rename_role", role.pk, name="市防汛信息员")
    send(client, "rename_role", role.pk, name=" ", status=422)
    send(client, "role_carries", role.pk, permissions=["work.view", "people.view"])
    role.refresh_from_db()
    assert (role.name, role.permissions) == ("市防汛信息员", ["people.view", "work.view"])
    post = posts.open_post(role=role, region=city, by=chief, at=NOON)
    send(client, "retire_role", role.pk)
    send(client, "retire_role", role.pk, status=409)
    role.refresh_from_db()
    other = RegionFactory(level=2, parent=city.parent)
    with pytest.raises(Refusal):
        posts.open_post(role=role, region=other, by=Account.objects.system(), at=NOON)
    # What stands stays, and so does whoever holds it.
    assert posts.open_post(role=role, region=city, by=chief, at=NOON) == post
    assert holder_of(post).may("work.view", region=city)
    assert "已停用" in client.get(reverse("people:roles")).content.decode()
    send(client, "restore_role", role.pk)
    shown = client.get(reverse("people:role", args=[role.pk])).content.decode()
    assert "市防汛信息员" in shown
    assert "已停用" not in shown
    told = Event.objects.filter(name__startswith="people.role.").order_by("pk")
    assert list(told.values_list("name", flat=True)) == [
        f"people.role.{what}" for what in ("made", "renamed", "changed", "retired", "restored")
    ]


def test_who_manages_people_in_a_part_only_reads_the_list(city, client):
    elsewhere = RegionFactory(level=2)  # a second top: nobody in the first manages everywhere
    stranger = account_in(elsewhere, *RIGHTS)
    post = post_in(city, "city.liaison")
    client.force_login(stranger)
    page = client.get(reverse("people:roles")).content.decode()
    assert "添加岗位类型" not in page
    for name in ("rename_role", "role_carries", "retire_role", "restore_role"):
        send(client, name, post.role_id, name="乙", status=403)
    send(client, "roles", name="乙", level=2, status=422)
    # Which posts there are elsewhere, it does not say.
    shown = client.get(reverse("people:role", args=[post.role_id])).content.decode()
    assert city.name not in shown
    assert Role.objects.get().name == "city.liaison"


def test_codes_of_names_do_not_collide_between_levels():
    assert service.code_for("联络员", 2) != service.code_for("联络员", 3)
    assert service.code_for(" 联络员 ", 2) == service.code_for("联络员", 2)
