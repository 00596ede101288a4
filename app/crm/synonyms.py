"""The workspace's own words: what people here call an object, a field, an option, a stage, a user, a team, a pipeline.

They are part of the catalog (`app.crm.spoken`), so the assistant, imports and everything else that goes by words knows
them at once. A word means one thing: one that means something already is refused.
"""

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from app.crm.customnames import bad, checked_label, log
from app.crm.schema import TABLES, synonyms, users
from app.crm.spoken import Target, stored, target
from app.shared.contract import Catalog, ObjectSpec, Principal
from app.shared.db import text_key
from app.shared.errors import Forbidden, NotFound
from app.shared.types import utc_now

LONGEST = 40  # characters of a word
MOST = 500  # words of a workspace: each question is compared with all of them
# Words that make a question: one of them with a meaning of its own would bend every question that has it.
_GRAMMAR = frozenset(
    "a about above after all am an and any are as at average avg before below best between big biggest by can count "
    "compare did do does each every few find first for from get give had has have her him his how i in is it its last "
    "latest least less list many max me min month more most much my next no none not now number of on open or our over "
    "per please quarter rate share show since sum than that the their them there these they this those to today "
    "tomorrow top total trend under us was we week were what when where which who whom why will with without won lost "
    "year yesterday you your".split()
)


def word_key(word: str) -> str:
    """The key by which words meet: letters and digits alone."""
    return re.sub(r"[\W_]+", "", text_key(word) or "")


def add(connection: Connection, catalog: Catalog, wanted: str, word: str, *, actor: Principal) -> Row[Any]:
    """Let a word stand for a target. Raises Invalid where it can't, or means something already."""
    _only_admins(actor)
    aim = target(wanted.strip())
    name = label(connection, catalog, aim)
    if name is None:
        raise bad("target", "There is nothing of that kind here.")
    row = {"target": aim.key, **_checked(connection, catalog, word), "created_at": utc_now()}
    made = connection.execute(insert(synonyms).values(**row, created_by_id=actor.user_id).returning(synonyms)).one()
    _bump(connection)
    log(connection, actor, "synonym.created", word=made.word, means=name)
    return made


def _checked(connection: Connection, catalog: Catalog, given: str) -> dict[str, str]:
    word = checked_label(given, "word")
    key = word_key(word)
    if len(word) > LONGEST or len(word.split()) > 4:
        raise bad("word", f"Expected up to four words and {LONGEST} characters.")
    if len(key) < 2 or key.isdigit():
        raise bad("word", "Expected at least two letters; a number means itself.")
    if all(part in _GRAMMAR for part in (text_key(word) or "").split()):
        raise bad("word", f"“{word}” makes questions; it can't also be a name.")
    if means := meaning(connection, catalog, key):
        raise bad("word", f"“{word}” already means {means}.")
    if len(stored(connection)) >= MOST:
        raise bad("word", f"There are {MOST} words already, which is the most.")
    return {"word": word, "word_key": key}


def remove(connection: Connection, id: int, *, actor: Principal) -> None:
    """Forget a word. Raises NotFound."""
    _only_admins(actor)
    row = connection.execute(select(synonyms).where(synonyms.c.id == id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no word {id}.")
    connection.execute(delete(synonyms).where(synonyms.c.id == id))
    _bump(connection)
    log(connection, actor, "synonym.deleted", word=row.word)


def _only_admins(actor: Principal) -> None:
    if not (actor.is_admin and actor.can_write):
        raise Forbidden("Only an admin can change the workspace's words.")


def _bump(connection: Connection) -> None:
    from app.crm import catalog

    catalog.bump(connection)


# --- what words mean -------------------------------------------------------------------------------------------------


def label(connection: Connection, catalog: Catalog, aim: Target) -> str | None:
    """What a target is called, as “Deals › Stage: Won”; None where there is no such thing."""
    spec = catalog.objects.get(aim.object)
    if spec is None or spec.join:
        return None
    if aim.id is not None:
        return _record_name(connection, spec, aim.id)
    if aim.field is None:
        return spec.label
    item = spec.field(aim.field)
    if item is None:
        return None
    name = f"{spec.label} › {item.label}"
    if aim.value is None:
        return name
    option = next((one for one in item.options if one.key == aim.value), None)
    return f"{name}: {option.label}" if option else None


def _record_name(connection: Connection, spec: ObjectSpec, id: int) -> str | None:
    if not spec.support:
        return None
    table = TABLES[spec.name]
    name = connection.scalar(select(table.c.name).where(table.c.id == id))
    return str(name) if name is not None else None


def meaning(connection: Connection, catalog: Catalog, key: str) -> str | None:
    """What a word means already, by its key; None where it is free."""
    for spec in catalog.objects.values():
        for words, name in _meanings(spec):
            if key in {word_key(word) for word in words}:
                return name
    return _called(connection, key)


def _meanings(spec: ObjectSpec) -> Iterator[tuple[tuple[str, ...], str]]:
    if spec.join:
        return
    yield (spec.name, spec.singular, spec.label, spec.label_one, *spec.synonyms), spec.label
    for item in spec.fields:
        name = f"{spec.label} › {item.label}"
        yield (item.name, item.label, *item.synonyms), name
        for option in item.options:
            yield (option.key, option.label, *option.synonyms), f"{name}: {option.label}"


def _called(connection: Connection, key: str) -> str | None:
    """A user, team or pipeline that is called so, or has this word already."""
    names = [row for name in ("users", "teams", "pipelines") for row in _names(connection, name)]
    for _key, name in names:
        if word_key(name) == key:
            return name
    row = connection.execute(select(synonyms).where(synonyms.c.word_key == key)).one_or_none()
    return dict(names).get(row.target, "something that is gone") if row else None


def _names(connection: Connection, object: str) -> list[tuple[str, str]]:
    """(target, name) of every user, team or pipeline."""
    table = TABLES[object]
    found = select(table.c.id, table.c.name).order_by(table.c.name, table.c.id)
    if object == "users":
        found = found.where(users.c.active)
    return [(f"{object}/{row.id}", str(row.name)) for row in connection.execute(found)]


def choices(connection: Connection, catalog: Catalog) -> list[tuple[str, list[tuple[str, str]]]]:
    """Everything that a word can stand for, in groups of (target, label), for a form."""
    groups = [("Kinds of records", [(spec.name, spec.label) for spec in catalog.objects.values() if spec.has_pages])]
    for spec in catalog.objects.values():
        if spec.has_pages:
            groups.append((spec.label, list(_field_choices(spec))))
    for name, heading in (("users", "Users"), ("teams", "Teams"), ("pipelines", "Pipelines")):
        if named := _names(connection, name):
            groups.append((heading, named))
    return groups


def _field_choices(spec: ObjectSpec) -> Iterator[tuple[str, str]]:
    for item in spec.fields:
        yield f"{spec.name}.{item.name}", item.label
        seen: set[str] = set()
        for option in item.options:
            if option.key not in seen:  # stages of several pipelines may share a key, and its meaning
                seen.add(option.key)
                yield f"{spec.name}.{item.name}={option.key}", f"{item.label}: {option.label}"
