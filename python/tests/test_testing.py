"""The stand-in for the gateway that apps test with."""

import json
from typing import Union

import pytest
from fastapi.testclient import TestClient

from authgate_fastapi import ConfigurationError, InvalidIdentity, KeySet, SharedSecret, SignedTokens, TrustedHeaders
from authgate_fastapi.dependencies import identity_of
from authgate_fastapi.testing import FakeGateway, Signer

from .conftest import make_app

SECRET = "a shared secret of 32 bytes or more"


@pytest.mark.parametrize(
    "keys",
    [
        None,
        KeySet("https://a.example/jwks"),
        KeySet("https://a.example/jwks", algorithms=["ES256"]),
        SharedSecret(SECRET),
    ],
    ids=["default", "both", "ES256", "HS256"],
)
@pytest.mark.parametrize("header", ["Authorization", "X-Identity-Assertion"])
def test_it_signs_as_the_app_wants_it(keys: Union[KeySet, SharedSecret, None], header: str) -> None:
    identity = SignedTokens(issuer="https://a.example", audience=["one", "two"], keys=keys, header=header)
    app = make_app(identity)
    gateway = FakeGateway()
    assert gateway.client(app, "alice", company="Acme").get("/me").json()["claims"]["company"] == "Acme"
    assert gateway.client(app).get("/me").status_code == 401
    gateway.restore()
    assert identity_of(app) is identity


def test_what_it_signs_counts_for_one_app_and_one_test() -> None:
    gateway = FakeGateway()
    apps = [make_app(SignedTokens(issuer="https://a.example", audience="api")) for _ in range(2)]
    first, second = (gateway.headers(app) for app in apps)
    assert TestClient(apps[0]).get("/me", headers=first).status_code == 200
    assert TestClient(apps[0]).get("/me", headers=second).status_code == 401
    gateway.restore()
    later = FakeGateway()
    assert later.client(apps[0]).get("/me", headers=first).status_code == 401
    later.restore()


def test_it_proves_itself_where_a_secret_is_wanted() -> None:
    app = make_app(TrustedHeaders(secret=SECRET))
    assert FakeGateway().client(app, "alice", name="Zoë\n100%").get("/me").json()["name"] == "Zoë\n100%"


def test_the_fixture_gives_the_app_back(pytester: pytest.Pytester) -> None:
    pytester.makeconftest('pytest_plugins = ["authgate_fastapi.testing.plugin"]')
    pytester.makepyfile(
        """
        from authgate_fastapi import CurrentUser, SignedTokens, install
        from authgate_fastapi.dependencies import identity_of
        from fastapi import FastAPI

        app = FastAPI()
        identity = SignedTokens(issuer="https://a.example", audience="api")
        install(app, identity)

        @app.get("/me")
        def me(user: CurrentUser) -> str:
            return user.id

        def test_one(authgate):
            assert authgate.client(app, "alice").get("/me").json() == "alice"
            assert identity_of(app) is not identity

        def test_two():
            assert identity_of(app) is identity
        """
    )
    pytester.runpytest_inprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)


def test_a_signer_says_what_it_signs_with() -> None:
    for algorithm, key_type in (("EdDSA", "OKP"), ("ES256", "EC")):
        (jwk,) = Signer(algorithm, key_id="k").key_set()["keys"]
        assert (jwk["kty"], jwk["alg"], jwk["kid"]) == (key_type, algorithm, "k")
        assert "d" not in jwk
    assert Signer("HS256").key_set() == {"keys": []}
    with pytest.raises(ConfigurationError):
        Signer("RS256")


def test_a_signer_makes_bad_tokens_too(signer: Signer) -> None:
    identity = signer.identity()
    for token in (
        signer.token(expires_in=-60),
        signer.token(without=["exp"]),
        signer.token(aud="other"),
        signer.token(iss="https://other.example"),
        signer.sign(json.loads("{}")),
    ):
        with pytest.raises(InvalidIdentity):
            identity.verify(token)
