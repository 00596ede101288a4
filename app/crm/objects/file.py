from app.crm.objects.fields import STAMPS, TAGS, field, link, owner
from app.shared.contract import ObjectSpec

FILE = ObjectSpec(
    "files",
    "file",
    "Files",
    "File",
    (
        field("name", "Name", "text", "file name", required=True, searchable=True, listed=True),
        field("media_type", "Media type", "text", read_only=True),
        field("size", "File size", "number", integer=True, read_only=True, listed=True),
        field("sha256", "SHA-256", "text", read_only=True),
        field("text", "Text of the file", "long_text", searchable=True, read_only=True),
        link("company", "Company", "companies", "files", listed=True),
        link("person", "Person", "people", "files"),
        link("deal", "Deal", "deals", "files", listed=True),
        link("task", "Task", "tasks", "files"),
        link("note", "Note", "notes", "files"),
        link("activity", "Activity", "activities", "files"),
        owner(inverse="files"),
        TAGS,
        *STAMPS,
    ),
    date_field="created_at",
    synonyms=("file", "attachment"),
    icon="paperclip",
    attached=True,
)
