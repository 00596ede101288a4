"""The lines of the journal in a timeline: their words, what unfolds, what folds into one, what can be undone."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from app.crm import changes
from app.crm.changes.history import SetFacts, facts
from app.crm.changes.ways import kind_of
from app.crm.pages import locale
from app.crm.pages.reader import Reader
from app.crm.pages.timeline_items import Item, Part, Step
from app.crm.pages.words import gettext as _
from app.crm.pages.words import ngettext
from app.shared.contract import Change, FieldSpec, Money, ObjectSpec, Principal, Record

TOGETHER = timedelta(minutes=10)  # changes of one person that are this near fold into one line
_SHOWN = 3  # changed fields that a line names before it only counts them


def value_text(spec: FieldSpec | None, value: Any) -> str:
    """A value of the journal as text; a link and a stage hold their words, an empty value is a dash."""
    if value in (None, "", [], ()):
        return "–"
    if isinstance(value, Mapping):
        if "amount" in value:
            from decimal import Decimal

            from app.shared.money import digits

            currency = str(value.get("currency") or "USD")
            minor = int(Decimal(str(value["amount"])).scaleb(digits(currency)))
            return locale.money(Money(minor, currency))
        return str(value.get("label") or _("a hidden record"))
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if spec is not None and isinstance(value, str):
        return _typed_text(spec, value)
    if spec is not None and spec.name == "probability" and spec.custom_id is None:
        return f"{value}%"  # as the record's page has it
    return locale.plain(value)


def _typed_text(spec: FieldSpec, value: str) -> str:
    if spec.type == "date":
        return locale.day(date.fromisoformat(value))
    if spec.type == "datetime":
        return locale.moment(datetime.fromisoformat(value))
    if spec.type == "select":
        return next((option.label for option in spec.options if option.key == value), value)
    return value if len(value) <= 120 else f"{value[:117]}…"


def _steps(spec: ObjectSpec, line: Change) -> tuple[Step, ...]:
    made: list[Step] = []
    for name, new in line.after.items():
        field = spec.field(name)
        if field is None or field.read_only:
            continue
        step = Step(_(field.label), value_text(field, line.before.get(name)), value_text(field, new))
        made.insert(0 if name == "stage" else len(made), step)
    return tuple(made)


def _change_words(spec: ObjectSpec, line: Change) -> tuple[str, str]:
    what = _(spec.label_one).lower()
    words = {
        "create": (_("created this %(what)s", what=what), "circle-plus"),
        "trash": (_("moved this %(what)s to the trash", what=what), "trash-2"),
        "restore": (_("restored this %(what)s", what=what), "undo-2"),
        "purge": (_("deleted this %(what)s", what=what), "trash-2"),
    }
    return words.get(line.action, ("", "pencil"))


def _of_join(spec: ObjectSpec, line: Change, record: Record, what: str) -> Item:
    """A change of a connection on the page of one of its ends; the line is called after the other."""
    kind = kind_of(spec)
    role = value_text(kind, line.after.get(kind.name)) if kind and line.after.get(kind.name) else ""
    said = {"who": line.label, "role": role, "what": what}
    words = _on_first(line.action, said) if record.object == spec.ends[0].target else _on_other(line.action, said)
    steps = _steps(spec, line) if line.action == "update" else ()
    return Item("changes", line.at, _who(line), "users", words, None, steps, seq=line.seq)


def _on_first(action: str, said: Mapping[str, str]) -> str:
    """On a deal's page, of its contacts and its team."""
    texts = {
        "create": _("added %(who)s as %(role)s", **said) if said["role"] else _("added %(who)s", **said),
        "trash": _("removed %(who)s", **said),
        "restore": _("added %(who)s again", **said),
        "update": _("changed what %(who)s is here", **said),
    }
    return texts.get(action, "")


def _on_other(action: str, said: Mapping[str, str]) -> str:
    """On a person's page, of a deal."""
    with_role = _("added this %(what)s to %(who)s as %(role)s", **said)
    texts = {
        "create": with_role if said["role"] else _("added this %(what)s to %(who)s", **said),
        "trash": _("removed this %(what)s from %(who)s", **said),
        "restore": _("added this %(what)s to %(who)s again", **said),
        "update": _("changed what this %(what)s is in %(who)s", **said),
    }
    return texts.get(action, "")


def _of_change(spec: ObjectSpec, line: Change) -> Item:
    words, icon = _change_words(spec, line)
    steps = _steps(spec, line) if line.action == "update" else ()
    lead = steps[0] if len(steps) == 1 or (steps and "stage" in line.after) else None
    rest = steps[1:] if lead else steps
    if lead is None and len(rest) > _SHOWN:
        words = ngettext("changed %(num)d field", "changed %(num)d fields", len(rest))
    if "stage" in line.after and line.action == "update":
        icon = "move-right"
    return Item("changes", line.at, _who(line), icon, words, lead, rest, seq=line.seq)


def _who(line: Change) -> str:
    return line.author if line.channel in ("page", "api") else f"{line.author} ({_channel(line.channel)})"


def _channel(channel: str) -> str:
    return {"import": _("import"), "cli": _("command line"), "assistant": _("assistant"), "system": _("system")}[
        channel
    ]


# --- reading them -----------------------------------------------------------------------------------------------------


def lines(reader: Reader, record: Record, limit: int, before: int | None, channel: str | None) -> list[Item]:
    """A record's lines, newest first, each with whether it can be undone; not folded yet."""
    spec = reader.catalog[record.object]
    found = changes.history(reader.connection, reader.principal, record.object, record.id, limit, before, channel)
    known = facts(reader.connection, (line.change_set for line in found)) if found else {}
    made: list[Item] = []
    since: set[str] = set()
    for line in found:
        joins = line.object != record.object and line.object in reader.catalog.objects
        one = _(spec.label_one).lower()
        item = _of_join(reader.catalog[line.object], line, record, one) if joins else _of_change(spec, line)
        latest = before is None and channel is None and not joins and not since & {"*", *line.after}
        since |= set() if joins else {*line.after, *_everything(line)}
        if item.words or item.lead or item.rest:
            item = replace(item, at=min([line.at, *(above.at for above in made[-1:])]))  # a clock can go back
            latest = latest and not record.trashed_at
            facts_ = known.get(line.change_set)
            is_undoable = latest and _can_be_undone(reader.principal, line, facts_)
            made.append(_with_facts(item, line, facts_, is_undoable=is_undoable, own=not joins))
    return made


def _everything(line: Change) -> set[str]:
    """After a record went to the trash or came back, what was before can't be taken back by itself."""
    return {"*"} if line.action != "update" else set()


def _can_be_undone(who: Principal, line: Change, known: SetFacts | None) -> bool:
    """A change of this record alone; of several at once (a stage was retired, a list was edited) by whoever made it and
    by admins: others mustn't learn how many there were, and can't see them all. An import is undone on its own page."""
    if known is None or known.is_undone or line.action != "update":
        return False
    return known.count == 1 or (line.channel != "import" and (who.is_admin or line.author_id == who.user_id))


def _with_facts(item: Item, line: Change, known: SetFacts | None, *, is_undoable: bool, own: bool) -> Item:
    if known is None:
        return item
    folds = own and line.action == "update" and "stage" not in line.after  # a move stands alone
    steps = (item.lead, *item.rest) if item.lead else item.rest
    part = Part(line.at, steps, line.change_set if is_undoable else None, known.count)
    return replace(
        item,
        parts=(part,),
        is_undone=known.is_undone,
        proposed=known.was_proposed and line.channel == "assistant",
        hand=(line.author_id, line.channel) if folds else None,
        change_set=line.change_set,
    )


def folded(items: Sequence[Item]) -> list[Item]:
    """Neighbouring changes by one hand within minutes, as one line that unfolds to each."""
    made: list[Item] = []
    for item in items:
        if made and _belongs(made[-1], item):
            made[-1] = _joined(made[-1], item)
        else:
            made.append(item)
    return made


def _belongs(above: Item, item: Item) -> bool:
    """Whether an older change stands in the line of the newer one above it. What was proposed stands alone."""
    both = above.hand is not None and above.hand == item.hand and above.kind == item.kind == "changes"
    plain = not (above.proposed or item.proposed or above.is_undone or item.is_undone)
    return both and plain and bool(above.parts and item.parts) and above.parts[-1].at - item.at <= TOGETHER


def _joined(above: Item, item: Item) -> Item:
    parts = (*above.parts, *item.parts)
    steps = _net(parts)
    lead = steps[0] if len(steps) == 1 else None
    words = "" if 1 < len(steps) <= _SHOWN else ngettext("changed %(num)d field", "changed %(num)d fields", len(steps))
    said = "" if lead else words if steps else _("changed something and changed it back")
    rest = () if lead else steps
    return replace(above, icon="pencil", words=said, lead=lead, rest=rest, parts=parts, change_set=None)


def _net(parts: Sequence[Part]) -> tuple[Step, ...]:
    """What the parts came to: each field from its first old value to its last new one; what came back is left out."""
    first: dict[str, str] = {}
    last: dict[str, str] = {}
    for part in reversed(parts):
        for step in part.steps:
            first.setdefault(step.field, step.old)
            last[step.field] = step.new
    return tuple(Step(name, old, last[name]) for name, old in first.items() if old != last[name])
