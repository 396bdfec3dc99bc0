"""Signs tokens as the gateway does, with keys of its own."""

import json
import secrets
import time
from collections.abc import Collection, Sequence
from typing import Any, Optional, Union

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from jwt.algorithms import ECAlgorithm, OKPAlgorithm

from ..errors import ConfigurationError
from ..keys import KeySet, SharedSecret
from ..tokens import SignedTokens

DEFAULT_ISSUER = "https://app.example.test"
DEFAULT_AUDIENCE = "api"
DEFAULT_LIFETIME = 60

_PrivateKey = Union[ed25519.Ed25519PrivateKey, ec.EllipticCurvePrivateKey]


class Signer:
    """Signs tokens by EdDSA, ES256 or HS256. Every one has new keys."""

    def __init__(
        self,
        algorithm: str = "EdDSA",
        *,
        issuer: str = DEFAULT_ISSUER,
        audience: str = DEFAULT_AUDIENCE,
        key_id: str = "test-key",
    ) -> None:
        self.algorithm = algorithm
        self.issuer = issuer
        self.audience = audience
        self.key_id = key_id
        self.secret = secrets.token_hex(32)
        """The key of HS256."""
        self.fetches = 0
        """Counts how often `keys` asked for the key set."""
        self._private_key = _generate(algorithm)

    def token(
        self,
        user_id: str = "user-1",
        *,
        email: Optional[str] = None,
        email_verified: bool = True,
        name: str = "Test User",
        roles: Sequence[str] = (),
        session_id: str = "session-1",
        expires_in: float = DEFAULT_LIFETIME,
        without: Collection[str] = (),
        **claims: Any,
    ) -> str:
        """Returns a token for a user. `claims` adds or replaces claims, `without` leaves some out."""
        now = int(time.time())
        payload: dict[str, Any] = {
            "iat": now,
            "id": user_id,
            "email": email if email is not None else f"{user_id}@example.com",
            "name": name,
            "emailVerified": email_verified,
            "role": ",".join(roles),
            "sid": session_id,
            "sub": user_id,
            "exp": now + int(expires_in),
            "iss": self.issuer,
            "aud": self.audience,
        }
        payload.update(claims)
        return self.sign({claim: value for claim, value in payload.items() if claim not in without})

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        """Returns a token of exactly these claims. `header` adds or replaces fields of its header."""
        key = self.secret if self._private_key is None else self._private_key
        # This is not `jwt.encode`, which refuses claims of wrong types: tests want those too.
        return jwt.PyJWS().encode(json.dumps(claims).encode(), key, self.algorithm, {"kid": self.key_id, **header})

    def rotate(self, key_id: str) -> None:
        """Signs with a new key of this id from now on, which is then the only one of the key set."""
        self.key_id = key_id
        self.secret = secrets.token_hex(32)
        self._private_key = _generate(self.algorithm)

    def key_set(self) -> dict[str, Any]:
        """Returns the document that the gateway serves at `/api/auth/jwks`."""
        if self._private_key is None:
            return {"keys": []}
        public_key = self._private_key.public_key()
        if isinstance(public_key, ed25519.Ed25519PublicKey):
            jwk = OKPAlgorithm.to_jwk(public_key, as_dict=True)
        else:
            jwk = ECAlgorithm.to_jwk(public_key, as_dict=True)
        return {"keys": [{**jwk, "kid": self.key_id, "alg": self.algorithm, "use": "sig"}]}

    def keys(self, **settings: Any) -> Union[KeySet, SharedSecret]:
        """Returns the keys that verify what is signed here. `settings` are those of `KeySet`."""
        if self._private_key is None:
            return SharedSecret(self.secret)
        return KeySet(f"{self.issuer}/api/auth/jwks", fetch=self._fetch, **settings)

    def identity(self, *, header: str = "Authorization") -> SignedTokens:
        """Returns what to give to `install`."""
        return SignedTokens(issuer=self.issuer, audience=self.audience, keys=self.keys(), header=header)

    def _fetch(self) -> bytes:
        self.fetches += 1
        return json.dumps(self.key_set()).encode()


def _generate(algorithm: str) -> Optional[_PrivateKey]:
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "HS256":
        return None
    raise ConfigurationError(f"the algorithm is EdDSA, ES256 or HS256, not {algorithm!r}")
