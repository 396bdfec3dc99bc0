"""What is believed of the identity headers."""

import pytest
from fastapi.testclient import TestClient

from authgate_fastapi import ConfigurationError, TrustedHeaders

from .conftest import make_app

SECRET = "a secret of the proxy, 32 characters or more"
ALICE = {
    "X-User-Id": "alice-1",
    "X-User-Email": "alice@example.com",
    "X-User-Email-Verified": "true",
    "X-User-Name": "Alice",
    "X-User-Roles": "admin,ops",
    "X-Session-Id": "s1",
    "X-Auth-Method": "password,totp",
}


@pytest.fixture
def client() -> TestClient:
    return TestClient(make_app(TrustedHeaders()))


def test_a_user_has_what_the_headers_say(client: TestClient) -> None:
    assert client.get("/me", headers=ALICE).json() == {
        "id": "alice-1",
        "email": "alice@example.com",
        "email_verified": True,
        "name": "Alice",
        "roles": ["admin", "ops"],
        "session_id": "s1",
        "auth_method": "password,totp",
        "claims": {},
    }


def test_an_id_is_enough(client: TestClient) -> None:
    user = client.get("/me", headers={"X-User-Id": "u"}).json()
    assert (user["email"], user["email_verified"], user["name"], user["roles"]) == (None, False, None, [])


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("Zo%C3%AB %F0%9F%A6%80", "Zoë 🦀"),
        ("100%25", "100%"),
        ("a, b; c", "a, b; c"),
        ("line%0D%0Abreak", "line\r\nbreak"),
        ("%zz", "%zz"),
    ],
)
def test_a_name_is_decoded(client: TestClient, sent: str, expected: str) -> None:
    assert client.get("/me", headers={"X-User-Id": "u", "X-User-Name": sent}).json()["name"] == expected


def test_an_address_is_not_decoded(client: TestClient) -> None:
    # It is another account than admin@example.com.
    user = client.get("/me", headers={"X-User-Id": "u", "X-User-Email": "%61dmin@example.com"}).json()
    assert user["email"] == "%61dmin@example.com"


@pytest.mark.parametrize("verified", ["", "false", "True", "1", "yes"])
def test_only_true_is_verified(client: TestClient, verified: str) -> None:
    headers = {**ALICE, "X-User-Email-Verified": verified}
    assert client.get("/me", headers=headers).json()["email_verified"] is False


@pytest.mark.parametrize("headers", [{}, {"X-User-Id": ""}, {"X-User-Email": "eve@example.com"}, {"X_User_Id": "eve"}])
def test_without_an_id_nobody_is_signed_in(client: TestClient, headers: dict[str, str]) -> None:
    assert client.get("/optional", headers=headers).json() is None
    answer = client.get("/me", headers=headers)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


@pytest.mark.parametrize("name", sorted(ALICE))
@pytest.mark.parametrize("path", ["/optional", "/me"])
def test_a_header_that_is_there_twice_is_refused(client: TestClient, name: str, path: str) -> None:
    for second in ("alice-1", "eve", ""):
        answer = client.get(path, headers=[*ALICE.items(), (name.lower(), second)])
        assert (answer.status_code, "invalid_token" in answer.headers["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize(
    "changes",
    [
        {"X-User-Id": "alice,eve"},
        {"X-User-Id": "alice eve"},
        {"X-User-Id": "../eve"},
        {"X-User-Id": "a" * 65},
        {"X-User-Id": "%61lice"},
        {"X-User-Name": "%FF"},
        {"X-User-Name": "a" * 8193},
    ],
)
@pytest.mark.parametrize("path", ["/optional", "/me"])
def test_what_the_gateway_would_not_send_is_refused(client: TestClient, changes: dict[str, str], path: str) -> None:
    answer = client.get(path, headers={**ALICE, **changes})
    assert answer.status_code == 401
    # The cause is for the log.
    assert answer.json() == {"detail": "the credentials are not valid"}


@pytest.mark.parametrize("name", ["X-User-Id", "X-User-Email", "X-User-Name", "X-User-Roles"])
def test_bytes_beyond_ascii_are_refused(client: TestClient, name: str) -> None:
    headers = [(key.encode(), value.encode()) for key, value in ALICE.items() if key != name]
    for value in ("Zoë".encode(), "Zoë".encode("latin-1"), b"a\x7f"):
        assert client.get("/me", headers=[*headers, (name.encode(), value)]).status_code == 401


def test_roles_are_whole_words(client: TestClient) -> None:
    for roles, status in (("admin", 200), ("user, editor", 200), ("administrator", 403), ("Admin", 403), ("", 403)):
        assert client.get("/staff", headers={**ALICE, "X-User-Roles": roles}).status_code == status, roles


def test_with_a_secret_an_identity_needs_it() -> None:
    client = TestClient(make_app(TrustedHeaders(secret=SECRET)))
    assert client.get("/me", headers={**ALICE, "X-Gateway-Secret": SECRET}).status_code == 200
    for wrong in ({}, {"X-Gateway-Secret": ""}, {"X-Gateway-Secret": SECRET[:-1]}, {"X-Other": SECRET}):
        assert client.get("/me", headers={**ALICE, **wrong}).status_code == 401
        assert client.get("/optional", headers={**ALICE, **wrong}).status_code == 401
    twice = [*ALICE.items(), ("X-Gateway-Secret", "wrong"), ("X-Gateway-Secret", SECRET)]
    assert client.get("/me", headers=twice).status_code == 401
    assert client.get("/optional").json() is None


def test_the_secret_is_long_and_not_shown() -> None:
    for secret in ("short", "ä" * 40):
        with pytest.raises(ConfigurationError):
            TrustedHeaders(secret=secret)
    assert SECRET not in repr(TrustedHeaders(secret=SECRET))
