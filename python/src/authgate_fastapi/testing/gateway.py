"""Gives an app the requests that it would get from the gateway, in whichever way it learns who is calling."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Optional
from urllib.parse import quote

from fastapi import FastAPI

from ..dependencies import Identity, identity_of, install
from ..headers import TrustedHeaders
from ..tokens import SignedTokens
from .signer import Signer

if TYPE_CHECKING:
    from fastapi.testclient import TestClient

# The gateway encodes control characters, everything beyond ASCII, and the percent sign itself.
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")


class FakeGateway:
    """Signs requests for apps that `install` was called for, until `restore`."""

    def __init__(self) -> None:
        self._replaced: dict[int, tuple[FastAPI, Identity]] = {}
        self._signers: dict[int, Signer] = {}

    def client(self, app: FastAPI, user_id: Optional[str] = None, **user: Any) -> "TestClient":
        """Returns a client that is signed in as this user, or signed out without one.

        `user` is the rest of what `headers` takes.
        """
        from fastapi.testclient import TestClient

        headers = self.headers(app, user_id, **user) if user_id is not None else self._prepared(app)
        return TestClient(app, headers=headers)

    def headers(
        self,
        app: FastAPI,
        user_id: str = "user-1",
        *,
        email: Optional[str] = None,
        email_verified: bool = True,
        name: str = "Test User",
        roles: Sequence[str] = (),
        session_id: str = "session-1",
        auth_method: str = "password",
        **claims: Any,
    ) -> dict[str, str]:
        """Returns the headers with which the gateway would name a user to this app.

        `claims` is what else `Signer.token` takes, and is only for apps that verify tokens.
        """
        headers = self._prepared(app)
        identity = identity_of(app)
        email = email if email is not None else f"{user_id}@example.com"
        if isinstance(identity, TrustedHeaders):
            headers["X-User-Id"] = user_id
            headers["X-User-Email"] = email
            headers["X-User-Email-Verified"] = "true" if email_verified else "false"
            headers["X-User-Name"] = quote(name, safe=_PLAIN)
            headers["X-User-Roles"] = ",".join(roles)
            headers["X-Session-Id"] = session_id
            headers["X-Auth-Method"] = auth_method
            return headers
        token = self._signers[id(app)].token(
            user_id,
            email=email,
            email_verified=email_verified,
            name=name,
            roles=roles,
            session_id=session_id,
            **claims,
        )
        headers[identity.header] = f"Bearer {token}" if identity.header.lower() == "authorization" else token
        return headers

    def restore(self) -> None:
        """Gives every app back what it was installed with."""
        for app, identity in self._replaced.values():
            install(app, identity)
        self._replaced.clear()
        self._signers.clear()

    def _prepared(self, app: FastAPI) -> dict[str, str]:
        """Lets the app believe this gateway's keys; returns the headers that every request needs."""
        identity = identity_of(app)
        if isinstance(identity, TrustedHeaders):
            return identity.proof()
        if id(app) not in self._signers:
            algorithm = "ES256" if "EdDSA" not in identity.keys.algorithms else "EdDSA"
            algorithm = "HS256" if "HS256" in identity.keys.algorithms else algorithm
            signer = Signer(algorithm, issuer=identity.issuer, audience=identity.audience[0])
            self._signers[id(app)] = signer
            self._replaced[id(app)] = (app, identity)
            install(
                app,
                SignedTokens(
                    issuer=identity.issuer,
                    audience=identity.audience,
                    keys=signer.keys(),
                    header=identity.header,
                    leeway=identity.leeway,
                ),
            )
        return {}
