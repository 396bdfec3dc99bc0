"""An API whose callers bring a JWT, verified by python-jose with the issuer's key set."""

import json
import os
import time
import urllib.request
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwt

JWKS_URL = os.environ["JWKS_URL"]
ISSUER = os.environ["ISSUER"]
AUDIENCE = os.environ["AUDIENCE"]
JWKS_LIFETIME = 300

app = FastAPI()
bearer = HTTPBearer(auto_error=False)
cached: dict[str, Any] = {"until": 0.0, "keys": []}


def key_of(token: str) -> dict[str, Any]:
    if time.monotonic() > cached["until"]:
        with urllib.request.urlopen(JWKS_URL, timeout=5) as response:
            cached.update(keys=json.load(response)["keys"], until=time.monotonic() + JWKS_LIFETIME)
    key_id = jwt.get_unverified_header(token).get("kid")
    for key in cached["keys"]:
        if key["kid"] == key_id:
            return key
    raise JWTError("unknown key")


def current_user(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> dict[str, Any]:
    if credentials is None:
        raise HTTPException(401, "Not authenticated", {"WWW-Authenticate": "Bearer"})
    token = credentials.credentials
    try:
        return jwt.decode(token, key_of(token), algorithms=["ES256"], audience=AUDIENCE, issuer=ISSUER)
    except JWTError as error:
        raise HTTPException(401, "Invalid token", {"WWW-Authenticate": "Bearer"}) from error


CurrentUser = Annotated[dict[str, Any], Depends(current_user)]


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/me")
def me(user: CurrentUser) -> dict[str, Any]:
    return user


@app.get("/users/{user_id}/notes")
def notes(user_id: str, user: CurrentUser) -> dict[str, Any]:
    if user["sub"] != user_id:
        raise HTTPException(403, "Not your notes")
    return {"owner": user_id, "notes": []}
