"""Prose as people write it: a small Markdown, rendered to a few harmless tags.

CommonMark (https://spec.commonmark.org) by markdown-it without HTML, images, indented code and underlined headings,
which plain e-mails hit by accident; line breaks stay. What comes out is cleaned once more by nh3, so that a fault of
the one is caught by the other. A link to another host names that host.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from app.crm.objects import BUILT_IN
from app.crm.pages.words import gettext

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

_OFF = ("image", "html_block", "html_inline", "code", "lheading", "reference", "entity")
_TAGS = {
    "p", "br", "strong", "em", "s", "code", "pre", "ul", "ol", "li", "blockquote", "a", "h4", "h5", "h6", "hr", "span",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    "a": {"href", "rel", "target", "class", "title"},
    "span": {"class"},
    "ol": {"start"},
}
_OWN = re.compile(r"/(?![/\\])[^\s\x00-\x1f]*")
_RECORD = re.compile(r"/([a-z_]+)/\d{1,15}")
_KINDS = {spec.name: spec.label_one for spec in BUILT_IN.values() if spec.has_pages or spec.name == "users"}
# Nothing of Markdown stands in most texts: they need no parser.
_MARKED = re.compile(r"[*_`~\[|#>]|^\s{0,3}(?:[-+]\s|\d{1,9}[.)]\s|-{3})", re.MULTILINE)


def prose(text: str) -> Markup:
    """A long text as HTML. Plain text keeps its lines."""
    if not _MARKED.search(text):
        return _plain(text)
    import nh3

    made = _parser().render(text)
    cleaned = nh3.clean(
        made, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes={"http", "https", "mailto"}, link_rel=None
    )
    return Markup(cleaned)  # noqa: S704 - cleaned


def _plain(text: str) -> Markup:
    paragraphs = re.split(r"\n\s*\n", text.strip("\n"))
    lines = (Markup("<br>\n").join(escape(line) for line in paragraph.split("\n")) for paragraph in paragraphs)
    return Markup("\n").join(Markup("<p>{}</p>").format(line) for line in lines)


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"]).disable(_OFF)
    parser.validateLink = _may_lead  # type: ignore[method-assign]  # the parser's own way of setting it
    for name, rule in (("link_open", _link_open), ("link_close", _link_close), ("heading_open", _heading),
                       ("heading_close", _heading)):  # fmt: skip
        parser.add_render_rule(name, rule)
    return parser


def _may_lead(url: str) -> bool:
    """Pages of this very site, and addresses that say where they lead."""
    if _OWN.fullmatch(url):
        return True
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme == "mailto":
        return "@" in parts.path
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and "\\" not in url


def _link_open(renderer: "RendererHTML", tokens: "Sequence[Token]", at: int, options: "OptionsDict", env: Any) -> str:
    token = tokens[at]
    named = _RECORD.fullmatch(str(token.attrGet("href") or ""))
    if named and named[1] in _KINDS:
        token.attrSet("class", "mention")
        token.attrSet("title", gettext(_KINDS[named[1]]))
    else:
        for name in ("class", "title"):
            token.attrs.pop(name, None)
    if _host(token):
        token.attrSet("rel", "noopener noreferrer nofollow")
        token.attrSet("target", "_blank")
    return renderer.renderToken(tokens, at, options, env)


def _link_close(renderer: "RendererHTML", tokens: "Sequence[Token]", at: int, options: "OptionsDict", env: Any) -> str:
    """At the end of a link whose words don't say it: its host."""
    start = next(place for place in range(at, -1, -1) if tokens[place].type == "link_open")
    host = _host(tokens[start])
    words = "".join(token.content for token in tokens[start + 1 : at])
    says = re.sub(r"^https?://(www\.)?", "", words.strip().lower()).startswith(host.removeprefix("www."))
    return "</a>" if not host or says else f' <span class="link-host">({escape(host)})</span></a>'


def _host(token: "Token") -> str:
    url = str(token.attrGet("href") or "")
    return "" if url.startswith("/") else urlsplit(url).netloc.lower()


def _heading(renderer: "RendererHTML", tokens: "Sequence[Token]", at: int, options: "OptionsDict", env: Any) -> str:
    """A text's headings stand under those of the page."""
    tokens[at].tag = {"h1": "h4", "h2": "h5"}.get(tokens[at].tag, "h6")
    return renderer.renderToken(tokens, at, options, env)
