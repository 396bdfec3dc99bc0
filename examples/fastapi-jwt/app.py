"""Notes of several users, by an app that verifies who is calling.

The gateway sends a JWT in `Authorization`. The app believes the signature and not the network, so other programs of the
network can reach it without being able to claim to be somebody. It keeps no users, passwords or sessions.
"""

import os
import uuid

from fastapi import Depends, FastAPI, HTTPException, WebSocket, status
from pydantic import BaseModel, Field

from authgate_fastapi import CurrentUser, KeySet, OptionalUser, SignedTokens, install, require_role

ISSUER = os.environ.get("GATEWAY_ISSUER", "http://localhost:8080")
KEYS_URL = os.environ.get("GATEWAY_KEYS_URL", "http://127.0.0.1:8080/api/auth/jwks")
AUDIENCE = os.environ.get("GATEWAY_AUDIENCE", "notes")
MAX_NOTES_PER_USER = 1000

app = FastAPI(title="Notes behind a gateway, by JWT")
install(app, SignedTokens(issuer=ISSUER, audience=AUDIENCE, keys=KeySet(KEYS_URL)))


class NewNote(BaseModel):
    text: str = Field(min_length=1, max_length=10_000)


class Note(NewNote):
    id: str


# The notes are in memory, so a restart forgets them and a second worker process would not see them.
notes_by_user: dict[str, dict[str, Note]] = {}


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/public/hello")
async def hello() -> dict[str, str]:
    return {"message": "Hello. This page needs no account."}


@app.get("/greeting")
async def greeting(user: OptionalUser) -> dict[str, str]:
    name = (user.name or user.id) if user else "stranger"
    return {"message": f"Hello, {name}."}


@app.get("/whoami")
async def whoami(user: CurrentUser) -> dict[str, object]:
    return {"id": user.id, "email": user.email, "name": user.name, "roles": user.roles, "session": user.session_id}


@app.get("/notes")
async def list_notes(user: CurrentUser) -> list[Note]:
    return list(notes_by_user.get(user.id, {}).values())


@app.post("/notes", status_code=status.HTTP_201_CREATED)
async def create_note(new: NewNote, user: CurrentUser) -> Note:
    mine = notes_by_user.setdefault(user.id, {})
    if len(mine) >= MAX_NOTES_PER_USER:
        raise HTTPException(status.HTTP_409_CONFLICT, f"at most {MAX_NOTES_PER_USER} notes")
    note = Note(id=str(uuid.uuid4()), **new.model_dump())
    mine[note.id] = note
    return note


@app.delete("/notes/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_note(note_id: str, user: CurrentUser) -> None:
    # Another user's note and a note that never was give the same answer.
    if notes_by_user.get(user.id, {}).pop(note_id, None) is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "no such note")


@app.get("/admin/stats", dependencies=[Depends(require_role("admin"))])
async def admin_stats() -> dict[str, int]:
    """Returns totals over all users. The gateway's route asks for the role too; either mistake alone opens nothing."""
    return {"users": len(notes_by_user), "notes": sum(len(notes) for notes in notes_by_user.values())}


@app.websocket("/ws/echo")
async def ws_echo(websocket: WebSocket, user: CurrentUser) -> None:
    """Says who is connected, then sends every text back."""
    await websocket.accept()
    await websocket.send_json({"user": user.id})
    async for text in websocket.iter_text():
        await websocket.send_text(text)


@app.get("/users/{user_id}/notes")
async def notes_of(user_id: str, user: CurrentUser) -> list[Note]:
    """Serves frontends that write the user's id into the path. It is compared, never believed."""
    if user_id != user.id and not user.has_role("admin"):
        raise HTTPException(status.HTTP_403_FORBIDDEN, "not your notes")
    return list(notes_by_user.get(user_id, {}).values())
