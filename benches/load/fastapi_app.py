"""The upstream of `run --fastapi`: one plain endpoint."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/{path:path}")
async def item(path: str):
    return {"message": "hello", "path": path}
