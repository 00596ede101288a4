"""The pages of accounts: each address a line in this table."""

from flask import Blueprint

from app.crm.accounts import audit_page, entrance, people, profile, team_pages, token_pages, visibility_pages

blueprint = Blueprint("accounts", __name__, template_folder="templates")

_ROUTES = (
    ("/sign-in", entrance.show_sign_in, "GET"),
    ("/sign-in", entrance.sign_in, "POST"),
    ("/sign-out", entrance.sign_out, "POST"),
    ("/setup", entrance.setup_hint, "GET"),
    ("/setup/<token>", entrance.show_setup, "GET"),
    ("/setup/<token>", entrance.set_up, "POST"),
    ("/invitation/<token>", entrance.show_invitation, "GET"),
    ("/invitation/<token>", entrance.accept_invitation, "POST"),
    ("/settings/profile", profile.show, "GET"),
    ("/settings/profile", profile.save, "POST"),
    ("/settings/profile/example", profile.example, "GET"),
    ("/settings/sessions", profile.show_sessions, "GET"),
    ("/settings/profile/password", profile.change_password, "POST"),
    ("/settings/profile/sessions/<session_id>/end", profile.end_session, "POST"),
    ("/settings/profile/sessions/end-others", profile.end_others, "POST"),
    ("/settings/profile/sessions/end-all", profile.end_all, "POST"),
    ("/settings/tokens", token_pages.show, "GET"),
    ("/settings/tokens", token_pages.create, "POST"),
    ("/settings/tokens/<int:token_id>/revoke", token_pages.revoke, "POST"),
    ("/settings/users", people.show, "GET"),
    ("/settings/users", people.invite, "POST"),
    ("/settings/users/<int:user_id>", people.show_one, "GET"),
    ("/settings/users/<int:user_id>", people.save, "POST"),
    ("/settings/users/<int:user_id>/link", people.link, "POST"),
    ("/settings/users/<int:user_id>/deactivate", people.deactivate, "POST"),
    ("/settings/users/<int:user_id>/reactivate", people.reactivate, "POST"),
    ("/settings/users/<int:user_id>/sign-out", people.sign_out, "POST"),
    ("/settings/teams", team_pages.show, "GET"),
    ("/settings/teams", team_pages.create, "POST"),
    ("/settings/teams/<int:team_id>", team_pages.show_one, "GET"),
    ("/settings/teams/<int:team_id>", team_pages.save, "POST"),
    ("/settings/teams/<int:team_id>/members", team_pages.save_members, "POST"),
    ("/settings/teams/<int:team_id>/delete", team_pages.delete, "POST"),
    ("/settings/visibility", visibility_pages.show, "GET"),
    ("/settings/visibility", visibility_pages.save, "POST"),
    ("/settings/audit", audit_page.show, "GET"),
)

for _path, _view, _method in _ROUTES:
    _name = f"{_view.__module__.rpartition('.')[2]}_{_view.__name__}"
    blueprint.add_url_rule(_path, _name, _view, methods=[_method])
