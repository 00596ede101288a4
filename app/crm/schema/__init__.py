"""The tables of the CRM half, all in one MetaData."""

from app.crm.schema.access import attempts, one_time_links, security_events, sessions, teams, tokens, users
from app.crm.schema.base import metadata
from app.crm.schema.files import file_contents, mentions
from app.crm.schema.hooks import webhook_deliveries, webhooks
from app.crm.schema.journal import change_sets, changes, consumers, idempotency_keys
from app.crm.schema.lists import favourite_views, list_settings, saved_views
from app.crm.schema.personal import follows, notifications, preferences, recent_records, reminders
from app.crm.schema.records import KEYED_TYPES, column_name, key_name, record_tables
from app.crm.schema.settings import (
    currency_rates,
    custom_fields,
    pipelines,
    settings,
    stages,
    synonyms,
    taggings,
    tags,
)
from app.crm.schema.transfer import PROSE, bulk_runs, import_rows, import_runs, search_documents

# Every declared object's table, support objects included, by the object's name.
TABLES = {**record_tables, "users": users, "teams": teams, "pipelines": pipelines}

__all__ = [
    "KEYED_TYPES", "PROSE", "TABLES", "attempts", "bulk_runs", "change_sets", "changes", "column_name", "consumers",
    "currency_rates", "custom_fields", "favourite_views", "file_contents", "follows", "idempotency_keys",
    "import_rows", "import_runs", "key_name", "list_settings", "mentions", "metadata", "notifications",
    "one_time_links", "pipelines", "preferences", "recent_records", "record_tables", "reminders", "saved_views",
    "search_documents", "security_events", "sessions", "settings", "stages", "synonyms", "taggings", "tags", "teams",
    "tokens", "users", "webhook_deliveries", "webhooks",
]  # fmt: skip
