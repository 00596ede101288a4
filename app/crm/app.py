"""The Flask app of the CRM half: its blueprints, and one handler that renders every error."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import structlog
from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import IntegerConverter, Map, Rule

from app.crm.pages.words import gettext as _
from app.crm.port import Crm
from app.crm.web import Assistant, Services, request_id
from app.shared import instance
from app.shared.assets import static_url
from app.shared.config import Settings
from app.shared.db import Database
from app.shared.errors import NotFound, ParleyError
from app.shared.paths import shown


class Id(IntegerConverter):
    """A number in a path: one that no database holds leads nowhere, in every route."""

    def __init__(self, map: Map, min: int | None = None, max: int | None = None) -> None:
        super().__init__(map, min=min, max=2**63 - 1 if max is None else max)


class LazyRule(Rule):
    """A route whose builder of addresses is compiled when it is first used: for most of them never."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        compiled: list[Callable[..., Any]] = []

        def build(rule: Rule, *args: Any) -> Any:
            if not compiled:
                compiled.append(super(LazyRule, self)._compile_builder(append_unknown))
            return compiled[0](rule, *args)

        return build


BLUEPRINTS = ("app.crm.api", "app.crm.accounts.views", "app.crm.pages")
Reporter = Callable[[BaseException], None]
log = structlog.get_logger(__name__)


def create_app(
    settings: Settings,
    database: Database,
    crm: Crm,
    *,
    reporter: Reporter | None = None,
    assistant: Callable[[], Assistant] = Assistant,
) -> Flask:
    """Build the app. `reporter` is told of each unforeseen error; `assistant` tells where the other half is."""
    app = Flask("app.crm", static_folder=None, template_folder=None)
    app.url_rule_class = LazyRule
    app.url_map.converters["int"] = Id
    app.config.update(
        SECRET_KEY=instance.secret(settings),
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        PROPAGATE_EXCEPTIONS=False,
        TEMPLATES_AUTO_RELOAD=settings.development,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it
    app.extensions["parley"] = Services(settings, database, crm, assistant)
    app.jinja_env.globals.update(static_url=static_url)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).blueprint)
    _handle_errors(app, reporter)
    return app


def _handle_errors(app: Flask, reporter: Reporter | None) -> None:
    def handle(error: Exception) -> Response:
        if isinstance(error, ParleyError):
            return render(error)
        if isinstance(error, HTTPException):
            return _framework_error(error)
        log.exception("failed", method=request.method, path=shown(request.path))
        if reporter:
            reporter(error)
        return render(_Unforeseen(f"It has been written to the log as {request_id() or 'an error'}."))

    app.register_error_handler(Exception, handle)


class _Unforeseen(ParleyError):
    """Whatever nobody foresaw; the person gets the id under which it stands in the log."""


def _framework_error(error: HTTPException) -> Response:
    """Flask's own errors (unknown route, wrong method, unreadable body), and its redirects, which are no errors."""
    if error.code is None or error.code < 400:
        return current_app.make_response(error.get_response())
    found = ParleyError(error.description or error.name)
    found.status, found.title = error.code, error.name
    if error.code == NotFound.status:  # in our words: the framework's guess at a slip of the keyboard
        found.title, found.detail = NotFound.title, _("There is no page at this address.")
    response = render(found)
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after", "www-authenticate"):
            response.headers[name] = value
    return response


def render(error: ParleyError) -> Response:
    """The error as problem details under /api, as a page elsewhere."""
    if request.path == "/api" or request.path.startswith("/api/"):
        response = jsonify({**error.problem(), "instance": request.path})
        response.content_type = "application/problem+json"
    else:
        response = Response(render_template("error.html", error=error, request_id=request_id()))
    response.status_code = error.status
    if error.status == 503:
        response.headers["Retry-After"] = "2"
    return response
