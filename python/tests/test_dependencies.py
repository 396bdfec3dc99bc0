"""What routes refuse, over HTTP and WebSockets, and what OpenAPI says of them."""

from typing import Any, Optional

import pytest
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from fastapi.testclient import TestClient
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect

from authgate_fastapi import (
    ConfigurationError,
    CurrentUser,
    TrustedHeaders,
    User,
    current_user,
    install,
    optional_user,
    require_role,
)
from authgate_fastapi.testing import FakeGateway, Signer

from .conftest import make_app

IDENTITIES = [TrustedHeaders(), Signer("EdDSA").identity(), Signer("HS256").identity()]


@pytest.fixture(params=IDENTITIES, ids=["headers", "EdDSA", "HS256"])
def app(request: pytest.FixtureRequest) -> FastAPI:
    return make_app(request.param)


def bad_headers(app: FastAPI) -> dict[str, str]:
    return {"X-User-Id": "not an id", "Authorization": "Bearer not.a.token"}


def test_signed_out(app: FastAPI, authgate: FakeGateway) -> None:
    client = authgate.client(app)
    assert client.get("/optional").json() is None
    for path in ("/me", "/staff"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (401, {"detail": "not signed in"})
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_signed_in(app: FastAPI, authgate: FakeGateway) -> None:
    client = authgate.client(app, "alice", name="Zoë 100%", roles=["user"])
    assert client.get("/optional").json() == "alice"
    user = client.get("/me").json()
    assert (user["id"], user["name"], user["roles"]) == ("alice", "Zoë 100%", ["user"])
    answer = client.get("/staff")
    assert (answer.status_code, answer.json()) == (403, {"detail": "the role admin or editor is needed"})


@pytest.mark.parametrize("roles", [["admin"], ["editor"], ["user", "admin"]])
def test_any_of_the_roles_is_enough(app: FastAPI, authgate: FakeGateway, roles: list[str]) -> None:
    assert authgate.client(app, "alice", roles=roles).get("/staff").json() == "staff"


def test_a_wrong_credential_is_refused_even_where_none_is_needed(app: FastAPI) -> None:
    client = TestClient(app, headers=bad_headers(app))
    for path in ("/optional", "/me", "/staff"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()) == (401, {"detail": "the credentials are not valid"})
        assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_token"')


def test_why_is_logged_without_the_credential(
    app: FastAPI, authgate: FakeGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "authgate_fastapi")
    TestClient(app, headers=bad_headers(app)).get("/me")
    assert "an identity was refused" in caplog.text
    assert "not.a.token" not in caplog.text


def test_websockets(app: FastAPI, authgate: FakeGateway) -> None:
    client = authgate.client(app, "alice", roles=["user"])
    with client.websocket_connect("/ws") as socket:
        assert socket.receive_json() == {"user": "alice"}
    with authgate.client(app, "root", roles=["admin"]).websocket_connect("/ws/staff") as socket:
        assert socket.receive_json() == {"user": "root"}


@pytest.mark.parametrize("case", ["signed out", "wrong credential", "wrong role"])
def test_a_handshake_is_refused_with_a_status(app: FastAPI, authgate: FakeGateway, case: str) -> None:
    client = authgate.client(app)
    headers = {
        "signed out": {},
        "wrong credential": bad_headers(app),
        "wrong role": authgate.headers(app, roles=["user"]),
    }[case]
    response = refused(client, "/ws/staff", headers)
    assert response.status_code == (403 if case == "wrong role" else 401)
    assert ("WWW-Authenticate" in response.headers) == (case != "wrong role")
    assert "detail" in response.json()


def refused(client: TestClient, path: str, headers: dict[str, str]) -> Any:
    with pytest.raises(WebSocketDisconnect) as raised, client.websocket_connect(path, headers=headers):
        pass
    return raised.value


def test_a_server_that_knows_no_responses_to_handshakes_closes_them(app: FastAPI) -> None:
    async def old_server(scope: Scope, receive: Receive, send: Send) -> None:
        scope.pop("extensions", None)
        await app(scope, receive, send)

    with pytest.raises(WebSocketDisconnect) as raised, TestClient(old_server).websocket_connect("/ws"):
        pass
    assert (raised.value.code, raised.value.reason) == (1008, "not signed in")


def test_openapi_names_the_scheme_once(app: FastAPI) -> None:
    document = TestClient(app).get("/openapi.json").json()
    schemes = document["components"]["securitySchemes"]
    assert list(schemes) == ["AuthGate"]
    assert (schemes["AuthGate"]["type"], schemes["AuthGate"]["scheme"]) == ("http", "bearer")
    for path in ("/optional", "/me", "/staff"):
        operation = document["paths"][path]["get"]
        assert operation["security"] == [{"AuthGate": []}]
        assert "parameters" not in operation


def test_an_app_that_was_not_installed_is_told(authgate: FakeGateway) -> None:
    app = make_app(None)
    with pytest.raises(ConfigurationError, match="install"):
        TestClient(app).get("/optional")
    with pytest.raises(ConfigurationError, match="install"):
        authgate.client(app)


def test_a_mounted_app_has_its_own_setting() -> None:
    signer = Signer()
    outer, inner = make_app(TrustedHeaders()), make_app(signer.identity())
    outer.mount("/inner", inner)
    outer.mount("/forgotten", make_app(None))
    client = TestClient(outer)
    token = {"Authorization": f"Bearer {signer.token('bob')}"}
    assert client.get("/inner/optional", headers=token).json() == "bob"
    assert client.get("/inner/optional", headers={"X-User-Id": "eve"}).json() is None
    with pytest.raises(ConfigurationError):
        client.get("/forgotten/optional", headers={"X-User-Id": "eve"})


def test_a_role_has_a_name() -> None:
    for roles in ((), ("",), ("admin", "")):
        with pytest.raises(ConfigurationError):
            require_role(*roles)


def test_dependencies_can_be_overridden() -> None:
    app = make_app(TrustedHeaders())
    app.dependency_overrides[current_user] = lambda: User(id="override", roles=("admin",))
    client = TestClient(app)
    assert client.get("/me").json()["id"] == "override"
    assert client.get("/staff").json() == "staff"

    app = make_app(TrustedHeaders())

    async def nobody() -> Optional[User]:
        return None

    app.dependency_overrides[optional_user] = nobody
    assert TestClient(app).get("/me", headers={"X-User-Id": "u"}).status_code == 401


def test_an_apps_own_form_of_errors_is_kept() -> None:
    app = FastAPI()
    install(app, TrustedHeaders())

    @app.exception_handler(HTTPException)
    async def own(_: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"error": error.detail}, error.status_code, error.headers)

    @app.get("/me")
    def me(user: CurrentUser) -> str:
        return user.id

    answer = TestClient(app).get("/me")
    assert (answer.status_code, answer.json()) == (401, {"error": "not signed in"})
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_is_verified_once_a_request(authgate: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0
    app = make_app(TrustedHeaders())
    read = TrustedHeaders.read

    def counted(self: TrustedHeaders, headers: Any) -> Optional[User]:
        nonlocal calls
        calls += 1
        return read(self, headers)

    monkeypatch.setattr(TrustedHeaders, "read", counted)
    authgate.client(app, "u", roles=["admin"]).get("/staff")
    assert calls == 1
