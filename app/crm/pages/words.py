"""Texts of the pages: marked for translation, looked up in the user's language, with the standard library alone."""

from functools import lru_cache
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[2] / "translations"


@lru_cache(maxsize=16)
def _catalogue(language: str) -> NullTranslations:
    return translation("messages", localedir=str(_FOLDER), languages=[language], fallback=True)


def _language() -> str:
    from app.crm.pages.locale import language

    return language()


def gettext(text: str, /, **values: Any) -> str:
    """The text in the user's language, with `%(name)s` filled in."""
    found = _catalogue(_language()).gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """The text for `num` things; `%(num)d` is there without being given."""
    found = _catalogue(_language()).ngettext(one, many, num)
    return found % {"num": num, **values}


_ = gettext
