"""The main path: rows become records, are known when they come again, and can be undone as one."""

from decimal import Decimal
from typing import Any

import pytest

from app.crm.port import Crm
from app.shared.contract import SYSTEM, Money, Principal, Record
from app.shared.db import Database
from app.shared.errors import Forbidden, Invalid
from tests.transfer.conftest import Import, Rows

ACCOUNTS = """account_id,account,sector,employees,revenue,founded,parent
1,Acme,technolgy,"2,822",$1100.04,1996,
2,Betatech,medical,1185,647.18,1986,Acme
3,Codehow,software,,0,1998,Delta
4,Delta,software,12,12.345,2001,
"""


def accounts(run: Import, text: str = ACCOUNTS, **more: Any) -> Any:
    more = {"match": "account_id", "create": "fields,companies"} | more
    maps = ("account=name", "sector=industry", "revenue=annual_revenue")
    return run("companies", text, *(item for item in maps if item.partition("=")[0] in text), **more)


def test_rows_become_records_with_values_as_written(run: Import, rows: Rows) -> None:
    report = accounts(run)
    assert (report.created, report.failed, report.errors) == (4, 0, [])
    found = rows("companies", "name", "industry", "employees", "annual_revenue", "founded", "parent", "account_id")
    by_name = {row["name"]: row for row in found}
    assert by_name["Acme"] == {
        "name": "Acme",
        "industry": "technolgy",
        "employees": 2822,
        "annual_revenue": Money(110004, "USD"),
        "founded": 1996,
        "parent": None,
        "account_id": "1",
    }
    assert by_name["Codehow"]["annual_revenue"] == Money(0, "USD")
    assert by_name["Codehow"]["employees"] is None


def test_a_parent_that_stands_further_down_in_the_file_is_found(run: Import, rows: Rows) -> None:
    accounts(run)
    parents = {row["name"]: row["parent"] for row in rows("companies", "name", "parent")}
    assert parents == {"Acme": None, "Betatech": "Acme", "Codehow": "Delta", "Delta": None}


def test_the_same_file_again_changes_nothing(any_database: Database, run: Import, rows: Rows, crm: Crm) -> None:
    accounts(run)
    before = crm.journal_end()
    again = accounts(run)
    assert (again.created, again.updated, again.known, again.change_set) == (0, 0, 4, None)
    assert crm.journal_end() == before
    assert len(rows("companies", "name")) == 4


def test_an_edit_by_hand_outlives_the_same_file(run: Import, rows: Rows, crm: Crm, admin: Principal) -> None:
    from app.shared.contract import ChangeSet, Operation

    accounts(run)
    acme = next(id for id, label in crm.labels(SYSTEM, "companies") if label == "Acme")
    edit = Operation(action="update", object="companies", id=acme, values={"industry": "technology"})
    crm.apply(admin, ChangeSet(operations=(edit,)))
    accounts(run)
    assert crm.get(SYSTEM, "companies", acme).values["industry"] == "technology"


def test_a_changed_row_updates_its_record_and_leaves_the_others_alone(run: Import, rows: Rows) -> None:
    accounts(run)
    report = accounts(run, ACCOUNTS.replace("1185", "1200"))
    assert (report.created, report.updated, report.known) == (0, 1, 3)
    assert {row["name"]: row["employees"] for row in rows("companies", "name", "employees")}["Betatech"] == 1200
    back = accounts(run)  # the former content is new again
    assert (back.updated, back.known) == (1, 3)
    assert {row["name"]: row["employees"] for row in rows("companies", "name", "employees")}["Betatech"] == 1185


def test_an_empty_cell_leaves_what_the_record_has(run: Import, rows: Rows) -> None:
    accounts(run)
    accounts(run, ACCOUNTS.replace("2,Betatech,medical,1185", "2,Betatech,medical,"))
    assert {row["name"]: row["employees"] for row in rows("companies", "name", "employees")}["Betatech"] == 1185


def test_an_import_is_undone_as_one_and_can_be_done_again(
    any_database: Database, run: Import, rows: Rows, crm: Crm
) -> None:
    first = accounts(run)
    crm.undo(SYSTEM, first.change_set)
    assert rows("companies", "name") == []
    again = accounts(run)
    assert (again.created, again.restored, again.failed) == (0, 4, 0)
    assert len(rows("companies", "name")) == 4
    assert rows("companies", "name", trashed=True) == []


def test_an_undone_update_is_done_again(run: Import, rows: Rows, crm: Crm) -> None:
    accounts(run)
    changed = ACCOUNTS.replace("1185", "1200")
    crm.undo(SYSTEM, accounts(run, changed).change_set)
    assert accounts(run, changed).updated == 1


def test_what_a_person_has_deleted_stays_deleted(run: Import, rows: Rows, crm: Crm, admin: Principal) -> None:
    from app.shared.contract import ChangeSet, Operation

    accounts(run)
    acme = next(id for id, label in crm.labels(SYSTEM, "companies") if label == "Delta")
    crm.apply(admin, ChangeSet(operations=(Operation(action="trash", object="companies", id=acme),)))
    assert accounts(run).known == 4
    changed = accounts(run, ACCOUNTS.replace("4,Delta,software,12", "4,Delta,software,13"))
    assert [error.row for error in changed.errors if "in the trash" in error.problem] == [5]
    assert len(rows("companies", "name")) == 3


def test_a_dry_run_writes_nothing_and_says_what_would_be(run: Import, rows: Rows, database: Database) -> None:
    def everything() -> list[Any]:
        from app.crm.schema import metadata

        with database.read() as connection:
            return [connection.execute(table.select()).all() for table in metadata.sorted_tables]

    before = everything()
    report = accounts(run, dry_run=True)
    assert everything() == before
    real = accounts(run)
    assert (report.created, report.made, report.columns) == (real.created, real.made, real.columns)


def test_a_match_key_that_is_no_field_becomes_an_external_key(run: Import, crm: Crm) -> None:
    accounts(run)
    field = crm.catalog()["companies"].field("account_id")
    assert field is not None
    assert (field.type, field.unique, field.label) == ("key", True, "Account id")


def test_columns_that_are_no_field_become_custom_fields_of_the_type_that_fits(run: Import, crm: Crm) -> None:
    text = "name,Founded On,score,seats,active,zip,remark\nA,1/31/2024,0.5,3,yes,01234,x\nB,2/1/2024,1,,no,8000,y\n"
    run("companies", text, create="fields")
    spec = crm.catalog()["companies"]
    types = {field.name: (field.type, field.integer) for field in spec.fields if field.custom_id}
    assert types == {
        "founded_on": ("date", False),
        "score": ("number", False),
        "seats": ("number", True),
        "active": ("boolean", False),
        "zip": ("text", False),
        "remark": ("text", False),
    }


def test_a_new_field_whose_name_is_taken_by_a_way_back_is_known_again_by_its_label(run: Import, rows: Rows) -> None:
    text = "key,name,notes\n1,A,x\n"
    first = run("companies", text, match="key", create="fields")
    assert first.made["fields"] == ["key", "notes_2"]
    again = run("companies", text.replace("x", "y"), match="key", create="fields")
    assert (again.updated, again.made) == (1, {})
    assert rows("companies", "notes_2") == [{"notes_2": "y"}]


def test_without_leave_a_column_that_is_no_field_is_left_out_and_said(run: Import, crm: Crm) -> None:
    report = run("companies", "name,score\nA,5\n")
    column = report.columns[1]
    assert (column.how, column.field) == ("left out", None)
    assert "--create fields" in column.note
    assert crm.catalog()["companies"].field("score") is None


def test_deals_find_company_owner_and_stage_and_make_what_they_may(run: Import, rows: Rows, crm: Crm) -> None:
    accounts(run)
    text = """opportunity_id,sales_agent,account,deal_stage,close_date,close_value
A1,Reed Clapper,Acme,Won,11/1/2024,556
A2,reed clapper,acme,Engaging,,
A3,Zane Levy,,Lost,1/31/2025,0
A4,Zane Levy,Newco,Closed Won,2/1/2025,10
"""
    maps = ("account=company", "sales_agent=owner", "deal_stage=stage", "close_value=amount")
    report = run("deals", text, *maps, match="opportunity_id", create="owners,stages,companies")
    assert (report.created, report.failed) == (4, 0)
    assert report.made == {
        "fields": ["opportunity_id"],
        "stages": ["Engaging", "Closed Won"],
        "owners": ["Reed Clapper", "Zane Levy"],
        "companies": ["Newco"],
    }
    found = rows("deals", "name", "company", "owner", "stage", "amount", "close_date")
    assert [row["name"] for row in found] == ["Acme A1", "acme A2", "A3", "Newco A4"]
    assert [row["company"] for row in found] == ["Acme", "Acme", None, "Newco"]
    assert [row["owner"] for row in found] == ["Reed Clapper", "Reed Clapper", "Zane Levy", "Zane Levy"]
    assert [row["stage"] for row in found] == ["won", "engaging", "lost", "closed_won"]
    assert [row["amount"] for row in found] == [Money(55600, "USD"), None, Money(0, "USD"), Money(1000, "USD")]
    assert found[1]["close_date"] is None
    kinds = {option.label: option.kind for option in crm.catalog()["deals"].field("stage").options}  # type: ignore[union-attr]
    assert (kinds["Engaging"], kinds["Closed Won"]) == ("open", "won")
    assert any("named by account and opportunity_id" in note for note in report.notes)


def test_owners_that_are_created_cannot_sign_in(run: Import, database: Database) -> None:
    from app.crm.accounts import users

    run("deals", "name,rep\nOne,Reed Clapper\n", "rep=owner", create="owners")
    with database.read() as connection:
        (owner,) = users.listing(connection)
    assert (owner.name, owner.email, owner.password_hash, users.state(owner)) == (
        "Reed Clapper",
        None,
        None,
        "uninvited",
    )


def test_what_may_not_be_created_is_an_error_that_names_column_and_value(run: Import, rows: Rows) -> None:
    text = "name,account,rep,stage\nOne,Nowhere,,\nTwo,,Nobody,\nThree,,,Limbo\nFour,,,Won\n"
    report = run("deals", text, "account=company", "rep=owner")
    assert [(error.row, error.column, error.value) for error in report.errors] == [
        (2, "account", "Nowhere"),
        (3, "rep", "Nobody"),
        (4, "stage", "Limbo"),
    ]
    assert "--create companies" in report.errors[0].problem
    assert [row["name"] for row in rows("deals", "name")] == ["Four"]


def test_nothing_is_created_for_a_row_that_is_not_imported(run: Import, rows: Rows, database: Database) -> None:
    text = "name,account,rep,stage,close_date\nOne,Newco,Reed,Limbo,soon\n"
    report = run("deals", text, "account=company", "rep=owner", create="companies,owners,stages,fields")
    assert (report.failed, report.made) == (1, {})
    assert rows("companies", "name") == []


def test_people_are_known_within_their_company(run: Import, rows: Rows) -> None:
    text = """account,contact,type,when,text
Acme,Ann Lee,Meeting,1/31/2024,first
Acme,Ann Lee,Email,2/1/2024,second
Betatech,Ann Lee,Meeting,2/2/2024,third
,Ann Lee,Meeting,2/3/2024,fourth
"""
    maps = ("account=company", "contact=person", "type=kind", "when=date", "text=body")
    report = run("activities", text, *maps, create="people,companies")
    people = rows("people", "name", "company")
    assert people == [{"name": "Ann Lee", "company": "Acme"}, {"name": "Ann Lee", "company": "Betatech"}]
    assert [(error.row, error.problem) for error in report.errors] == [(5, "is the name of 2 people")]


def test_rows_without_a_key_are_known_by_their_content_and_occurrence(
    any_database: Database, run: Import, rows: Rows
) -> None:
    text = "kind,date,body\ncall,2024-01-31,same\ncall,2024-01-31,same\nemail,2024-02-01,other\n"
    assert run("activities", text).created == 3
    again = run("activities", text + "call,2024-01-31,same\ncall,2024-03-01,new\n")
    assert (again.created, again.known) == (2, 3)
    assert len(rows("activities", "body")) == 5


def test_the_same_rows_with_a_further_column_update_their_records(run: Import, rows: Rows) -> None:
    text = "kind,date,words\ncall,2024-01-31,hello\n"
    run("activities", text)
    report = run("activities", text, "words=body")
    assert (report.created, report.updated) == (0, 1)
    assert rows("activities", "body") == [{"body": "hello"}]


def test_a_company_without_a_key_is_known_by_its_name_and_gets_it(run: Import, rows: Rows) -> None:
    run("deals", "name,account\nOne,Acme\n", "account=company", create="companies")
    report = accounts(run)
    assert (report.created, report.updated) == (3, 1)
    assert len(rows("companies", "name")) == 4


def test_a_row_that_repeats_is_passed_over_and_one_that_contradicts_is_an_error(run: Import) -> None:
    report = accounts(run, ACCOUNTS + '1,Acme,technolgy,"2,822",$1100.04,1996,\n2,Other,,,,,\n')
    assert report.created == 4
    assert [(error.row, error.column, error.value) for error in report.errors] == [(7, "account_id", "2")]
    assert any("repeat an earlier row" in note for note in report.notes)


def test_a_row_without_its_key_is_an_error(run: Import) -> None:
    report = accounts(run, "account_id,account\n,Acme\n1,Betatech\n")
    assert (report.created, [error.row for error in report.errors]) == (1, [2])


def test_rows_that_are_each_other_s_parents_are_errors(run: Import) -> None:
    report = accounts(run, "account_id,account,parent\n1,A,B\n2,B,A\n3,C,A\n4,D,\n")
    assert report.created == 1
    assert {error.row for error in report.errors} == {2, 3, 4}


def test_a_row_that_names_one_that_fails_fails_with_it(run: Import) -> None:
    report = accounts(run, "account_id,account,parent,employees\n1,A,,many\n2,B,A,5\n")
    assert [(error.row, error.column) for error in report.errors] == [(2, "employees"), (3, "parent")]


def test_a_unique_value_that_is_taken_is_an_error_of_its_row(run: Import, rows: Rows) -> None:
    run("people", "name,email\nAnn,ann@example.com\n")
    report = run("people", "name,email\nBen,ANN@example.com\nCat,cat@example.com\nDan,cat@example.com\n")
    assert [(error.row, error.column) for error in report.errors] == [(2, "email"), (4, "email")]
    assert len(rows("people", "name")) == 2


def test_required_values_are_asked_for(run: Import) -> None:
    report = run("activities", "date,body\n2024-01-31,x\n")
    assert [error.problem for error in report.errors] == ["Kind is needed, and no column fills it."]


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("amount", "lots", "is no amount of money"),
        ("probability", "12.5", "is no whole number"),
        ("close_date", "31/12/2024", "is no date when read month-first, as this column is"),
        ("close_date", "2/30/2024", "is no date"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_its_row_left_out(
    run: Import, rows: Rows, column: str, value: str, problem: str
) -> None:
    settled = {"amount": "5", "probability": "5", "close_date": "1/31/2024"}
    good = ",".join(settled.values())
    bad = ",".join(value if name == column else text for name, text in settled.items())
    report = run("deals", f"name,{','.join(settled)}\nGood,{good}\nAlso,{good.replace('31', '30')}\nBad,{bad}\n")
    assert [(error.row, error.column, error.value, error.problem) for error in report.errors] == [
        (4, column, value, problem)
    ]
    assert [row["name"] for row in rows("deals", "name")] == ["Good", "Also"]


def test_a_currency_sign_sets_the_row_s_currency(run: Import, rows: Rows) -> None:
    run("deals", "name,amount\nA,€ 10\nB,£5\nC,$7\nD,8\n")
    assert [row["amount"] for row in rows("deals", "name", "amount")] == [
        Money(1000, "EUR"),
        Money(500, "GBP"),
        Money(700, "USD"),
        Money(800, "USD"),
    ]


def test_amounts_finer_than_the_currency_are_rounded_and_said(run: Import, rows: Rows) -> None:
    report = run("deals", "name,amount\nA,1.005\nB,2\n")
    assert rows("deals", "amount")[0]["amount"].major == Decimal("1.01")
    assert any("rounded" in note for note in report.notes)


def test_the_order_of_dates_is_said_and_can_be_set(run: Import, rows: Rows) -> None:
    assumed = run("deals", "name,close_date\nA,3/4/2024\n")
    assert "month-first was assumed" in assumed.columns[1].note
    asked = run("deals", "name,close_date\nB,3/4/2024\n", order="day-first")
    assert asked.columns[1].note == "day-first, as asked for"
    settled = run("deals", "name,close_date,Seen\nC,3/4/2024,31/1/2024\n", create="fields")
    assert "as in the file's other columns" in settled.columns[1].note
    assert [str(row["close_date"]) for row in rows("deals", "close_date")] == ["2024-03-04", "2024-04-03", "2024-04-03"]


@pytest.mark.parametrize(
    ("maps", "options", "words"),
    [
        (["acount=name"], {}, "account"),
        (["account=nane"], {}, "name"),
        (["account=created_at"], {}, "kept by the program"),
        (["account=name", "sector=name"], {}, "Two columns"),
        ([], {"match": "acount_id"}, "account_id"),
        (["employees=employees"], {"match": "employees"}, "can't be matched"),
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused_with_what_is_near(
    run: Import, maps: list[str], options: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        run("companies", ACCOUNTS, *maps, **options)
    assert words in refused.value.detail


def test_objects_that_are_none_are_refused(run: Import) -> None:
    with pytest.raises(Invalid, match="Known objects: companies"):
        run("products", ACCOUNTS)
    with pytest.raises(Invalid, match="no rows"):
        run("companies", "name\n")


def test_a_viewer_imports_nothing_and_a_member_shapes_nothing(
    run: Import, viewer: Principal, member: Principal
) -> None:
    with pytest.raises(Forbidden):
        run("companies", "name\nA\n", principal=viewer)
    with pytest.raises(Forbidden, match="Only an admin"):
        run("companies", "name,x\nA,1\n", create="fields", principal=member)
    with pytest.raises(Forbidden, match="external key"):
        run("companies", "name,x\nA,1\n", match="x", principal=member)
    assert run("companies", "name\nA\n", principal=member).created == 1


def test_the_journal_says_who_imported_and_how(run: Import, crm: Crm, database: Database, member: Principal) -> None:
    from app.crm import changes

    report = run("companies", "name\nA\n", principal=member, name="people.csv")
    stored = crm.change_set(SYSTEM, report.change_set)  # type: ignore[arg-type]
    assert (stored.channel, stored.author, stored.title) == ("import", "Ben", "Import of people.csv into companies")
    with database.read() as connection:
        (line,) = changes.history(connection, SYSTEM, "companies", stored.records[0].id)
    assert line.channel == "import"


def test_what_is_canceled_leaves_nothing(run: Import, rows: Rows, crm: Crm) -> None:
    class Stop(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if what == "Writing" and done == total:
            raise Stop

    with pytest.raises(Stop):
        accounts(run, progress=stop)
    assert rows("companies", "name") == []
    assert crm.catalog()["companies"].field("account_id") is None


def test_a_write_between_plan_and_import_is_noticed(run: Import, rows: Rows, crm: Crm) -> None:
    from app.shared.contract import ChangeSet, Operation

    done: list[Record] = []

    def interfere(what: str, count: int, total: int) -> None:
        if what == "Checking rows" and not done:
            made = crm.apply(
                SYSTEM, ChangeSet(operations=(Operation(action="create", object="companies", values={"name": "Acme"}),))
            )
            done.append(crm.get(SYSTEM, "companies", made.records[0].id))

    run("deals", "name,account\nOne,Acme\n", "account=company", create="companies", progress=interfere)
    assert [row["name"] for row in rows("companies", "name")] == ["Acme"]


def test_an_amount_below_nothing_is_an_error_of_its_row(run: Import) -> None:
    report = run("deals", "Name,Amount\nA,5\nB,-5\nC,(7)\n")
    assert (report.created, [error.problem for error in report.errors]) == (1, ["is below 0", "is below 0"])
