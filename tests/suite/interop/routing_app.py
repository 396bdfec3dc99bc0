"""A Starlette application that says which of its handlers ran, and on which bytes.

Handlers are public, protected, or for administrators. Where a rule of the gateway covers a path with and without a
slash at its end, so does the application: that is what docs/configuration.md asks for.
"""

import string

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route


def handler(kind: str):
    async def run(request: Request) -> PlainTextResponse:
        return PlainTextResponse(request.scope["raw_path"].decode("latin-1"), headers={"X-Handler": kind})

    return run


public, protected, admin = handler("public"), handler("protected"), handler("admin")

# One name for administrators for each character that a segment can hold beside letters and digits.
LITERALS = [f"x{character}y" for character in " " + string.punctuation if character not in "/\\"]

app = Starlette(
    routes=[
        Route("/health", public),
        Route("/health/", public),
        Route("/public/admin", admin),
        Route("/public/admin/{path:path}", admin),
        Route("/public", public),
        Route("/public/{path:path}", public),
        Route("/assets/{name}", public),
        Route("/assets/{name}/", public),
        Route("/items/{id}/preview", public),
        Route("/items/{id}/preview/", public),
        Route("/items/{id:int}", protected),
        Route("/items/{id}/{rest:path}", protected),
        Route("/files/open", public),
        Route("/files/open/{path:path}", public),
        Route("/files/{path:path}", protected),
        Route("/docs", public),
        Mount(
            "/docs",
            routes=[
                Route("/", public),
                Route("/internal/{path:path}", protected),
                Route("/{page:path}", public),
            ],
        ),
        Route("/v1/things:purge", admin),
        Route("/v1/things:purge/", admin),
        Route("/v1/{name}", public),
        Route("/v1/{name}/", public),
        Route("/@admin", admin),
        Route("/@admin/{path:path}", admin),
        *[
            Route(path, admin)
            for name in LITERALS
            for path in (f"/lit/{name}", f"/lit/{name}/{{path:path}}")
        ],
        Route("/lit", public),
        Route("/lit/{path:path}", public),
        Mount("/private", app=Starlette(routes=[Route("/{path:path}", protected)])),
        Mount("/admin", app=Starlette(routes=[Route("/{path:path}", admin)])),
        Route("/admin", admin),
        Route("/{path:path}", protected),
    ]
)
