"""Health, readiness, metrics and the description of the API, over the whole host."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app import migrations, readiness
from app.api_docs import merge
from app.host import build
from app.readiness import Part
from app.shared.config import Settings
from app.shared.db import Database


def test_healthz_gives_the_nonce_and_the_version(stranger: Any) -> None:
    body = stranger.get("/healthz").json()
    assert body["status"] == "ok"
    assert body["nonce"] == stranger.app.state.parts.nonce


def test_readyz_tells_how_each_part_stands(stranger: Any) -> None:
    answer = stranger.get("/readyz")
    parts = answer.json()["parts"]
    assert answer.status_code == 200
    assert set(parts) == {"database", "schema", "sqlite", "hooks", "index", "ollama", "qdrant"}
    assert all(part["status"] in ("ok", "degraded", "down") and part["why"] for part in parts.values())
    assert parts["schema"]["why"] == f"Revision {migrations.head()}."


def test_a_missing_model_degrades_and_records_are_served_on(settings: Settings, token: str) -> None:
    away = replace(settings, ollama_url="http://127.0.0.1:9")
    with TestClient(build(away), base_url="http://127.0.0.1") as client:
        answer = client.get("/readyz")
        assert answer.status_code == 200
        assert answer.json()["status"] == "degraded"
        assert answer.json()["parts"]["ollama"]["status"] == "down"
        assert client.get("/api/v1/deals", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_readyz_is_503_once_records_can_t_be_served(stranger: Any, tmp_path: Path) -> None:
    stranger.app.state.parts.database.close()
    for name in ("crm.db", "crm.db-wal", "crm.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "crm.db").mkdir()
    answer = stranger.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["status"] == "down"


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ({"database": Part("ok", ""), "schema": Part("ok", "")}, "ok"),
        ({"database": Part("ok", ""), "qdrant": Part("down", "")}, "degraded"),
        ({"database": Part("ok", ""), "schema": Part("down", "")}, "down"),
    ],
)
def test_only_the_records_decide_whether_it_is_down(parts: dict[str, Part], state: str) -> None:
    assert readiness.overall(parts) == state


def test_the_newest_revision_is_alembic_s_own(database: Database) -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    assert migrations.head() == ScriptDirectory.from_config(config).get_current_head()
    with database.read() as connection:
        assert migrations.current(connection) == migrations.head()


def test_the_schema_is_what_the_tables_declare(any_database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from app.chatbot.tables import metadata as chat
    from app.crm.schema import metadata as crm

    def ours(_item: Any, name: str | None, _kind: str, _reflected: bool, _other: Any) -> bool:
        return not (name or "").startswith(("search_fts", "ix_custom_", "alembic_version"))

    with any_database.read() as connection:
        options = {"target_metadata": [crm, chat], "include_object": ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), [crm, chat]) == []


def test_metrics_count_what_was_answered(client: Any) -> None:
    client.get("/api/v1/deals")
    client.get("/api/v1/deals/999999")
    text = client.get("/metrics").text
    assert 'parley_requests_total{area="api",method="GET",status="200"} 1.0' in text
    assert 'parley_requests_total{area="api",method="GET",status="404"} 1.0' in text
    assert 'parley_request_seconds_count{area="api"} 2.0' in text
    assert "parley_workers " in text


def test_metrics_are_for_this_machine_or_a_token(stranger: Any, client: Any) -> None:
    assert client.get("/metrics").status_code == 200
    assert stranger.get("/metrics").status_code == 401  # TestClient's address is no loopback address


def test_one_document_describes_both_halves(stranger: Any) -> None:
    document = stranger.get("/openapi.json").json()
    assert {"/api/v1/deals", "/api/v1/query", "/chat/ask", "/healthz", "/readyz"} <= set(document["paths"])
    assert document["openapi"].startswith("3.")


def test_the_document_points_at_nothing_that_is_missing(stranger: Any) -> None:
    document = stranger.get("/openapi.json").json()
    for target in _references(document):
        found: Any = document
        for part in target.removeprefix("#/").split("/"):
            assert part in found, target
            found = found[part]


def _references(item: Any) -> list[str]:
    if isinstance(item, list):
        return [target for child in item for target in _references(child)]
    if not isinstance(item, dict):
        return []
    own = [item["$ref"]] if isinstance(item.get("$ref"), str) else []
    return own + [target for child in item.values() for target in _references(child)]


def test_two_descriptions_of_one_thing_are_refused() -> None:
    with pytest.raises(ValueError, match="not alike"):
        merge({"paths": {"/x": {"get": {}}}}, {"paths": {"/x": {"post": {}}}})


def test_docs_name_every_route_and_load_nothing_from_elsewhere(stranger: Any) -> None:
    answer = stranger.get("/docs")
    paths = stranger.get("/openapi.json").json()["paths"]
    assert answer.status_code == 200
    assert all(f"<code>{path}</code>" in answer.text for path in paths)
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert "http://" not in answer.text.replace("http://127.0.0.1", "")
    assert "https://" not in answer.text
