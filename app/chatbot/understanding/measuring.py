"""What is measured: counts, sums, averages, values, or the records themselves."""

from __future__ import annotations

from dataclasses import replace

from app.chatbot.understanding import paths
from app.chatbot.understanding.clauses import Unplaced
from app.chatbot.understanding.draft import is_plural
from app.chatbot.understanding.frame import Frame
from app.chatbot.understanding.nouns import NUMERIC, Nouns, Wanted
from app.shared.contract import Group, Measure

_ADDING = ("sum", "add", "combined")  # "total open deals" counts them, "sum of open deals" adds up what they are worth


class Measuring(Nouns):
    """The shapes of a question without groups and ranks."""

    def _plain(self, base: Frame) -> Frame:
        """Counts, sums, averages, lists."""
        aggregates = self.draft.aggregates
        numeric = [want for want in self.wants if want.spec.type in NUMERIC]
        if base.versus and base.versus[0].slot == "id" and not numeric:
            raise Unplaced("compare")  # two records, but nothing to compare them by
        self._check_single()
        if "median" in aggregates:
            return replace(self._measured(base, "avg", numeric), shape="median")
        for fn in ("weighted", "avg", "min", "max"):
            if fn in aggregates:
                return self._measured(base, fn, numeric)
        if "much" in aggregates or "sum" in aggregates:
            return self._total(base, numeric)
        if "count" in aggregates:
            return self._count(base, numeric)
        if numeric and not self._lists():
            return self._measured(base, "sum", numeric)
        if base.yes_no and not self.wants:
            return replace(base, shape="count")
        said = [want for want in self.wants if any(at == want.at for at, _ in self.draft.nouns)]
        if base.versus and said:
            raise Unplaced(*(want.spec.label for want in said))  # each side's fields are no number to compare
        if base.versus:
            return replace(base, shape="count")
        return self._list(base)

    def _check_single(self) -> None:
        """A weighted average, a mean and a median, a sum over the average: one number is told. Raises Unplaced."""
        said: list[str] = [fn for fn in ("median", "weighted", "avg", "min", "max") if fn in self.draft.aggregates]
        if said and any(item.text.lower().startswith(_ADDING) for item in self.draft.items if item.word("sum")):
            said.append("sum")
        if len(said) > 1:
            raise Unplaced(*said)

    def _lists(self) -> bool:
        """Whether records are asked for, so that fields are columns: list ..., which ...; a noun by itself."""
        named = self.named and any(tag in self.draft.asks for tag in ("list", "which", "who", "where", "when", "why"))
        return named or len(self.wants) > 1

    def _total(self, base: Frame, numeric: list[Wanted]) -> Frame:
        adds = any(item.text.lower().startswith(_ADDING) for item in self.draft.items if item.word("sum"))
        if not numeric and self.named and not adds and "much" not in self.draft.aggregates and self.draft.nouns:
            if self.spec.support and not any(is_plural(item) for _, item in self.draft.nouns):
                raise Unplaced(self.spec.singular)  # one such thing has no total
            return self._count(base, [])  # "total open deals" counts them
        return self._measured(base, "sum", numeric)

    def _count(self, base: Frame, numeric: list[Wanted]) -> Frame:
        if numeric and not self.draft.distinct and len(self.wants) == 1:
            if numeric[0].spec.type == "number" and numeric[0].spec.integer:
                return self._measured(base, "sum", numeric)
            raise Unplaced(numeric[0].spec.label)
        if len(self.wants) == 1 and (not self.named or self.draft.distinct or self._counts_values()):
            return replace(base, shape="measure", measure=Measure(fn="count_distinct", field=self.wants[0].path))
        if self.wants:
            raise Unplaced(*(want.spec.label for want in self.wants))
        return replace(base, shape="count")

    def _counts_values(self) -> bool:
        """ "how many countries do we have customers in": the counted noun is the field."""
        nouns = [at for at, item in self.draft.nouns if self.draft.head is None or at > self.draft.head]
        return bool(nouns) and min(nouns) == self.wants[0].at

    def _measured(self, base: Frame, fn: str, numeric: list[Wanted]) -> Frame:
        if len(self.wants) > 1 or (self.wants and not numeric):
            raise Unplaced(*(want.spec.label for want in self.wants))
        if "count" in self.draft.aggregates and not numeric:
            raise Unplaced("average number")  # a number of records a group: not an average of a field
        spec = numeric[0].spec if numeric else paths.main_measure(self.spec)
        if fn == "weighted" and (spec is None or spec.type != "money" or paths.kind_field(self.spec) is None):
            raise Unplaced("weighted")
        money = self.ranking is not None and self.ranking.money
        if money and not any(term.kind for term in base.terms):
            raise Unplaced("money")  # what is won, or what is hoped for?
        if spec is None or (not numeric and not (self.named or base.terms or money)):
            raise Unplaced(fn)
        self._check_income(base, numeric)
        if not numeric and paths.kind_field(self.spec) is None and self.draft.bounds == []:
            raise Unplaced(fn if "much" not in self.draft.aggregates else "how much")  # of what, it isn't said
        self.cost += 0.0 if numeric else 0.2
        path = numeric[0].path if numeric else spec.name
        if "." in path:
            raise Unplaced(spec.label)
        return replace(base, shape="measure", measure=Measure.model_validate({"fn": fn, "field": path}))

    def _check_income(self, base: Frame, numeric: list[Wanted]) -> None:
        """ "Our revenue in May" is what was won, not the worth of all deals; "revenue from retail customers" ours, not
        theirs. Raises Unplaced where it isn't said."""
        items = self.draft.items
        for want in numeric:
            said = items[want.at].text.lower() if want.at < len(items) else ""
            after = items[want.at + 1].text.lower() if want.at + 1 < len(items) else ""
            staged = paths.kind_field(self.spec) is not None
            if said == "revenue" and (not any(term.kind for term in base.terms) if staged else after == "from"):
                raise Unplaced(said)

    def _list(self, base: Frame) -> Frame:
        if self._lists_values():
            return self._values(base)
        if not (self.named or base.terms):
            raise Unplaced(*(want.spec.label for want in self.wants))
        if not self.named and self.wants and not any(tag in self.draft.asks for tag in ("who", "when", "where")):
            return self._values(base)
        if not self.named and "what" in self.draft.asks and not self.wants:
            self.cost += 0.5
        return replace(base, asked=tuple(want.path for want in self.wants))

    def _lists_values(self) -> bool:
        """ "list all products", "what stages do deals have": the plural of a field comes first."""
        if len(self.wants) != 1 or self.wants[0].spec.type in NUMERIC or "." in self.wants[0].path:
            return False
        first = min((at for at, _ in self.draft.nouns), default=-1)
        asked = any(tag in self.draft.asks for tag in ("what", "which", "list"))
        return asked and self.wants[0].at == first and is_plural(self.draft.items[first])

    def _values(self, base: Frame) -> Frame:
        """Which products were sold to ...: the values of a field, each with its count."""
        want = self.wants[0]
        if len(self.wants) > 1 or self.draft.presences:
            raise Unplaced(*(one.spec.label for one in self.wants))  # "with deals" is said of the groups
        return replace(base, shape="groups", groups=(Group(field=want.path),), ranked=False, limit=None)
