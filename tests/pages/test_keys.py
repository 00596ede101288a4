"""The table of keys drives the program, makes the sheet, and is told in full by the docs."""

from flask import Flask

from app.crm.pages import keys
from app.shared.config import ROOT


def test_the_docs_tell_every_key(app: Flask) -> None:
    with app.test_request_context("/"):
        table = [key for group in keys.groups() for key in group.keys]
    section = (ROOT / "docs" / "using.md").read_text(encoding="utf-8").split("## Keys")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| ")]
    told = {word.strip(",").casefold() for row in rows for word in row.split()}
    for key in table:
        assert {stroke.casefold() for way in key.strokes for stroke in way} <= told, key.keys


def test_no_key_means_two_things_in_one_place(app: Flask) -> None:
    with app.test_request_context("/"):
        for group in keys.groups():
            pressed = [way for key in group.keys for way in key.keys.split(" / ")]
            assert len(pressed) == len(set(pressed)), group.label
