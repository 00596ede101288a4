from app.crm.objects.fields import STAMPS, field, link, select
from app.shared.contract import ObjectSpec

DEAL_CONTACT = ObjectSpec(
    "deal_contacts",
    "deal_contact",
    "Deal contacts",
    "Deal contact",
    (
        link("deal", "Deal", "deals", "contacts", required=True, listed=True),
        link("person", "Person", "people", "deal_roles", required=True, listed=True),
        select(
            "role",
            "Role",
            {
                "champion": "Champion",
                "economic_buyer": "Economic buyer",
                "decision_maker": "Decision maker",
                "technical_evaluator": "Technical evaluator",
                "procurement": "Paper process",
                "legal": "Legal",
                "influencer": "Influencer",
                "user": "User",
                "coach": "Coach",
                "blocker": "Blocker",
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

# What MEDDPICC asks to know of the people behind a deal: each part, and the roles that cover it.
COVERAGE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Economic buyer", ("economic_buyer",)),
    ("Decision criteria", ("technical_evaluator",)),
    ("Decision process", ("decision_maker",)),
    ("Paper process", ("procurement", "legal")),
    ("Champion", ("champion",)),
)
