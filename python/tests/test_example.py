"""The example that uses the kit, served by uvicorn, with a key set that comes over HTTP."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from authgate_fastapi.testing import Signer

from .conftest import KeyServer, Start, get

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fastapi-jwt"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_made_up_key_ids_cause_no_storm_and_keep_nobody_waiting(start_app: Start, key_server: KeyServer) -> None:
    signer = Signer(audience="notes")
    key_server.document = signer.key_set()
    settings = {"GATEWAY_ISSUER": signer.issuer, "GATEWAY_KEYS_URL": key_server.url}
    with start_app(EXAMPLE, "app", **settings) as origin, ThreadPoolExecutor(16) as pool:
        made_up = [bearer(signer.sign({"sub": "eve"}, kid=f"made-up-{number}")) for number in range(200)]
        statuses = pool.map(lambda headers: get(f"{origin}/whoami", headers)[0], made_up)
        good = pool.map(lambda _: get(f"{origin}/whoami", bearer(signer.token("alice")))[0], range(200))
        assert set(statuses) == {401}
        assert set(good) == {200}
    assert key_server.requests <= 2


def test_a_handshake_is_accepted_or_refused_with_a_status(start_app: Start, key_server: KeyServer) -> None:
    signer = Signer(audience="notes")
    key_server.document = signer.key_set()

    async def talk(url: str) -> None:
        async with connect(url, additional_headers=bearer(signer.token("alice")), proxy=None) as socket:
            assert json.loads(await socket.recv()) == {"user": "alice"}
            await socket.send("héllo")
            assert await socket.recv() == "héllo"
        for headers in ({}, bearer("nonsense"), {"X-User-Id": "alice"}):
            with pytest.raises(InvalidStatus) as raised:
                await connect(url, additional_headers=headers, proxy=None)
            assert raised.value.response.status_code == 401
            assert "WWW-Authenticate" in raised.value.response.headers

    settings = {"GATEWAY_ISSUER": signer.issuer, "GATEWAY_KEYS_URL": key_server.url}
    with start_app(EXAMPLE, "app", **settings) as origin:
        asyncio.run(talk(f"{origin.replace('http', 'ws')}/ws/echo"))


def test_without_keys_the_app_says_503(start_app: Start, key_server: KeyServer) -> None:
    signer = Signer(audience="notes")
    key_server.status = 500
    settings = {"GATEWAY_ISSUER": signer.issuer, "GATEWAY_KEYS_URL": key_server.url}
    with start_app(EXAMPLE, "app", **settings) as origin:
        assert get(f"{origin}/whoami", bearer(signer.token("alice")))[0] == 503
        assert get(f"{origin}/greeting")[0] == 200
