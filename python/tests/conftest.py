"""What the tests share: a signer of each kind, an app for any identity, and a key set served over HTTP."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, Any, Callable, Optional

import pytest
from fastapi import Depends, FastAPI, WebSocket

from authgate_fastapi import CurrentUser, Identity, OptionalUser, User, install, require_role
from authgate_fastapi.testing import Signer

pytest_plugins = ["authgate_fastapi.testing.plugin", "pytester"]


def make_app(identity: Optional[Identity]) -> FastAPI:
    """Returns an app with one route for each dependency."""
    app = FastAPI()
    if identity is not None:
        install(app, identity)

    @app.get("/optional")
    def optional(user: OptionalUser) -> Optional[str]:
        return user.id if user else None

    @app.get("/me")
    async def me(user: CurrentUser) -> User:
        return user

    @app.get("/staff", dependencies=[Depends(require_role("admin", "editor"))])
    def staff() -> str:
        return "staff"

    @app.websocket("/ws")
    async def ws(websocket: WebSocket, user: CurrentUser) -> None:
        await websocket.accept()
        await websocket.send_json({"user": user.id})
        await websocket.close()

    @app.websocket("/ws/staff")
    async def ws_staff(websocket: WebSocket, user: Annotated[User, Depends(require_role("admin"))]) -> None:
        await websocket.accept()
        await websocket.send_json({"user": user.id})
        await websocket.close()

    return app


@pytest.fixture(params=["EdDSA", "ES256", "HS256"])
def signer(request: pytest.FixtureRequest) -> Signer:
    return Signer(request.param)


class KeyServer:
    """Serves a key set at `/api/auth/jwks` of a free loopback port, and counts who asks."""

    def __init__(self) -> None:
        self.document: Any = {"keys": []}
        self.padding = b""
        self.status = 200
        self.location: Optional[str] = None
        self.requests = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests += 1
                body = json.dumps(outer.document).encode() + outer.padding if self.path == "/api/auth/jwks" else b"{}"
                self.send_response(outer.status)
                if outer.location is not None:
                    self.send_header("Location", outer.location)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.url = f"{self.origin}/api/auth/jwks"
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def key_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[KeyServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    server = KeyServer()
    yield server
    server.close()


@pytest.fixture
def free_port() -> Callable[[], int]:
    def find() -> int:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
            return port

    return find


Start = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def start_app(free_port: Callable[[], int]) -> Start:
    """Returns what serves an app by uvicorn, in a process of its own, with settings as environment variables."""

    @contextmanager
    def start(folder: Path, app: str, **settings: str) -> Iterator[str]:
        port = free_port()
        command = [sys.executable, "-m", "uvicorn", f"{app}:app", "--port", str(port), "--log-level", "warning"]
        environment = {**os.environ, **settings, "PYTHONDONTWRITEBYTECODE": "1", "NO_PROXY": "127.0.0.1"}
        environment["PYTHONPATH"] = str(Path(__file__).resolve().parents[1] / "src")
        with subprocess.Popen(command, cwd=folder, env=environment) as process:
            try:
                origin = f"http://127.0.0.1:{port}"
                _wait_for(f"{origin}/health", process)
                yield origin
            finally:
                process.terminate()

    return start


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the app ended"
        try:
            assert get(url)[0] == 200
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("the app does not answer")


def get(url: str, headers: Optional[dict[str, str]] = None) -> tuple[int, Any]:
    """Returns status and JSON of a response, past any proxy of the environment."""
    return _ask(urllib.request.Request(url, headers=headers or {}))  # noqa: S310 (of the tests' own)


def post_form(url: str, fields: dict[str, str]) -> tuple[int, Any]:
    return _ask(urllib.request.Request(url, urllib.parse.urlencode(fields).encode()))  # noqa: S310


def _ask(request: urllib.request.Request) -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
