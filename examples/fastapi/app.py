"""A small notes-style API which leaves signing in to the gateway in front of it.

The app keeps no users, passwords or sessions. It reads who is calling from request headers, which only the gateway may
set. Whoever can reach this app's port directly can claim to be anybody, so the port must never be public.
"""

import asyncio
import hashlib
import uuid
from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import unquote

from fastapi import Depends, FastAPI, HTTPException, Query, Request, WebSocket, status
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

MAX_ITEMS_PER_USER = 1000
CHUNK = 64 * 1024

app = FastAPI(title="Example app behind a gateway")


# --- who is calling ---------------------------------------------------------------------------------------------------


def decode_header(value: str | None) -> str | None:
    """Undo the percent-encoding (UTF-8) that keeps non-ASCII text valid in a header."""
    return None if value is None else unquote(value)


class User(BaseModel):
    id: str
    email: str | None
    name: str | None
    roles: list[str]


def maybe_user(request: Request) -> User | None:
    headers = request.headers
    user_id = headers.get("x-user-id")
    if not user_id:
        return None
    roles = decode_header(headers.get("x-user-roles")) or ""
    return User(
        id=user_id,
        # An address is ASCII and may hold a percent sign, so it comes as it is: %61da@… is not ada@….
        email=headers.get("x-user-email"),
        name=decode_header(headers.get("x-user-name")),
        roles=[role for role in roles.split(",") if role],
    )


def current_user(user: Annotated[User | None, Depends(maybe_user)]) -> User:
    # The gateway lets nobody through to these paths without a session. If the header is missing all the same, the
    # gateway's routes are wrong or it is not there at all: refuse.
    if user is None:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED, "not signed in")
    return user


MaybeUser = Annotated[User | None, Depends(maybe_user)]
CurrentUser = Annotated[User, Depends(current_user)]


@app.get("/whoami")
async def whoami(request: Request) -> dict[str, str]:
    """Every identity header of this request, exactly as it arrived."""
    seen: dict[str, str] = {}
    for name, value in request.headers.items():
        if name.startswith("x-user-") or name in ("x-session-id", "x-auth-method", "x-request-id"):
            name = name.title()
            seen[name] = f"{seen[name]}, {value}" if name in seen else value
    return seen


# --- open to everybody ------------------------------------------------------------------------------------------------


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/public/hello")
async def hello() -> dict[str, str]:
    return {"message": "Hello. This page needs no account."}


@app.get("/optional/greeting")
async def greeting(user: MaybeUser) -> dict[str, str]:
    name = (user.name or user.id) if user else "stranger"
    return {"message": f"Hello, {name}."}


# --- items: each user sees only their own -----------------------------------------------------------------------------


class NewItem(BaseModel):
    title: str = Field(min_length=1, max_length=200)
    note: str = Field(default="", max_length=10_000)


class Item(NewItem):
    id: str


# In memory, so a restart forgets it and a second worker process would not see it.
items_by_user: dict[str, dict[str, Item]] = {}


@app.get("/items")
async def list_items(user: CurrentUser) -> list[Item]:
    return list(items_by_user.get(user.id, {}).values())


@app.post("/items", status_code=status.HTTP_201_CREATED)
async def create_item(new: NewItem, user: CurrentUser) -> Item:
    mine = items_by_user.setdefault(user.id, {})
    if len(mine) >= MAX_ITEMS_PER_USER:
        raise HTTPException(status.HTTP_409_CONFLICT, f"at most {MAX_ITEMS_PER_USER} items")
    item = Item(id=str(uuid.uuid4()), **new.model_dump())
    mine[item.id] = item
    return item


def find_item(item_id: str, user: User) -> Item:
    # Another user's item and an item that never was give the same answer.
    item = items_by_user.get(user.id, {}).get(item_id)
    if item is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such item")
    return item


@app.get("/items/{item_id}")
async def get_item(item_id: str, user: CurrentUser) -> Item:
    return find_item(item_id, user)


@app.delete("/items/{item_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_item(item_id: str, user: CurrentUser) -> None:
    find_item(item_id, user)
    del items_by_user[user.id][item_id]


@app.get("/admin/stats")
async def admin_stats(user: CurrentUser) -> dict[str, int]:
    """Totals over all users. The gateway's route for /admin/** asks for the admin role; the app checks it once more,
    because a mistake in the order of the routes would otherwise be enough to open it."""
    if "admin" not in user.roles:
        raise HTTPException(status.HTTP_403_FORBIDDEN, "the admin role is needed")
    return {
        "users_with_items": sum(1 for items in items_by_user.values() if items),
        "items": sum(len(items) for items in items_by_user.values()),
    }


# --- streams ----------------------------------------------------------------------------------------------------------


@app.websocket("/ws/echo")
async def ws_echo(websocket: WebSocket) -> None:
    """Say who is connected, then send every text or binary message back."""
    await websocket.accept()
    await websocket.send_json({"user": websocket.headers.get("x-user-id")})
    while (message := await websocket.receive())["type"] == "websocket.receive":
        if message.get("text") is not None:
            await websocket.send_text(message["text"])
        else:
            await websocket.send_bytes(message["bytes"])


@app.get("/events")
async def events(n: Annotated[int, Query(ge=1, le=10_000)] = 5) -> StreamingResponse:
    """Server-sent events: n ticks, one every 0.2 seconds."""

    async def ticks() -> AsyncIterator[str]:
        for tick in range(1, n + 1):
            yield f"id: {tick}\nevent: tick\ndata: {tick}\n\n"
            if tick < n:
                await asyncio.sleep(0.2)

    return StreamingResponse(ticks(), media_type="text/event-stream", headers={"cache-control": "no-store"})


class Upload(BaseModel):
    bytes: int
    sha256: str


@app.post("/upload")
async def upload(request: Request) -> Upload:
    """Count and hash the body chunk by chunk; it is never held in memory as a whole."""
    count, digest = 0, hashlib.sha256()
    async for chunk in request.stream():
        count += len(chunk)
        digest.update(chunk)
    return Upload(bytes=count, sha256=digest.hexdigest())


@app.get("/download")
async def download(size: Annotated[int, Query(alias="bytes", ge=0, le=10 * 1024**3)]) -> StreamingResponse:
    """That many bytes, sent chunk by chunk."""

    async def zeros() -> AsyncIterator[bytes]:
        chunk = bytes(CHUNK)
        left = size
        while left >= CHUNK:
            yield chunk
            left -= CHUNK
        if left:
            yield chunk[:left]

    return StreamingResponse(
        zeros(), media_type="application/octet-stream", headers={"content-length": str(size)}
    )
