"""The pages: server-rendered, each address a line in this table."""

from typing import Any, cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from app.crm.objects import RECORD_OBJECTS
from app.crm.pages import (
    assistant,
    board,
    dashboard,
    edit,
    filters,
    frame,
    imports,
    lists,
    pickers,
    records,
    search,
    settings,
    tasks,
    undo,
)  # fmt: skip

blueprint = Blueprint("pages", __name__, template_folder="templates")
_OBJECT = f"/<any({','.join(RECORD_OBJECTS)}):object>"
_RECORD = f"{_OBJECT}/<int:id>"

_ROUTES: tuple[tuple[str, Any, str], ...] = (
    ("/", dashboard.show, "GET"),
    ("/search", search.page, "GET"),
    ("/search/palette", search.palette, "GET"),
    ("/assistant", assistant.show, "GET"),
    ("/assistant/<int:conversation>", assistant.show, "GET"),
    ("/deals/board", board.show, "GET"),
    ("/deals/board/column", board.column, "GET"),
    ("/deals/<int:id>/move", board.move, "POST"),
    ("/tasks/<int:id>/done", tasks.done, "POST"),
    ("/import", imports.page, "GET"),
    ("/import/columns", imports.columns, "POST"),
    ("/import/<int:id>", imports.report, "GET"),
    (_OBJECT, lists.show, "GET"),
    (f"{_OBJECT}/filter", filters.editor, "GET"),
    (f"{_OBJECT}/new", edit.new, "GET"),
    (f"{_OBJECT}/new", edit.create, "POST"),
    (_RECORD, records.show, "GET"),
    (f"{_RECORD}/timeline", records.more, "GET"),
    (f"{_RECORD}/edit", edit.edit, "GET"),
    (f"{_RECORD}/edit", edit.save, "POST"),
    (f"{_RECORD}/trash", records.trash, "POST"),
    (f"{_RECORD}/restore", records.restore, "POST"),
    ("/pick/<object>", pickers.options, "GET"),
    ("/users/<int:id>", records.user, "GET"),
    ("/pipelines/<int:id>", records.pipeline, "GET"),
    ("/changes/<int:id>/undo", undo.undo, "POST"),
    ("/settings", settings.index, "GET"),
    ("/settings/theme", settings.theme, "POST"),
    ("/settings/workspace", settings.workspace, "GET"),
    ("/settings/workspace", settings.save_workspace, "POST"),
    ("/settings/pipelines", settings.pipelines, "GET"),
    ("/settings/pipelines", settings.change_pipelines, "POST"),
    ("/settings/fields", settings.fields, "GET"),
    ("/settings/fields", settings.change_fields, "POST"),
)

for _path, _view, _method in _ROUTES:
    _name = f"{_view.__module__.rpartition('.')[2]}_{_view.__name__}"
    blueprint.add_url_rule(_path, _name, _view, methods=[_method])

blueprint.app_context_processor(frame.context)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    frame.install(cast(Flask, state.app))
