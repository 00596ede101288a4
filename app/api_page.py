"""The page at /docs: the OpenAPI document as plain HTML, without scripts."""

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from app import __version__
from app.api_docs import DESCRIPTION, Document
from app.shared.assets import static_url

_METHODS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 4  # levels of a shape that are shown


def page(document: Document) -> str:
    """The document as a page: a section for each tag, an entry for each operation."""
    return str(
        _template().render(
            version=__version__, description=DESCRIPTION, sections=_sections(document), static_url=static_url
        )
    )


@lru_cache(maxsize=1)
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("docs.html")


def _sections(document: Document) -> list[tuple[str, list[Document]]]:
    found: dict[str, list[Document]] = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                title = tag[:1].upper() + tag[1:]
                found.setdefault(title, []).append(_operation(document, path, method, item))
    return sorted(found.items())


def _operation(document: Document, path: str, method: str, item: Document) -> Document:
    operation = item[method]
    parameters = [_resolved(document, one) for one in [*item.get("parameters", []), *operation.get("parameters", [])]]
    return {
        "id": operation.get("operationId") or f"{method}{path}".replace("/", "-"),
        "method": method,
        "path": path,
        "summary": operation.get("summary", ""),
        "description": operation.get("description", ""),
        "parameters": [_parameter(document, one) for one in parameters],
        "bodies": list(_bodies(document, operation.get("requestBody", {}))),
        "answers": [
            {"status": status, "description": answer.get("description", ""), "bodies": list(_bodies(document, answer))}
            for status, answer in ((key, _resolved(document, one)) for key, one in operation["responses"].items())
        ],
    }


def _parameter(document: Document, one: Document) -> Document:
    return {
        "name": one["name"],
        "place": one["in"],
        "required": one.get("required", False),
        "type": _word(document, one.get("schema", {})),
        "description": one.get("description", ""),
    }


def _bodies(document: Document, holder: Document) -> Iterator[Document]:
    """What a body looks like, for each media type that is described."""
    for media, content in _resolved(document, holder).get("content", {}).items():
        if content.get("schema"):
            shape = _shape(document, content["schema"], 0)
            yield {"media": media, "shape": json.dumps(shape, indent=2, ensure_ascii=False)}


def _resolved(document: Document, item: Document) -> Document:
    """The item, or what its `$ref` points at within this document."""
    target = item.get("$ref")
    if target is None:
        return item
    found: Any = document
    for part in target.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return dict(found)


def _shape(document: Document, schema: Document, depth: int) -> Any:
    """A schema as an example of its shape: objects and lists as themselves, values as the word for their type."""
    schema = _resolved(document, schema)
    if "properties" in schema and depth < _DEEPEST:
        return {name: _shape(document, item, depth + 1) for name, item in schema["properties"].items()}
    if schema.get("type") == "array" and depth < _DEEPEST:
        return [_shape(document, schema.get("items", {}), depth + 1)]
    return _word(document, schema)


def _word(document: Document, schema: Document) -> str:
    schema = _resolved(document, schema)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(dict.fromkeys(_word(document, item) for item in schema[choice]))
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kind = schema.get("type", "anything")
    words = " or ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{words} ({schema['format']})" if "format" in schema else words
