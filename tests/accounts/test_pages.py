"""The pages of accounts over the whole host, by forms alone, as a browser without scripts sends them."""

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.crm.accounts import passwords, setup, users
from app.shared.config import Settings
from app.shared.db import Database

HOME = "http://127.0.0.1:5050"
PASSWORD = "tulip river 42"
FIRST = {"workspace": "Acme", "name": "Anna", "email": "anna@acme.example", "password": PASSWORD, "timezone": "UTC"}


class Browser:
    """A client with cookies of its own that sends forms as our own pages do."""

    def __init__(self, app: Any) -> None:
        self.client = TestClient(app, base_url=HOME, follow_redirects=False)

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data=fields, headers={"Origin": HOME})

    def sign_in(self, email: str = "anna@acme.example", password: str = PASSWORD, to: str = "/") -> Any:
        return self.post("/sign-in", email=email, password=password, next=to)


@pytest.fixture
def anna(stranger: TestClient, database: Database) -> Browser:
    """An admin who is signed in."""
    with database.write() as connection:
        hashed = passwords.hash_password(PASSWORD)
        users.create(connection, name="Anna", email="anna@acme.example", role="admin", password_hash=hashed)
    browser = Browser(stranger.app)
    assert browser.sign_in().status_code == 303
    return browser


def problems(answer: Any) -> list[str]:
    """The fields that the form's summary names."""
    return re.findall(r'<li><a href="#(\w+)">', answer.text)


def link_in(answer: Any) -> str:
    found = re.search(r'value="http://127\.0\.0\.1:5050(/invitation/[^"]+)"', answer.text)
    assert found is not None
    return found[1]


# --- the first run ----------------------------------------------------------------------------------------------------


def test_every_page_of_a_new_instance_leads_to_the_set_up(stranger: TestClient) -> None:
    browser = Browser(stranger.app)
    assert browser.get("/deals").headers["location"] == "/sign-in?next=/deals"
    assert browser.get("/sign-in?next=/deals").headers["location"] == "/setup"
    assert "set-up link" in browser.get("/setup").text


def test_the_set_up_link_makes_the_admin_and_signs_them_in(
    stranger: TestClient, database: Database, settings: Settings
) -> None:
    browser, path = Browser(stranger.app), setup.link(database, settings)
    assert path is not None
    assert browser.get(path).status_code == 200
    refused = browser.post(path, **FIRST | {"password": "password123", "email": "anna"})
    assert refused.status_code == 422
    assert problems(refused) == ["email", "password"]
    assert 'value="Acme"' in refused.text
    assert "password123" not in refused.text
    assert browser.post(path, **FIRST).headers["location"] == "/"
    assert browser.get("/settings/users").status_code == 200
    assert browser.get(path).status_code == 410
    assert Browser(stranger.app).post(path, **FIRST).status_code == 410
    assert Browser(stranger.app).get("/setup").headers["location"] == "/sign-in"


def test_the_set_up_of_an_instance_that_is_set_up_takes_no_link(anna: Browser) -> None:
    assert anna.get("/setup/guessed").status_code == 410


# --- sign-in and sign-out ---------------------------------------------------------------------------------------------


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(anna: Browser) -> None:
    cookie = anna.sign_in().headers["set-cookie"]
    assert cookie.startswith("parley_session=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_over_tls_the_cookie_is_bound_to_this_host(anna: Browser) -> None:
    client = TestClient(anna.client.app, base_url="https://127.0.0.1:5050", follow_redirects=False)
    fields = {"email": "anna@acme.example", "password": PASSWORD}
    answer = client.post("/sign-in", data=fields, headers={"Origin": "https://127.0.0.1:5050"})
    assert answer.headers["set-cookie"].startswith("__Host-parley_session=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(answer.headers["set-cookie"].split("; "))
    assert client.get("/settings/profile").status_code == 200


@pytest.mark.parametrize(
    ("target", "location"),
    [("/deals?stage=won", "/deals?stage=won"), ("https://evil.example/", "/"), ("//evil.example", "/"),
     ("/\\evil.example", "/"), ("javascript:alert(1)", "/"), ("", "/"), ("/x\r\nSet-Cookie: a=b", "/")],
)  # fmt: skip
def test_signing_in_goes_on_to_a_page_of_this_server_alone(anna: Browser, target: str, location: str) -> None:
    assert anna.sign_in(to=target).headers["location"] == location
    assert anna.client.get("/sign-in", params={"next": target}).headers["location"] == location


def test_a_refused_sign_in_keeps_the_address_and_says_why(anna: Browser) -> None:
    answer = Browser(anna.client.app).sign_in(password="wrong", to="/deals")
    assert answer.status_code == 422
    assert 'value="anna@acme.example"' in answer.text
    assert 'value="/deals"' in answer.text
    assert "The e-mail address or the password is wrong." in answer.text
    assert "set-cookie" not in answer.headers


def test_too_many_failures_are_answered_with_when_to_try_again(anna: Browser) -> None:
    other = Browser(anna.client.app)
    statuses = [other.sign_in(password="wrong").status_code for _ in range(9)]
    assert statuses == [422] * 8 + [429]
    answer = other.sign_in()
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "Too many attempts" in answer.text


def test_signing_out_ends_the_session_itself(anna: Browser) -> None:
    kept = anna.client.cookies["parley_session"]
    assert anna.post("/sign-out").headers["location"] == "/sign-in"
    anna.client.cookies.set("parley_session", kept, domain="127.0.0.1", path="/")
    assert anna.get("/settings/profile").headers["location"].startswith("/sign-in")


# --- one's own account ------------------------------------------------------------------------------------------------


def test_the_profile_is_changed_and_bad_fields_are_named(anna: Browser) -> None:
    assert anna.post("/settings/profile", name="Anna B", timezone="Europe/Berlin", locale="en_GB").status_code == 303
    assert 'value="Anna B"' in anna.get("/settings/profile").text
    refused = anna.post("/settings/profile", name="", timezone="Mars", locale="en_GB")
    assert refused.status_code == 422
    assert problems(refused)


def test_changing_the_password_ends_the_other_sessions_and_renews_this_one(anna: Browser) -> None:
    other = Browser(anna.client.app)
    other.sign_in()
    before = anna.client.cookies["parley_session"]
    assert anna.post("/settings/profile/password", current="wrong", new="stone harbour 7").status_code == 422
    refused = anna.post("/settings/profile/password", current=PASSWORD, new="password123")
    assert problems(refused) == ["new"]
    assert anna.post("/settings/profile/password", current=PASSWORD, new="stone harbour 7").status_code == 303
    assert anna.client.cookies["parley_session"] != before
    assert anna.get("/settings/profile").status_code == 200
    assert other.get("/settings/profile").status_code == 303
    assert other.sign_in(password="stone harbour 7").status_code == 303


def test_sessions_are_listed_and_ended_one_by_one_or_all_others(anna: Browser) -> None:
    others = [Browser(anna.client.app) for _ in range(3)]
    for other in others:
        other.sign_in()
    ends = re.findall(r"/settings/profile/sessions/(\w+)/end", anna.get("/settings/sessions").text)
    assert len(ends) == 3
    assert anna.post(f"/settings/profile/sessions/{ends[0]}/end").status_code == 303
    assert sum(other.get("/settings/profile").status_code == 200 for other in others) == 2
    assert anna.post("/settings/profile/sessions/end-others").status_code == 303
    assert [other.get("/settings/profile").status_code for other in others] == [303] * 3
    assert anna.get("/settings/profile").status_code == 200


def test_a_token_is_shown_once_works_and_is_revoked(anna: Browser) -> None:
    made = anna.post("/settings/tokens", name="<b>ci</b>", scope="read", days="30")
    token = re.findall(r"pat_[\w-]{43}", made.text)[0]
    assert "<b>ci</b>" not in made.text
    assert token not in anna.get("/settings/tokens").text
    caller = TestClient(anna.client.app, base_url=HOME, headers={"Authorization": f"Bearer {token}"})
    assert caller.get("/api/v1/me").json()["email"] == "anna@acme.example"
    assert caller.post("/api/v1/companies", json={"name": "X"}).status_code == 403
    token_id = re.findall(r"/settings/tokens/(\d+)/revoke", anna.get("/settings/tokens").text)[0]
    assert anna.post(f"/settings/tokens/{token_id}/revoke").status_code == 303
    assert caller.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("fields", [{"name": ""}, {"scope": "admin"}, {"days": "36500"}])
def test_a_token_with_a_bad_field_is_not_made(anna: Browser, fields: dict[str, str]) -> None:
    refused = anna.post("/settings/tokens", **{"name": "ci", "scope": "read", "days": "30"} | fields)
    assert refused.status_code == 422
    assert problems(refused) == list(fields)
    assert "pat_" not in refused.text


# --- users ------------------------------------------------------------------------------------------------------------


def invite(anna: Browser, role: str = "member", email: str = "ben@acme.example") -> Browser:
    """Somebody who was invited and has joined."""
    made = anna.post("/settings/users", name="Ben", email=email, role=role, team="North")
    browser = Browser(anna.client.app)
    assert browser.post(link_in(made), name="Ben", password="stone harbour 7").headers["location"] == "/"
    return browser


def test_somebody_who_is_invited_joins_by_the_link_once(anna: Browser) -> None:
    made = anna.post("/settings/users", name="Ben", email="ben@acme.example", role="viewer", team="")
    path, ben = link_in(made), Browser(anna.client.app)
    assert "ben@acme.example" in html.unescape(ben.get(path).text)
    assert problems(ben.post(path, name="Ben", password="short")) == ["password"]
    assert ben.post(path, name="Benjamin", password="stone harbour 7").headers["location"] == "/"
    assert ben.get("/settings/profile").status_code == 200
    assert ben.get("/settings/users").status_code == 403
    assert Browser(anna.client.app).get(path).status_code == 410


def test_a_bad_invitation_names_its_fields_and_keeps_what_was_typed(anna: Browser) -> None:
    refused = anna.post("/settings/users", name="Ben", email="anna@acme.example", role="viewer", team="North")
    assert problems(refused) == ["email"]
    assert 'value="North"' in refused.text
    assert '<option value="viewer" selected' in refused.text


def test_a_viewer_makes_only_tokens_that_look(anna: Browser) -> None:
    viewer = invite(anna, "viewer")
    assert viewer.post("/settings/tokens", name="ci", scope="write", days="30").status_code == 422
    assert viewer.post("/settings/tokens", name="ci", scope="read", days="30").status_code == 201


def test_a_deactivated_user_is_out_at_once_and_their_token_too(anna: Browser) -> None:
    ben = invite(anna)
    token = re.findall(r"pat_[\w-]{43}", ben.post("/settings/tokens", name="x", scope="write", days="").text)[0]
    caller = TestClient(anna.client.app, base_url=HOME, headers={"Authorization": f"Bearer {token}"})
    assert caller.get("/api/v1/me").status_code == 200
    assert anna.post("/settings/users/2/deactivate").status_code == 303
    assert ben.get("/settings/profile").status_code == 303
    assert caller.get("/api/v1/me").status_code == 401
    assert ben.sign_in("ben@acme.example", "stone harbour 7").status_code == 422
    assert anna.post("/settings/users/2/reactivate").status_code == 303
    assert ben.sign_in("ben@acme.example", "stone harbour 7").status_code == 303


def test_a_changed_role_counts_from_the_next_request(anna: Browser) -> None:
    ben = invite(anna)
    fields = {"name": "Ben", "email": "ben@acme.example", "team": ""}
    assert anna.post("/settings/users/2", role="admin", **fields).status_code == 303
    assert ben.get("/settings/users").status_code == 200
    assert anna.post("/settings/users/2", role="viewer", **fields).status_code == 303
    assert ben.get("/settings/users").status_code == 403


def test_a_link_for_a_new_password_leaves_the_old_one_until_it_is_used(anna: Browser) -> None:
    ben = invite(anna)
    path = link_in(anna.post("/settings/users/2/link"))
    assert ben.get("/settings/profile").status_code == 200
    fresh = Browser(anna.client.app)
    assert fresh.post(path, name="Ben", password="copper meadow 9").status_code == 303
    assert ben.get("/settings/profile").status_code == 303
    assert ben.sign_in("ben@acme.example", "copper meadow 9").status_code == 303


def test_the_last_admin_can_neither_be_demoted_nor_deactivated(anna: Browser) -> None:
    fields = {"name": "Anna", "email": "anna@acme.example", "team": ""}
    assert anna.post("/settings/users/1", role="member", **fields).status_code == 409
    assert anna.post("/settings/users/1/deactivate").status_code == 409
    assert anna.get("/settings/users").status_code == 200


def test_an_owner_of_an_import_is_invited_once_there_is_an_address(anna: Browser, database: Database) -> None:
    with database.write() as connection:
        owner = users.create(connection, name="Darcel Schlecht")
    assert problems(anna.post(f"/settings/users/{owner}/link")) == ["email"]
    fields = {"name": "Darcel Schlecht", "email": "d@acme.example", "role": "member", "team": ""}
    assert anna.post(f"/settings/users/{owner}", **fields).status_code == 303
    path = link_in(anna.post(f"/settings/users/{owner}/link"))
    joined = Browser(anna.client.app)
    assert joined.post(path, name="Darcel Schlecht", password="stone harbour 7").status_code == 303


def test_a_user_who_is_not_there_is_a_404(anna: Browser) -> None:
    assert anna.get("/settings/users/99").status_code == 404
