"""Any server that speaks OpenAI's protocol: chosen, asked, and asked for JSON in the way that it understands."""

from dataclasses import replace

import pytest

from app.chatbot.models import Message
from app.chatbot.models.openai import OpenAIServer
from app.chatbot.service import model_server
from app.shared.config import Settings
from app.shared.contract import Principal
from tests.chat.conftest import Bench, events_of, run
from tests.chat.model_server import FakeOpenAI

SCHEMA = {"type": "object", "properties": {"object": {"type": "string"}}}


def test_its_words_come_as_they_are_written(bench: Bench, member: Principal) -> None:
    async def body() -> None:
        async with bench.with_model(FakeOpenAI()) as chat:
            seen = await events_of(chat, member)
            assert seen[-1].data["model"] == "tiny:latest"
            assert seen[-1].data["answer"].endswith("Darcel won 2 deals. Well done.")
            assert chat.model.context == 2048

    run(body)


@pytest.mark.parametrize("schemas", [True, False])
def test_json_is_asked_for_by_schema_or_by_the_word_alone(schemas: bool) -> None:
    async def body() -> None:
        async with FakeOpenAI(schemas=schemas, replies=['{"object": "deals"}'] * 2) as fake:
            server = OpenAIServer(fake.url, "", first_token=1, idle=1)
            await server.probe()
            for _ in range(2):
                words = [piece.text async for piece in server.stream([Message("user", "deals?")], schema=SCHEMA)]
                assert "".join(words) == '{"object": "deals"}'
            asked = [request["response_format"]["type"] for request in fake.requests]
            assert asked == ["json_schema", "json_schema"] if schemas else ["json_object", "json_object"]
            await server.close()

    run(body)


@pytest.mark.parametrize(
    ("models", "wanted", "name"),
    [
        (("nomic-embed-text", "qwen"), "", "qwen"),
        (("qwen", "llama"), "llama", "llama"),
        (("qwen",), "other", None),
    ],
)
def test_the_model_in_use_is_the_named_one_or_the_first_that_chats(
    models: tuple[str, ...], wanted: str, name: str | None
) -> None:
    async def body() -> None:
        async with FakeOpenAI(models=models) as fake:
            server = OpenAIServer(fake.url, wanted, first_token=1, idle=1)
            state = await server.probe()
            await server.close()
            assert state.name == name
            assert name or "it has no model 'other'" in state.reason

    run(body)


def test_a_server_that_is_set_up_goes_before_ollama_and_its_key_is_never_shown(settings: Settings) -> None:
    both = replace(settings, openai_url="http://127.0.0.1:9/v1", openai_key="sk-secret")
    assert isinstance(model_server(both), OpenAIServer)
    assert "sk-secret" not in repr(both)
