from app.crm.objects.fields import CURRENCY, STAMPS, TAGS, field, link, owner
from app.shared.contract import ObjectSpec

_CLOSING = {
    "listed": True,
    "help": "A deal that becomes won or lost closes today at the latest, unless a day is set with it",
}

DEAL = ObjectSpec(
    "deals",
    "deal",
    "Deals",
    "Deal",
    (
        field("name", "Name", "text", "deal name", "title", required=True, searchable=True, listed=True),
        link("company", "Company", "companies", "deals", "account", "customer", "client", listed=True),
        link("person", "Primary contact", "people", "deals", "contact"),
        link("pipeline", "Pipeline", "pipelines", None),
        field("stage", "Stage", "stage", "status", "phase", listed=True),
        field("amount", "Amount", "money", "value", "worth", "size", "price", "revenue", listed=True, minimum=0),
        CURRENCY,
        field("probability", "Probability", "number", "chance", "likelihood", integer=True, help="Percent, 0 to 100"),
        field("close_date", "Close date", "date", "closing date", "closed", "closes", "won on", "lost on", **_CLOSING),
        owner("rep", "sales rep", "salesperson", "sales agent", "seller", "closer", inverse="deals"),
        field("lost_reason", "Lost reason", "text", "reason lost", searchable=True),
        TAGS,
        field("description", "Description", "long_text", "about", searchable=True),
        field("stage_changed_at", "In stage since", "datetime", read_only=True),
        *STAMPS,
    ),
    date_field="close_date",
    synonyms=("deal", "opportunity", "sale", "order"),
    icon="handshake",
)
