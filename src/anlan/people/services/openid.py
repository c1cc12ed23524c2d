"""Sign in through the city's own identity provider (OpenID Connect, code flow with PKCE).

Only existing accounts: a claim must equal an account's user name. Nothing is granted by it.
Libraries are read where they are used: most cities have no provider, and they take half a second.
"""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from anlan.base.errors import NotAllowed, Refusal

from ..models import Account

_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "RS512", "EdDSA"]
_TIMEOUT_S = 10


@dataclass(frozen=True)
class Attempt:
    """What the browser's session keeps between leaving and coming back."""

    state: str
    nonce: str
    verifier: str

    def as_dict(self) -> dict[str, str]:
        return asdict(self)


class ProviderFailed(Refusal):
    """The identity provider cannot be reached or answers nonsense."""

    status = 502


def is_on() -> bool:
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID)


def begin(*, redirect_uri: str) -> tuple[str, Attempt]:
    """Where to send the browser, and what to remember."""
    from authlib.common.security import generate_token
    from authlib.common.urls import add_params_to_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    attempt = Attempt(generate_token(32), generate_token(32), generate_token(64))
    endpoint = _discover()["authorization_endpoint"]
    parameters = [
        ("response_type", "code"),
        ("client_id", settings.OIDC_CLIENT_ID),
        ("redirect_uri", redirect_uri),
        ("scope", settings.OIDC_SCOPE),
        ("state", attempt.state),
        ("nonce", attempt.nonce),
        ("code_challenge", create_s256_code_challenge(attempt.verifier)),
        ("code_challenge_method", "S256"),
    ]
    return str(add_params_to_uri(endpoint, parameters)), attempt


def finish(*, attempt: Attempt, state: str, code: str, redirect_uri: str) -> Account:
    """The account that the provider vouches for, or a Refusal."""
    if not state or state != attempt.state or not code:
        raise NotAllowed(
            "people.oidc_state",
            _("This sign-in was not begun in this browser, or has expired."),
            hint=_("Begin again."),
        )
    metadata = _discover()
    answer = _post(
        metadata["token_endpoint"],
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        },
    )
    claims = _claims(str(answer.get("id_token", "")), metadata, attempt.nonce)
    name = claims.get(settings.OIDC_CLAIM)
    account = Account.objects.filter(username=name, is_active=True).first() if name else None
    if account is None or account.is_system:
        raise NotAllowed(
            "people.oidc_unknown",
            _("There is no account here for your identity."),
            hint=_("Ask your office administrator for an account."),
        )
    return account


def _discover() -> dict[str, Any]:
    issuer = settings.OIDC_ISSUER.rstrip("/")
    metadata = _get(f"{issuer}/.well-known/openid-configuration")
    if str(metadata.get("issuer", "")).rstrip("/") != issuer:
        raise _failed()
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(str(metadata.get(name, ""))).scheme not in {"http", "https"}:
            raise _failed()
    return metadata


def _claims(token: str, metadata: dict[str, Any], nonce: str) -> dict[str, Any]:
    """The token's claims, once signature, issuer, audience, time and nonce are right."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        keys = KeySet.import_key_set(_get(metadata["jwks_uri"]))  # type: ignore[arg-type]
        decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(
            leeway=60,
            iss={"essential": True, "value": metadata["issuer"]},
            aud={"essential": True, "value": settings.OIDC_CLIENT_ID},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(decoded.claims)
    except (JoseError, ValueError, KeyError) as error:
        raise NotAllowed(
            "people.oidc_token", _("The identity provider's answer could not be verified.")
        ) from error
    return dict(decoded.claims)


def _get(url: str) -> dict[str, Any]:
    import httpx

    try:
        answer = httpx.get(url, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError, TypeError) as error:
        raise _failed() from error


def _post(url: str, form: dict[str, str]) -> dict[str, Any]:
    import httpx

    # By basic authentication, which every provider must support.
    auth = (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    try:
        answer = httpx.post(url, data=form, auth=auth, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return dict(answer.json())
    except (httpx.HTTPError, ValueError, TypeError) as error:
        raise _failed() from error


def _failed() -> ProviderFailed:
    return ProviderFailed(
        "people.oidc_failed",
        _("The identity provider does not answer as it should."),
        hint=_("Sign in with your password, or try again later."),
    )
