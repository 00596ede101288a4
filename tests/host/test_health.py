"""Health, readiness and metrics, over the whole host."""

from typing import Any


def test_healthz_gives_the_nonce_and_the_version(stranger: Any) -> None:
    body = stranger.get("/healthz").json()
    assert body["status"] == "ok"
    assert body["nonce"] == stranger.app.state.parts.nonce
