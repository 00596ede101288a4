"""Orders: "remind me to call her on Friday" becomes a proposed change, which a person applies or rejects.

An order is recognised by its form alone (`grammar`); the records, fields and values that it names are looked up in the
catalog and the data. Nothing is ever written here: the Change door keeps the proposal and applies it as the user.
"""

from app.chatbot.orders.answering import answer

__all__ = ["answer"]
