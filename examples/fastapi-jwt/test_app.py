"""What the app does for whom. No gateway is needed: the kit's fixture signs in."""

from typing import Any

import app as example
import pytest

from authgate_fastapi.testing import FakeGateway, Signer


@pytest.fixture(autouse=True)
def forget() -> None:
    example.notes_by_user.clear()


def test_open_pages_need_no_identity(authgate: FakeGateway) -> None:
    client = authgate.client(example.app)
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/public/hello").status_code == 200
    assert client.get("/greeting").json() == {"message": "Hello, stranger."}


def test_a_greeting_uses_the_name(authgate: FakeGateway) -> None:
    client = authgate.client(example.app, "zoe", name="Zoë 🦀")
    assert client.get("/greeting").json() == {"message": "Hello, Zoë 🦀."}


@pytest.mark.parametrize("path", ["/whoami", "/notes", "/admin/stats", "/users/alice/notes"])
def test_without_a_token_is_refused(authgate: FakeGateway, path: str) -> None:
    assert authgate.client(example.app).get(path).status_code == 401


def test_headers_alone_say_nothing(authgate: FakeGateway) -> None:
    client = authgate.client(example.app)
    assert client.get("/whoami", headers={"X-User-Id": "alice", "X-User-Roles": "admin"}).status_code == 401


@pytest.mark.parametrize("wrong", [{"expires_in": -60}, {"aud": "other"}, {"iss": "https://other.example"}], ids=str)
def test_a_token_for_something_else_is_refused(authgate: FakeGateway, wrong: dict[str, Any]) -> None:
    assert authgate.client(example.app, "alice", **wrong).get("/whoami").status_code == 401


def test_a_token_of_another_key_is_refused(authgate: FakeGateway) -> None:
    forged = Signer(issuer=example.ISSUER, audience=example.AUDIENCE).token("alice")
    client = authgate.client(example.app)
    assert client.get("/whoami", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_notes_belong_to_one_user(authgate: FakeGateway) -> None:
    alice, bob = (authgate.client(example.app, user_id) for user_id in ("alice", "bob"))
    note = alice.post("/notes", json={"text": "Milk"}).json()
    assert alice.get("/notes").json() == alice.get("/users/alice/notes").json() == [note]
    assert bob.get("/notes").json() == []
    assert bob.get("/users/alice/notes").status_code == 403
    assert bob.delete(f"/notes/{note['id']}").status_code == 404
    assert alice.delete(f"/notes/{note['id']}").status_code == 204
    assert alice.delete(f"/notes/{note['id']}").status_code == 404


def test_notes_per_user_are_bounded(authgate: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(example, "MAX_NOTES_PER_USER", 1)
    alice = authgate.client(example.app, "alice")
    assert alice.post("/notes", json={"text": "1"}).status_code == 201
    assert alice.post("/notes", json={"text": "2"}).status_code == 409
    assert alice.post("/notes", json={"text": ""}).status_code == 422


def test_statistics_need_the_role(authgate: FakeGateway) -> None:
    authgate.client(example.app, "alice").post("/notes", json={"text": "1"})
    assert authgate.client(example.app, "bob", roles=["user"]).get("/admin/stats").status_code == 403
    admin = authgate.client(example.app, "root", roles=["admin"])
    assert admin.get("/admin/stats").json() == {"users": 1, "notes": 1}
    assert len(admin.get("/users/alice/notes").json()) == 1


def test_a_websocket_names_the_user_then_echoes(authgate: FakeGateway) -> None:
    with authgate.client(example.app, "alice").websocket_connect("/ws/echo") as socket:
        assert socket.receive_json() == {"user": "alice"}
        socket.send_text("héllo")
        assert socket.receive_text() == "héllo"
