"""The pages: server-rendered, each address a line in this table."""

from typing import Any, cast

from flask import Blueprint, Flask
from flask.blueprints import BlueprintSetupState

from app.crm.objects import JOIN_OBJECTS, RECORD_OBJECTS
from app.crm.pages import (
    assistant,
    board,
    board_moves,
    bulk,
    create,
    dashboard,
    day,
    edit,
    filters,
    follows,
    frame,
    imports,
    joins,
    lists,
    notifications,
    palette,
    pickers,
    rates,
    records,
    saved,
    search,
    settings,
    settings_fields,
    settings_pipelines,
    settings_tags,
    settings_words,
    tasks,
    undo,
    webhooks,
)  # fmt: skip

blueprint = Blueprint("pages", __name__, template_folder="templates")
_OBJECT = f"/<any({','.join(RECORD_OBJECTS)}):object>"
_RECORD = f"{_OBJECT}/<int:id>"

_HOOK = "/settings/webhooks/<int(max=9007199254740991):id>"

_ROUTES: tuple[tuple[str, Any, str], ...] = (
    ("/", dashboard.show, "GET"),
    ("/search", search.page, "GET"),
    ("/search/palette", palette.show, "GET"),
    ("/create", create.show, "GET"),
    ("/create/twins", create.alike, "GET"),
    (f"/create{_OBJECT}", create.create, "POST"),
    (f"/assign{_RECORD}", tasks.assign, "POST"),
    ("/assistant", assistant.show, "GET"),
    ("/assistant/<int:conversation>", assistant.show, "GET"),
    ("/tasks/<int:id>/done", tasks.done, "POST"),
    ("/tasks/day", day.show, "GET"),
    ("/tasks/batch", day.batch, "POST"),
    ("/tasks/add", day.add, "POST"),
    ("/tasks/read", day.understood, "GET"),
    ("/notifications", notifications.show, "GET"),
    ("/notifications/count", notifications.count, "GET"),
    ("/notifications/read", notifications.mark, "POST"),
    (f"/follow{_RECORD}", follows.change, "POST"),
    ("/settings/notifications", notifications.settings, "GET"),
    ("/settings/notifications", notifications.save_settings, "POST"),
    ("/views", saved.create, "POST"),
    ("/views/<int(max=9007199254740991):id>", saved.change, "POST"),
    ("/views/<int(max=9007199254740991):id>/delete", saved.ask_to_delete, "GET"),
    ("/views/<int(max=9007199254740991):id>/delete", saved.delete, "POST"),
    (f"/list-settings{_OBJECT}/widths", saved.resize, "POST"),
    ("/import", imports.page, "GET"),
    ("/import/columns", imports.columns, "POST"),
    ("/import/<int:id>", imports.report, "GET"),
    (_OBJECT, lists.show, "GET"),
    (f"{_OBJECT}/filter", filters.editor, "GET"),
    (f"{_OBJECT}/bulk", bulk.ask, "POST"),
    (f"{_OBJECT}/bulk/export", bulk.export, "GET"),
    ("/bulk/<int:id>", bulk.report, "GET"),
    ("/bulk/<int:id>/cancel", bulk.cancel, "POST"),
    (f"{_OBJECT}/new", edit.new, "GET"),
    (f"{_OBJECT}/new", edit.create, "POST"),
    (f"{_OBJECT}/board", board.show, "GET"),
    (f"{_OBJECT}/board/lane", board.lane, "GET"),
    (f"{_RECORD}/move", board_moves.ask, "GET"),
    (f"{_RECORD}/move", board_moves.move, "POST"),
    (_RECORD, records.show, "GET"),
    (f"{_RECORD}/timeline", records.more, "GET"),
    (f"{_RECORD}/edit", edit.edit, "GET"),
    (f"{_RECORD}/edit", edit.save, "POST"),
    (f"{_RECORD}/trash", records.trash, "POST"),
    (f"{_RECORD}/restore", records.restore, "POST"),
    (f"{_RECORD}/links/<relation>", joins.add, "POST"),
    (f"{_RECORD}/links/<relation>/remove", joins.remove, "POST"),
    (f"/<any({','.join(JOIN_OBJECTS)}):object>/<int:id>", joins.show, "GET"),
    ("/pick/<object>", pickers.options, "GET"),
    ("/users/<int:id>", records.user, "GET"),
    ("/pipelines/<int:id>", records.pipeline, "GET"),
    ("/changes/<int:id>/undo", undo.undo, "POST"),
    ("/settings", settings.index, "GET"),
    ("/settings/theme", settings.theme, "POST"),
    ("/settings/workspace", settings.workspace, "GET"),
    ("/settings/workspace", settings.save_workspace, "POST"),
    ("/settings/pipelines", settings_pipelines.listing, "GET"),
    ("/settings/pipelines", settings_pipelines.change, "POST"),
    ("/settings/pipelines/<int:id>/retire", settings_pipelines.ask_to_retire, "GET"),
    ("/settings/pipelines/<int:id>/retire", settings_pipelines.retire, "POST"),
    ("/settings/pipelines/stages/<int:id>/retire", settings_pipelines.ask_to_retire_stage, "GET"),
    ("/settings/pipelines/stages/<int:id>/retire", settings_pipelines.retire_stage, "POST"),
    ("/settings/fields", settings_fields.listing, "GET"),
    ("/settings/fields", settings_fields.change_list, "POST"),
    ("/settings/fields/new", settings_fields.new, "GET"),
    ("/settings/fields/new", settings_fields.create, "POST"),
    ("/settings/fields/<int:id>", settings_fields.show, "GET"),
    ("/settings/fields/<int:id>", settings_fields.save, "POST"),
    ("/settings/fields/<int:id>/options", settings_fields.change_options, "POST"),
    ("/settings/fields/<int:id>/retire", settings_fields.ask_to_retire, "GET"),
    ("/settings/fields/<int:id>/retire", settings_fields.retire, "POST"),
    ("/settings/tags", settings_tags.listing, "GET"),
    ("/settings/tags/<int:id>", settings_tags.rename, "POST"),
    ("/settings/tags/<int:id>/delete", settings_tags.ask_to_delete, "GET"),
    ("/settings/tags/<int:id>/delete", settings_tags.delete, "POST"),
    ("/settings/words", settings_words.listing, "GET"),
    ("/settings/words", settings_words.add, "POST"),
    ("/settings/words/<int:id>/delete", settings_words.delete, "POST"),
    ("/settings/currencies", rates.listing, "GET"),
    ("/settings/currencies", rates.change, "POST"),
    ("/settings/webhooks", webhooks.listing, "GET"),
    ("/settings/webhooks", webhooks.create, "POST"),
    (_HOOK, webhooks.show, "GET"),
    (_HOOK, webhooks.save, "POST"),
    (f"{_HOOK}/secret", webhooks.renew, "POST"),
    (f"{_HOOK}/test", webhooks.test, "POST"),
    (f"{_HOOK}/delete", webhooks.remove, "POST"),
    (f"{_HOOK}/deliveries/<int(max=9007199254740991):delivery>/again", webhooks.again, "POST"),
)

for _path, _view, _method in _ROUTES:
    _name = f"{_view.__module__.rpartition('.')[2]}_{_view.__name__}"
    blueprint.add_url_rule(_path, _name, _view, methods=[_method])

blueprint.app_context_processor(frame.context)


@blueprint.record_once
def _install(state: BlueprintSetupState) -> None:
    frame.install(cast(Flask, state.app))
