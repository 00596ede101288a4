"""Links, merges, joins and settled conflicts over REST."""

from typing import Any

from tests.api.test_doors import make


def change(client: Any, *operations: dict[str, Any], **rest: Any) -> Any:
    return client.post("/api/v1/changes", json={"operations": list(operations), **rest})


def test_a_contact_is_linked_listed_and_found_by_its_role(client: Any) -> None:
    deal, anna = make(client, "deals", name="Big deal"), make(client, "people", name="Anna Reed")
    link = {"action": "link", "object": "deals", "id": deal, "relation": "contacts", "to": anna}
    assert change(client, link | {"values": {"role": "champion"}}).status_code == 201
    (item,) = client.get(f"/api/v1/deal_contacts?deal={deal}").json()["items"]
    assert (item["person"]["label"], item["role"], item["label"]) == ("Anna Reed", "champion", "Anna Reed – Big deal")
    assert client.get("/api/v1/deals?contacts.role=champion").json()["total"] == 1
    changed = client.patch(f"/api/v1/deal_contacts/{item['id']}", json={"role": "coach"})
    assert (changed.status_code, changed.json()["role"]) == (200, "coach")
    twice = client.post("/api/v1/deal_contacts", json={"deal": deal, "person": anna, "role": "coach"})
    assert (twice.status_code, twice.json()["errors"][0]["field"]) == (422, "role")
    assert change(client, link | {"action": "unlink"}).status_code == 201
    assert client.get("/api/v1/deal_contacts").json()["total"] == 0


def test_the_team_has_a_collection_of_its_own(client: Any) -> None:
    deal, me = make(client, "deals", name="D"), client.get("/api/v1/me").json()["id"]
    made = client.post("/api/v1/deal_team", json={"deal": deal, "user": me, "role": "sales_engineer"})
    assert (made.status_code, made.json()["user"]["label"]) == (201, "Anna")
    assert client.delete(f"/api/v1/deal_team/{made.json()['id']}").status_code == 204


def test_twins_are_merged_and_undone(client: Any) -> None:
    acme, twin = make(client, "companies", name="Acme"), make(client, "companies", name="Twin", city="Ulm")
    deal = make(client, "deals", name="D", company=twin)
    merge = {"action": "merge", "object": "companies", "id": acme, "twins": [twin]}
    done = change(client, merge)
    assert done.status_code == 201, done.text
    assert client.get(f"/api/v1/companies/{acme}").json()["city"] == "Ulm"
    assert client.get(f"/api/v1/deals/{deal}").json()["company"]["id"] == acme
    assert change(client, merge).status_code == 409
    assert client.post(f"/api/v1/changes/{done.json()['id']}/undo").status_code == 200
    assert client.get(f"/api/v1/deals/{deal}").json()["company"]["id"] == twin


def test_a_conflict_names_both_values_and_is_settled(client: Any) -> None:
    deal = make(client, "deals", name="D", amount=10)
    update = {"action": "update", "object": "deals", "id": deal, "values": {"amount": 20}, "expect": {"amount": 5}}
    conflict = change(client, update)
    (error,) = conflict.json()["errors"]
    assert (conflict.status_code, error["operation"], error["field"]) == (409, 0, "amount")
    assert (error["label"], error["yours"], error["theirs"], error["record"]) == ("Amount", 20, 10, "D")
    settled = [{"operation": 0, "field": "amount", "keep": "yours"}]
    assert change(client, update, propose=True, resolutions=settled).status_code == 422
    assert change(client, update, resolutions=[{**settled[0], "keep": "mine"}]).status_code == 422
    assert change(client, update, resolutions=settled).status_code == 201
    assert client.get(f"/api/v1/deals/{deal}").json()["amount"] == 20


def test_a_proposal_is_settled_when_it_is_applied(client: Any) -> None:
    deal = make(client, "deals", name="D", amount=10)
    update = {"action": "update", "object": "deals", "id": deal, "values": {"amount": 20, "name": "Mine"}}
    proposed = change(client, update, propose=True).json()["id"]
    client.patch(f"/api/v1/deals/{deal}", json={"amount": 15})
    assert client.post(f"/api/v1/changes/{proposed}/apply").status_code == 409
    settled = {"resolutions": [{"operation": 0, "field": "amount", "keep": "theirs"}]}
    assert client.post(f"/api/v1/changes/{proposed}/apply", json=settled).status_code == 200
    found = client.get(f"/api/v1/deals/{deal}").json()
    assert (found["amount"], found["name"]) == (15, "Mine")


def test_a_stale_patch_names_both_values_of_each_field(client: Any) -> None:
    deal = make(client, "deals", name="D", amount=10)
    client.patch(f"/api/v1/deals/{deal}", json={"amount": 15})
    stale = client.patch(f"/api/v1/deals/{deal}", json={"amount": 20}, headers={"If-Match": '"1"'}).json()
    assert (stale["yours"], stale["theirs"]["amount"], stale["theirs"]["version"]) == ({"amount": 20}, 15, 2)
    assert (stale["errors"][0]["yours"], stale["errors"][0]["theirs"]) == (20, 15)
