"""People in the admin home: found, looked at, and all that can be done about one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM, person
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

PEOPLE = "/-/admin/people"


def who(client: FlaskClient, read: Any) -> str:
    """Return whose browser it is, "" for a visitor."""
    found = read(client.get("/-/search")).all("a", href="/-/account")
    return found[0].text if found else ""


@pytest.fixture
def someone(app: Flask, wiki: Wiki, name: str) -> Callable[..., tuple[int, Any]]:
    """Return ``someone(role)``: a new account and its browser, signed in."""

    def make(role: str = "member") -> tuple[int, FlaskClient]:
        user_id = wiki.accounts.create_user(name, role, PASSWORD)
        browser = app.test_client()
        done = submit(browser, "/-/sign-in", name=name, password=PASSWORD)
        assert done.status_code == 303, done.text
        return user_id, browser

    return make


def do(client: FlaskClient, user_id: int, what: str, **fields: str) -> Any:
    return submit(client, f"{PEOPLE}/{user_id}", f"{PEOPLE}/{user_id}/{what}", **fields)


def told(read: Any, client: FlaskClient, response: Any) -> str:
    assert response.status_code == 303, response.text
    return str(read(client.get(response.location)).one("p", role="status").text)


# -- the list


def test_people_are_listed_and_found(
    admin: FlaskClient, someone: Any, read: Any, name: str
) -> None:
    user_id, _ = someone("editor")
    page = read(admin.get(PEOPLE, query_string={"search": name.upper()}))
    link = page.one("a", class_="name")
    assert (link.text, link["href"]) == (name, f"{PEOPLE}/{user_id}")
    row = page.one("ul", class_="list-rows").one("p").text
    assert row.startswith("Editor")
    assert "last here on" in row
    none = read(admin.get(PEOPLE, query_string={"search": name, "role": "admin"}))
    assert none.one("p", class_="empty").text.startswith("Nobody fits this")
    assert none.one("input", id="search")["value"] == name


def test_no_address_is_ever_shown(  # R18
    admin: FlaskClient, wiki: Wiki, someone: Any
) -> None:
    user_id, _ = someone()
    with wiki.accounts._store.writing() as at:
        wiki.accounts._store.change_user(at, user_id, email="canary@example.org")
    for url in (PEOPLE, f"{PEOPLE}/{user_id}"):
        assert "canary@" not in admin.get(url).text


@pytest.mark.parametrize("role", ["visitor", "member", "editor", "moderator"])
def test_only_administrators_look_at_people(
    people: Callable[[str], FlaskClient], someone: Any, wiki: Wiki, role: str
) -> None:
    user_id, _ = someone()
    client = people(role)
    status = 401 if role == "visitor" else 403
    for url in (PEOPLE, f"{PEOPLE}/{user_id}", "/-/admin/groups", "/-/admin/log"):
        assert client.get(url).status_code == status
    source = "/-/sign-in" if role == "visitor" else "/-/account"
    for what in ("role", "groups", "block", "unblock", "sessions", "close", "remove"):
        response = submit(
            client, source, f"{PEOPLE}/{user_id}/{what}", role="admin", typed="x"
        )
        assert response.status_code == status, what
    assert wiki.accounts.person(SYSTEM, user_id).user.role == "member"


@pytest.mark.parametrize("bad", ["0", "999999", "9" * 30, "x", "-1", "1%2f2"])
def test_people_who_are_not_there(admin: FlaskClient, bad: str) -> None:
    assert admin.get(f"{PEOPLE}/{bad}").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"after": "\x00"},
        {"role": "root"},
        {"state": "'; --"},
        {"search": "%" * 900},
        {"after": "\ud800".encode("utf-8", "surrogatepass")},
    ],
)
def test_strange_questions_are_answered(admin: FlaskClient, query: Any) -> None:
    assert admin.get(PEOPLE, query_string=query).status_code == 200


# -- one person


def test_a_role_is_given(
    admin: FlaskClient, someone: Any, read: Any, wiki: Wiki
) -> None:
    user_id, browser = someone()
    said = told(read, admin, do(admin, user_id, "role", role="editor"))
    assert said == "The new role counts from now on."
    assert "New page" in browser.get("/-/pages").text
    chosen = read(admin.get(f"{PEOPLE}/{user_id}")).one("select", id="role")
    assert [o.text for o in chosen.all("option") if "selected" in o.attrs] == ["Editor"]
    bad = do(admin, user_id, "role", role="owner")
    assert bad.status_code == 400
    assert "no such role" in read(bad).one("p", role="alert").text


def test_groups_are_given_and_taken(
    admin: FlaskClient, someone: Any, read: Any, wiki: Wiki, name: str
) -> None:
    user_id, _ = someone()
    group = wiki.accounts.groups.add(f"g {name}")
    do(admin, user_id, "groups", **{"in": group})
    assert wiki.accounts.person(SYSTEM, user_id).user.groups == {group}
    page = read(admin.get(f"{PEOPLE}/{user_id}"))
    assert page.one("input", name="out")["value"] == group
    do(admin, user_id, "groups", out=group)
    assert wiki.accounts.person(SYSTEM, user_id).user.groups == frozenset()
    bad = do(admin, user_id, "groups", **{"in": "no such group"})
    assert bad.status_code == 404
    assert "no group named" in read(bad).one("p", role="alert").text


def test_p18_a_blocked_person_reads_and_changes_nothing(  # P18
    admin: FlaskClient, someone: Any, read: Any, page: Any, save: Any, name: str
) -> None:
    user_id, browser = someone("editor")
    page(name, "Text")
    assert "can read" in told(read, admin, do(admin, user_id, "block"))
    assert browser.get(f"/{name}").status_code == 200
    refused = save(browser, name, "Other text", base=1)
    assert refused.status_code == 403
    assert "Other text" not in browser.get(f"/{name}").text
    do(admin, user_id, "unblock")
    assert save(browser, name, "Other text", base=1).status_code == 303


def test_a_person_is_signed_out_everywhere(
    admin: FlaskClient, someone: Any, read: Any, name: str
) -> None:
    user_id, browser = someone()
    assert who(browser, read) == name
    assert "signed out" in told(read, admin, do(admin, user_id, "sessions"))
    assert who(browser, read) == ""


def test_an_account_is_closed(
    admin: FlaskClient, someone: Any, read: Any, wiki: Wiki, name: str
) -> None:
    user_id, browser = someone()
    do(admin, user_id, "close")
    assert who(browser, read) == ""
    page = read(admin.get(f"{PEOPLE}/{user_id}"))
    assert page.one("dl", class_="facts").text.count("Closed") == 1
    assert not page.all("select", id="role")
    assert do(admin, user_id, "close").status_code == 404


def test_an_account_is_removed_by_typing_its_name(
    admin: FlaskClient, someone: Any, read: Any, wiki: Wiki, name: str
) -> None:
    user_id, _ = someone("editor")
    wiki.save(person(user_id, name, "editor"), Draft(f"of {name}", "Text"), 0)
    assert wiki.search(SYSTEM, f'author:"{name}"').total == 1
    for typed in ("", name.upper(), "yes"):
        refused = do(admin, user_id, "remove", typed=typed)
        assert refused.status_code == 422
        assert "Nothing was removed" in read(refused).one("p", role="alert").text
    done = do(admin, user_id, "remove", typed=name)
    assert "account is gone" in told(read, admin, done)
    assert admin.get(f"{PEOPLE}/{user_id}").status_code == 404
    page = f"/of {name}"
    for url in (page, f"/-/history{page}", "/-/recent", f"/-/diff{page}"):
        assert "(former member)" in admin.get(url).text, url
    assert wiki.search(SYSTEM, f'author:"{name}"').total == 0
    answer = admin.get(f"/-/api/v1/pages/of {name}").json
    assert answer["by"] == {"id": None, "name": "(former member)"}


def test_the_last_administrator_stays_one(
    people: Callable[[str], FlaskClient], wiki: Wiki, read: Any
) -> None:
    admin = people("admin")
    me = wiki.accounts.user_id("the admin")
    for what, fields in (
        ("role", {"role": "editor"}),
        ("close", {}),
        ("remove", {"typed": "the admin"}),
    ):
        refused = do(admin, me, what, **fields)
        assert refused.status_code == 403, what
        assert "only administrator" in read(refused).one("p", role="alert").text
    # Nobody is offered to block themselves.
    assert "/block" not in admin.get(f"{PEOPLE}/{me}").text
    assert do(admin, me, "block").status_code == 403


def test_who_gives_their_own_role_away_is_not_left_at_a_locked_door(
    app: Flask, wiki: Wiki, someone: Any, read: Any, people: Any
) -> None:
    people("admin")
    user_id, browser = someone("admin")
    done = do(browser, user_id, "role", role="editor")
    assert (done.status_code, done.location) == (303, "/")


# -- one's own name, and leaving


def test_one_gives_oneself_another_name(
    someone: Any, read: Any, app: Flask, name: str, page: Any, save: Any
) -> None:
    _, browser = someone("editor")
    save(browser, name, "Text")
    form = read(browser.get("/-/account/name"))
    assert form.one("input", id="name")["value"] == name
    bad = submit(browser, "/-/account/name", name="(wiki)")
    assert bad.status_code == 400
    assert read(bad).one("input", id="name")["value"] == "(wiki)"
    new = f"Fox {name}"
    done = submit(browser, "/-/account/name", name=new, everywhere="1")
    assert f"You are “{new}” now" in told(read, browser, done)
    assert new in browser.get(f"/-/history/{name}").text
    again = app.test_client()
    assert submit(again, "/-/sign-in", name=new, password=PASSWORD).status_code == 303


def test_a_taken_name_is_refused(someone: Any, read: Any, people: Any) -> None:
    people("editor")
    _, browser = someone()
    taken = submit(browser, "/-/account/name", name="THE editor")
    assert taken.status_code == 409
    assert "is taken" in read(taken).one("p", role="alert").text


def test_one_leaves_for_good(
    people: Any, someone: Any, read: Any, wiki: Wiki, app: Flask, name: str, save: Any
) -> None:
    people("admin")
    _, browser = someone("editor")
    save(browser, name, "Text")
    refused = submit(browser, "/-/account/leave", typed="somebody")
    assert refused.status_code == 422
    assert read(refused).one("input", id="typed")["value"] == "somebody"
    done = submit(browser, "/-/account/leave", typed=name)
    assert (done.status_code, done.location) == (303, "/-/account/left")
    assert done.headers["Clear-Site-Data"]
    left = browser.get("/-/account/left")
    assert "Your account is gone" in left.text
    assert who(browser, read) == ""
    assert f"“{name}”" not in left.text
    assert "(former member)" in browser.get(f"/-/history/{name}").text
    again = app.test_client()
    assert submit(again, "/-/sign-in", name=name, password=PASSWORD).status_code == 401


def test_leaving_is_asked_again_who_signed_in_long_ago(
    people: Any, someone: Any, read: Any, wiki: Wiki, name: str
) -> None:
    people("admin")
    user_id, browser = someone()
    store = wiki.accounts._store
    with store.writing() as at:
        at.exec_driver_sql(
            "UPDATE session SET created = created - 3600000 WHERE user = ?", (user_id,)
        )
    page = read(browser.get("/-/account/leave"))
    assert page.one("input", name="proof")
    for typed, status in (("", 401), ("wrong password", 401)):
        refused = submit(browser, "/-/account/leave", typed=name, proof=typed)
        assert refused.status_code == status
    assert wiki.accounts.user_id(name) == user_id
    done = submit(browser, "/-/account/leave", typed=name, proof=PASSWORD)
    assert done.location == "/-/account/left"


def test_visitors_have_no_account_to_change(visitor: FlaskClient) -> None:
    for url in ("/-/account/name", "/-/account/leave", "/-/groups"):
        assert visitor.get(url).status_code == 401
        assert submit(visitor, "/-/sign-in", url, name="x").status_code in (401, 405)
