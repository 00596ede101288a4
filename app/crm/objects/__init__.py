"""The declarations, one file an object. Adding a field is one line there (and a migration); an object is one module."""

from app.crm.objects.activity import ACTIVITY
from app.crm.objects.company import COMPANY
from app.crm.objects.deal import DEAL
from app.crm.objects.deal_contact import DEAL_CONTACT
from app.crm.objects.deal_team_member import DEAL_TEAM_MEMBER
from app.crm.objects.file import FILE
from app.crm.objects.note import NOTE
from app.crm.objects.person import PERSON
from app.crm.objects.support import PIPELINE, TEAM, USER
from app.crm.objects.task import TASK
from app.shared.contract import ObjectSpec

# Records before those that link to them: they are written in this order, and deleted for good in the other.
BUILT_IN: dict[str, ObjectSpec] = {
    spec.name: spec
    for spec in (
        COMPANY,
        PERSON,
        DEAL,
        TASK,
        NOTE,
        ACTIVITY,
        FILE,
        DEAL_CONTACT,
        DEAL_TEAM_MEMBER,
        USER,
        TEAM,
        PIPELINE,
    )
}
RECORD_OBJECTS = tuple(spec.name for spec in BUILT_IN.values() if spec.has_pages)
TYPED_OBJECTS = tuple(spec.name for spec in BUILT_IN.values() if spec.is_typed)
JOIN_OBJECTS = tuple(spec.name for spec in BUILT_IN.values() if spec.join)
ATTACHED_OBJECTS = tuple(spec.name for spec in BUILT_IN.values() if spec.attached)
WRITTEN_OBJECTS = (*RECORD_OBJECTS, *JOIN_OBJECTS)  # all that the change door writes
