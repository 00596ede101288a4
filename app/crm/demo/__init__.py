"""The demo: a small maker of espresso machines and the cafés, hotels and offices that it sells to. All invented."""

from app.crm.demo import data
from app.crm.demo.load import is_empty, keep, kept, load, people

__all__ = ["data", "is_empty", "keep", "kept", "load", "people"]
