from app.crm.objects.fields import STAMPS, TAGS, field, link
from app.shared.contract import ObjectSpec

NOTE = ObjectSpec(
    "notes",
    "note",
    "Notes",
    "Note",
    (
        field("name", "Title", "text", "title", "subject", searchable=True, listed=True),
        field("body", "Text", "long_text", "text", "content", required=True, searchable=True, listed=True),
        link("company", "Company", "companies", "notes", "account", listed=True),
        link("person", "Person", "people", "notes", "contact", listed=True),
        link("deal", "Deal", "deals", "notes", "opportunity"),
        link("owner", "Author", "users", "notes", "author", "written by", listed=True),
        field("private", "Private", "boolean", help="Only its author can see it", default=False),
        field("pinned", "Pinned", "boolean", help="Stands above the timeline", default=False),
        TAGS,
        *STAMPS,
    ),
    date_field="created_at",
    synonyms=("note", "memo"),
    icon="sticky-note",
)
