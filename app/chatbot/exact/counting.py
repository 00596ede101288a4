"""Single numbers: how many, how much, which part."""

from __future__ import annotations

from app.chatbot.exact import phrases, rows, wording
from app.chatbot.exact.asker import Asker, by_rates, percent, several_currencies
from app.chatbot.types import Answer, Figure
from app.chatbot.understanding import query as queries
from app.chatbot.understanding.frame import Frame


def count(asker: Asker, frame: Frame) -> Answer:
    one, many = phrases.nouns(asker.catalog, frame)
    spec = asker.spec(frame)
    shown = rows.record_columns(spec, ())
    page = asker.page(frame.rows_query(), shown)
    where = phrases.conditions(asker.catalog, frame)
    text = phrases.deed(asker.catalog, frame, page.total) or f"{wording.counted(page.total, one, many)}{where}."
    if page.total_is_bound:
        text = f"More than {page.total:,} {many}{where}."
    about = next((term for term in frame.terms if term.slot == "id" and term.entity), None)
    if frame.yes_no and about is not None:
        kinds = [term.label for term in frame.terms if term.kind]
        said = phrases.conditions(asker.catalog, frame, (about,)).strip() or " ".join(kinds)
        text = f"Yes: {about.label}, {said}." if page.total else f"No: not {about.label}, {said}."
        if kinds and not phrases.conditions(asker.catalog, frame, (about,)):
            text = f"{'Yes' if page.total else 'No'}: {about.label} is {'' if page.total else 'not '}{said}."
    elif frame.yes_no:
        text = f"{'Yes' if page.total else 'No'}: {text[:1].lower()}{text[1:]}"
    figures = (Figure(wording.sentence_case(many), page.total),)
    made = rows.record_rows(page.records, shown)
    return Answer(text, "exact", figures, made, rows.columns(asker.catalog, spec, shown))


def measure(asker: Asker, frame: Frame) -> Answer:
    """A sum, an average, a lowest or highest value, over the rows that the link opens."""
    _, many = phrases.nouns(asker.catalog, frame)
    spec = asker.spec(frame)
    shown = rows.record_columns(spec, (frame.measure.field or "",))
    page = asker.page(frame.rows_query(), shown)
    value = asker.total(frame.rows_query(), frame.measure)
    label = phrases.measure_label(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    text = f"{label} of {many}{where}: {rows.shown(value)}."
    if several_currencies([value]):
        text += _together(asker, frame)
    if value is None:
        text = f"There is no {label.lower()}: no {many}{where} have one."
    made = rows.record_rows(page.records, shown)
    return Answer(text, "exact", rows.figures(label, value), made, rows.columns(asker.catalog, spec, shown))


def _together(asker: Asker, frame: Frame) -> str:
    """Amounts of several currencies as one, where every rate is known."""
    whole = frame.rows_query().model_copy(update={"measures": (frame.measure,), "sort": (), "limit": 50})
    found = asker.converted(whole)
    return f" Together {rows.shown(found.totals[0])}.{by_rates(found)}" if found else ""


def rate(asker: Asker, frame: Frame) -> Answer:
    """Won / (won + lost), in percent."""
    decided, won = asker.number(queries.decided(asker.catalog, frame)), asker.number(queries.won(asker.catalog, frame))
    where = phrases.conditions(asker.catalog, frame)
    many = asker.spec(frame).label.lower()
    if not decided:
        text = f"There is no win rate: no {many}{where} are won or lost yet."
        return Answer(text, "exact", (Figure("Win rate", None, "%"),))
    found = percent(won, decided)
    text = f"The win rate is {wording.number(found)}%: {won:,} won of {decided:,} {many} won or lost{where}."
    return Answer(text, "exact", (Figure("Win rate", found, "%"), Figure("Won", won), Figure("Won or lost", decided)))


def share(asker: Asker, frame: Frame) -> Answer:
    """Which part of the records meets further conditions, in percent."""
    if frame.measure.field:
        return _share_of_sum(asker, frame)
    whole, part = asker.number(frame.rows_query()), asker.number(frame.rows_query(frame.part))
    _, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    if not whole:
        return Answer(f"There are no {many}{where} to take a share of.", "exact", (Figure("Share", None, "%"),))
    found = percent(part, whole)
    text = f"{wording.number(found)}%: {part:,} of {whole:,} {many}{where}."
    return Answer(text, "exact", (Figure("Share", found, "%"), Figure("Part", part), Figure("Whole", whole)))


def _share_of_sum(asker: Asker, frame: Frame) -> Answer:
    """Which part of what the records add up to is that of the ones that meet the further condition."""
    measured = {"measures": (frame.measure,), "sort": (), "limit": 50}
    all_of_them = asker.comparable(frame.rows_query().model_copy(update=measured))
    some = frame.rows_query(frame.part).model_copy(update=measured)
    told = by_rates(all_of_them)
    of_some = asker.converted(some) if told else asker.groups(some)
    whole, part = all_of_them.totals[0], of_some.totals[0] if of_some else None
    _, many = phrases.nouns(asker.catalog, frame)
    where = phrases.conditions(asker.catalog, frame)
    label = phrases.field_label(asker.catalog, asker.spec(frame), frame.measure.field or "").lower()
    if isinstance(whole, tuple) or of_some is None:
        text = f"There is no share: the amounts of {many}{where} are in several currencies."
        return Answer(text, "none", unread=("share",))
    if not rows.amount(whole):
        return Answer(
            f"There is no {label} of {many}{where} to take a share of.", "exact", (Figure("Share", None, "%"),)
        )
    share = percent(rows.amount(part) or 0, rows.amount(whole) or 0)
    of = f"{rows.shown(part) if part is not None else 0} of {rows.shown(whole)}, the {label} of {many}{where}"
    text = f"{wording.number(share)}%: {of}.{told}"
    return Answer(
        text, "exact", (Figure("Share", share, "%"), *rows.figures("Part", part), *rows.figures("Whole", whole))
    )
