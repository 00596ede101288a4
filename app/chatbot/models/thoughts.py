"""Thoughts that a model writes into its answer, between <think> and </think>, told apart from its words.

Servers with a field of their own for thoughts (Ollama's `thinking`, `reasoning_content`) need none of this; others hand
on what the model writes, as DeepSeek R1 and Qwen 3 do: the marks at the very beginning of the answer, or only the
second mark where the first stands in the prompt's template.
"""

from dataclasses import replace

from app.chatbot.models import Piece

OPEN, CLOSE = "<think>", "</think>"


class Thoughts:
    """Splits one answer as it comes. Marks may be cut anywhere between chunks."""

    def __init__(self) -> None:
        self._state = "before"  # before the first word, thinking, or said: past all thoughts
        self._held = ""  # what may be a part of a mark

    def split(self, piece: Piece) -> Piece:
        """The chunk with its thoughts moved to where they belong."""
        if self._state == "said" or not (piece.text or self._held):
            return piece
        text, self._held = self._held + piece.text, ""
        thoughts = ""
        if self._state == "before":
            text = self._begin(text, last=piece.done)
        if self._state == "thinking":
            thoughts, text = self._think(text, last=piece.done)
        return replace(piece, text=text, thoughts=piece.thoughts + thoughts)

    def _begin(self, text: str, *, last: bool) -> str:
        begun = text.lstrip()
        if begun.startswith(OPEN):
            self._state = "thinking"
            return begun.removeprefix(OPEN)
        if OPEN.startswith(begun) and not last:
            self._held = text
            return ""
        self._state = "said"
        return text

    def _think(self, text: str, *, last: bool) -> tuple[str, str]:
        thoughts, mark, rest = text.partition(CLOSE)
        if mark:
            self._state = "said"
            return thoughts, rest.lstrip()
        kept = 0 if last else _tail(text)
        self._held = text[len(text) - kept :]
        return text[: len(text) - kept], ""


def _tail(text: str) -> int:
    """How many characters at the end may be the beginning of the closing mark."""
    return next((size for size in range(len(CLOSE) - 1, 0, -1) if text.endswith(CLOSE[:size])), 0)
