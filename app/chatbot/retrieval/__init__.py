"""Hybrid search over what was said or written: full text and vectors, fused; derived data that can be rebuilt."""

from app.chatbot.retrieval.index import Index

__all__ = ["Index"]
