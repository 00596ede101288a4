from app.crm.objects.fields import STAMPS, field, link, select
from app.shared.contract import ObjectSpec

DEAL_TEAM_MEMBER = ObjectSpec(
    "deal_team",
    "deal_team_member",
    "Deal team",
    "Team member",
    (
        link("deal", "Deal", "deals", "team", required=True, listed=True),
        link("user", "User", "users", "deal_teams", required=True, listed=True),
        select(
            "role",
            "Role",
            {
                "account_executive": "Account executive",
                "sales_engineer": "Sales engineer",
                "customer_success": "Customer success",
                "sales_development": "Sales development",
                "partner_manager": "Partner manager",
                "executive_sponsor": "Executive sponsor",
                "legal": "Legal",
            },
            listed=True,
        ),
        field("note", "Note", "text"),
        *STAMPS,
    ),
    label_field="role",
    icon="users",
    join=True,
)
