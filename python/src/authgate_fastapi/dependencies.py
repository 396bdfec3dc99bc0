"""The dependencies that routes ask for, and what they refuse with."""

import logging
import math
from collections.abc import Awaitable
from typing import Annotated, Callable, Optional, Union

from fastapi import Depends, FastAPI, HTTPException, WebSocketException, status
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.websockets import WebSocket

from .errors import ConfigurationError, ExpiredToken, InvalidIdentity, KeysUnavailable
from .headers import TrustedHeaders
from .tokens import SignedTokens
from .user import User

Identity = Union[TrustedHeaders, SignedTokens]

_ATTRIBUTE = "authgate"

logger = logging.getLogger("authgate_fastapi")


class WebSocketRejected(WebSocketException):
    """Refuses a WebSocket handshake. Where the server can, the client gets the status of the HTTP response."""

    def __init__(self, rejection: HTTPException) -> None:
        super().__init__(code=status.WS_1008_POLICY_VIOLATION, reason=str(rejection.detail))
        self.rejection = rejection


def install(app: FastAPI, identity: Identity) -> None:
    """Says how this app learns who is calling. An app that is mounted into another needs its own call."""
    setattr(app.state, _ATTRIBUTE, identity)
    app.add_exception_handler(WebSocketRejected, _reject_handshake)


def identity_of(app: FastAPI) -> Identity:
    """Returns what `install` was given."""
    identity: Optional[Identity] = getattr(app.state, _ATTRIBUTE, None)
    if identity is None:
        raise ConfigurationError(
            "this app does not say how it learns who is calling: call authgate_fastapi.install(app, TrustedHeaders()) "
            "or install(app, SignedTokens(issuer=…, audience=…)), in mounted apps too"
        )
    return identity


class _OptionalUserScheme(SecurityBase):
    """Finds out who is calling, and is what OpenAPI calls a security scheme."""

    def __init__(self) -> None:
        # In both modes this is what a client sends to the gateway, unless a browser sends the cookie by itself.
        self.model = HTTPBearer(description="A session token or JWT of the gateway. Browsers send its cookie instead.")
        self.scheme_name = "AuthGate"

    async def __call__(self, connection: HTTPConnection) -> Optional[User]:
        try:
            return await identity_of(connection.app).identify(connection)
        except ExpiredToken:
            raise _rejection(connection, _invalid_token("the token has expired")) from None
        except InvalidIdentity as error:
            logger.info("an identity was refused: %s", error)
            raise _rejection(connection, _invalid_token("the credentials are not valid")) from None
        except KeysUnavailable as error:
            unavailable = HTTPException(
                status.HTTP_503_SERVICE_UNAVAILABLE,
                "credentials cannot be verified at the moment",
                {"Retry-After": str(math.ceil(error.retry_after))},
            )
            raise _rejection(connection, unavailable) from None


optional_user = _OptionalUserScheme()

OptionalUser = Annotated[Optional[User], Depends(optional_user)]


async def current_user(connection: HTTPConnection, user: OptionalUser) -> User:
    """Returns the user of the request, and refuses with 401 where there is none."""
    if user is None:
        unauthorized = HTTPException(status.HTTP_401_UNAUTHORIZED, "not signed in", {"WWW-Authenticate": "Bearer"})
        raise _rejection(connection, unauthorized)
    return user


CurrentUser = Annotated[User, Depends(current_user)]


def require_role(*roles: str) -> Callable[..., Awaitable[User]]:
    """Returns a dependency that gives the user, and refuses with 403 those who have none of the roles."""
    if not roles or not all(roles):
        raise ConfigurationError("require_role needs the name of a role")

    async def user_with_role(connection: HTTPConnection, user: CurrentUser) -> User:
        if not user.has_role(*roles):
            needed = " or ".join(roles)
            raise _rejection(connection, HTTPException(status.HTTP_403_FORBIDDEN, f"the role {needed} is needed"))
        return user

    return user_with_role


def _invalid_token(description: str) -> HTTPException:
    challenge = f'Bearer error="invalid_token", error_description="{description}"'
    return HTTPException(status.HTTP_401_UNAUTHORIZED, description, {"WWW-Authenticate": challenge})


def _rejection(connection: HTTPConnection, rejection: HTTPException) -> Exception:
    return rejection if connection.scope["type"] == "http" else WebSocketRejected(rejection)


async def _reject_handshake(websocket: WebSocket, error: Exception) -> None:
    assert isinstance(error, WebSocketRejected)  # noqa: S101 (it is registered for nothing else)
    if "websocket.http.response" not in websocket.scope.get("extensions", {}):
        await websocket.close(error.code, error.reason)
        return
    rejection = error.rejection
    response = JSONResponse({"detail": rejection.detail}, rejection.status_code, rejection.headers)
    await response(websocket.scope, websocket.receive, websocket.send)
