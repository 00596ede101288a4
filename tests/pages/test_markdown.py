"""Prose is a small Markdown that can do no harm."""

import pytest

from app.crm.pages.markdown import prose


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Two\nlines", "<p>Two<br>\nlines</p>"),
        ("One\n\nTwo & <three>", "<p>One</p>\n<p>Two &amp; &lt;three&gt;</p>"),
        ("**Budget** is _approved_", "<p><strong>Budget</strong> is <em>approved</em></p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("# Agenda", "<h4>Agenda</h4>"),
        ("> said she", "<blockquote>\n<p>said she</p>\n</blockquote>"),
        ("[the deal](/deals/5)", '<p><a href="/deals/5" class="mention" title="Deal">the deal</a></p>'),
        ("Regards\n-----\nPaul", "<p>Regards</p>\n<hr>\n<p>Paul</p>"),
        ("    four spaces * before", "<p>four spaces * before</p>"),
    ],
)
def test_what_people_write_is_set_as_they_meant_it(text: str, html: str) -> None:
    assert prose(text).strip() == html


def test_a_link_to_elsewhere_says_where() -> None:
    found = prose("See [our offer](https://evil.example/x) and [evil.example/y](https://evil.example/y).")
    assert found.count("(evil.example)") == 1
    assert found.count('rel="noopener noreferrer nofollow"') == 2


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script> *x*",
        "![](https://evil.example/x.png)",
        "[x](javascript:alert(1))",
        "[x](data:text/html,<script>)",
        "[x](//evil.example)",
        "[x](/\\evil.example)",
        "[x](https://bank.example@evil.example)",
        "<img src=x onerror=alert(1)> `code`",
        "<https://evil.example/\"onmouseover=alert(1)>",
        "[x]: javascript:alert(1)\n\n[x]",
        "<a href='vbscript:x'>*y*</a>",
        "**" * 5_000 + "[" * 5_000,
    ],
)  # fmt: skip
def test_nothing_runs_and_nothing_is_loaded(text: str) -> None:
    found = prose(text).lower()
    assert "<img" not in found
    assert "<script" not in found
    assert "=alert" not in found.replace("onerror=alert(1)&gt;", "").replace("onmouseover=alert", "")
    assert 'href="javascript' not in found
    assert 'href="data' not in found
    assert 'href="//' not in found
    assert "bank.example@" not in found or "<a" not in found


def test_a_link_to_a_record_or_a_user_is_a_chip_that_says_what_it_leads_to() -> None:
    html = prose("Ask [@Ben](/users/2) about [Big \\[deal\\]](/deals/5).")
    assert '<a href="/users/2" class="mention" title="User">@Ben</a>' in html
    assert '<a href="/deals/5" class="mention" title="Deal">Big [deal]</a>' in html


def test_nothing_else_can_look_like_one() -> None:
    for text in (
        '[x](https://evil.example "Deal")',
        "[x](/settings/users)",
        '[x](/deals/5/edit "y")',
        "[x](/deals/new)",
    ):
        html = prose(text)
        assert "mention" not in html
        assert "title=" not in html
