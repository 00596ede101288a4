"""An empty FastAPI and Flask application, served the same way: what any start of this kind costs at the least."""

import sys

import uvicorn
from a2wsgi import WSGIMiddleware
from fastapi import FastAPI
from flask import Flask

app = FastAPI(openapi_url=None)


@app.get("/readyz")
async def readyz() -> dict[str, str]:
    return {"status": "ok"}


app.mount("/", WSGIMiddleware(Flask(__name__)))

if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
