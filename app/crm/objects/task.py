from app.crm.objects.fields import STAMPS, TAGS, field, link, select
from app.shared.contract import ObjectSpec

TASK = ObjectSpec(
    "tasks",
    "task",
    "Tasks",
    "Task",
    (
        field("name", "Title", "text", "title", "task", required=True, searchable=True, listed=True),
        field("done", "Done", "boolean", "completed", "finished", listed=True, default=False),
        field("due_date", "Due", "date", "due", "deadline", listed=True),
        select("priority", "Priority", {"low": "Low", "normal": "Normal", "high": "High"}, hues=(1, 0, 4), listed=True),
        link("owner", "Assignee", "users", "tasks", "assignee", "assigned to", listed=True),
        link("company", "Company", "companies", "tasks", "account", listed=True),
        link("person", "Person", "people", "tasks", "contact"),
        link("deal", "Deal", "deals", "tasks", "opportunity"),
        link("after", "After", "tasks", "next_steps", "depends on", help="The task that comes before this one"),
        field("remind_at", "Reminder", "datetime", "remind", help="When to remind its assignee"),
        field("done_at", "Done at", "datetime", read_only=True),
        TAGS,
        field("description", "Description", "long_text", "details", searchable=True),
        *STAMPS,
    ),
    date_field="due_date",
    synonyms=("task", "to-do", "todo", "reminder", "follow-up"),
    icon="square-check",
)
