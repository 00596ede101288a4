"""The declarations, one file an object. Adding a field is one line there (and a migration); an object is one module."""

from app.crm.objects.activity import ACTIVITY
from app.crm.objects.company import COMPANY
from app.crm.objects.deal import DEAL
from app.crm.objects.note import NOTE
from app.crm.objects.person import PERSON
from app.crm.objects.support import PIPELINE, TEAM, USER
from app.crm.objects.task import TASK
from app.shared.contract import ObjectSpec

BUILT_IN: dict[str, ObjectSpec] = {
    spec.name: spec for spec in (COMPANY, PERSON, DEAL, TASK, NOTE, ACTIVITY, USER, TEAM, PIPELINE)
}
RECORD_OBJECTS = tuple(spec.name for spec in BUILT_IN.values() if not spec.support)
