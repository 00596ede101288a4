"""Values of the doors as HTML: one small function a kind of value."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from markupsafe import Markup, escape

from app.crm.pages import days, locale
from app.crm.pages.icons import icon
from app.crm.pages.markdown import prose as prose  # for templates: show.prose
from app.crm.pages.words import gettext as _
from app.crm.query.values import stage_label
from app.shared.contract import FieldSpec, Money, Option, Ref

NONE = Markup('<span class="none"><span aria-hidden="true">–</span><span class="sr-only">none</span></span>')
KIND_HUES = {"won": 2, "lost": 5}
_OPEN_HUES = (0, 1, 7, 3, 4, 6)  # neither won's green nor lost's red
_SQUARE = frozenset({"companies"})
_WITH_AVATAR = frozenset({"users", "people", "companies"})
_NUMERIC = frozenset({"number", "money"})
_SAFE_URL = re.compile(r"https?://", re.IGNORECASE)


def hue_of(text: str) -> int:
    """One of the eight hues, always the same for the same word."""
    return crc32(text.encode()) % 8


@lru_cache(maxsize=2048)
def initials(name: str) -> str:
    words = [word for word in re.split(r"[\s._-]+", name) if word]
    if not words:
        return "?"
    letters = words[0][0] + (words[-1][0] if len(words) > 1 else words[0][1:2])
    return letters.upper()


@lru_cache(maxsize=4096)
def avatar(name: str, shape: str = "round", size: str = "") -> Markup:
    classes = f"avatar hue-{hue_of(name)}" + (" avatar-square" if shape == "square" else "")
    return Markup('<span class="{}" aria-hidden="true">{}</span>').format(
        classes + (f" avatar-{size}" if size else ""), initials(name)
    )


def name_with_avatar(object: str, name: str, url: str | None = None) -> Markup:
    """A company, person or user: initials and name, as a link where there is a page to open."""
    inner = Markup("{}<span>{}</span>").format(avatar(name, "square" if object in _SQUARE else "round"), name)
    if url is None:
        return Markup('<span class="with-avatar">{}</span>').format(inner)
    return Markup('<a class="with-avatar" href="{}">{}</a>').format(url, inner)


def ref(value: Ref, *, link: bool = True) -> Markup:
    """A link to a record; users have no page, so theirs is a name alone."""
    url = None if value.object in ("users", "teams", "pipelines") or not link else value.url
    if value.object in _WITH_AVATAR:
        return name_with_avatar(value.object, value.label, url)
    if url is None:
        return Markup("<span>{}</span>").format(value.label)
    return Markup('<a href="{}">{}</a>').format(url, value.label)


def tag(text: str, hue: int | None = None, *, dot: bool = False) -> Markup:
    mark = Markup('<span class="dot mark-{}"></span>').format(hue) if dot and hue is not None else ""
    classes = "tag" + (f" hue-{hue}" if hue is not None else "")
    return Markup('<span class="{}">{}<span class="tag-text">{}</span></span>').format(classes, mark, text)


def option_hue(field: FieldSpec, option: Option) -> int:
    """Won and lost are green and red; what is built in has the hue that it declares, others one by their place."""
    if option.kind in KIND_HUES:
        return KIND_HUES[option.kind]
    if field.type == "select" and field.custom_id is None and option.hue is not None:
        return option.hue
    alike = [item.key for item in field.options if item.kind == option.kind and item.pipeline == option.pipeline]
    place = alike.index(option.key) if option.key in alike else 0
    return _OPEN_HUES[place % len(_OPEN_HUES)]


def find_option(field: FieldSpec, key: str) -> Option:
    return field.option(key) or Option(key, key)


def choice(field: FieldSpec, key: str) -> Markup:
    option = find_option(field, key)
    name = stage_label(field, key) or option.label
    label = _("%(what)s (retired)", what=name) if option in field.retired_options else name
    return tag(label, option_hue(field, option), dot=field.type == "stage")


def choices(field: FieldSpec, keys: tuple[str, ...]) -> Markup:
    tags = (tag(key, hue_of(key)) for key in keys) if field.type == "tags" else (choice(field, key) for key in keys)
    return Markup(" ").join(tags)


def when(value: datetime) -> Markup:
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), locale.moment(value), locale.ago(value)
    )


def on_day(value: date) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(), locale.day(value))


def due_day(value: date, *, done: bool = False) -> Markup:
    """A due date in words, red (and said so) once it has passed."""
    late = not done and value < locale.today()
    words = Markup('<span class="sr-only">{} </span>').format(_("Overdue:")) if late else ""
    return Markup('<time datetime="{}" title="{}"{}>{}{}</time>').format(
        value.isoformat(), locale.day(value), Markup(' class="overdue"') if late else "", words, locale.due(value)
    )


def website(value: str) -> Markup:
    """A web address as a link whose words begin with its host; what could lead elsewhere than it says stays text."""
    target = value if _SAFE_URL.match(value) else f"https://{value}"
    if not _says_its_host(target) or (":" in value and not _SAFE_URL.match(value)):
        return escape(value)
    shown = _SAFE_URL.sub("", value).rstrip("/")
    return Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(target, shown)


def _says_its_host(target: str) -> bool:
    """No name and password before the host (bank.example@elsewhere.example), nothing that reads backwards."""
    try:
        parts = urlsplit(target)
        return bool(parts.hostname) and "@" not in parts.netloc and "\\" not in target and target.isprintable()
    except ValueError:
        return False


def text(field: FieldSpec, value: str) -> Markup:
    if field.type == "email":
        return Markup('<a href="mailto:{}">{}</a>').format(value, value)
    if field.type == "phone":
        return Markup('<a href="tel:{}">{}</a>').format(re.sub(r"[^\d+]", "", value), value)
    if field.type == "url":
        return website(value)
    if field.type in ("select", "stage"):
        return choice(field, value)
    return escape(value)


def _boolean(value: bool) -> Markup:
    if not value:
        return Markup('<span class="none">{}</span>').format(_("No"))
    return Markup('<span class="with-avatar">{}{}</span>').format(icon("check"), _("Yes"))


def _date(field: FieldSpec, value: date) -> Markup:
    if isinstance(value, datetime):
        return (
            when(value)
            if field.read_only
            else Markup('<time datetime="{}" title="{}">{}</time>').format(
                value.isoformat(), locale.moment(value), locale.day(value)
            )
        )
    return due_day(value) if field.name == "due_date" else on_day(value)


def value(field: FieldSpec, item: Any, *, currency: str | None = None) -> Markup:
    """A field's value. Money in `currency` (the one that the column's head names) shows no sign of its own; other money
    is marked, so that a phone, which has no heads, doesn't put the column's currency before it."""
    if item is None or item == "" or item == ():
        return NONE
    if isinstance(item, Ref):
        return ref(item)
    if isinstance(item, Money):
        return _money(item, currency)
    if isinstance(item, bool):
        return _boolean(item)
    if isinstance(item, date):
        return _date(field, item)
    if isinstance(item, int | float | Decimal):
        return escape(_count(field, item))
    return choices(field, tuple(map(str, item))) if isinstance(item, tuple | list) else text(field, str(item))


def _money(item: Money, currency: str | None) -> Markup:
    if currency in (None, item.currency):
        return escape(locale.money(item, bare=currency is not None))
    return Markup('<span class="own-sign">{}</span>').format(locale.money(item))


def _count(field: FieldSpec, item: int | float | Decimal) -> str:
    if field.name == "size" and field.read_only:
        return locale.size(int(item))
    return str(item) if _is_year(field) else locale.number(item)


def _is_year(field: FieldSpec) -> bool:
    """1996 is a year, not 1,996 of something."""
    return "year" in field.name.split("_")


def is_numeric(field: FieldSpec) -> bool:
    return field.type in _NUMERIC


def is_editable(field: FieldSpec) -> bool:
    """Whether a value of this field may be edited where it stands, by somebody who may write at all."""
    return not field.read_only and field.target != "pipelines"


def marked(snippet: str) -> Markup:
    """A full-text snippet: the words between \\x02 and \\x03 are marked."""
    return Markup(str(escape(snippet)).replace("\x02", "<mark>").replace("\x03", "</mark>"))  # noqa: S704 - escaped


def day_text(text: str) -> str:
    """An ISO date of a form as the pages write dates."""
    return days.shown(text)


def days_since(moment: datetime) -> str:
    """How many days something has stood, short: 45 d."""
    days = max((locale.today() - moment.astimezone(locale.zone()).date()).days, 0)
    return _("%(days)s d", days=locale.number(days))


def amount(value: Any) -> str:
    """A sum; several currencies stand beside each other."""
    return " + ".join(locale.money(item) for item in value) if isinstance(value, tuple) else locale.money(value)


def is_amount(value: Any) -> bool:
    """Whether a sum is more than nothing."""
    return any(item.minor for item in (value if isinstance(value, tuple) else (value,)) if isinstance(item, Money))
