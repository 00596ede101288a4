"""What a grouped query must answer."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.shared.contract import Group, Measure, Money, Query
from app.shared.money import digits
from tests.query.oracle import TEXTS, End, Oracle
from tests.query.plain import aggregate, at, bucket, first_spelling, key, nulls_last, ordered, product, utf8
from tests.query.world import Record


@dataclass
class Key:
    identity: Any
    shown: Any
    order: Any
    parts: tuple[Any, ...]


class GroupOracle(Oracle):
    def grouped(self, query: Query) -> tuple[list[tuple[Any, ...]], tuple[Any, ...]]:
        """All groups in order, each its keys and measures; and the totals."""
        records = self.rows(query)
        groups: dict[tuple[Any, ...], list[Record]] = {}
        shown: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        for record in records:
            for entry in product([self.keys(query.object, record, group) for group in query.group_by]):
                identity = tuple(key.identity for key in entry)
                groups.setdefault(identity, []).append(record)
                shown.setdefault(identity, []).append(entry)
        if not query.group_by:
            groups[()], shown[()] = records, [()]
        rows = [self._group(query, shown[identity], members) for identity, members in groups.items()]
        measures = query.measures
        terms = [self._group_term(query, name) for name in query.sort]
        terms += [(lambda row, place=place: row[2][place], "") for place in range(len(query.group_by))]
        terms += [
            (lambda row, place=place, part=part: at(row[3][place], part), "")
            for place in range(len(query.group_by))
            for part in range(2)
        ]
        totals = tuple(self.measure(query.object, records, measure) for measure in measures)
        return [(row[0], row[1]) for row in ordered(rows, terms)], totals

    def _group(self, query: Query, entries: list[tuple[Key, ...]], members: list[Record]) -> tuple[Any, ...]:
        places = range(len(query.group_by))
        keys = tuple(first_spelling([entry[place].shown for entry in entries]) for place in places)
        orders = [min((entry[place].order for entry in entries), default=None, key=nulls_last) for place in places]
        measures = tuple(self.measure(query.object, members, measure) for measure in query.measures)
        ranks = [self.rank(query.object, members, measure) for measure in query.measures]
        return keys, measures, orders, [entries[0][place].parts for place in places], ranks

    def _group_term(self, query: Query, name: str) -> tuple[Callable[[Any], Any], str]:
        wanted = name.removeprefix("-")
        measures = [measure.key for measure in query.measures]
        if wanted in measures:
            return (lambda row: row[4][measures.index(wanted)]), name
        place = next(place for place, group in enumerate(query.group_by) if wanted in (group.key, group.field))
        return (lambda row: row[2][place]), name

    def keys(self, object: str, record: Record, group: Group) -> list[Key]:
        end = self.end(object, record, group.field)
        kind, value = end.spec.type, end.value
        if group.bucket:
            first = None if value is None else bucket(self.day(value), group.bucket)
            return [Key(first, first, first, (first,))]
        if kind in ("tags", "multi_select"):
            return [self._one_of(kind, item) for item in value] or [Key(None, None, None, (None,))]
        order = self.sort_key(end)
        if kind in TEXTS:
            part = utf8(key(value)) or None
            return [Key(part, value if part else None, part, (part,))]
        if kind == "link":
            shown = self.value(end)
            part = shown.id if shown else None
            return [Key(part, shown, order, (part,))]
        if kind == "stage":
            part = self.value(end)
            return [Key(part, part, order, (utf8(part),))]
        if kind == "money":
            shown = self.value(end)
            return [Key(shown, shown, order, (None,) if shown is None else (shown.minor, utf8(shown.currency)))]
        part = utf8(value) if isinstance(value, str) else value
        return [Key(part, value, order, (part,))]

    def _one_of(self, kind: str, item: str) -> Key:
        order = utf8(key(item) if kind == "tags" else item)
        return Key(item, item, order, (order,))

    def measure(self, object: str, records: list[Record], measure: Measure) -> Any:
        if measure.fn == "count" and measure.field is None:
            return len(records)
        ends = [self.end(object, record, measure.field or "amount") for record in records]
        present = [end for end in ends if not self.is_empty(end)]
        if measure.fn == "count":
            return len(present)
        if measure.fn == "count_distinct":
            return len({key(end.value) if end.spec.type in TEXTS else end.value for end in present})
        figures = [(end, found) for end in present if (found := self._figure(end, measure)) is not None]
        if not ends and not figures and measure.fn in ("sum", "weighted"):
            return self._zero(object, measure)
        return self._of_figures(object, figures, measure)

    def _zero(self, object: str, measure: Measure) -> Any:
        spec = self.end(object, None, measure.field or "amount").spec
        return Money(0, self.world.currency) if spec.type == "money" else 0

    def _figure(self, end: End, measure: Measure) -> Any:
        if measure.fn != "weighted":
            return end.value
        record = end.record or {}
        stage = self.world.stages.get(record.get("stage") or 0)
        probability = record["probability"] if record["probability"] is not None else stage and stage["probability"]
        return None if probability is None else end.value * probability

    def _of_figures(self, object: str, figures: list[tuple[End, Any]], measure: Measure) -> Any:
        if not figures:
            return self._zero(object, measure) if measure.fn in ("sum", "weighted") else None
        if figures[0][0].spec.type != "money":
            return aggregate([figure for _, figure in figures], measure.fn)
        by_code: dict[str, list[Any]] = {}
        for end, figure in figures:
            by_code.setdefault(self.currency(end.record or {}), []).append(figure)
        amounts = tuple(Money(aggregate(by_code[code], measure.fn), code) for code in sorted(by_code))
        return amounts[0] if len(amounts) == 1 else amounts

    def rank(self, object: str, records: list[Record], measure: Measure) -> Any:
        """By what groups are put in order: amounts of several currencies by their plain figures."""
        if measure.fn in ("count", "count_distinct"):
            return self.measure(object, records, measure)
        ends = [self.end(object, record, measure.field or "amount") for record in records]
        scaled = []
        for end in ends:
            if end.value is not None and (figure := self._figure(end, measure)) is not None:
                code = self.currency(end.record or {})
                scaled.append(Decimal(figure).scaleb(-digits(code)) if end.spec.type == "money" else figure)
        if not scaled:
            return None
        return aggregate(scaled, "sum" if measure.fn == "weighted" else measure.fn)
