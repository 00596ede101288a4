"""Understanding without a model: a question to a Reading, exactly or not at all."""

from app.chatbot.understanding.cache import Lexicons, lexicons
from app.chatbot.understanding.frame import Frame, Having, Reading, Term
from app.chatbot.understanding.lexicon import Lexicon
from app.chatbot.understanding.read import read

__all__ = ["Frame", "Having", "Lexicon", "Lexicons", "Reading", "Term", "lexicons", "read"]
