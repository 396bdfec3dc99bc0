"""What the app does with the headers that the gateway sends, without a gateway."""

import hashlib

import pytest
from fastapi import Request
from fastapi.testclient import TestClient

import app as example

ALICE = {"X-User-Id": "alice-1", "X-User-Name": "Alice", "X-User-Email": "alice@example.com"}
BOB = {"X-User-Id": "bob-2", "X-User-Name": "Bob"}


@pytest.fixture
def client():
    example.items_by_user.clear()
    with TestClient(example.app) as client:
        yield client


def test_open_pages_need_no_identity(client):
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/public/hello").status_code == 200
    assert client.get("/optional/greeting").json() == {"message": "Hello, stranger."}


def test_greeting_uses_the_name(client):
    assert client.get("/optional/greeting", headers=ALICE).json() == {"message": "Hello, Alice."}


def test_greeting_decodes_a_name_outside_ascii(client):
    headers = {"X-User-Id": "u", "X-User-Name": "Zo%C3%AB %F0%9F%A6%80"}
    assert client.get("/optional/greeting", headers=headers).json() == {"message": "Hello, Zoë 🦀."}


def test_an_address_is_not_decoded():
    headers = {"x-user-id": "u", "x-user-email": "%61da@example.com", "x-user-name": "%41da"}
    user = example.maybe_user(Request({"type": "http", "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}))
    assert (user.email, user.name) == ("%61da@example.com", "Ada")


def test_a_name_without_an_id_is_not_an_identity(client):
    assert client.get("/optional/greeting", headers={"X-User-Name": "Eve"}).json() == {"message": "Hello, stranger."}


def test_whoami_shows_identity_headers_only(client):
    headers = ALICE | {"X-Session-Id": "s1", "X-Auth-Method": "password", "X-Request-Id": "r1", "X-Other": "no"}
    seen = client.get("/whoami", headers=headers).json()
    assert seen == ALICE | {"X-Session-Id": "s1", "X-Auth-Method": "password", "X-Request-Id": "r1"}


def test_whoami_shows_a_repeated_header(client):
    seen = client.get("/whoami", headers=[("X-User-Id", "alice-1"), ("X-User-Id", "eve")]).json()
    assert seen == {"X-User-Id": "alice-1, eve"}


@pytest.mark.parametrize("path", ["/items", "/items/1", "/admin/stats"])
def test_without_identity_is_refused(client, path):
    assert client.get(path).status_code == 401


def test_items_live_and_die(client):
    created = client.post("/items", headers=ALICE, json={"title": "Milk"})
    assert created.status_code == 201
    item = created.json()
    assert client.get("/items", headers=ALICE).json() == [item]
    assert client.get(f"/items/{item['id']}", headers=ALICE).json() == {"id": item["id"], "title": "Milk", "note": ""}
    assert client.delete(f"/items/{item['id']}", headers=ALICE).status_code == 204
    assert client.get(f"/items/{item['id']}", headers=ALICE).status_code == 404
    assert client.delete(f"/items/{item['id']}", headers=ALICE).status_code == 404


def test_items_belong_to_one_user(client):
    item_id = client.post("/items", headers=ALICE, json={"title": "Mine"}).json()["id"]
    assert client.get("/items", headers=BOB).json() == []
    assert client.get(f"/items/{item_id}", headers=BOB).status_code == 404
    assert client.delete(f"/items/{item_id}", headers=BOB).status_code == 404
    assert client.get(f"/items/{item_id}", headers=ALICE).status_code == 200


@pytest.mark.parametrize("body", [{}, {"title": ""}, {"title": "x" * 201}])
def test_a_bad_item_is_refused(client, body):
    assert client.post("/items", headers=ALICE, json=body).status_code == 422


def test_items_per_user_are_bounded(client, monkeypatch):
    monkeypatch.setattr(example, "MAX_ITEMS_PER_USER", 1)
    assert client.post("/items", headers=ALICE, json={"title": "1"}).status_code == 201
    assert client.post("/items", headers=ALICE, json={"title": "2"}).status_code == 409


def test_admin_stats_need_the_role(client):
    client.post("/items", headers=ALICE, json={"title": "1"})
    assert client.get("/admin/stats", headers=BOB | {"X-User-Roles": "user"}).status_code == 403
    stats = client.get("/admin/stats", headers=BOB | {"X-User-Roles": "user,admin"})
    assert stats.json() == {"users_with_items": 1, "items": 1}


def test_websocket_names_the_user_then_echoes(client):
    with client.websocket_connect("/ws/echo", headers=ALICE) as ws:
        assert ws.receive_json() == {"user": "alice-1"}
        ws.send_text("héllo")
        assert ws.receive_text() == "héllo"
        ws.send_bytes(b"\x00\xff")
        assert ws.receive_bytes() == b"\x00\xff"
        ws.send_text("")
        assert ws.receive_text() == ""


def test_events_end_after_n_ticks(client):
    answer = client.get("/events", params={"n": 3})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [line for line in answer.text.splitlines() if line.startswith("data:")] == ["data: 1", "data: 2", "data: 3"]


def test_upload_is_counted_and_hashed(client):
    body = bytes(range(256)) * 4096
    answer = client.post("/upload", content=(body[i : i + 1000] for i in range(0, len(body), 1000)))
    assert answer.json() == {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}


@pytest.mark.parametrize("size", [0, 1, 64 * 1024, 200_001])
def test_download_has_the_size_asked_for(client, size):
    answer = client.get("/download", params={"bytes": size})
    assert answer.headers["content-length"] == str(size)
    assert len(answer.content) == size
