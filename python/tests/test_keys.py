"""How the key set is kept, renewed and asked for."""

import asyncio
import concurrent.futures
import json
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import pytest
from fastapi.testclient import TestClient

from authgate_fastapi import ConfigurationError, InvalidIdentity, KeySet, KeysUnavailable, SignedTokens
from authgate_fastapi.keys import MAX_KEY_SET_BYTES, MAX_KEYS
from authgate_fastapi.testing import Signer

from .conftest import KeyServer, make_app

URL = "https://app.example.test/api/auth/jwks"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Is where a key set comes from: it can fail, and it can be slow."""

    def __init__(self, signer: Signer) -> None:
        self.signer = signer
        self.fetches = 0
        self.is_away = False
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def __call__(self) -> bytes:
        self.fetches += 1
        assert self.may_go_on.wait(10)
        if self.is_away:
            raise OSError("connection refused")
        return json.dumps(self.signer.key_set()).encode()


class Setup:
    def __init__(self, **settings: Any) -> None:
        self.signer = Signer(key_id="k1")
        self.source = Source(self.signer)
        self.clock = Clock()
        self.keys = KeySet(URL, fetch=self.source, clock=self.clock, **settings)
        self.identity = SignedTokens(issuer=self.signer.issuer, audience="api", keys=self.keys)

    def verify(self) -> str:
        return self.identity.verify(self.signer.token()).id

    def refuses(self, key_id: str) -> None:
        with pytest.raises(InvalidIdentity, match="does not have"):
            self.keys.find(key_id, "EdDSA")


def settle() -> None:
    """Waits for fetches that nobody waited for."""
    for thread in threading.enumerate():
        if thread.name == "authgate-keys":
            thread.join(10)


@pytest.fixture
def setup() -> Setup:
    return Setup()


def test_nothing_is_fetched_before_the_first_token(setup: Setup) -> None:
    assert setup.source.fetches == 0
    for _ in range(3):
        assert setup.verify() == "user-1"
    assert setup.source.fetches == 1


def test_keys_are_fetched_again_when_they_are_old(setup: Setup) -> None:
    setup.verify()
    setup.clock.now += 299
    setup.verify()
    assert setup.source.fetches == 1
    setup.clock.now += 2
    setup.verify()
    assert setup.source.fetches == 2


def test_a_new_key_is_fetched_at_once_and_a_removed_one_is_gone(setup: Setup) -> None:
    old = setup.signer.token()
    setup.verify()
    setup.signer.rotate("k2")
    assert setup.identity.verify(old).id == "user-1"
    setup.clock.now += 11
    assert setup.verify() == "user-1"
    assert setup.source.fetches == 2
    with pytest.raises(InvalidIdentity):
        setup.identity.verify(old)


def test_a_removed_key_counts_no_longer_than_the_maximum_age(setup: Setup) -> None:
    old = setup.signer.token()
    setup.verify()
    setup.signer.rotate("k2")
    setup.clock.now += 301
    with pytest.raises(InvalidIdentity):
        setup.identity.verify(old)


def test_a_key_that_was_replaced_under_its_id_is_learned(setup: Setup) -> None:
    setup.verify()
    setup.signer.rotate("k1")
    with pytest.raises(InvalidIdentity):
        setup.verify()
    setup.clock.now += 301
    assert setup.verify() == "user-1"


def test_made_up_key_ids_cause_one_fetch_in_the_cooldown(setup: Setup) -> None:
    setup.verify()
    for second in range(100):
        setup.clock.now += 1
        for number in range(20):
            setup.refuses(f"made-up-{second}-{number}")
    assert 9 <= setup.source.fetches <= 11
    assert len(setup.keys._keys) == 1


def test_a_failed_first_fetch_is_503_and_tried_again_soon(setup: Setup) -> None:
    setup.source.is_away = True
    for _ in range(20):
        with pytest.raises(KeysUnavailable) as raised:
            setup.verify()
        assert raised.value.retry_after == 1
    assert setup.source.fetches == 1
    setup.source.is_away = False
    setup.clock.now += 1
    assert setup.verify() == "user-1"
    assert setup.source.fetches == 2


def test_known_keys_count_while_the_gateway_is_away(setup: Setup) -> None:
    setup.verify()
    setup.source.is_away = True
    setup.clock.now += 301
    for _ in range(10):
        assert setup.verify() == "user-1"
    setup.refuses("unknown")
    settle()
    assert setup.source.fetches == 2
    setup.clock.now += 3300
    with pytest.raises(KeysUnavailable):
        setup.verify()
    setup.source.is_away = False
    setup.clock.now += 1
    assert setup.verify() == "user-1"


def test_nobody_waits_for_a_known_key_behind_a_gateway_that_failed(
    setup: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup.verify()
    setup.source.is_away = True
    setup.clock.now += 301
    setup.verify()
    setup.clock.now += 2
    setup.source.may_go_on.clear()

    def wait(*_: object, **__: object) -> None:
        pytest.fail("somebody waits")

    monkeypatch.setattr(concurrent.futures, "wait", wait)
    assert setup.verify() == "user-1"
    setup.source.may_go_on.set()
    settle()
    assert setup.source.fetches == 3


def test_threads_wait_for_the_same_fetch(setup: Setup) -> None:
    setup.source.may_go_on.clear()
    with ThreadPoolExecutor(16) as pool:
        answers = [pool.submit(setup.verify) for _ in range(16)]
        while setup.source.fetches == 0:
            threading.Event().wait(0.001)
        setup.source.may_go_on.set()
        assert {answer.result(10) for answer in answers} == {"user-1"}
    assert setup.source.fetches == 1


def test_tasks_of_several_loops_wait_for_the_same_fetch(setup: Setup) -> None:
    setup.source.may_go_on.clear()
    others_went_on = threading.Semaphore(0)

    async def main() -> set[str]:
        tasks = [asyncio.create_task(setup.identity.verify_async(setup.signer.token())) for _ in range(50)]
        tasks[0].cancel()
        await asyncio.sleep(0)
        # The loop is free while they wait.
        others_went_on.release()
        users = await asyncio.gather(*tasks, return_exceptions=True)
        return {user if isinstance(user, str) else getattr(user, "id", "cancelled") for user in users}

    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(asyncio.run, main()) for _ in range(3)]
        for _ in range(3):
            assert others_went_on.acquire(timeout=10)
        setup.source.may_go_on.set()
        assert [answer.result(10) for answer in answers] == [{"user-1", "cancelled"}] * 3
    assert setup.source.fetches == 1


def test_a_client_that_goes_away_does_not_end_the_fetch_for_others(setup: Setup) -> None:
    setup.source.may_go_on.clear()

    async def main() -> str:
        first = asyncio.create_task(setup.identity.verify_async(setup.signer.token()))
        second = asyncio.create_task(setup.identity.verify_async(setup.signer.token()))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.wait([first])
        setup.source.may_go_on.set()
        return (await second).id

    assert asyncio.run(main()) == "user-1"
    assert setup.source.fetches == 1


def test_nobody_waits_longer_than_the_timeout() -> None:
    setup = Setup(timeout=0.05)
    setup.source.may_go_on.clear()
    with pytest.raises(KeysUnavailable):
        setup.verify()
    with pytest.raises(KeysUnavailable):
        asyncio.run(setup.identity.verify_async(setup.signer.token()))
    setup.source.may_go_on.set()
    settle()
    assert setup.source.fetches == 1


def test_a_fetch_that_does_not_end_is_given_up() -> None:
    signer = Signer(key_id="k1")
    slow = json.dumps(signer.key_set()).encode()
    signer.rotate("k2")
    quick = json.dumps(signer.key_set()).encode()
    slow_may_end = threading.Event()
    documents = [slow, quick]

    def fetch() -> bytes:
        document = documents.pop(0)
        assert document is quick or slow_may_end.wait(10)
        return document

    clock = Clock()
    keys = KeySet(URL, fetch=fetch, clock=clock, timeout=0.05, cooldown=1000)
    identity = SignedTokens(issuer=signer.issuer, audience="api", keys=keys)
    with pytest.raises(KeysUnavailable):
        identity.verify(signer.token())
    keys._timeout = 10
    clock.now += 22
    assert identity.verify(signer.token()).id == "user-1"
    # The set that it brings in the end is older than the one that is known.
    slow_may_end.set()
    settle()
    assert identity.verify(signer.token()).id == "user-1"


def test_without_a_thread_known_keys_go_on(setup: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    setup.verify()
    setup.clock.now += 301

    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert setup.verify() == "user-1"
    setup.clock.now += 3600
    with pytest.raises(KeysUnavailable):
        setup.verify()


def entry(**changes: Any) -> dict[str, Any]:
    jwk = Signer(key_id="k1").key_set()["keys"][0]
    return {name: value for name, value in {**jwk, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": {}}',
        b'{"keys": ["k1"]}',
        b'{"keys": null}',
        json.dumps({"keys": [entry(), entry()]}).encode(),
        json.dumps({"keys": [entry(x="!!")]}).encode(),
        json.dumps({"keys": [entry(kid=f"k{number}") for number in range(MAX_KEYS + 1)]}).encode(),
        b"[" * 100_000,
    ],
    ids=range(11),
)
def test_a_bad_document_is_a_failed_fetch(document: bytes) -> None:
    keys = KeySet(URL, fetch=lambda: document)
    with pytest.raises(KeysUnavailable):
        keys.find("k1", "EdDSA")


def test_a_bad_document_does_not_replace_a_good_one(setup: Setup) -> None:
    setup.verify()
    setup.signer.key_set = lambda: {"keys": "gone"}  # type: ignore[method-assign]
    setup.clock.now += 301
    assert setup.verify() == "user-1"


@pytest.mark.parametrize(
    "changes",
    [{"kid": None}, {"kid": 1}, {"use": "enc"}, {"alg": "ES256"}, {"crv": "X25519"}, {"kty": "oct"}, {"kty": None}],
    ids=str,
)
def test_keys_of_other_purposes_are_left_out(changes: dict[str, Any]) -> None:
    keys = KeySet(URL, fetch=lambda: json.dumps({"keys": [entry(**changes)]}).encode())
    with pytest.raises(InvalidIdentity, match="does not have"):
        keys.find("k1", "EdDSA")


def test_an_empty_set_is_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    keys = KeySet(URL, fetch=lambda: b'{"keys": []}')
    with caplog.at_level(logging.WARNING), pytest.raises(InvalidIdentity):
        keys.find("k1", "EdDSA")
    assert "holds no key" in caplog.text


def test_the_private_part_of_a_key_is_not_kept() -> None:
    keys = KeySet(URL, fetch=lambda: json.dumps({"keys": [entry(d="AAAA")]}).encode())
    assert not hasattr(keys.find("k1", "EdDSA")[0].key, "sign")


@pytest.mark.parametrize("url", ["", "/jwks", "file:///etc/passwd", "ftp://a.example/jwks", "http://", "data:,{}"])
def test_an_address_that_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        KeySet(url)


@pytest.mark.parametrize("algorithms", [[], ["none"], ["HS256"], ["EdDSA", "RS256"]])
def test_algorithms_that_a_key_set_cannot_have_are_refused(algorithms: list[str]) -> None:
    with pytest.raises(ConfigurationError):
        KeySet(URL, algorithms=algorithms)


class TestOverHttp:
    def test_keys_are_fetched(self, key_server: KeyServer) -> None:
        signer = Signer()
        key_server.document = signer.key_set()
        identity = SignedTokens(issuer=signer.issuer, audience="api", keys=KeySet(key_server.url))
        assert identity.verify(signer.token()).id == "user-1"
        assert key_server.requests == 1

    @pytest.mark.parametrize("status", [204, 301, 302, 307, 401, 404, 500, 503])
    def test_another_status_is_a_failed_fetch(self, key_server: KeyServer, status: int) -> None:
        signer = Signer()
        key_server.document = signer.key_set()
        key_server.status = status
        key_server.location = key_server.url if 300 <= status < 400 else None
        keys = KeySet(key_server.url, timeout=10)
        with pytest.raises(KeysUnavailable):
            keys.find("test-key", "EdDSA")
        assert key_server.requests == 1

    def test_a_large_document_is_a_failed_fetch(self, key_server: KeyServer) -> None:
        key_server.document = Signer().key_set()
        key_server.padding = b" " * MAX_KEY_SET_BYTES
        with pytest.raises(KeysUnavailable):
            KeySet(key_server.url).find("test-key", "EdDSA")

    def test_an_app_answers_503_and_recovers(self, free_port: Callable[[], int], key_server: KeyServer) -> None:
        signer = Signer()
        clock = Clock()
        keys = KeySet(key_server.url, timeout=10, clock=clock)
        key_server.status = 503
        client = TestClient(make_app(SignedTokens(issuer=signer.issuer, audience="api", keys=keys)))
        headers = {"Authorization": f"Bearer {signer.token()}"}
        for path in ("/me", "/optional"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert client.get("/optional").status_code == 200
        key_server.status, key_server.document = 200, signer.key_set()
        clock.now += 1
        assert client.get("/me", headers=headers).status_code == 200

    def test_nobody_there_is_a_failed_fetch(self, free_port: Callable[[], int], key_server: KeyServer) -> None:
        with pytest.raises(KeysUnavailable):
            KeySet(f"http://127.0.0.1:{free_port()}/jwks").find("k", "EdDSA")
