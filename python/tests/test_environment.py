"""How environment variables choose."""

from typing import Any

import pytest

from authgate_fastapi import ConfigurationError, KeySet, SharedSecret, SignedTokens, TrustedHeaders, from_environment

SECRET = "a shared secret of 32 bytes or more"
JWT = {"GATEWAY_IDENTITY": "jwt", "GATEWAY_ISSUER": "https://app.example.com", "GATEWAY_AUDIENCE": "api"}


def tokens(**more: str) -> Any:
    identity = from_environment({**JWT, **more})
    assert isinstance(identity, SignedTokens)
    return identity


def test_headers() -> None:
    assert repr(from_environment({"GATEWAY_IDENTITY": "headers"})) == "TrustedHeaders()"
    with_secret = from_environment({"GATEWAY_IDENTITY": "headers", "GATEWAY_SECRET": SECRET})
    assert isinstance(with_secret, TrustedHeaders)
    assert with_secret.proof() == {"X-Gateway-Secret": SECRET}


def test_tokens() -> None:
    identity = tokens()
    assert (identity.issuer, identity.audience, identity.header) == (
        "https://app.example.com",
        ("api",),
        "Authorization",
    )
    assert identity.keys.url == "https://app.example.com/api/auth/jwks"
    assert tokens(GATEWAY_AUDIENCE="api, web").audience == ("api", "web")
    assert tokens(GATEWAY_HEADER="X-Identity-Assertion").header == "X-Identity-Assertion"
    keys = tokens(GATEWAY_KEYS_URL="http://gateway:8080/api/auth/jwks").keys
    assert isinstance(keys, KeySet)
    assert keys.url == "http://gateway:8080/api/auth/jwks"
    assert isinstance(tokens(GATEWAY_JWT_SECRET=SECRET).keys, SharedSecret)


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GATEWAY_IDENTITY": ""},
        {"GATEWAY_IDENTITY": "none"},
        {"GATEWAY_IDENTITY": "JWT"},
        {"GATEWAY_IDENTITY": "headers", "GATEWAY_SECRET": "short"},
        {**JWT, "GATEWAY_ISSUER": ""},
        {**JWT, "GATEWAY_AUDIENCE": ""},
        {**JWT, "GATEWAY_AUDIENCE": "api,"},
        {**JWT, "GATEWAY_JWT_SECRET": "short"},
        {**JWT, "GATEWAY_JWT_SECRET": SECRET, "GATEWAY_KEYS_URL": "http://gateway/jwks"},
        {**JWT, "GATEWAY_KEYS_URL": "gateway/jwks"},
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_refused(variables: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        from_environment(variables)


def test_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_IDENTITY", "headers")
    assert isinstance(from_environment(), TrustedHeaders)
