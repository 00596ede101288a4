"""What a grouped query must answer."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

from app.shared.contract import FieldSpec, Group, Having, Measure, Money, Query
from app.shared.money import digits
from tests.query.oracle import TEXTS, End, Oracle
from tests.query.plain import aggregate, at, bucket, first_spelling, key, nulls_last, ordered, product, utf8
from tests.query.world import Record, rate

EXACT = Context(prec=60)


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
        if query.having:
            groups = {identity: members for identity, members in groups.items() if self.passes(query, members)}
            records = list({record["id"]: record for members in groups.values() for record in members}.values())
        rows = [self._group(query, shown[identity], members) for identity, members in groups.items()]
        measures = query.measures
        terms = [self._group_term(query, name) for name in query.sort]
        terms += [(lambda row, place=place: row[2][place], "") for place in range(len(query.group_by))]
        terms += [
            (lambda row, place=place, part=part: at(row[3][place], part), "")
            for place in range(len(query.group_by))
            for part in range(2)
        ]
        totals = tuple(self.shown(query, records, measure) for measure in measures)
        return [(row[0], row[1]) for row in ordered(rows, terms)], totals

    def _group(self, query: Query, entries: list[tuple[Key, ...]], members: list[Record]) -> tuple[Any, ...]:
        places = range(len(query.group_by))
        keys = tuple(first_spelling([entry[place].shown for entry in entries]) for place in places)
        orders = [min((entry[place].order for entry in entries), default=None, key=nulls_last) for place in places]
        measures = tuple(self.shown(query, members, measure) for measure in query.measures)
        ranks = [self.ranked(query, members, measure) for measure in query.measures]
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

    # --- bounds and one currency -------------------------------------------------------------------------------------

    def shown(self, query: Query, records: list[Record], measure: Measure) -> Any:
        found = self.figure_of(query, records, measure)
        if query.currency and isinstance(found, Money):
            whole = Decimal(found.minor).quantize(Decimal(1), ROUND_HALF_EVEN, EXACT)
            return Money(int(whole), found.currency)
        return found

    def ranked(self, query: Query, records: list[Record], measure: Measure) -> Any:
        found = self.figure_of(query, records, measure)
        is_one = query.currency and self._spec(query, measure).type == "money" and measure.fn[:5] != "count"
        if is_one:
            has_any = self._amounts(query.object, records, measure)
            return round(Decimal(found.minor), 6) if found is not None and has_any else None
        return self.rank(query.object, records, measure)

    def figure_of(self, query: Query, records: list[Record], measure: Measure) -> Any:
        """A measure; amounts converted where the query asks for that, not yet rounded."""
        to = query.currency
        if not to or self._spec(query, measure).type != "money" or measure.fn.startswith("count"):
            return self.measure(query.object, records, measure)
        figures = [
            EXACT.multiply(Decimal(figure), self.worth(self.currency(end.record or {}), to))
            for end, figure in self._amounts(query.object, records, measure)
        ]
        if not figures:
            return Money(0, to) if measure.fn in ("sum", "weighted") else None
        if measure.fn in ("min", "max"):
            return Money(min(figures) if measure.fn == "min" else max(figures), to)  # type: ignore[arg-type]
        total = Decimal(0)
        for figure in figures:
            total = EXACT.add(total, figure)
        count = {"avg": len(figures), "weighted": 100}.get(measure.fn, 1)
        return Money(EXACT.divide(total, Decimal(count)), to)

    def worth(self, currency: str, to: str) -> Decimal:
        """One minor unit of a currency in minor units of another."""
        if currency == to:
            return Decimal(1)
        base = self.world.currency
        of = Decimal(1) if currency == base else rate(currency, base)
        in_ = Decimal(1) if to == base else rate(to, base)
        return EXACT.divide(of, in_).scaleb(digits(to) - digits(currency))

    def _spec(self, query: Query, measure: Measure) -> FieldSpec:
        if measure.fn != "weighted" and measure.field is None:
            return FieldSpec("", "", "number", integer=True)
        return self.end(query.object, None, measure.field or "amount").spec

    def _amounts(self, object: str, records: list[Record], measure: Measure) -> list[tuple[End, Any]]:
        ends = [self.end(object, record, measure.field or "amount") for record in records]
        present = [end for end in ends if end.value is not None]
        return [(end, figure) for end in present if (figure := self._figure(end, measure)) is not None]

    def passes(self, query: Query, members: list[Record]) -> bool:
        return all(self._is_so(query, members, bound) for bound in query.having)

    def _is_so(self, query: Query, members: list[Record], bound: Having) -> bool:
        measure = next(item for item in query.measures if item.key == bound.measure)
        found = self.figure_of(query, members, measure)
        kind = "number" if measure.fn.startswith("count") else self._spec(query, measure).type
        figures = found if isinstance(found, tuple) else () if found is None else (found,)
        op = "eq" if bound.op == "ne" else bound.op
        some = any(self.holds(self._as_end(query, kind, figure), op, bound.value) for figure in figures)
        return some != (bound.op == "ne")

    def _as_end(self, query: Query, kind: Any, figure: Any) -> End:
        """A figure as if it were a field of a record."""
        spec = FieldSpec("figure", "Figure", kind)
        if isinstance(figure, Money):
            return End(query.object, {"figure": figure.minor, "currency": figure.currency}, spec)
        return End(query.object, {"figure": figure}, spec)

    # --- measures ----------------------------------------------------------------------------------------------------

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
