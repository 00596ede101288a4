"""Structured logs: lines for people on a terminal, one JSON object a line elsewhere; each names its request."""

import logging
import sys
from typing import Any, TextIO

import structlog

_QUIET = dict.fromkeys(("uvicorn.access", "uvicorn.error", "httpx", "httpcore"), logging.WARNING)


def _without_colours(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """uvicorn sends its messages a second time, in colours."""
    event.pop("color_message", None)
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.ExtraAdder(),
    _without_colours,
]


def configure(*, development: bool, stream: TextIO | None = None) -> None:
    """Send every log line to `stream` (standard error): coloured lines on a terminal or while developing, else JSON."""
    stream = stream or sys.stderr
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_formatter(for_people=development or stream.isatty(), colours=stream.isatty()))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED[:-2],
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def _formatter(*, for_people: bool, colours: bool) -> structlog.stdlib.ProcessorFormatter:
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if for_people:
        last.append(structlog.dev.ConsoleRenderer(colors=colours, exception_formatter=structlog.dev.plain_traceback))
    else:
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    return structlog.stdlib.ProcessorFormatter(processors=last, foreign_pre_chain=_SHARED)
