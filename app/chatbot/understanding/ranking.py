"""Orders and groups: the 5 biggest, by owner, each month, which owner the most."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding import paths, periods, states
from app.chatbot.understanding.clauses import Unplaced, Unsettled
from app.chatbot.understanding.draft import fields_of, is_filler, is_plural, objects_of
from app.chatbot.understanding.frame import Frame, Having, Shape
from app.chatbot.understanding.meanings import Item, ValueWord
from app.chatbot.understanding.measuring import Measuring
from app.chatbot.understanding.nouns import NUMERIC, Wanted
from app.shared.contract import Group, Measure


class Ranking(Measuring):
    """The shapes of a question with groups and ranks."""

    def _extremes(self, base: Frame) -> Frame:
        """ "highest amount by product" is the highest of each product, not the product with the most."""
        ranking = self.draft.ranking
        if self._largest_of_each(base):
            self.draft.aggregates.append("max" if ranking and ranking.descending else "min")
            self.ranking = None
            return base
        plain = ranking is not None and ranking.count is None and ranking.sort == "level" and ranking.by is not None
        if (
            plain
            and ranking is not None
            and self.grouped is None
            and not any(group.bucket for group in self.draft.groups)
        ):
            self._ranked_measure(ranking.by)  # type: ignore[arg-type]
            self.draft.aggregates.append("max" if ranking.descending else "min")
            self.ranking = None
        return base

    def _largest_of_each(self, base: Frame) -> bool:
        """ "the largest deal of each owner": the highest amount in each group. Of several, "biggest deals by owner",
        it can't be told how many."""
        ranking = self.draft.ranking
        if ranking is None or ranking.sort != "size" or self.grouped is not None or not self.draft.groups:
            return False
        if ranking.by is not None or any(group.bucket for group in self.draft.groups):
            return False
        if ranking.count is not None or self._one_or_many() > 1:
            raise Unsettled(self.draft.items[ranking.at].text)
        return True

    def _ranked(self, base: Frame) -> Frame:
        """Records in an order: the 5 biggest deals; companies by revenue; the latest meeting."""
        ranking, sort = self.draft.ranking, self.draft.sort
        if ranking is None and not self.named and any(objects_of(item) for _, item in self.draft.nouns):
            raise Unplaced(sort.item.text if sort and sort.item else "sort")  # "companies by size" are no deals
        if ranking is None:
            field, count = self._sort_field(sort.item if sort else None), None
            rises = self._field(field).type not in NUMERIC  # days and names begin with the first
            descending = self.draft.order == "desc" if self.draft.order or rises else True
        else:
            field, descending, count = self._ranking_field(), ranking.descending, ranking.count
        if self.draft.aggregates and self.draft.aggregates != ["max"]:
            raise Unplaced(*self.draft.aggregates)
        default = self._one_or_many() if ranking and not self.draft.sorts else None
        if ranking is not None and ranking.sort == "time":
            self._check_dated(field)
        base = self._happened(base, field)
        return replace(base, sort=field, descending=descending, ranked=ranking is not None and not self.draft.sorts,
                       limit=count or default, nth=ranking.nth if ranking else 1,
                       asked=tuple(want.path for want in self.wants if want.path != field))  # fmt: skip

    def _next(self, base: Frame) -> Frame:
        """What comes first: the next meeting; upcoming meetings in their order."""
        day = states.day_of(self.spec)
        if day is None or not self.narrow.coming:  # it is said of related records
            return self._plain(base)
        many, count = self._one_or_many() > 1, self.draft.coming_count
        asked = tuple(want.path for want in self.wants if want.path != day.name)
        return replace(
            base,
            sort=day.name,
            descending=False,
            ranked=not many or bool(count),
            limit=count or (None if many else 1),
            asked=asked,
        )

    def _happened(self, base: Frame, field: str) -> Frame:
        """The last of what happens at a time is one that has happened."""
        ranking = self.draft.ranking
        last = ranking is not None and ranking.sort == "time" and ranking.descending
        if not last or field != self.spec.date_field or not states.is_event(self.spec):
            return base
        assert ranking is not None
        label = f"until {periods.day(self.draft.today).label}"
        return replace(base, terms=(*base.terms, *states.past_terms(self.spec, self.draft.moment, label, ranking.at)))

    def _sort_field(self, item: Item | None) -> str:
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is None:
            raise Unplaced(item.text if item else "sort")
        return own

    def _ranking_field(self) -> str:
        ranking = self.draft.ranking
        assert ranking is not None
        if ranking.by is not None and fields_of(ranking.by):
            return self._sort_field(ranking.by)
        if ranking.sort == "time":
            return self._time_field()
        numeric = [want for want in self.wants if want.spec.type in NUMERIC and "." not in want.path]
        main = numeric[0].spec if numeric else paths.main_measure(self.spec)
        if main is None or ranking.sort == "most" or (ranking.sort == "rank" and not numeric and ranking.count is None):
            raise Unplaced(self.draft.items[ranking.at].text)
        return main.name

    def _time_field(self) -> str:
        dated = [want for want in self.wants if want.spec.type in ("date", "datetime") and "." not in want.path]
        name = dated[0].path if dated else self.spec.date_field
        word = self.draft.items[self.draft.ranking.at].text if self.draft.ranking else "latest"
        aged = not dated and word.lower().startswith(("old", "young"))
        told = any(field.type == "long_text" and field.required for field in self.spec.fields)
        aged = aged or (not dated and not told and word.lower() == "last")  # "the last contact": somebody, or a talk?
        if not name or (aged and self._field(name).read_only):
            raise Unplaced(word)  # how old it is here, or in the world?
        return name

    def _check_dated(self, field: str) -> None:
        """ "the latest e-mail" is no person with the e-mail last entered: what is the latest must be what is asked."""
        ranking = self.draft.ranking
        for want in self.wants:
            between = self.draft.items[ranking.at + 1 : want.at] if ranking else []
            if want.path != field and want.at > 0 and ranking and want.at > ranking.at and all(map(is_filler, between)):
                raise Unplaced(want.spec.label)

    def _one_or_many(self) -> int:
        """One record for a singular noun ("the biggest deal") and for "who", ten for a plural one."""
        if "who" in self.draft.asks:
            return 1
        for _, item in self.draft.nouns:
            if self.target in objects_of(item):
                return 10 if is_plural(item) else 1
        kinds = [mention.item for mention in self.draft.mentions if self._is_kind(mention.item)]
        return 10 if any(is_plural(item) for item in kinds) else 1

    def _is_kind(self, item: Item) -> bool:
        """Whether a value names the records: "meetings"."""
        specs = [self.spec.field(word.field) for word in item.of(ValueWord) if word.object == self.target]
        return any(spec is not None and spec.type == "select" and spec.required for spec in specs)

    def _by_itself(self, base: Frame) -> Frame | None:
        """ "employees by company" lists the companies with theirs, the highest first."""
        groups = [group.item for group in self.draft.groups]
        if len(groups) != 1 or groups[0] is None or self.target not in objects_of(groups[0]) or self.draft.ranking:
            return None
        numeric = [want for want in self.wants if want.spec.type in NUMERIC and "." not in want.path]
        if len(numeric) != 1 or len(self.wants) != 1 or set(self.draft.aggregates) - {"count", "sum"}:
            raise Unplaced(groups[0].text)
        return replace(base, sort=numeric[0].path, asked=())

    def _grouped(self, base: Frame) -> Frame:
        ranking = self.ranking
        if ranking is not None and ranking.by is not None:
            self._ranked_measure(ranking.by)
        shaped = self._plain_measure(base)
        frame = self._groups(shaped)
        if self.draft.sum_bound is not None:
            return self._summed(frame)
        if self.draft.bounds:
            bound = self.draft.bounds[0]
            related = any(
                not clause.implied for clause in self.narrow.clauses
            )  # whose they are, the counted ones' or not
            if len(self.draft.bounds) > 1 or self.draft.groups or related:
                raise Unplaced(bound.noun.text)
            frame = replace(frame, having=Having(bound.op, bound.low, bound.high))
        return frame

    def _summed(self, frame: Frame) -> Frame:
        """Groups whose records add up to so much."""
        bound, main = self.draft.sum_bound, paths.main_measure(self.spec)
        if (
            bound is None
            or main is None
            or self.wants
            or (bound.low.currency or self.catalog.currency) != (self.catalog.currency)
        ):
            raise Unplaced(self.draft.items[bound.at].text if bound else "")
        having = Having(bound.op, bound.low.value, bound.high.value if bound.high else None)
        return replace(frame, shape="groups", measure=Measure(fn="sum", field=main.name), having=having)

    def _ranked_measure(self, item: Item) -> None:
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is not None and not any(want.path == own for want in self.wants):
            spec = self._field(own)
            if spec.type in NUMERIC:
                self.wants.append(Wanted(own, spec, self.ranking.at if self.ranking else 0))

    def _plain_measure(self, base: Frame) -> Frame:
        """What is measured in each group: a count unless a number is asked."""
        numeric = [want for want in self.wants if want.spec.type in NUMERIC]
        if len(numeric) != len(self.wants):
            raise Unplaced(*(want.spec.label for want in self.wants if want not in numeric))
        if "median" in self.draft.aggregates:
            if self.ranking is not None or self.draft.bounds or self.draft.sum_bound is not None:
                raise Unplaced("median")
            return replace(self._measured(base, "avg", numeric), shape="median")
        if self._is_pace(base, numeric):
            return replace(base, shape="pace")
        fn = next((fn for fn in ("weighted", "avg", "min", "max") if fn in self.draft.aggregates), None)
        summed = "much" in self.draft.aggregates or ("sum" in self.draft.aggregates and not self.named)
        if fn or numeric or summed:
            return replace(self._measured(base, fn or "sum", numeric), shape="groups")
        return replace(base, shape="groups")

    def _is_pace(self, base: Frame, numeric: list[Wanted]) -> bool:
        """ "Deals per month on average": how many there are in each. "Average deal per month" is an amount."""
        groups, said = self.draft.groups, [item for _, item in self.draft.nouns if self.target in objects_of(item)]
        called = [mention.item for mention in self.draft.mentions if self._is_kind(mention.item)]
        counted = any(is_plural(item) for item in (*said, *called)) or "count" in self.draft.aggregates
        alone = len(groups) == 1 and groups[0].bucket is not None and self.grouped is None and self.ranking is None
        averaged = "avg" in self.draft.aggregates and not set(self.draft.aggregates) - {"avg", "count"}
        bounded = self.draft.bounds or self.draft.sum_bound is not None or base.versus
        return averaged and alone and counted and not numeric and not bounded

    def _groups(self, frame: Frame) -> Frame:
        groups = [self._group_path(item, bucket) for item, bucket in self._group_items()]
        ranking = self.ranking
        if not groups and ranking is not None:
            raise Unplaced(self.draft.items[ranking.at].text)
        limit = ranking.count or (1 if self._singular() else 10) if ranking else None
        shape: Shape = (
            frame.shape if frame.shape in ("rate", "median", "share", "pace") else "groups" if groups else frame.shape
        )
        return replace(frame, shape=shape, groups=tuple(dict.fromkeys(groups)), ranked=ranking is not None, limit=limit,
                       nth=ranking.nth if ranking else 1,
                       descending=ranking.descending if ranking else True)  # fmt: skip

    def _group_items(self) -> list[tuple[Item | None, str | None]]:
        own: list[tuple[Item | None, str | None]] = [(self.grouped, None)] if self.grouped else []
        return own + [(group.item, group.bucket) for group in self.draft.groups]

    def _singular(self) -> bool:
        words = [item.text.lower() for item, _ in self._group_items() if item is not None]
        return not (words and words[0].endswith(("s", "people")))

    def _group_path(self, item: Item | None, bucket: str | None) -> Group:
        if item is None:
            name = self.spec.date_field
            if not name:
                raise Unplaced(bucket or "")
            return Group.model_validate({"field": name, "bucket": bucket})
        path = self.group_path(item)
        if path is None:
            raise Unplaced(item.text)
        spec = self.spec.field(path)
        dated = spec is not None and spec.type in ("date", "datetime")
        if bucket and not dated:
            raise Unplaced(item.text)
        return Group.model_validate({"field": path, "bucket": (bucket or "month") if dated else None})

    def group_path(self, item: Item) -> str | None:
        """The path to group by: a field of the object, a link, or a field over a link."""
        own = next((word.field for word in fields_of(item) if word.object == self.target), None)
        if own is not None:
            return own
        for name in objects_of(item):
            links = paths.links_to(self.catalog, self.target, name)
            if links:
                return links[0][0]
        for way in self.narrow.ways:
            for word in fields_of(item):
                if way.object == word.object and way.relation is None:
                    self.cost += way.cost * 0.3
                    return f"{way.prefix}{word.field}"
        return None
