"""Reads the identity headers that the gateway sets."""

import hmac
import re
from typing import Optional
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from .errors import ConfigurationError, InvalidIdentity
from .user import User, split_roles

MIN_SECRET_LENGTH = 32
MAX_HEADER_LENGTH = 8192

_PLAIN = re.compile(r"[\x20-\x7e]*")


class TrustedHeaders:
    """Believes the identity headers of every request.

    They prove nothing by themselves: whoever reaches the app past the gateway can write any of them. Bind the app to
    loopback, a Unix socket or a network that only the gateway shares. A proxy that can add a header (nginx, Traefik or
    Caddy with the gateway's forward auth) can also prove itself by a secret of at least 32 characters in
    `secret_header`; then a request without it has no identity that is believed.
    """

    def __init__(self, *, secret: Optional[str] = None, secret_header: str = "X-Gateway-Secret") -> None:
        if secret is not None and (len(secret) < MIN_SECRET_LENGTH or not secret.isascii()):
            raise ConfigurationError(f"the secret needs at least {MIN_SECRET_LENGTH} ASCII characters")
        self.secret_header = secret_header
        self._secret = secret

    def __repr__(self) -> str:
        return "TrustedHeaders()" if self._secret is None else f"TrustedHeaders(secret_header={self.secret_header!r})"

    async def identify(self, connection: HTTPConnection) -> Optional[User]:
        """Returns the user of a request, or None where the gateway states none."""
        return self.read(connection.headers)

    def read(self, headers: Headers) -> Optional[User]:
        """Returns the user that these headers state."""
        user_id = _single(headers, "X-User-Id")
        if user_id is None:
            return None
        self._check_secret(headers)
        return User(
            id=user_id,
            # An address is ASCII and may hold a percent sign, so it is sent as it is and must not be decoded.
            email=_single(headers, "X-User-Email"),
            email_verified=_single(headers, "X-User-Email-Verified") == "true",
            name=_decoded(_single(headers, "X-User-Name")),
            roles=split_roles(_single(headers, "X-User-Roles") or ""),
            session_id=_single(headers, "X-Session-Id"),
            auth_method=_single(headers, "X-Auth-Method"),
        )

    def proof(self) -> dict[str, str]:
        """Returns the header by which a proxy proves itself, for tests."""
        return {} if self._secret is None else {self.secret_header: self._secret}

    def _check_secret(self, headers: Headers) -> None:
        if self._secret is None:
            return
        given = _single(headers, self.secret_header) or ""
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            raise InvalidIdentity(f"{self.secret_header} does not hold the secret")


def _single(headers: Headers, name: str) -> Optional[str]:
    """Returns the value of a header that the gateway sets exactly once. An empty one counts as none."""
    values = headers.getlist(name)
    if len(values) > 1:
        # The gateway sends one. Which of two an app takes is what an attacker would like to choose.
        raise InvalidIdentity(f"{name} is there {len(values)} times")
    if not values or not values[0]:
        return None
    value = values[0]
    if len(value) > MAX_HEADER_LENGTH or not _PLAIN.fullmatch(value):
        raise InvalidIdentity(f"{name} is too long or not ASCII")
    return value


def _decoded(value: Optional[str]) -> Optional[str]:
    """Undoes the percent-encoding of UTF-8 that keeps text beyond ASCII valid in a header."""
    if value is None:
        return None
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise InvalidIdentity("a header is not UTF-8 behind its percent-encoding") from None
