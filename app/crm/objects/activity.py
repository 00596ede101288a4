from app.crm.objects.fields import STAMPS, TAGS, field, link, select
from app.shared.contract import ObjectSpec

ACTIVITY = ObjectSpec(
    "activities",
    "activity",
    "Activities",
    "Activity",
    (
        field("name", "Subject", "text", "subject", "title", searchable=True, listed=True),
        select(
            "kind", "Kind", {"call": "Call", "email": "Email", "meeting": "Meeting"}, "type", required=True, listed=True
        ),
        select(
            "status",
            "Status",
            {"scheduled": "Scheduled", "completed": "Completed", "canceled": "Canceled"},
            listed=True,
        ),
        field("date", "Date", "datetime", "when", "on", required=True, listed=True),
        link("company", "Company", "companies", "activities", "account", listed=True),
        link("person", "Person", "people", "activities", "contact", "with", listed=True),
        link("deal", "Deal", "deals", "activities", "opportunity"),
        link("owner", "Owner", "users", "activities", "by", listed=True),
        field("body", "Text", "long_text", "summary", "text", "content", searchable=True),
        TAGS,
        *STAMPS,
    ),
    date_field="date",
    synonyms=("activity", "interaction", "conversation", "touch"),
    icon="activity",
)
