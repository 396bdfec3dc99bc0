"""Which assertions `assertion.py` takes, with keys of the test's own. The real gateway's are in tests/suite/fastapi."""

import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

import assertion as example

KEY, FOREIGN_KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()


def signed(key=KEY, kid="k1", algorithm="EdDSA", without=(), **changes):
    now = int(time.time())
    claims = {"iss": example.ISSUER, "aud": "api", "sub": "u1", "sid": "s1", "roles": ["ops"], "iat": now, "exp": now + 60}
    claims = {name: value for name, value in (claims | changes).items() if name not in without}
    return jwt.encode(claims, key, algorithm, headers={"kid": kid})


@pytest.fixture
def client(monkeypatch):
    jwk = jwt.algorithms.OKPAlgorithm.to_jwk(KEY.public_key(), as_dict=True)
    key_set = {"keys": [jwk | {"kid": "k1", "alg": "EdDSA", "use": "sig"}]}
    monkeypatch.setattr(example.keys, "fetch_data", lambda: key_set)
    with TestClient(example.app) as client:
        yield client


def ask(client, token):
    return client.get("/signed/whoami", headers={"X-Identity-Assertion": token})


def test_a_good_assertion_says_who_is_calling(client):
    answer = ask(client, signed())
    assert answer.status_code == 200
    assert answer.json()["sub"] == "u1"


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        signed(aud="files"),
        signed(iss="https://other.example"),
        signed(iat=int(time.time()) - 300, exp=int(time.time()) - 60),
        signed(FOREIGN_KEY),
        signed(FOREIGN_KEY, kid="k2"),
        signed(without=["exp"]),
        signed(without=["sub"]),
        signed("a secret of thirty-two bytes or more", algorithm="HS256"),
        signed(None, algorithm="none"),
    ],
    ids=["none", "nonsense", "audience", "issuer", "expired", "key", "key id", "no expiry", "no user", "hmac", "unsigned"],
)
def test_every_other_one_is_refused(client, token):
    assert ask(client, token).status_code == 401


def test_a_missing_one_is_refused(client):
    assert client.get("/signed/whoami").status_code == 401
