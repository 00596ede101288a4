"""What admins settle of the models: the one in use, fetching, loading and deleting, the embedding model."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.chatbot.choices import Choices
from app.chatbot.models import ModelFailed
from app.chatbot.models.ollama import OllamaServer
from app.chatbot.models.pulling import Pull
from app.chatbot.models.shelf import Shelf
from app.chatbot.retrieval.index import Index
from app.crm.port import Crm
from app.shared.config import Settings, load
from app.shared.contract import Principal
from app.shared.db import Database
from app.shared.errors import Conflict
from tests.changes.helpers import create
from tests.chat.conftest import Bench, run
from tests.chat.model_server import FakeOllama, FakeOpenAI
from tests.chat.served import fake_ollama
from tests.outside import TEST_OLLAMA_URL, needs_ollama

TWO = ("tiny:latest", "other:latest")


def server_of(fake: FakeOllama, wanted: str = "") -> OllamaServer:
    return OllamaServer(fake.url, wanted, first_token=2, idle=2)


async def until(there: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def test_a_chosen_model_goes_before_the_first_and_outlives_a_restart(bench: Bench) -> None:
    async def body() -> None:
        async with FakeOllama(models=TWO) as fake:
            async with bench.chat(server_of(fake)) as chat:
                assert (await chat.find_model()).name == "tiny"
                assert (await chat.choose_model("other")).name == "other"
            async with bench.chat(server_of(fake)) as chat:
                assert (await chat.find_model()).name == "other"
                fake.models = ("tiny:latest",)  # deleted by other means: the next one serves
                assert (await chat.server.probe()).name == "tiny"
                assert (await chat.choose_model("")).name == "tiny"
            async with bench.chat(server_of(fake)) as chat:
                assert (await chat.find_model()).name == "tiny"

    run(body)


def test_the_environment_goes_before_a_choice(bench: Bench) -> None:
    async def body() -> None:
        async with FakeOllama(models=TWO) as fake, bench.chat(server_of(fake, "tiny")) as chat:
            assert (await chat.choose_model("other")).name == "tiny"

    run(body)


def test_the_models_are_listed_with_what_one_chooses_by() -> None:
    async def body() -> None:
        async with FakeOllama(models=TWO, loaded=False) as fake:
            shelf = Shelf(server_of(fake))
            found = {model.name: model for model in await shelf.models()}
            tiny = found["tiny"]
            assert (tiny.parameters, tiny.quantization, tiny.size) == ("1.2B", "Q4_K_M", 1_500_000_000)
            assert (tiny.context, tiny.longest, tiny.chats, tiny.memory) == (2048, 8192, True, None)
            await shelf.load("tiny")
            assert {model.name: model.memory for model in await shelf.models()} == {
                "tiny": 2_000_000_000,
                "other": None,
            }
            await shelf.unload("tiny")
            await shelf.delete("other")
            assert [(model.name, model.memory) for model in await shelf.models()] == [("tiny", None)]
            with pytest.raises(ModelFailed, match="isn't there any more"):
                await shelf.load("other")

    run(body)


def test_a_model_is_fetched_as_a_job_with_progress() -> None:
    async def body() -> None:
        async with FakeOllama(pause=0.02) as fake:
            pull = Pull(Shelf(server_of(fake)))
            assert pull.start("big").state == "running"
            with pytest.raises(Conflict, match="big is being fetched"):
                pull.start("other")
            seen = set()
            while pull.work and pull.work.is_active:
                seen.add((pull.work.done, pull.work.total))
                await asyncio.sleep(0.005)
            assert pull.work
            assert (pull.work.state, pull.work.done, pull.work.total) == ("done", 1000, 1000)
            assert {(200, 400), (700, 1000)} <= seen
            assert "big:latest" in fake.models

    run(body)


@pytest.mark.parametrize("way", ["stopped", "no library", "gone"])
def test_fetching_that_ends_early_says_how(way: str) -> None:
    async def body() -> None:
        async with FakeOllama(pause=0.02) as fake:
            fake.layers = () if way == "no library" else fake.layers
            pull = Pull(Shelf(server_of(fake)))
            pull.start("big")
            await until(lambda: bool(pull.work and pull.work.total) or way == "no library")
            if way == "stopped":
                await asyncio.to_thread(pull.stop)
            if way == "gone":
                await fake.end()
            await until(lambda: bool(pull.work and not pull.work.is_active))
            assert pull.work
            assert pull.work.state == ("canceled" if way == "stopped" else "failed")
            assert (pull.work.error or "").startswith("" if way == "stopped" else "big could not be fetched: ")
            assert "big:latest" not in fake.models

    run(body)


# --- over HTTP --------------------------------------------------------------------------------------------------------


def test_what_is_set_up_is_told_over_http(tmp_path: Path, sqlite_template: Path) -> None:
    with fake_ollama(FakeOllama(models=TWO)) as fake, served(tmp_path, sqlite_template, ollama=fake.url) as client:
        found = client.get("/chat/server").json()
        assert (found["kind"], found["url"]) == ("ollama", fake.url)
        assert {model["name"] for model in found["models"]} == {"tiny", "other"}
        assert found["qdrant"]["why"]
        assert client.put("/chat/server/model", json={"name": "other"}).json()["model"] == "other"
        assert client.post("/chat/server/load", json={"name": "ghost"}).status_code == 503
        assert client.delete("/chat/server/models?name=tiny").status_code == 204
        assert client.post("/chat/server/pull", json={"name": "../etc; rm"}).status_code == 422
        assert client.put("/chat/server/model", json={"name": "other", "more": 1}).status_code == 422


def test_another_kind_of_server_keeps_its_models_itself(tmp_path: Path, sqlite_template: Path) -> None:
    with fake_ollama(FakeOpenAI(models=TWO)) as fake, served(tmp_path, sqlite_template, openai=fake.url) as client:
        client.post("/chat/server/probe")
        found = client.get("/chat/server").json()
        assert (found["kind"], [model["name"] for model in found["models"]]) == ("openai", list(TWO))
        assert client.put("/chat/server/model", json={"name": TWO[1]}).json()["model"] == TWO[1]
        refused = client.post("/chat/server/pull", json={"name": "big"})
        assert (refused.status_code, refused.json()["detail"][:22]) == (409, "Models are kept by Oll")


def test_without_a_server_that_is_said(tmp_path: Path, sqlite_template: Path) -> None:
    with served(tmp_path, sqlite_template) as client:
        found = client.get("/chat/server").json()
        assert (found["kind"], found["model"], found["models"]) == ("none", None, [])
        assert client.put("/chat/index/model", json={"name": "nomic"}).status_code == 409


def served(folder: Path, template: Path, *, ollama: str = "", openai: str = "") -> Any:
    """A client of the whole host as an admin, over these model servers."""
    import shutil

    from starlette.testclient import TestClient

    from app.host import build
    from app.shared import instance
    from tests.conftest import add_user, bearer

    shutil.copyfile(template, folder / "crm.db")
    settings = load({"PARLEY_OLLAMA_URL": ollama, "PARLEY_OPENAI_URL": openai}, instance=folder)
    instance.create(settings)
    database = Database(settings.database)
    token = bearer(database, add_user(database, "Root", "admin"))
    database.close()
    client = TestClient(build(settings), base_url="http://127.0.0.1:5050", follow_redirects=False)
    client.headers["Authorization"] = f"Bearer {token}"
    return client


# --- the embedding model ----------------------------------------------------------------------------------------------


def test_another_embedding_model_waits_for_a_rebuild_and_then_serves(
    settings: Settings, crm: Crm, admin: Principal, tmp_path: Path
) -> None:
    create(crm.database, admin, "notes", body="They want to start in spring.")
    with fake_ollama(FakeOllama()) as fake:
        over = load(
            {"PARLEY_OLLAMA_URL": fake.url, "PARLEY_DATABASE_URL": settings.database_url}, instance=settings.instance
        )
        index = indexed(over, crm)
        assert (index.state()["model"], index.state()["next_model"]) == ("all-minilm-l6-v2-int8", None)
        index.choose("nomic")
        assert index.state()["next_model"] == "ollama-nomic"
        index.stop()
        index = indexed(over, crm)  # remembered, and the old one serves on
        assert (index.state()["model"], index.state()["next_model"]) == ("all-minilm-l6-v2-int8", "ollama-nomic")
        assert index.search(admin, "spring")
        assert index.reindex() == 1
        assert (index.state()["model"], index.state()["next_model"]) == ("ollama-nomic", None)
        index.choose("")
        assert index.state()["next_model"] == "all-minilm-l6-v2-int8"
        index.choose("nomic")
        assert index.state()["next_model"] is None
        index.stop()


def indexed(settings: Settings, crm: Crm) -> Index:
    index = Index(settings, crm, choices=Choices(crm.database))
    index.start()
    deadline = time.monotonic() + 20
    while index.state()["seq"] != crm.journal_end():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return index


# --- a real Ollama ----------------------------------------------------------------------------------------------------


@needs_ollama()
def test_a_real_ollama_is_listed_loaded_unloaded_and_says_why_it_cannot_fetch() -> None:
    async def body() -> None:
        shelf = Shelf(OllamaServer(str(TEST_OLLAMA_URL), "", first_token=30, idle=30))
        model = next(model for model in await shelf.models() if model.name == "smollm2")
        assert (model.chats, model.quantization != "", model.size > 50_000_000) == (True, True, True)
        await shelf.load("smollm2")
        assert next(one for one in await shelf.models() if one.name == "smollm2").memory
        await shelf.unload("smollm2")
        async with asyncio.timeout(30):  # it goes once its runner has ended
            while next(one for one in await shelf.models() if one.name == "smollm2").memory is not None:
                await asyncio.sleep(0.1)
        pull = Pull(shelf)
        pull.start("a-model-that-is-nowhere")
        await until(lambda: bool(pull.work and not pull.work.is_active), 60)
        assert pull.work
        assert pull.work.state == "failed"
        assert (pull.work.error or "").startswith("a-model-that-is-nowhere could not be fetched: ")

    run(body, 120)
