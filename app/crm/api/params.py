"""Query parameters of the routes that aren't lists of records: known ones only, each checked."""

from difflib import get_close_matches

from flask import request

from app.crm.api.bodies import check_text
from app.shared.errors import FieldError, Invalid


def only(*known: str) -> dict[str, str]:
    """The parameters. Raises Invalid naming those that are unknown, with what is near, or that stand twice."""
    errors: list[FieldError] = []
    for name in request.args:
        check_text(name, "parameter")
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            errors.append(FieldError(name, f"There is no parameter {name!r} here.{hint}"))
        elif len(request.args.getlist(name)) > 1:
            errors.append(FieldError(name, f"{name!r} stands more than once."))
    if errors:
        raise Invalid(" ".join(error.message for error in errors), errors)
    for name, value in request.args.items():
        check_text(value, name)
    return dict(request.args.items())


def whole(given: dict[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to `most`. Raises Invalid."""
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= most):
        message = f"{name} is {text!r}: expected a whole number from 1 to {most:,}."
        raise Invalid(message, [FieldError(name, message)])
    return int(text)


def choice(given: dict[str, str], name: str, default: str | None, *allowed: str) -> str | None:
    """One of several words. Raises Invalid."""
    value = given.get(name, default)
    if value is not None and value not in allowed:
        message = f"{name} is {value!r}: expected {', '.join(allowed)}."
        raise Invalid(message, [FieldError(name, message)])
    return value


def cursor(given: dict[str, str]) -> int | None:
    """Where the next page begins: an id that an earlier answer gave."""
    text = given.get("cursor")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        message = "This cursor is none that an answer gave."
        raise Invalid(message, [FieldError("cursor", message)])
    return int(text)
