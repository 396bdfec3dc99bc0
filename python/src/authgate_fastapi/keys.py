"""Keeps the keys that verify tokens: the gateway's key set, renewed as it changes, or one shared secret."""

import asyncio
import concurrent.futures
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import IO, Any, Callable, Optional, Union
from urllib.parse import urlsplit

import jwt

from .errors import ConfigurationError, InvalidIdentity, KeysUnavailable

MIN_SECRET_BYTES = 32
MAX_KEY_SET_BYTES = 256 * 1024
MAX_KEYS = 64
MAX_KEY_ID_LENGTH = 256
# A fetch that failed is tried again after so many seconds.
RETRY_INTERVAL = 1.0

# The algorithm follows from the key, never from the token: a public key can then never be taken for an HMAC secret.
_ALGORITHMS = {("OKP", "Ed25519"): "EdDSA", ("EC", "P-256"): "ES256"}
_PUBLIC_MEMBERS = ("kty", "crv", "x", "y")

logger = logging.getLogger("authgate_fastapi")


class SharedSecret:
    """Verifies HS256 tokens by the key that the gateway signs with. Whoever has it can sign too.

    Several secrets verify while the gateway goes from one to the next.
    """

    algorithms = ("HS256",)

    def __init__(self, *secrets: Union[str, bytes]) -> None:
        self._secrets = tuple(secret.encode() if isinstance(secret, str) else secret for secret in secrets)
        if not self._secrets or any(len(secret) < MIN_SECRET_BYTES for secret in self._secrets):
            raise ConfigurationError(f"an HS256 secret needs at least {MIN_SECRET_BYTES} bytes")
        if any(secret.lstrip().startswith((b"-----BEGIN", b"ssh-")) for secret in self._secrets):
            raise ConfigurationError("an HS256 secret is not a PEM or SSH key")

    def __repr__(self) -> str:
        return "SharedSecret()"

    def find(self, key_id: Optional[str], algorithm: str) -> tuple[bytes, ...]:
        """Returns the secrets, whatever the token calls its own."""
        return self._secrets

    async def find_async(self, key_id: Optional[str], algorithm: str) -> tuple[bytes, ...]:
        """Returns the secrets, whatever the token calls its own."""
        return self._secrets


class KeySet:
    """Verifies EdDSA and ES256 tokens by the gateway's public keys.

    Keys are kept for `max_age` seconds. A key id that is not among them is asked for at once, but the set is fetched at
    most once in `cooldown` seconds, so that made-up ids cause no load. Where the gateway cannot be reached, known keys
    go on counting for `max_stale` seconds. One fetch runs at a time, whichever threads and event loops wait for it.
    `fetch` replaces the HTTP request by something else that returns the document.
    """

    def __init__(
        self,
        url: str,
        *,
        algorithms: Sequence[str] = ("EdDSA", "ES256"),
        max_age: float = 300.0,
        max_stale: float = 3600.0,
        cooldown: float = 10.0,
        timeout: float = 3.0,
        fetch: Optional[Callable[[], bytes]] = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ConfigurationError(f"the address of the key set is no http or https URL: {url!r}")
        unknown = set(algorithms) - set(_ALGORITHMS.values())
        if unknown or not algorithms:
            raise ConfigurationError(f"algorithms of a key set are EdDSA and ES256, not {sorted(unknown)}")
        self.url = url
        self.algorithms = tuple(algorithms)
        self._max_age = max_age
        self._max_stale = max(max_age, max_stale)
        self._cooldown = cooldown
        self._timeout = timeout
        self._fetch = fetch or self._fetch_over_http
        self._clock = clock

        self._lock = threading.Lock()
        self._keys: Mapping[str, jwt.PyJWK] = {}
        self._fetched_at: Optional[float] = None
        self._attempted_at: Optional[float] = None
        self._has_failed = False
        self._pending: Optional[concurrent.futures.Future[None]] = None

    def __repr__(self) -> str:
        return f"KeySet({self.url!r})"

    def find(self, key_id: Optional[str], algorithm: str) -> tuple[jwt.PyJWK]:
        """Returns the key, and blocks the thread while the key set is being fetched."""
        found = self._look_up(key_id, algorithm)
        if isinstance(found, concurrent.futures.Future):
            concurrent.futures.wait([found], timeout=self._timeout)
            found = self._look_up(key_id, algorithm, is_final=True)
        assert isinstance(found, jwt.PyJWK)  # noqa: S101 (the last look-up starts nothing)
        return (found,)

    async def find_async(self, key_id: Optional[str], algorithm: str) -> tuple[jwt.PyJWK]:
        """Returns the key, and leaves the event loop to others while the key set is being fetched."""
        found = self._look_up(key_id, algorithm)
        if isinstance(found, concurrent.futures.Future):
            # Unlike `wait_for`, this cancels nothing when it times out or when the client goes away.
            await asyncio.wait([asyncio.wrap_future(found)], timeout=self._timeout)
            found = self._look_up(key_id, algorithm, is_final=True)
        assert isinstance(found, jwt.PyJWK)  # noqa: S101 (the last look-up starts nothing)
        return (found,)

    def _look_up(
        self, key_id: Optional[str], algorithm: str, is_final: bool = False
    ) -> Union[jwt.PyJWK, "concurrent.futures.Future[None]"]:
        """Returns the key, or the fetch to wait for. With `is_final` there is no more waiting."""
        if not key_id or len(key_id) > MAX_KEY_ID_LENGTH:
            raise InvalidIdentity("the token names no key")
        with self._lock:
            now = self._clock()
            age = None if self._fetched_at is None else now - self._fetched_at
            is_usable = age is not None and age <= self._max_stale
            known = self._keys.get(key_id) if is_usable else None
            is_fresh = age is not None and age < self._max_age
            if known is not None and (is_fresh or is_final):
                return _of_algorithm(known, algorithm)
            pending = None if is_final else self._pending_fetch(now)
            # Behind a gateway that does not answer nobody waits for a key that is known.
            if known is not None and (pending is None or self._has_failed):
                return _of_algorithm(known, algorithm)
            if pending is not None:
                return pending
            if not is_usable:
                raise KeysUnavailable(f"no keys from {self.url}", retry_after=RETRY_INTERVAL)
            raise InvalidIdentity("the token names a key that the gateway does not have")

    def _pending_fetch(self, now: float) -> Optional["concurrent.futures.Future[None]"]:
        """Returns the fetch that is under way, a new one, or None while it is too early for one."""
        since = float("inf") if self._attempted_at is None else now - self._attempted_at
        if self._pending is not None:
            if since < 2 * self._timeout + RETRY_INTERVAL:
                return self._pending
            # A fetch can outlast its timeout (name servers, a fork of the process): it is given up.
            self._pending, self._has_failed = None, True
        if since < (RETRY_INTERVAL if self._has_failed else self._cooldown):
            return None
        pending: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._attempted_at, self._pending = now, pending
        try:
            threading.Thread(target=self._run, args=(pending,), name="authgate-keys", daemon=True).start()
        except RuntimeError as error:
            self._pending, self._has_failed = None, True
            logger.warning("the key set cannot be fetched: %s", error)
            return None
        return pending

    def _run(self, pending: "concurrent.futures.Future[None]") -> None:
        """Fetches the key set, and tells those who wait."""
        try:
            keys = parse_key_set(self._fetch(), self.algorithms)
        except Exception as error:
            # Whatever went wrong, those who wait have to go on.
            logger.warning("the key set of %s cannot be fetched: %s", self.url, error)
            self._conclude(pending, None)
        else:
            if not keys:
                logger.warning("the key set of %s holds no key for %s", self.url, ", ".join(self.algorithms))
            self._conclude(pending, keys)

    def _conclude(self, pending: "concurrent.futures.Future[None]", keys: Optional[Mapping[str, jwt.PyJWK]]) -> None:
        with self._lock:
            # One that was given up must not undo what a later one brought.
            if self._pending is pending:
                self._pending = None
                self._has_failed = keys is None
                if keys is not None:
                    self._keys, self._fetched_at = keys, self._clock()
        pending.set_result(None)

    def _fetch_over_http(self) -> bytes:
        request = urllib.request.Request(  # noqa: S310 (the scheme was checked)
            self.url, headers={"Accept": "application/json", "User-Agent": "authgate-fastapi"}
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=self._timeout) as response:
                body: bytes = response.read(MAX_KEY_SET_BYTES + 1)
        except urllib.error.HTTPError as error:
            # It holds the connection.
            error.close()
            raise
        if len(body) > MAX_KEY_SET_BYTES:
            raise ValueError(f"it is larger than {MAX_KEY_SET_BYTES} bytes")
        return body


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Keeps the keys at the address that was configured."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        return None


def parse_key_set(document: bytes, algorithms: Sequence[str]) -> dict[str, jwt.PyJWK]:
    """Reads the keys of these algorithms out of a JWK set; keys of other kinds are left out."""
    entries = json.loads(document)["keys"]
    if not isinstance(entries, list) or len(entries) > MAX_KEYS:
        raise ValueError(f"it is no list of at most {MAX_KEYS} keys")
    keys: dict[str, jwt.PyJWK] = {}
    for entry in entries:
        key_id = entry.get("kid")
        algorithm = _ALGORITHMS.get((entry.get("kty"), entry.get("crv")))
        if not isinstance(key_id, str) or algorithm not in algorithms:
            continue
        if entry.get("alg", algorithm) != algorithm or entry.get("use", "sig") != "sig":
            continue
        if key_id in keys:
            raise ValueError(f"two keys are called {key_id!r}")
        public = {name: entry[name] for name in _PUBLIC_MEMBERS if name in entry}
        keys[key_id] = jwt.PyJWK(public, algorithm)
    return keys


def _of_algorithm(key: jwt.PyJWK, algorithm: str) -> jwt.PyJWK:
    if key.algorithm_name != algorithm:
        raise InvalidIdentity(f"the token is signed by {algorithm}, its key is one for {key.algorithm_name}")
    return key
