"""My day on the server: its sections, actions on several tasks as one change, and a task in one line."""

from datetime import timedelta

from app.crm.pages import locale
from app.shared.contract import Principal
from tests.pages.site import Client, Maker, main, text
from tests.pages.test_statements import statements


def _day(client: Client, who: str = "") -> str:
    return text(main(client.get(f"/tasks/day{who}").text))


def test_tasks_stand_under_when_they_are_due(client: Client, make: Maker) -> None:
    today = locale.today()
    for name, days in (("Late", -1), ("Now", 0), ("Soon", 7), ("Far", 8)):
        make("tasks", name=name, due_date=(today + timedelta(days=days)).isoformat())
    make("tasks", name="Some day")
    make.change("tasks", make("tasks", name="Finished"), done=True)
    said = _day(client)
    order = ["Overdue 1", "Late", "Today 1", "Now", "Next 7 days 1", "Soon", "Later 1", "Far", "No date 1", "Some day",
             "Done today 1", "Finished"]  # fmt: skip
    places = [said.index(word) for word in order]
    assert places == sorted(places)


def test_the_day_is_mine_unless_i_ask_for_everybodys(client: Client, make: Maker, member: Principal) -> None:
    make("tasks", name="Bens", owner=member.user_id)
    assert "Bens" not in _day(client)
    assert "Bens" in _day(client, "?who=all")
    assert "Bens" not in _day(client, "?who=nonsense")


def test_several_are_put_off_as_one_change_with_one_undo(client: Client, make: Maker) -> None:
    ids = [make("tasks", name=f"Task {index}") for index in range(3)]
    answer = client.post("/tasks/batch", {"id": ids, "action": "tomorrow"}, {"X-Fragment": "1"})
    assert "3 tasks moved to another day" in answer.text
    tomorrow = locale.today() + timedelta(days=1)
    assert {make.crm.get(make.principal, "tasks", id).values["due_date"] for id in ids} == {tomorrow}
    undo = answer.text.split('action="')[1].split('"')[0]
    client.post(undo)
    assert {make.crm.get(make.principal, "tasks", id).values["due_date"] for id in ids} == {None}


def test_what_an_action_lacks_is_said(client: Client, make: Maker) -> None:
    task = make("tasks", name="Undated")
    for data, words in (
        ({"action": "done"}, "No task was chosen"),
        ({"id": task, "action": "explode"}, "no such action"),
        ({"id": task, "action": "remind", "when": "due"}, "no due date"),
        ({"id": task, "action": "remind", "when": "moment"}, "No time was given"),
        ({"id": task, "action": "date", "date": "yesterday"}, "date"),
    ):
        answer = client.post("/tasks/batch", data)
        assert answer.status_code == 422
        assert words in text(answer.text)


def test_a_line_becomes_a_task_of_mine_or_of_whom_it_names(client: Client, make: Maker, member: Principal) -> None:
    client.post("/tasks/add", {"text": "Call Paul tomorrow at 9 !high #pilot"})
    client.post("/tasks/add", {"text": "Write up @ben"})
    mine, bens = (make.crm.get(make.principal, "tasks", id) for id in (1, 2))
    assert mine.values["owner"].id == make.principal.user_id
    assert (mine.label, mine.values["priority"], mine.values["tags"]) == ("Call Paul", "high", ("pilot",))
    assert mine.values["remind_at"].astimezone(locale.zone()).hour == 9
    assert bens.values["owner"].id == member.user_id
    assert client.post("/tasks/add", {"text": "Write up @nobody"}).status_code == 422
    assert client.post("/tasks/add", {"text": "  "}).status_code == 422


def test_a_further_step_belongs_to_what_the_step_before_does(client: Client, make: Maker) -> None:
    acme = make("companies", name="Acme")
    first = make("tasks", name="First", company=acme)
    client.post("/tasks/add", {"text": "Second", "after": first})
    second = make.crm.get(make.principal, "tasks", first + 1)
    assert (second.values["company"].id, second.values["after"].id) == (acme, first)
    assert "after First" in _day(client)


def test_a_day_takes_as_many_statements_for_many_tasks_as_for_few(client: Client, make: Maker) -> None:
    def more(count: int) -> None:
        rows = [{"name": f"Task {index}", "due_date": f"2026-01-{index % 28 + 1:02}"} for index in range(count)]
        make.many("tasks", [*rows, *({"name": "Undated"} for _ in range(count))])

    more(60)
    client.get("/tasks/day")
    with statements(make.crm.database) as few:
        client.get("/tasks/day")
    more(200)
    with statements(make.crm.database) as many:
        client.get("/tasks/day")
    assert len(many) == len(few) <= 30


def test_who_can_only_look_is_not_told_to_write(client: Client, viewer: Principal) -> None:
    assert "in the line above" in client.get("/tasks/day").text
    page = client.as_user(viewer).get("/tasks/day").text
    assert "in the line above" not in page
    assert "What is to be done by whom stands here" in page
