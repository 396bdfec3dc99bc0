"""Which tokens are believed."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from fastapi.testclient import TestClient

from authgate_fastapi import (
    ConfigurationError,
    ExpiredToken,
    InvalidIdentity,
    KeySet,
    SharedSecret,
    SignedTokens,
)
from authgate_fastapi.testing import Signer

from .conftest import make_app


def encoded(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    return {"sub": "eve", "iss": "https://app.example.test", "aud": "api", "iat": now, "exp": now + 60, **changes}


def test_a_user_has_what_the_claims_say(signer: Signer) -> None:
    token = signer.token(
        "u1", email="zoe@example.com", name="Zoë 🦀", roles=["admin", "ops"], company="Acme", auth_method="bearer"
    )
    user = signer.identity().verify(token)
    assert (user.id, user.email, user.email_verified, user.name) == ("u1", "zoe@example.com", True, "Zoë 🦀")
    assert (user.roles, user.session_id, user.auth_method) == (("admin", "ops"), "session-1", "bearer")
    assert user.claims["company"] == "Acme"


def test_optional_claims_may_be_missing(signer: Signer) -> None:
    token = signer.token(without=["id", "email", "name", "emailVerified", "role", "sid"])
    user = signer.identity().verify(token)
    assert (user.email, user.email_verified, user.name, user.roles, user.session_id) == (None, False, None, (), None)


def test_a_token_is_read_from_its_header(signer: Signer) -> None:
    token = signer.token("u1")
    client = TestClient(make_app(signer.identity()))
    for scheme in ("Bearer", "bearer", "BEARER "):
        assert client.get("/me", headers={"Authorization": f"{scheme} {token}"}).json()["id"] == "u1"
    assert client.get("/optional").json() is None
    assert client.get("/optional", headers={"Authorization": "Basic dTpw"}).json() is None
    assert client.get("/me", headers={"Authorization": "Basic dTpw"}).status_code == 401
    assert client.get("/optional", headers={"X-Identity-Assertion": token}).json() is None

    client = TestClient(make_app(signer.identity(header="X-Identity-Assertion")))
    assert client.get("/me", headers={"X-Identity-Assertion": token}).json()["id"] == "u1"
    assert client.get("/optional", headers={"X-Identity-Assertion": ""}).json() is None
    assert client.get("/me", headers={"X-Identity-Assertion": f"Bearer {token}"}).status_code == 401
    assert client.get("/optional", headers=bearer(token)).json() is None


@pytest.mark.parametrize("path", ["/optional", "/me"])
def test_two_tokens_are_refused(signer: Signer, path: str) -> None:
    client = TestClient(make_app(signer.identity()))
    good = ("Authorization", f"Bearer {signer.token()}")
    for other in (good, ("authorization", "Basic dTpw"), ("Authorization", "")):
        assert client.get(path, headers=[good, other]).status_code == 401


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"iss": "https://app.example.test/"},
        {"iss": ["https://app.example.test"]},
        {"aud": "files"},
        {"aud": ["files", "mail"]},
        {"aud": ""},
        {"aud": None},
        {"exp": "soon"},
        {"exp": 1e999},
        {"nbf": time.time() + 3600},
        {"iat": time.time() + 3600},
        {"sub": ""},
        {"sub": 1},
        {"sub": "a/b"},
        {"sub": "a" * 65},
        {"email": {"a": 1}},
        {"name": ["a"]},
        {"role": ["admin"]},
        {"sid": 7},
        {"auth_method": 7},
        *({"without": [name]} for name in ("sub", "iss", "aud", "iat", "exp")),
    ],
    ids=str,
)
def test_claims_that_are_wrong_or_missing_are_refused(signer: Signer, changes: dict[str, Any]) -> None:
    without = changes.get("without", ())
    payload = {name: value for name, value in claims(**changes).items() if name not in without}
    with pytest.raises(InvalidIdentity):
        signer.identity().verify(signer.sign(payload))


def test_only_the_boolean_true_is_verified(signer: Signer) -> None:
    for value in ("true", 1, None):
        assert signer.identity().verify(signer.token(emailVerified=value)).email_verified is False


def test_an_expired_token_says_so(signer: Signer) -> None:
    with pytest.raises(ExpiredToken):
        signer.identity().verify(signer.token(expires_in=-10))
    answer = TestClient(make_app(signer.identity())).get("/me", headers=bearer(signer.token(expires_in=-10)))
    assert (answer.status_code, answer.json()) == (401, {"detail": "the token has expired"})
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="invalid_token", error_description="the token has expired"'
    )


def test_clocks_may_differ_by_the_leeway(signer: Signer) -> None:
    assert signer.identity().verify(signer.token(expires_in=-2)).id == "user-1"
    strict = SignedTokens(issuer=signer.issuer, audience=signer.audience, keys=signer.keys(), leeway=0)
    with pytest.raises(ExpiredToken):
        strict.verify(signer.token(expires_in=-2))


def test_several_audiences_may_count(signer: Signer) -> None:
    identity = SignedTokens(issuer=signer.issuer, audience=["api", "web"], keys=signer.keys())
    for audience in ("api", "web", ["x", "web"]):
        assert identity.verify(signer.token(aud=audience)).id == "user-1"
    with pytest.raises(InvalidIdentity):
        identity.verify(signer.token(aud="files"))


def test_several_secrets_verify_during_a_change() -> None:
    old, new = Signer("HS256"), Signer("HS256")
    for secrets in ((old.secret, new.secret), (new.secret, old.secret)):
        identity = SignedTokens(issuer=old.issuer, audience="api", keys=SharedSecret(*secrets))
        for signer in (old, new):
            assert identity.verify(signer.token()).id == "user-1"
            with pytest.raises(ExpiredToken):
                identity.verify(signer.token(expires_in=-60))
            with pytest.raises(InvalidIdentity):
                identity.verify(signer.token(aud="other"))
        with pytest.raises(InvalidIdentity):
            identity.verify(Signer("HS256").token())


def test_a_token_of_another_key_is_refused(signer: Signer) -> None:
    foreign = Signer(signer.algorithm)
    with pytest.raises(InvalidIdentity):
        signer.identity().verify(foreign.token())


def test_a_changed_token_is_refused(signer: Signer) -> None:
    header, payload, signature = signer.token().split(".")
    other = encoded(claims(sub="admin"))
    for token in (
        f"{header}.{other}.{signature}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}.{payload}.{signature}.x",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature[:-4]}",
        f"{encoded({'alg': signer.algorithm, 'kid': 'test-key'})}.{payload}.{signature}",
    ):
        with pytest.raises(InvalidIdentity):
            signer.identity().verify(token)


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 1, ["EdDSA"], "HS512", "RS256"])
def test_an_algorithm_that_is_not_listed_is_refused(signer: Signer, algorithm: object) -> None:
    header = {"alg": algorithm, "kid": "test-key", "typ": "JWT"}
    for signature in ("", encoded(b"x" * 64)):
        with pytest.raises(InvalidIdentity):
            signer.identity().verify(f"{encoded(header)}.{encoded(claims())}.{signature}")


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_a_public_key_is_no_hmac_secret(algorithm: str) -> None:
    signer = Signer(algorithm)
    jwk = signer.key_set()["keys"][0]
    public_key = jwt.PyJWK(jwk, algorithm).key
    pem, spki = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secrets = [
        public_key.public_bytes(pem, spki),
        public_key.public_bytes(serialization.Encoding.DER, spki),
        json.dumps(jwk).encode(),
        jwk["x"].encode(),
        base64.urlsafe_b64decode(jwk["x"] + "="),
    ]
    for secret in secrets:
        signing_input = f"{encoded({'alg': 'HS256', 'kid': 'test-key'})}.{encoded(claims())}"
        mac = hmac.new(secret, signing_input.encode(), hashlib.sha256).digest()
        with pytest.raises(InvalidIdentity, match="algorithm"):
            signer.identity().verify(f"{signing_input}.{encoded(mac)}")
    with pytest.raises(ConfigurationError):
        SharedSecret(secrets[0])


def test_a_key_serves_its_own_algorithm_only() -> None:
    """The set has both kinds. A token that names the one and is signed by the other is refused."""
    eddsa, es256 = Signer("EdDSA", key_id="ed"), Signer("ES256", key_id="es")
    document = json.dumps({"keys": eddsa.key_set()["keys"] + es256.key_set()["keys"]}).encode()
    keys = KeySet("https://app.example.test/jwks", fetch=lambda: document)
    identity = SignedTokens(issuer=eddsa.issuer, audience="api", keys=keys)
    assert identity.verify(eddsa.token()).id == identity.verify(es256.token()).id == "user-1"
    for token in (eddsa.sign(claims(), kid="es"), es256.sign(claims(), kid="ed")):
        with pytest.raises(InvalidIdentity, match="its key is one for"):
            identity.verify(token)

    only_es256 = KeySet("https://app.example.test/jwks", algorithms=["ES256"], fetch=lambda: document)
    identity = SignedTokens(issuer=eddsa.issuer, audience="api", keys=only_es256)
    assert identity.verify(es256.token()).id == "user-1"
    with pytest.raises(InvalidIdentity):
        identity.verify(eddsa.token())


def test_a_key_that_a_token_brings_is_not_looked_at() -> None:
    signer, eve = Signer(), Signer()
    jwk = eve.key_set()["keys"][0]
    for header in ({"jwk": jwk}, {"jku": "https://eve.example/jwks"}, {"x5u": "https://eve.example/x"}):
        with pytest.raises(InvalidIdentity):
            signer.identity().verify(eve.sign(claims(), **header))


def test_critical_extensions_are_refused(signer: Signer) -> None:
    for crit in (["exp"], ["x"], []):
        with pytest.raises(InvalidIdentity):
            signer.identity().verify(signer.sign(claims(), crit=crit, x=1))
    # PyJWT knows this one.
    header, payload, _ = signer.sign(claims()).split(".")
    fields = {**json.loads(base64.urlsafe_b64decode(header + "==")), "crit": ["b64"], "b64": True}
    with pytest.raises(InvalidIdentity, match="critical extensions"):
        signer.identity().verify(f"{encoded(fields)}.{payload}.e30")


@pytest.mark.parametrize("key_id", ["", "k" * 257, "../../etc/passwd", "' or 1=1 --", "ключ"])
def test_odd_key_ids_are_refused(key_id: str) -> None:
    signer = Signer()
    reason = "does not have" if 0 < len(key_id) <= 256 else "names no key"
    with pytest.raises(InvalidIdentity, match=reason):
        signer.identity().verify(signer.sign(claims(), kid=key_id))


def test_a_key_id_is_text(signer: Signer) -> None:
    header, rest = signer.token().split(".", 1)
    fields = json.loads(base64.urlsafe_b64decode(header + "=="))
    for key_id in (1, ["test-key"], {"a": 1}):
        with pytest.raises(InvalidIdentity):
            signer.identity().verify(f"{encoded({**fields, 'kid': key_id})}.{rest}")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "nonsense",
        "a.b.c",
        "é.é.é",
        "\x00.\x00.\x00",
        "A" * 8193,
        f"{encoded([])}.{encoded({})}.",
        f"{encoded(b'[' * 4000)}.e30.e30",
        f"{encoded(b'{' + b'a' * 10)}.e30.e30",
        f"{encoded(bytes([0xFF, 0xFE]))}.e30.e30",
    ],
    ids=range(13),
)
def test_nonsense_is_refused(signer: Signer, token: str) -> None:
    with pytest.raises(InvalidIdentity):
        signer.identity().verify(token)


def test_a_deep_payload_is_refused_whoever_signed_it() -> None:
    secret = "a shared secret of 32 bytes or more"
    identity = SignedTokens(issuer="https://app.example.test", audience="api", keys=SharedSecret(secret))
    for payload in (b"[" * 5000, b'{"exp":' * 700, b"[]", b"1", b"\xff", b'{"exp":NaN}'):
        signing_input = f"{encoded({'alg': 'HS256'})}.{encoded(payload)}"
        mac = hmac.new(secret.encode(), signing_input.encode(), hashlib.sha256).digest()
        with pytest.raises(InvalidIdentity):
            identity.verify(f"{signing_input}.{encoded(mac)}")


def test_a_huge_token_is_refused_before_anything_is_read(signer: Signer) -> None:
    token = signer.token(padding="x" * 10_000)
    assert TestClient(make_app(signer.identity())).get("/me", headers=bearer(token)).status_code == 401
    assert signer.fetches == 0


def test_other_curves_and_kinds_of_keys_are_not_used() -> None:
    p384 = jwt.algorithms.ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP384R1()).public_key(), as_dict=True)
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    rsa_jwk = jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key.public_key(), as_dict=True)
    secret = "a shared secret of 32 bytes or more"
    symmetric = {"kty": "oct", "k": encoded(secret.encode())}
    entries = [{**entry, "kid": kid} for kid, entry in (("p384", p384), ("rsa", rsa_jwk), ("oct", symmetric))]
    keys = KeySet("https://app.example.test/jwks", fetch=lambda: json.dumps({"keys": entries}).encode())
    identity = SignedTokens(issuer="https://app.example.test", audience="api", keys=keys)
    for token in (
        jwt.encode(claims(), rsa_key, "RS256", headers={"kid": "rsa"}),
        jwt.encode(claims(), secret, "HS256", headers={"kid": "oct"}),
        Signer("ES256").sign(claims(), kid="p384"),
    ):
        with pytest.raises(InvalidIdentity):
            identity.verify(token)


def test_a_wrong_setting_is_refused() -> None:
    for settings in (
        {"issuer": "", "audience": "api"},
        {"issuer": "https://a.example", "audience": ""},
        {"issuer": "https://a.example", "audience": []},
        {"issuer": "https://a.example", "audience": "api", "leeway": -1},
        {"issuer": "https://a.example", "audience": "api", "leeway": 3600},
        {"issuer": "file:///etc/passwd", "audience": "api"},
    ):
        with pytest.raises(ConfigurationError):
            SignedTokens(**settings)
    for secrets in ((), ("",), ("short",), ("a shared secret of 32 bytes or more", "short")):
        with pytest.raises(ConfigurationError):
            SharedSecret(*secrets)
    assert "secret of" not in repr(SharedSecret("a shared secret of 32 bytes or more"))


def test_keys_are_below_the_issuer_by_default() -> None:
    for issuer in ("https://app.example.com", "https://app.example.com/"):
        keys = SignedTokens(issuer=issuer, audience="api").keys
        assert isinstance(keys, KeySet)
        assert keys.url == "https://app.example.com/api/auth/jwks"
