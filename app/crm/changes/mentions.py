"""Who and what is mentioned in long texts: links as `[Anna](/users/12)` and `[Big deal](/deals/5)`, kept in a table.

Written with the text itself, so that a record finds the texts that mention it, and users those that name them.
"""

import re
from typing import Any

from sqlalchemy import delete, insert, tuple_

from app.crm.changes import rows
from app.crm.changes.codec import State
from app.crm.changes.context import Context
from app.crm.changes.rows import Work
from app.crm.objects import RECORD_OBJECTS
from app.crm.schema import mentions
from app.shared.contract import ObjectSpec

MOST = 100  # mentions of one record that are kept
_LINK = re.compile(rf"\]\(/(users|{'|'.join(RECORD_OBJECTS)})/(\d{{1,15}})\)")
Targets = tuple[tuple[str, int], ...]


def named(spec: ObjectSpec, state: State) -> Targets:
    """What the long texts of a record link to, each once, in the order in which it is named first."""
    texts = (state.get(field.name) for field in spec.fields if field.type == "long_text" and not field.read_only)
    found = (match for text in texts if text and "](/" in text for match in _LINK.finditer(text))
    return tuple(dict.fromkeys((match[1], int(match[2])) for match in found))[:MOST]


def write(context: Context, works: list[Work]) -> None:
    """Bring the mentions of these records up to date; most name nothing, and cost no statement."""
    stale: list[tuple[str, int]] = []
    made: list[dict[str, Any]] = []
    for work in works:
        before = () if work.created else named(work.spec, work.was)
        after = () if work.purged else named(work.spec, work.state)
        if before == after:
            continue
        if before:
            stale.append(work.key)
        object, id = work.key
        made += [{"object": object, "record_id": id, "target": name, "target_id": other} for name, other in after]
    for chunk in rows.chunks(stale):
        context.connection.execute(delete(mentions).where(tuple_(mentions.c.object, mentions.c.record_id).in_(chunk)))
    rows.execute(context.connection, insert(mentions), made)
