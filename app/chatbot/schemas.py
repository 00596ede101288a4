"""The assistant's requests and answers as types: what FastAPI checks, and what `/openapi.json` says."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_validator, model_validator

LONGEST_QUESTION = 2000  # characters
LARGEST = 2**63 - 1  # the largest id that a database holds


class Closed(BaseModel):
    """Unknown fields are refused: a typo is an error, not a wider answer."""

    model_config = ConfigDict(extra="forbid")


class AskContext(Closed):
    """What the asker has in view: a record, or a page of the CRM by its address."""

    object: str | None = Field(None, max_length=64)
    id: int | None = Field(None, ge=0, le=LARGEST)
    url: str | None = Field(None, max_length=4000, description="Path and query of the page, as /deals?stage=won")

    @model_validator(mode="after")
    def names_one_thing(self) -> "AskContext":
        if bool(self.url) == bool(self.object and self.id) or bool(self.object) != bool(self.id):
            raise ValueError("give either url, or object and id")
        return self


class Ask(Closed):
    question: str = Field(max_length=LONGEST_QUESTION, examples=["How many deals did we win last quarter?"])
    conversation_id: int | None = Field(None, ge=0, le=LARGEST)
    context: AskContext | None = None
    model: bool = Field(True, description="false: without a model, though there is one")

    @field_validator("question")
    @classmethod
    def says_something(cls, value: str) -> str:
        if not value.strip() or "\x00" in value:
            raise ValueError("ask something in words")
        return value.strip()


class WsAsk(Ask):
    type: Literal["ask"]
    ref: str | None = Field(None, max_length=64, description="Comes back with `started`, or with the `error`")


class WsStop(Closed):
    type: Literal["stop"]
    message_id: int = Field(ge=0, le=LARGEST)


class WsWatch(Closed):
    """Be told of what is asked in a conversation elsewhere, in another tab or browser; null: of none."""

    type: Literal["watch"]
    conversation_id: int | None = Field(None, ge=0, le=LARGEST)


class WsResume(Closed):
    type: Literal["resume"]
    message_id: int = Field(ge=0, le=LARGEST)
    after: int = Field(0, ge=0, le=LARGEST)


class Citation(BaseModel):
    object: str
    id: int
    label: str
    url: str


class AnswerFigure(BaseModel):
    label: str
    value: float | int | str | None = Field(description="A JSON number; money in major units, a rate in percent")
    unit: str | None = Field(description="A currency, %, or nothing")


class AnswerPassage(Citation):
    """A quote with its citation: the record that it stands in."""

    text: str
    date: str | None
    author: str | None
    links: list[Citation]
    score: float


class AnswerReading(BaseModel):
    question: str
    query: dict[str, JsonValue] | None


class FinishedAnswer(BaseModel):
    """A finished answer. Figures and rows are computed, never written by a model."""

    conversation_id: int
    message_id: int
    answer: str
    figures: list[AnswerFigure]
    rows: list[dict[str, Any]] = Field(description="The records or groups of the result, at most 50")
    columns: list[dict[str, Any]] = Field(description="How to show the rows: name, label, type")
    query: dict[str, JsonValue] | None
    url: str | None = Field(description="Opens all of the rows in the CRM")
    chips: list[str] = Field(description="The query's conditions as short phrases")
    passages: list[AnswerPassage]
    readings: list[AnswerReading] = Field(
        description="The nearest readings, where it abstains; the question by itself, where it goes on"
    )
    unread: list[str] = Field(description="The words that it couldn't place")
    citations: list[Citation]
    proposals: list[dict[str, Any]]
    mode: Literal["exact", "search", "model", "none"]
    model: str | None
    notes: list[str] = Field(description="What was left out, fell back or was assumed, in sentences")
    thoughts: str = Field("", description="What the model thought before it wrote; no part of the answer, unchecked")


class ConversationSummary(BaseModel):
    id: int
    title: str
    created_at: datetime
    updated_at: datetime


class ConversationList(BaseModel):
    items: list[ConversationSummary]
    next_cursor: str | None
    total: int


class ConversationTurn(BaseModel):
    message_id: int
    question: str
    state: Literal["running", "done", "stopped", "failed"]
    answer: FinishedAnswer | None
    created_at: datetime
    finished_at: datetime | None
    rating: Literal["up", "down"] | None
    rating_reason: str | None


class Conversation(ConversationSummary):
    messages: list[ConversationTurn] = Field(description="Oldest first")
    has_earlier: bool


class Rating(Closed):
    rating: Literal["up", "down"] | None
    reason: str | None = Field(None, max_length=500, description="What was wrong, or right")


class Rename(Closed):
    title: str = Field(max_length=200)

    @field_validator("title")
    @classmethod
    def one_line(cls, value: str) -> str:
        if not value.split() or "\x00" in value:
            raise ValueError("a title needs a word")
        return " ".join(value.split())


class ModelState(BaseModel):
    model: str | None = Field(description="The model in use; null where answers come without one")
    reason: str = Field(description="Why there is none")


class Suggestions(BaseModel):
    questions: list[str]


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] = []
