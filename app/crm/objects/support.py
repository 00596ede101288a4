"""Objects that records point to and that are kept in settings: readable over paths (`owner.name`, `owner.team`)."""

from app.crm.objects.fields import field, link
from app.shared.contract import ObjectSpec

USER = ObjectSpec(
    "users",
    "user",
    "Users",
    "User",
    (
        field("name", "Name", "text", required=True),
        field("email", "Email", "email"),
        field("active", "Active", "boolean"),
        link("team", "Team", "teams", "members"),
    ),
    synonyms=("user", "owner", "rep", "sales rep", "salesperson", "sales agent", "colleague"),
    icon="user",
    support=True,
)
TEAM = ObjectSpec(
    "teams", "team", "Teams", "Team", (field("name", "Name", "text", required=True),), icon="users", support=True
)
PIPELINE = ObjectSpec(
    "pipelines",
    "pipeline",
    "Pipelines",
    "Pipeline",
    (field("name", "Name", "text", required=True),),
    icon="columns",
    support=True,
)
