"""Who comes through the identity layer, and what they may do."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.shared.contract import Principal
from app.shared.identity import IdentityLayer
from tests.accounts.layer import HOME, INNER, SAME, as_session, as_token, client_of, layer, status_of


@pytest.mark.parametrize(
    "path",
    ["/healthz", "/readyz", "/openapi.json", "/docs", "/static/css/base.css", "/favicon.ico", "/sign-in", "/setup",
     "/setup/abc", "/invitation/abc"],
)  # fmt: skip
def test_open_pages_answer_strangers(client: TestClient, path: str) -> None:
    assert client.get(path).json() == {"who": None, "size": 0}


@pytest.mark.parametrize("path", ["/api/v1/deals", "/chat/ask", "/api", "/api/v1/nothing", "/chat/x/../y", "/metrics"])
def test_programs_without_a_credential_get_a_problem(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code in (400, 401)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code


@pytest.mark.parametrize(
    "path", ["/", "/deals", "/statics", "/static", "/sign-in/", "/sign-inn", "/setups", "/docsx", "//sign-in", "/SETUP"]
)
def test_pages_without_a_credential_lead_to_sign_in(client: TestClient, path: str) -> None:
    answer = client.get(HOME + path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in")


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client: TestClient) -> None:
    answer = client.get("/deals?stage=won&q=a%20b")
    assert answer.headers["location"] == "/sign-in?next=/deals%3Fstage%3Dwon%26q%3Da%2520b"


def test_a_form_sent_after_the_session_has_ended_leads_back_to_its_page(client: TestClient) -> None:
    answer = client.post("/deals/new", headers={**SAME, "Referer": f"{HOME}/deals/new?company=4"})
    assert answer.headers["location"] == "/sign-in?next=/deals/new%3Fcompany%3D4"


def test_a_page_in_the_background_is_told_instead_of_being_handed_the_sign_in_page(client: TestClient) -> None:
    headers = {"Sec-Fetch-Dest": "empty", "HX-Request": "true", "HX-Current-URL": f"{HOME}/deals?q=x"}
    answer = client.get("/deals/1/timeline", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"] == "/sign-in?next=/deals%3Fq%3Dx"


@pytest.mark.parametrize("path", ["/static/../api/v1/deals", "/static/%2e%2e/deals", "/healthz%00", "/docs\\x"])
def test_paths_that_could_mean_two_things_are_refused(client: TestClient, path: str) -> None:
    sent: list[Any] = []
    scope_path = path.replace("%2e", ".").replace("%00", "\x00")
    assert status_of(client.app, {"path": scope_path}, sent) == 400


def test_metrics_are_open_to_this_machine_and_to_a_token() -> None:
    app = layer()
    assert client_of(app, "127.0.0.1").get("/metrics").status_code == 200
    assert client_of(app, "::1").get("/metrics").status_code == 200
    assert client_of(app).get("/metrics").status_code == 401
    assert client_of(app).get("/metrics", headers=as_token("reader")).status_code == 200
    proxied = client_of(app, "127.0.0.1").get("/metrics", headers={"X-Forwarded-For": "10.1.1.1"})
    assert proxied.status_code == 401


def test_a_session_and_a_token_are_known(client: TestClient) -> None:
    assert client.get("/deals", headers=as_session("member")).json()["who"] == "Ben"
    assert client.get("/api/v1/deals", headers=as_token("admin")).json()["who"] == "Anna"
    assert client.get("/deals", headers=as_session("nobody")).status_code == 303
    assert client.get("/api/v1/deals", headers=as_token("nobody")).status_code == 401


def test_a_bad_token_is_not_saved_by_a_good_cookie(client: TestClient) -> None:
    assert client.get("/api/v1/deals", headers=as_session("admin") | as_token("nobody")).status_code == 401


def test_a_client_cannot_name_its_own_principal(client: TestClient) -> None:
    headers = {"parley.principal": "admin", "X-Parley-Principal": "admin", "X-Forwarded-User": "admin"}
    assert client.get("/api/v1/deals", headers=headers).status_code == 401


# --- rights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("who", [as_session("viewer"), as_token("reader")])
@pytest.mark.parametrize("path", ["/api/v1/deals", "/deals/4/edit", "/api/v1/changes/3/apply", "/anything/new"])
def test_who_may_only_look_changes_nothing(client: TestClient, who: dict[str, str], method: str, path: str) -> None:
    assert client.request(method, path, headers=who | SAME).status_code == 403
    assert client.get(path, headers=who).status_code == 200


def test_who_may_only_look_still_asks_and_queries(client: TestClient) -> None:
    for who in (as_session("viewer"), as_token("reader")):
        for path in ("/api/v1/query", "/chat/ask", "/settings/theme"):
            assert client.post(path, headers=who | SAME).status_code == 200


def test_a_viewer_keeps_conversations_and_an_own_account_and_a_reading_token_keeps_neither(client: TestClient) -> None:
    changes = (("DELETE", "/chat/conversations/1"), ("PATCH", "/chat/conversations/1"), ("POST", "/settings/profile"))
    for method, path in changes:
        assert client.request(method, path, headers=as_session("viewer") | SAME).status_code == 200
        assert client.request(method, path, headers=as_token("reader")).status_code == 403


@pytest.mark.parametrize("path", ["/settings/profile/password", "/settings/tokens", "/settings/users/3"])
def test_accounts_are_changed_in_person_not_with_a_token(path: str) -> None:
    admin_token = Principal(1, "Anna", "admin", channel="api")
    client = client_of(IdentityLayer(INNER, lambda credentials: admin_token))  # type: ignore[arg-type]
    assert client.post(path, headers=as_token("pat_x")).status_code == 403
    assert client.get(path, headers=as_token("pat_x")).status_code == 200


@pytest.mark.parametrize("path", ["/settings/users", "/settings/users/3", "/settings/fields", "/settings/workspace"])
def test_the_admin_settings_are_for_admins(client: TestClient, path: str) -> None:
    assert client.get(path, headers=as_session("member")).status_code == 403
    assert client.post(path, headers=as_session("member") | SAME).status_code == 403
    assert client.get(path, headers=as_session("admin")).status_code == 200
