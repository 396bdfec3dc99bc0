"""Verifies the JWT that the gateway sends along, or that a client brought."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Optional, Union

import jwt
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from .errors import ConfigurationError, ExpiredToken, InvalidIdentity
from .keys import KeySet, SharedSecret
from .user import User, split_roles

MAX_TOKEN_LENGTH = 8192
DEFAULT_LEEWAY = 5.0
MAX_LEEWAY = 60.0

# A token has one spelling: PyJWT would take padding too.
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_REQUIRED = ["sub", "iss", "aud", "iat", "exp"]
# PyJWT raises the others for claims and headers of unexpected types.
_INVALID = (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError)


class SignedTokens:
    """Believes tokens of this issuer for this audience, and nothing else.

    `issuer` is the gateway's `server.public_url`, or `identity.assertion.issuer`. `audience` may be several, any of
    which counts. `keys` is a `KeySet`, by default the one at the issuer, or a `SharedSecret`. `header` is
    `Authorization` (`Bearer …`) or the name of a header that holds the token alone. `leeway` is how many seconds the
    clocks may differ.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: Union[str, Sequence[str]],
        keys: Union[KeySet, SharedSecret, None] = None,
        header: str = "Authorization",
        leeway: float = DEFAULT_LEEWAY,
    ) -> None:
        self.issuer = issuer
        self.audience = (audience,) if isinstance(audience, str) else tuple(audience)
        self.header = header
        self.leeway = leeway
        if not issuer:
            raise ConfigurationError("the issuer is missing")
        if not self.audience or not all(self.audience):
            raise ConfigurationError("the audience is missing")
        if not 0 <= leeway <= MAX_LEEWAY:
            raise ConfigurationError(f"the leeway is from 0 to {MAX_LEEWAY:.0f} seconds")
        self.keys = keys if keys is not None else KeySet(f"{issuer.rstrip('/')}/api/auth/jwks")

    def __repr__(self) -> str:
        return f"SignedTokens(issuer={self.issuer!r}, audience={self.audience!r}, keys={self.keys!r})"

    async def identify(self, connection: HTTPConnection) -> Optional[User]:
        """Returns the user of a request, or None where it brings no token."""
        token = self.token_of(connection.headers)
        return None if token is None else await self.verify_async(token)

    def token_of(self, headers: Headers) -> Optional[str]:
        """Returns the token of a request, unverified."""
        values = headers.getlist(self.header)
        if len(values) > 1:
            raise InvalidIdentity(f"{self.header} is there {len(values)} times")
        if not values or not values[0]:
            return None
        if self.header.lower() != "authorization":
            return values[0]
        scheme, _, token = values[0].partition(" ")
        return token.strip() if scheme.lower() == "bearer" else None

    def verify(self, token: str) -> User:
        """Returns the user of a token. Blocks the thread while keys are being fetched."""
        algorithm, key_id = self._examine(token)
        return self._decode(token, self.keys.find(key_id, algorithm), algorithm)

    async def verify_async(self, token: str) -> User:
        """Returns the user of a token."""
        algorithm, key_id = self._examine(token)
        return self._decode(token, await self.keys.find_async(key_id, algorithm), algorithm)

    def _examine(self, token: str) -> tuple[str, Optional[str]]:
        """Returns algorithm and key id of a token that is worth a look at its signature."""
        if len(token) > MAX_TOKEN_LENGTH or not _COMPACT.fullmatch(token):
            raise InvalidIdentity("the token is too long or not in compact form")
        try:
            header = jwt.get_unverified_header(token)
        except _INVALID as error:
            raise InvalidIdentity(f"the token cannot be read: {type(error).__name__}") from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self.keys.algorithms:
            raise InvalidIdentity("the token's algorithm is not accepted")
        # RFC 7515 §4.1.11: whoever does not know such an extension has to refuse the token.
        if "crit" in header:
            raise InvalidIdentity("the token has critical extensions")
        return algorithm, key_id

    def _decode(self, token: str, keys: Sequence[Union[jwt.PyJWK, bytes]], algorithm: str) -> User:
        reason: Exception = InvalidIdentity("there is no key")
        for key in keys:
            try:
                claims = jwt.decode(
                    token,
                    key.key if isinstance(key, jwt.PyJWK) else key,
                    algorithms=[algorithm],
                    audience=self.audience,
                    issuer=self.issuer,
                    leeway=self.leeway,
                    options={"require": _REQUIRED},
                )
            except jwt.InvalidSignatureError as error:
                reason = error
            except jwt.ExpiredSignatureError:
                raise ExpiredToken("the token has expired") from None
            except _INVALID as error:
                reason = error
                break
            else:
                return user_of_claims(claims)
        raise InvalidIdentity(f"the token is not valid: {reason}")


def user_of_claims(claims: Mapping[str, Any]) -> User:
    """Returns the user that verified claims describe."""
    return User(
        id=_text(claims, "sub") or "",
        email=_text(claims, "email"),
        email_verified=claims.get("emailVerified") is True,
        name=_text(claims, "name"),
        roles=split_roles(_text(claims, "role") or ""),
        session_id=_text(claims, "sid"),
        auth_method=_text(claims, "auth_method"),
        claims=claims,
    )


def _text(claims: Mapping[str, Any], name: str) -> Optional[str]:
    value = claims.get(name)
    if value is not None and not isinstance(value, str):
        raise InvalidIdentity(f"the claim {name} is no text")
    return value
