"""Who is calling, proved by a signature instead of by the network: `identity.assertion` of gateway.yaml.

An app that other programs can reach as well uses `signed_user` in place of `current_user`. Needs PyJWT[crypto]
(requirements-assertion.txt).
"""

import os
from typing import Annotated

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException

ISSUER = os.environ.get("AUTHGATE_PUBLIC_URL", "http://localhost:8080")
KEYS_URL = os.environ.get("AUTHGATE_KEYS_URL", "http://127.0.0.1:8080/api/auth/jwks")
AUDIENCE = os.environ.get("AUTHGATE_AUDIENCE", "api")

# Keeps the keys for five minutes, and asks at once for one that it has not seen.
keys = jwt.PyJWKClient(KEYS_URL, lifespan=300, timeout=5)


def signed_user(x_identity_assertion: Annotated[str, Header()] = "") -> dict:
    try:
        key = keys.get_signing_key_from_jwt(x_identity_assertion)
        return jwt.decode(
            x_identity_assertion, key, ["EdDSA"], audience=AUDIENCE, issuer=ISSUER, leeway=5,
            options={"require": ["sub", "sid", "aud", "iss", "iat", "exp"]},
        )
    except jwt.PyJWTError:
        raise HTTPException(401, "no valid identity assertion") from None


app = FastAPI(title="Example app that verifies who is calling")


@app.get("/signed/whoami")
def whoami(user: Annotated[dict, Depends(signed_user)]) -> dict:
    return user
