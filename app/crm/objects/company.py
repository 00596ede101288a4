from app.crm.objects.fields import CURRENCY, STAMPS, TAGS, field, link, owner
from app.shared.contract import ObjectSpec

COMPANY = ObjectSpec(
    "companies",
    "company",
    "Companies",
    "Company",
    (
        field("name", "Name", "text", "company name", required=True, searchable=True, listed=True),
        field("industry", "Industry", "text", "sector", "line of business", searchable=True, listed=True),
        field("website", "Website", "url", "site", "homepage"),
        field("email", "Email", "email", "e-mail", searchable=True),
        field("phone", "Phone", "phone", "telephone", "number"),
        field("address", "Address", "text", "street", searchable=True),
        field("city", "City", "text", "town", searchable=True),
        field("country", "Country", "text", "location", "based", "headquarters", searchable=True, listed=True),
        field("employees", "Employees", "number", "staff", "headcount", "people", integer=True, listed=True, minimum=0),
        field("annual_revenue", "Annual revenue", "money", "turnover", "revenue", listed=True, minimum=0),
        CURRENCY,
        link("parent", "Parent company", "companies", "subsidiaries", "parent", "subsidiary of", "group"),
        owner("account manager", "account owner", inverse="companies"),
        TAGS,
        field("description", "Description", "long_text", "about", searchable=True),
        *STAMPS,
    ),
    date_field="created_at",
    synonyms=("company", "account", "customer", "client", "organization", "organisation", "firm", "business"),
    icon="building-2",
)
