"""A proposal put otherwise before it is applied: its author, or an admin, changes what it would do."""

from app.crm import catalog
from app.crm.changes import plan, store, validate
from app.crm.changes.context import Context
from app.crm.changes.propose import kept, opened
from app.shared.contract import ChangeSet, Principal, StoredChangeSet
from app.shared.db import Database


def revise(database: Database, principal: Principal, change_set: int, changes: ChangeSet) -> StoredChangeSet:
    """Replace the operations of a proposal; its title too where one is given. It keeps its number and its time.

    Raises Conflict where it isn't open any more, and what proposing the new operations would raise.
    """
    validate.allowed(principal, changes)
    with database.write() as connection:
        opened(connection, principal, change_set)
        context = Context(connection, principal, catalog.load(connection))
        drafts = validate.drafts(context.catalog, principal, changes, context.problems, lenient=False)
        operations = kept(context, plan.build(context, drafts), changes)
        title = {"title": changes.title} if changes.title else {}
        store.put(connection, change_set, operations=operations, count=len(operations), **title)
        return store.read(connection, principal, change_set)
