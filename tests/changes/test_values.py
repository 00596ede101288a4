"""Values as JSON: what each type of field takes, in which form it is kept, and how it says no."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.crm.changes.formats import LONG, SHORT, Refused
from app.crm.changes.values import parse
from app.shared.contract import FieldSpec, FieldType, Option

SELECT = FieldSpec("kind", "Kind", "select", options=(Option("call", "Phone call"), Option("mail", "E-mail")))
MANY = FieldSpec("kinds", "Kinds", "multi_select", options=SELECT.options)


def spec(type: FieldType, **rest: Any) -> FieldSpec:
    return FieldSpec("field", "Field", type, **rest)


@pytest.mark.parametrize(
    ("field", "given", "kept"),
    [
        (spec("text"), "  Acme ", "Acme"),
        (spec("text"), "", None),
        (spec("text"), "   ", None),
        (spec("text"), 1234, "1234"),
        (spec("text"), "Zoë 👩‍🚀 مرحبا", "Zoë 👩‍🚀 مرحبا"),
        (spec("long_text"), "one\r\ntwo\tthree", "one\ntwo\tthree"),
        (spec("number"), 12, 12),
        (spec("number"), "12.50", 12.5),
        (spec("number"), 3.0, 3),
        (spec("number", integer=True), "7", 7),
        (spec("money"), "100.10", Decimal("100.10")),
        (spec("money"), 0.1, Decimal("0.1")),
        (spec("money"), -5, Decimal(-5)),
        (spec("money"), {"amount": 2.5, "currency": "EUR"}, Decimal("2.5")),
        (spec("date"), "2024-02-29", date(2024, 2, 29)),
        (spec("datetime"), "2024-05-31T14:30:00Z", datetime(2024, 5, 31, 14, 30, tzinfo=UTC)),
        (spec("datetime"), "2024-05-31T14:30+02:00", datetime(2024, 5, 31, 12, 30, tzinfo=UTC)),
        (spec("boolean"), True, True),
        (spec("boolean"), "false", False),
        (SELECT, "CALL", "call"),
        (SELECT, "phone CALL", "call"),
        (MANY, ["E-mail", "call", "mail"], ("call", "mail")),
        (spec("link", target="companies"), 4, 4),
        (spec("link", target="companies"), "4", 4),
        (spec("link", target="companies"), {"id": 4, "label": "Acme"}, 4),
        (spec("link", target="companies"), "$new", "$new"),
        (spec("url"), "example.com/a?b", "https://example.com/a?b"),
        (spec("url"), "HTTP://Example.com", "HTTP://Example.com"),
        (spec("email"), "Anna.O'Neil+x@example.com", "Anna.O'Neil+x@example.com"),
        (spec("email"), "jörg@bücher.example.com", "jörg@bücher.example.com"),
        (spec("phone"), "+1 (415) 555-2671", "+1 (415) 555-2671"),
        (spec("phone"), "415 555 2671 ext. 12", "415 555 2671 ext. 12"),
        (spec("tags"), ["VIP", "vip", " new "], ("new", "VIP")),
        (spec("tags"), [], ()),
        (FieldSpec("currency", "Currency"), "eur", "EUR"),
    ],
)
def test_a_good_value_is_kept(field: FieldSpec, given: Any, kept: Any) -> None:
    found = parse(field, given)
    assert found == kept or (field.type == "tags" and {name.lower() for name in found} == {n.lower() for n in kept})


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        (spec("text"), "a\x00b", "control"),
        (spec("text"), "a\nb", "line breaks"),
        (spec("text"), "\ud800", "control"),
        (spec("text"), "x" * (SHORT + 1), "at most 500"),
        (spec("long_text"), "x" * (LONG + 1), "at most 100,000"),
        (spec("long_text"), "a\x1bb", "control"),
        (spec("text"), ["a"], "text"),
        (spec("text"), True, "text"),
        (spec("number"), "twelve", "number"),
        (spec("number"), 10**400, "up to"),
        pytest.param(spec("number"), 10**5000, "number", id="thousands of digits"),
        (spec("number"), True, "number"),
        (spec("number"), float("nan"), "number"),
        (spec("number"), float("inf"), "number"),
        (spec("number", integer=True), 1.5, "whole"),
        (spec("number", integer=True), 2**31, "up to"),
        (spec("number"), 2**60, "up to"),
        (spec("money"), "1,000", "number"),
        (spec("money"), "$5", "number"),
        (spec("date"), "31/05/2024", "date"),
        (spec("date"), "2024-02-30", "date"),
        (spec("date"), "20240229", "date"),
        (spec("date"), 20240229, "text"),
        (spec("datetime"), "yesterday", "date and time"),
        (spec("datetime"), "0001-01-01T00:00+14:00", "date and time"),
        (spec("boolean"), "yes", "true or false"),
        (spec("boolean"), 1, "true or false"),
        (SELECT, "fax", "Phone call, E-mail"),
        (MANY, "call", "list"),
        (spec("link", target="companies"), "Acme", "id"),
        (spec("link", target="companies"), 0, "id"),
        (spec("link", target="companies"), True, "id"),
        (spec("link", target="companies"), {"label": "Acme"}, "id"),
        (spec("url"), "javascript:alert(1)", "web address"),
        (spec("url"), "ftp://example.com", "web address"),
        (spec("url"), "http://[bad", "web address"),
        (spec("url"), "http://a b.com", "web address"),
        (spec("email"), "not an address", "e-mail"),
        (spec("email"), "a@b", "e-mail"),
        (spec("phone"), "call me", "phone"),
        (spec("phone"), "+1 12", "length"),
        (spec("phone"), "+999 1234567", "phone"),
        (spec("tags"), "VIP", "list"),
        (spec("tags"), ["x" * 61], "tags"),
        (FieldSpec("currency", "Currency"), "XXX", "ISO 4217"),
    ],
)
def test_a_bad_value_is_refused_in_a_plain_sentence(field: FieldSpec, given: Any, says: str) -> None:
    with pytest.raises(Refused, match=says):
        parse(field, given)


@pytest.mark.parametrize(("type", "given"), [("email", "none yet"), ("phone", "call me"), ("url", "see brochure")])
def test_an_import_may_keep_odd_values_as_written(type: FieldType, given: str) -> None:
    assert parse(spec(type), given, lenient=True) == given


def test_even_an_import_keeps_no_control_characters() -> None:
    with pytest.raises(Refused):
        parse(spec("email"), "a\x00b", lenient=True)


def test_a_moment_without_a_zone_is_meant_where_the_user_is() -> None:
    found = parse(spec("datetime"), "2024-07-01T09:00", timezone="Europe/Berlin")
    assert found == datetime(2024, 7, 1, 7, tzinfo=UTC)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "key", "amount"]), inner),
    max_leaves=4,
)
TYPES = ["text", "long_text", "number", "money", "date", "datetime", "boolean", "link", "url", "email", "phone", "tags"]


@given(st.sampled_from(TYPES), JSON, st.booleans())
def test_whatever_comes_is_kept_or_refused(type: FieldType, value: Any, lenient: bool) -> None:
    for field in (spec(type), SELECT, MANY, spec("stage"), spec("number", integer=True)):
        with suppress(Refused):
            hash(parse(field, value, lenient=lenient))
