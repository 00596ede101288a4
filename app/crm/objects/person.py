from app.crm.objects.fields import STAMPS, TAGS, field, link, owner
from app.shared.contract import ObjectSpec

PERSON = ObjectSpec(
    "people",
    "person",
    "People",
    "Person",
    (
        field("name", "Name", "text", "full name", required=True, searchable=True, listed=True),
        link("company", "Company", "companies", "people", "account", "employer", "works at", listed=True),
        field("title", "Job title", "text", "role", "position", "job", searchable=True, listed=True),
        field("email", "Email", "email", "e-mail", "mail", unique=True, searchable=True, listed=True),
        field("phone", "Phone", "phone", "telephone", "mobile", "number", listed=True),
        field("city", "City", "text", "town", searchable=True),
        field("country", "Country", "text", "location", searchable=True),
        owner("contact owner", inverse="people"),
        TAGS,
        field("description", "Description", "long_text", "about", searchable=True),
        *STAMPS,
    ),
    date_field="created_at",
    synonyms=("person", "contact", "lead contact", "individual"),
    icon="users",
)
