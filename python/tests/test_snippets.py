"""Runs every Python snippet of the guide and of the kit's README."""

import re
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from authgate_fastapi import SignedTokens
from authgate_fastapi.dependencies import identity_of
from authgate_fastapi.testing import FakeGateway, Signer

from .conftest import KeyServer

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = {"guide": REPOSITORY / "docs" / "fastapi.md", "kit": REPOSITORY / "python" / "README.md"}
ALICE = {"X-User-Id": "alice", "X-User-Name": "Zo%C3%AB", "X-User-Roles": "user,admin"}


def snippets() -> dict[tuple[str, str, int], str]:
    """Returns the snippets by page, heading and number below it."""
    found: dict[tuple[str, str, int], str] = {}
    for page, path in PAGES.items():
        for section in re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
            heading, text = section.split("\n", 1)
            for number, code in enumerate(re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)):
                found[page, heading, number] = code
    return found


SNIPPETS = snippets()
CHECKED: set[tuple[str, str, int]] = set()


def snippet(page: str, heading: str, number: int = 0) -> Callable[[Any], Any]:
    """Marks the test of a snippet."""
    CHECKED.add((page, heading, number))
    return pytest.mark.parametrize("module", [(page, heading, number)], ids=[heading], indirect=True)


@pytest.fixture
def signer() -> Signer:
    return Signer()


@pytest.fixture
def environment(key_server: KeyServer, monkeypatch: pytest.MonkeyPatch) -> Callable[[Signer], None]:
    """Lets a snippet believe a signer."""

    def configure(signer: Signer) -> None:
        key_server.document = signer.key_set()
        monkeypatch.setenv("GATEWAY_IDENTITY", "jwt")
        monkeypatch.setenv("GATEWAY_ISSUER", signer.issuer)
        monkeypatch.setenv("GATEWAY_AUDIENCE", signer.audience)
        monkeypatch.setenv("GATEWAY_KEYS_URL", key_server.url)
        monkeypatch.setenv("BACKEND_JWT_SECRET", signer.secret)

    return configure


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Iterator[Callable[[], types.ModuleType]]:
    """Imports a snippet as a module, once the test has set the environment."""
    page, heading, number = request.param
    name = f"snippet_{page}_{number}"

    def load() -> types.ModuleType:
        loaded = types.ModuleType(name)
        sys.modules[name] = loaded
        code = compile(SNIPPETS[page, heading, number], f"{PAGES[page].name}: {heading}", "exec", dont_inherit=True)
        exec(code, loaded.__dict__)  # noqa: S102 (it is what is tested)
        return loaded

    yield load
    sys.modules.pop(name, None)


Load = Callable[[], Any]


def test_every_snippet_has_a_test() -> None:
    assert set(SNIPPETS) == CHECKED


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def check_tokens(app: FastAPI, signer: Signer) -> None:
    """Goes through what every snippet that verifies a token has to do."""
    client = TestClient(app)
    good = signer.token("alice", name="Zoë", roles=["user", "admin"])
    expected = {"id": "alice", "name": "Zoë", "roles": ["user", "admin"]}
    assert client.get("/me", headers=bearer(good)).json() == expected
    foreign = Signer(signer.algorithm)
    for headers in (
        {},
        {"Authorization": "Basic dTpw"},
        {"X-User-Id": "alice"},
        bearer("nonsense"),
        bearer(signer.token(expires_in=-60)),
        bearer(signer.token(iss="https://other.example")),
        bearer(signer.token(aud="other")),
        bearer(foreign.token()),
        bearer(signer.token(without=["exp"])),
        bearer("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9."),
    ):
        answer = client.get("/me", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer"), headers


@snippet("guide", "No auth code")
def test_no_auth_code(module: Load) -> None:
    client = TestClient(module().app)
    assert client.get("/public/hello").status_code == client.get("/reports").status_code == 200


@snippet("guide", "X-User-Id")
def test_x_user_id(module: Load) -> None:
    client = TestClient(module().app)
    for path in ("/notes", "/greeting"):
        assert client.get(path).status_code == client.get(path, headers={"X-User-Id": ""}).status_code == 401
    client.post("/notes", params={"text": "Milk"}, headers=ALICE)
    assert client.get("/notes", headers=ALICE).json() == ["Milk"]
    assert client.get("/notes", headers={"X-User-Id": "bob"}).json() == []
    assert client.get("/greeting", headers=ALICE).json() == "Hello, Zoë"
    assert client.get("/greeting", headers={"X-User-Id": "bob"}).json() == "Hello, bob"
    assert client.get("/admin/stats", headers=ALICE).json() == 1
    assert client.get("/admin/stats", headers={"X-User-Roles": "administrator"}).status_code == 403


@snippet("guide", "A JWT, by PyJWT")
@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_pyjwt(module: Load, environment: Callable[[Signer], None], key_server: KeyServer, algorithm: str) -> None:
    signer = Signer(algorithm)
    environment(signer)
    check_tokens(module().app, signer)
    key_server.status = 500
    answer = TestClient(module().app).get("/me", headers=bearer(signer.token()))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@snippet("guide", "A JWT, by python-jose")
def test_python_jose(
    module: Load,
    environment: Callable[[Signer], None],
    key_server: KeyServer,
    monkeypatch: pytest.MonkeyPatch,
    free_port: Callable[[], int],
) -> None:
    signer = Signer("ES256")
    environment(signer)
    loaded = module()
    check_tokens(loaded.app, signer)
    assert key_server.requests == 1
    # A new key is learned.
    signer.rotate("next")
    key_server.document = signer.key_set()
    loaded.keys.fetched_at -= 11
    check_tokens(loaded.app, signer)
    assert key_server.requests == 2
    monkeypatch.setenv("GATEWAY_KEYS_URL", f"http://127.0.0.1:{free_port()}/api/auth/jwks")
    answer = TestClient(module().app).get("/me", headers=bearer(signer.token()))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")


@snippet("guide", "A JWT, by a shared secret")
def test_shared_secret(module: Load, environment: Callable[[Signer], None]) -> None:
    signer = Signer("HS256")
    environment(signer)
    check_tokens(module().app, signer)


@snippet("guide", "The user's id in the path")
def test_the_id_in_the_path(module: Load) -> None:
    client = TestClient(module().app)
    assert client.get("/api/alice/tasks", headers=ALICE).json() == ["a task of alice"]
    assert client.get("/api/bob/tasks", headers=ALICE).status_code == 403
    assert client.get("/api/alice/tasks").status_code == 401


@snippet("guide", "The kit")
@pytest.mark.parametrize("mode", ["headers", "jwt"])
def test_the_kit(
    module: Load,
    environment: Callable[[Signer], None],
    signer: Signer,
    monkeypatch: pytest.MonkeyPatch,
    authgate: FakeGateway,
    mode: str,
) -> None:
    environment(signer)
    monkeypatch.setenv("GATEWAY_IDENTITY", mode)
    app = module().app
    if mode == "jwt":
        check = TestClient(app).get("/greeting", headers=bearer(signer.token("alice", name="Zoë")))
        assert check.json() == "Hello, Zoë"
    signed_out = authgate.client(app)
    assert signed_out.get("/greeting").json() == "Hello, stranger"
    assert signed_out.get("/api/alice/tasks").status_code == 401
    alice = authgate.client(app, "alice", name="Zoë", roles=["user"])
    assert alice.get("/api/alice/tasks").json() == ["a task of Zoë"]
    assert alice.get("/api/bob/tasks").status_code == 403
    assert alice.get("/admin/stats").status_code == 403
    assert authgate.client(app, "root", roles=["admin"]).get("/admin/stats").json() == 1
    with alice.websocket_connect("/ws") as socket:
        assert socket.receive_json() == {"user": "alice"}


@snippet("kit", "From headers")
def test_kit_headers(module: Load) -> None:
    client = TestClient(module().app)
    assert client.get("/greeting").json() == "Hello, stranger"
    assert client.get("/greeting", headers=ALICE).json() == "Hello, Zoë"
    assert client.get("/notes", headers=ALICE).json() == {"owner": "alice"}
    assert client.get("/me", headers=ALICE).json()["roles"] == ["user", "admin"]
    assert client.get("/notes").status_code == 401
    assert client.delete("/notes", headers=ALICE).status_code == 200
    assert client.delete("/notes", headers={"X-User-Id": "bob"}).status_code == 403


@snippet("kit", "From a JWT")
def test_kit_jwt(module: Load, authgate: FakeGateway) -> None:
    app = module().app
    identity = identity_of(app)
    assert isinstance(identity, SignedTokens)
    assert (identity.issuer, identity.audience) == ("https://app.example.com", ("api",))
    client = authgate.client(app, "alice", company="Acme")
    assert client.get("/notes").json() == {"owner": "alice", "company": "Acme"}
    assert authgate.client(app).get("/notes").status_code == 401


@snippet("kit", "From environment variables")
def test_kit_environment(module: Load, environment: Callable[[Signer], None], signer: Signer) -> None:
    environment(signer)
    identity = identity_of(module().app)
    assert isinstance(identity, SignedTokens)
    assert identity.issuer == signer.issuer


@snippet("kit", "WebSockets")
def test_kit_websockets(module: Load) -> None:
    with TestClient(module().app).websocket_connect("/ws", headers=ALICE) as socket:
        assert socket.receive_json() == {"user": "alice"}


@snippet("kit", "Testing your app", 0)
def test_kit_plugin(module: Load) -> None:
    assert module().pytest_plugins == ["authgate_fastapi.testing.plugin"]


@snippet("kit", "Testing your app", 1)
def test_kit_testing(module: Load, authgate: FakeGateway) -> None:
    module().test_notes_belong_to_their_owner(authgate)
