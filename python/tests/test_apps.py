"""The backends in tests/apps, each in a process of its own and without a gateway."""

import functools
import sys
from pathlib import Path

import pytest
from jwt import PyJWS

from authgate_fastapi.testing import Signer

from .conftest import KeyServer, Start, get, post_form

APPS = Path(__file__).resolve().parents[2] / "tests" / "apps"

pytestmark = pytest.mark.skipif(sys.version_info < (3, 10), reason="they are written for Python 3.10")


@pytest.fixture
def start(start_app: Start) -> Start:
    return functools.partial(start_app, APPS)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def check_tokens(origin: str, signer: Signer) -> None:
    """Goes through what each of the apps that take tokens does."""
    status, user = get(f"{origin}/me", bearer(signer.token("u1", name="Zoë", roles=["admin"])))
    assert status == 200
    assert (user["sub"], user["id"], user["name"], user["role"]) == ("u1", "u1", "Zoë", "admin")
    token = bearer(signer.token("u1"))
    assert get(f"{origin}/users/u1/notes", token)[1] == {"owner": "u1", "notes": []}
    assert get(f"{origin}/users/u2/notes", token)[0] == 403
    assert get(f"{origin}/me")[0] == 401
    foreign = Signer(signer.algorithm, issuer=signer.issuer, audience=signer.audience)
    for bad in (
        "nonsense",
        signer.token(expires_in=-60),
        signer.token(aud="other"),
        signer.token(iss="https://other.example"),
        foreign.token(),
        PyJWS().encode(b'{"sub":"u1"}', "", "none", {"kid": signer.key_id}),
    ):
        assert get(f"{origin}/me", bearer(bad))[0] == 401, bad


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_pyjwt_with_a_key_set(start: Start, key_server: KeyServer, algorithm: str) -> None:
    signer = Signer(algorithm)
    key_server.document = signer.key_set()
    with start("pyjwt_jwks", JWKS_URL=key_server.url, ISSUER=signer.issuer, AUDIENCE=signer.audience) as origin:
        check_tokens(origin, signer)


def test_python_jose_with_a_key_set(start: Start, key_server: KeyServer) -> None:
    signer = Signer("ES256")
    # Keys that it does not know stand beside those that it knows.
    key_server.document = {"keys": Signer("EdDSA", key_id="other").key_set()["keys"] + signer.key_set()["keys"]}
    with start("jose_es256", JWKS_URL=key_server.url, ISSUER=signer.issuer, AUDIENCE=signer.audience) as origin:
        check_tokens(origin, signer)


def test_a_shared_secret(start: Start) -> None:
    signer = Signer("HS256")
    with start("shared_secret", JWT_SECRET=signer.secret, ISSUER=signer.issuer, AUDIENCE=signer.audience) as origin:
        check_tokens(origin, signer)


def test_a_login_of_its_own(start: Start) -> None:
    secret = "a secret of the app, 32 bytes or more"
    with start("own_login", SECRET_KEY=secret, APP_USER="ada", APP_PASSWORD="lovelace") as origin:
        status, answer = post_form(f"{origin}/token", {"username": "ada", "password": "lovelace"})
        assert (status, answer["token_type"]) == (200, "bearer")
        assert get(f"{origin}/me", bearer(answer["access_token"])) == (200, {"username": "ada"})
        for name, password in (("ada", "wrong"), ("eve", "lovelace")):
            assert post_form(f"{origin}/token", {"username": name, "password": password})[0] == 401
        for headers in ({}, bearer("nonsense"), bearer(Signer("HS256").token("ada"))):
            assert get(f"{origin}/me", headers)[0] == 401
