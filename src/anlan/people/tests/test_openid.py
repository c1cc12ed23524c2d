"""Sign-in against a provider of our own, over the loopback."""

import json
import threading
import time
from base64 import b64decode
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from anlan.people.models import Grant
from anlan.people.tests.factories import AccountFactory

pytestmark = pytest.mark.django_db


class Provider(BaseHTTPRequestHandler):
    """As much of an OpenID provider as a client can see."""

    def log_message(self, *args):
        pass

    def do_GET(self):
        issuer = self.server.issuer
        if self.path == "/.well-known/openid-configuration":
            self.answer(
                {
                    "issuer": issuer,
                    "authorization_endpoint": f"{issuer}/authorize",
                    "token_endpoint": f"{issuer}/token",
                    "jwks_uri": f"{issuer}/keys",
                }
            )
        else:
            self.answer(KeySet([self.server.key]).as_dict(private=False))

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        asked = self.server.asked
        user = b64decode(self.headers["Authorization"].split()[1]).decode()
        right = (
            user == "anlan:secret"
            and form["code"] == ["the-code"]
            and create_s256_code_challenge(form["code_verifier"][0]) == asked["code_challenge"][0]
        )
        if not right:
            self.send_error(400)
            return
        claims = {
            "iss": self.server.issuer,
            "aud": "anlan",
            "sub": "1",
            "exp": int(time.time()) + 60,
            "nonce": asked["nonce"][0],
            "preferred_username": "officer",
            **self.server.bend,
        }
        key = self.server.bent_key or self.server.key
        self.answer({"id_token": jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)})

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode())


@pytest.fixture(scope="module")
def key():
    return RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)


@pytest.fixture
def provider(settings, key):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    server.issuer = f"http://127.0.0.1:{server.server_port}"
    server.key, server.bent_key, server.bend, server.asked = key, None, {}, {}
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = server.issuer, "anlan"
    settings.OIDC_CLIENT_SECRET = "secret"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def there_and_back(client, provider, **bend):
    there = client.get("/sign-in/provider/", {"next": "/people/account/"})
    provider.asked = parse_qs(urlsplit(there["Location"]).query)
    back = {"code": "the-code", "state": provider.asked["state"][0], **bend}
    return client.get("/sign-in/provider/back/", back)


def test_an_existing_account_is_let_in_and_gets_no_rights_by_it(client, provider):
    AccountFactory(username="officer")
    response = there_and_back(client, provider)
    assert response["Location"] == "/people/account/"
    assert "_auth_user_id" in client.session
    assert not Grant.objects.exists()


def test_somebody_without_an_account_stays_outside(client, provider):
    response = there_and_back(client, provider)
    assert response.status_code == 403
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "bend",
    [
        {"nonce": "old"},
        {"aud": "another"},
        {"iss": "http://evil.example"},
        {"exp": 1000},
        {"preferred_username": "system"},
        {"preferred_username": None},
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(client, provider, bend):
    AccountFactory(username="officer")
    provider.bend = bend
    assert there_and_back(client, provider).status_code == 403
    assert "_auth_user_id" not in client.session


def test_a_token_of_another_key_is_refused(client, provider):
    AccountFactory(username="officer")
    provider.bent_key = RSAKey.generate_key(2048, {"kid": "one"}, auto_kid=False)
    assert there_and_back(client, provider).status_code == 403


def test_an_answer_to_a_question_that_was_not_asked_here_is_refused(client, provider):
    AccountFactory(username="officer")
    assert there_and_back(client, provider, state="guessed").status_code == 403
    assert client.get("/sign-in/provider/back/", {"code": "the-code"})["Location"] == "/sign-in/"


def test_a_provider_that_is_down_leaves_the_password_door_open(client, settings):
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = "http://127.0.0.1:9", "anlan"
    response = client.get("/sign-in/provider/")
    assert response.status_code == 502
    assert 'name="password"' in response.content.decode()
