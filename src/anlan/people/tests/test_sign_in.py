import re
from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.utils import timezone

from anlan.base.errors import NotAllowed
from anlan.base.models import Event
from anlan.people.models import Account, SignInTries
from anlan.people.services import sign_in
from anlan.people.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db
PASSWORD = "汛期值守-2026"
ARGON2_FIRST = settings.PASSWORD_HASHERS  # as the product has them, before a test changes it
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _quick_hashes(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    sign_in._dummy.clear()


@pytest.fixture
def officer():
    account = AccountFactory(username="officer")
    account.set_password(PASSWORD)
    account.save()
    return account


def enter(client, username="officer", password=PASSWORD, **more):
    return client.post("/sign-in/", {"username": username, "password": password, **more})


def signed_in(client):
    return "_auth_user_id" in client.session


def test_argon2_is_what_passwords_are_kept_in(settings):
    settings.PASSWORD_HASHERS = ARGON2_FIRST
    account = AccountFactory()
    account.set_password(PASSWORD)
    assert account.password.startswith("argon2$argon2id$")


def test_a_right_password_lets_in_and_leads_where_one_wanted_to_go(client, officer):
    response = enter(client, next="/people/account/?a=1")
    assert (response.status_code, response["Location"]) == (302, "/people/account/?a=1")
    assert signed_in(client)
    assert Event.objects.get(name="people.signed_in").by == officer


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///x",
    ],
)
def test_no_link_through_the_door_leads_to_another_site(client, officer, url):
    assert enter(client, next=url)["Location"] == "/"
    assert client.get("/sign-in/", {"next": url})["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_look_the_same(client, officer):
    wrong, unknown = enter(client, password="no"), enter(client, username="nobody")
    assert (wrong.status_code, unknown.status_code) == (403, 403)
    texts = [
        re.sub(r'value="[^"]*"|data-(csrf|now)="[^"]*"', "", r.content.decode())
        for r in (wrong, unknown)
    ]
    assert texts[0].replace("officer", "") == texts[1].replace("nobody", "")
    assert not signed_in(client)


def test_an_unknown_name_costs_a_hash_too(monkeypatch):
    asked = []
    monkeypatch.setattr(sign_in, "check_password", lambda p, e: asked.append(e) or False)
    for name in ("officer", "nobody"):
        with pytest.raises(NotAllowed):
            sign_in.check_credentials(username=name, password="x", address="1", at=timezone.now())
    assert len([hash_ for hash_ in asked if hash_]) == 2


@pytest.mark.parametrize("username", ["officer", "nobody"])
def test_five_wrong_tries_shut_the_door_for_a_quarter_of_an_hour(client, officer, username):
    for _n in range(5):
        assert enter(client, username, "wrong").status_code == 403
    response = enter(client, username)
    assert response.status_code == 429
    assert "15分钟" in response.content.decode()
    SignInTries.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert enter(client).status_code == 302


def test_a_right_password_in_between_starts_the_count_anew(client, officer):
    for _round in range(2):
        for _n in range(4):
            enter(client, password="wrong")
        assert enter(client).status_code == 302
        client.logout()


def test_an_address_that_tries_many_names_is_shut_out(client, officer, settings):
    settings.TRIES_PER_ADDRESS = 6
    for n in range(6):
        enter(client, f"name{n}", "wrong")
    assert enter(client).status_code == 429
    assert enter(client).status_code == 429
    other = client.post(
        "/sign-in/", {"username": "officer", "password": PASSWORD}, REMOTE_ADDR="10.0.0.9"
    )
    assert other.status_code == 302


def test_a_forwarded_address_counts_only_behind_a_proxy(client, officer, settings):
    settings.TRIES_PER_ADDRESS = 2
    for n in range(2):
        client.post(
            "/sign-in/",
            {"username": f"x{n}", "password": "-"},
            HTTP_X_FORWARDED_FOR=f"10.0.0.{n}",
        )
    assert enter(client).status_code == 429


def test_neither_the_system_nor_a_closed_account_can_sign_in(client, officer):
    Account.objects.system()
    Account.objects.filter(username="officer").update(is_active=False)
    assert enter(client).status_code == 403
    assert enter(client, "system", "!").status_code == 403


def test_the_second_factor_is_asked_for_and_a_code_works_once(client, officer):
    Account.objects.update(totp_secret=SECRET)
    assert enter(client)["Location"] == "/sign-in/code/"
    assert not signed_in(client)
    code = pyotp.TOTP(SECRET).now()

    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/"
    assert signed_in(client)

    client.post("/people/sign-out/")
    enter(client)
    again = client.post("/sign-in/code/", {"code": code})
    assert again.status_code == 403
    assert "已被使用" in again.content.decode()
    assert not signed_in(client)


def test_guessing_codes_locks_too(client, officer):
    Account.objects.update(totp_secret=SECRET)
    enter(client)
    for _n in range(5):
        client.post("/sign-in/code/", {"code": "000000"})
    assert client.post("/sign-in/code/", {"code": pyotp.TOTP(SECRET).now()}).status_code == 429


def test_the_code_page_without_a_password_leads_back_to_the_door(client):
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"
    assert client.get("/sign-in/password/")["Location"] == "/sign-in/"


def test_a_password_set_by_somebody_else_is_changed_before_anything_opens(client, officer):
    Account.objects.update(must_change_password=True)
    assert enter(client, next="/people/account/")["Location"] == "/sign-in/password/"
    assert not signed_in(client)
    same = client.post("/sign-in/password/", {"new": PASSWORD, "again": PASSWORD})
    assert same.status_code == 422
    weak = client.post("/sign-in/password/", {"new": "12345678", "again": "12345678"})
    assert weak.status_code == 422
    new = "梅雨-换班-07"
    done = client.post("/sign-in/password/", {"new": new, "again": new})
    assert done["Location"] == "/people/account/"
    assert signed_in(client)
    assert not Account.objects.get().must_change_password


def test_the_first_password_page_is_not_a_way_round_the_second_factor(client, officer):
    Account.objects.update(must_change_password=True, totp_secret=SECRET)
    enter(client)
    response = client.post("/sign-in/password/", {"new": "新口令-四个字", "again": "新口令-四个字"})
    assert response["Location"] == "/sign-in/"
    assert not signed_in(client)


def test_changing_ones_password_needs_the_old_one_and_ends_other_sessions(client, officer):
    from django.test import Client

    elsewhere = Client()
    for c in (client, elsewhere):
        enter(c)
    new = "梅雨-换班-07"
    wrong = client.post("/people/account/password/", {"old": "?", "new": new, "again": new})
    assert wrong.status_code == 422
    right = client.post("/people/account/password/", {"old": PASSWORD, "new": new, "again": new})
    assert right["Location"] == "/people/account/"
    assert client.get("/people/account/").status_code == 200
    assert elsewhere.get("/people/account/").status_code == 302


def test_the_second_factor_is_set_up_by_proving_a_code(client, officer):
    enter(client)
    page = client.get("/people/account/second-factor/")
    secret = client.session["people.totp"]
    assert "<svg" in page.content.decode()
    assert client.post("/people/account/second-factor/", {"code": "1"}).status_code == 422
    client.post("/people/account/second-factor/", {"code": pyotp.TOTP(secret).now()})
    officer.refresh_from_db()
    assert officer.totp_secret == secret
    assert client.post("/people/account/second-factor/off/", {"password": "x"}).status_code == 422
    client.post("/people/account/second-factor/off/", {"password": PASSWORD})
    officer.refresh_from_db()
    assert officer.totp_secret == ""


def test_signing_out_needs_a_post(client, officer):
    enter(client)
    assert client.get("/people/sign-out/").status_code == 405
    client.post("/people/sign-out/")
    assert not signed_in(client)


def test_names_that_somebody_guessed_are_forgotten_after_a_day(client, officer):
    enter(client, password="no")
    last = max(SignInTries.objects.values_list("last_at", flat=True))

    assert sign_in.forget_old_tries(at=last + timedelta(hours=23)) == 0
    assert sign_in.forget_old_tries(at=last + timedelta(hours=25)) == 2  # the name, the address
