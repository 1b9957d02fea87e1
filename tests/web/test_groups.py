"""Groups in the browser: made by administrators, steered by stewards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

GROUPS = "/-/admin/groups"


@pytest.fixture
def person(app: Flask, wiki: Wiki, name: str) -> Callable[..., FlaskClient]:
    """Return ``person(who, group, steward)``: the browser of somebody new."""

    def make(
        who: str, group: str = "", *, steward: bool = False, role: str = "member"
    ) -> FlaskClient:
        account = f"{who} {name}"
        wiki.accounts.create_user(account, role, PASSWORD)
        if group:
            wiki.accounts.groups.put_in(group, account)
            wiki.accounts.groups.set_steward(group, account, steward)
        browser = app.test_client()
        done = submit(browser, "/-/sign-in", name=account, password=PASSWORD)
        assert done.status_code == 303, done.text
        return browser

    return make


@pytest.fixture
def group(wiki: Wiki, name: str) -> str:
    return wiki.accounts.groups.add(f"Press {name}", "Talks to papers.")


def change(client: FlaskClient, group: str, do: str, person: str) -> Any:
    url = f"/-/groups/{group}"
    return submit(client, "/-/account", f"{url}/people", do=do, person=person)


def members(wiki: Wiki, group: str) -> set[tuple[str, bool]]:
    rows, _ = wiki.accounts.groups.members(SYSTEM, group)
    return {(row.name.split()[0], row.steward) for row in rows}


def problem(read: Any, response: Any) -> str:
    return str(read(response).one("p", role="alert").text)


# -- administrators


def test_an_administrator_makes_a_group(
    admin: FlaskClient, read: Any, name: str
) -> None:
    made = submit(admin, GROUPS, name=f"  Té & x {name}", about="a\nb")
    assert made.status_code == 400
    form = read(made)
    assert form.one("input", id="name")["value"] == f"  Té & x {name}"
    assert "without : , | and &" in problem(read, made)
    made = submit(admin, GROUPS, name=f"Té +?#% {name}", about="for <b>us</b>")
    assert made.status_code == 303
    page = read(admin.get(made.location))
    assert page.one("h1").text == f"Group Té +?#% {name}"
    assert page.one("p", class_="lede").text == "for <b>us</b>"
    again = submit(admin, GROUPS, name=f"TÉ +?#% {name}")
    assert again.status_code == 409
    assert "There is a group named" in problem(read, again)
    assert f"Té +?#% {name}" in read(admin.get(GROUPS)).links().values()


def test_removing_a_group_says_what_it_does_and_asks(
    admin: FlaskClient,
    read: Any,
    page: Any,
    person: Any,
    group: str,
    name: str,
) -> None:
    member = person("Bo", group)
    page(name, f"---\naudience: group:{group}\n---\nCanary")
    assert member.get(f"/{name}").status_code == 200
    url = f"{GROUPS}/{group}/remove"
    asked = read(admin.get(url)).one("p", class_="lede").text
    assert "One page names this group." in asked
    assert "One person is in it" in asked
    refused = submit(admin, url, typed="Press")
    assert refused.status_code == 422
    assert "Nothing was removed" in problem(read, refused)
    done = submit(admin, url, typed=group)
    assert (done.status_code, done.location) == (303, GROUPS)
    assert member.get(f"/{name}").status_code == 404
    assert admin.get(f"/{name}").status_code == 200
    assert admin.get(url).status_code == 404


# -- stewards


def test_a_steward_puts_people_in_and_takes_them_out(
    read: Any, wiki: Wiki, person: Any, group: str, name: str, page: Any
) -> None:
    steward, other = person("Ana", group, steward=True), person("Bo")
    page(name, f"---\naudience: group:{group}\n---\nCanary")
    assert other.get(f"/{name}").status_code == 404
    done = change(steward, group, "in", f"BO {name}")
    assert done.status_code == 303
    said = read(steward.get(done.location)).one("p", role="status").text
    assert said.startswith(f"“Bo {name}” is in the group now")
    assert other.get(f"/{name}").status_code == 200
    change(steward, group, "steward", f"Bo {name}")
    assert members(wiki, group) == {("Ana", True), ("Bo", True)}
    change(other, group, "member", f"Ana {name}")
    change(other, group, "out", f"Ana {name}")
    assert members(wiki, group) == {("Bo", True)}
    assert steward.get(f"/{name}").status_code == 404
    assert steward.get(f"/-/groups/{group}").status_code == 404


def test_a_steward_is_told_what_is_wrong(
    read: Any, person: Any, group: str, name: str
) -> None:
    steward = person("Ana", group, steward=True)
    refused = change(steward, group, "in", "Nobody <i>")
    assert refused.status_code == 404
    assert problem(read, refused) == "There is no account named “Nobody <i>”."
    assert read(refused).one("input", id="person")["value"] == "Nobody <i>"
    assert change(steward, group, "nonsense", f"Ana {name}").status_code == 400


def test_a_steward_who_leaves_is_sent_to_the_own_groups(
    person: Any, group: str, name: str
) -> None:
    steward = person("Ana", group, steward=True)
    done = change(steward, group, "out", f"Ana {name}")
    assert (done.status_code, done.location) == (303, "/-/groups")


def test_a_steward_describes_the_group(
    read: Any, person: Any, group: str, wiki: Wiki
) -> None:
    steward, url = person("Ana", group, steward=True), f"/-/groups/{group}"
    done = submit(steward, url, f"{url}/about", about="  Other \n words ")
    assert done.status_code == 303
    assert read(steward.get(url)).one("p", class_="lede").text == "Other words"


# -- everybody else


def test_members_see_who_else_is_in_it_and_no_more(
    read: Any, wiki: Wiki, person: Any, group: str, name: str
) -> None:
    person("Ana", group, steward=True)
    member = person("Bo", group)
    page = read(member.get(f"/-/groups/{group}"))
    shown = [it.text for it in page.one("ul", class_="people").all("li")]
    assert shown == [f"Ana {name} (steward)", f"Bo {name}"]
    assert not page.all("input", name="person")
    for do, whom in (("in", "x"), ("out", f"Ana {name}"), ("steward", f"Bo {name}")):
        refused = change(member, group, do, whom)
        assert refused.status_code == 403
        assert "Only stewards" in problem(read, refused)
    assert members(wiki, group) == {("Ana", True), ("Bo", False)}
    mine = read(member.get("/-/groups"))
    assert mine.one("a", class_="name").text == group


@pytest.mark.parametrize("role", ["visitor", "member", "editor", "moderator"])
def test_a_group_looks_like_none_to_everybody_else(  # R10, P4
    app: Flask, people: Any, person: Any, group: str, name: str, role: str
) -> None:
    person("Ana", group, steward=True)
    client = people(role)
    source = "/-/sign-in" if role == "visitor" else "/-/account"
    missing = "None " + group[5:]
    for path in ("", "/people", "/about"):
        answers = []
        for one in (group, missing):
            url = f"/-/groups/{one}{path}"
            answer = (
                submit(client, source, url, do="out", person=f"Ana {name}", about="x")
                if path
                else client.get(url)
            )
            assert answer.status_code == 404, url
            assert f"Ana {name}" not in answer.text
            answers.append(answer.text.replace(one, "").replace("None%20", "Press%20"))
        assert len(answers[0]) == len(answers[1])


@pytest.mark.parametrize("bad", ["..", ".", "%00", "é", "x" * 3000, "a%7Cb", "%20"])
def test_strange_groups_are_not_found(admin: FlaskClient, bad: str) -> None:
    for url in (f"/-/groups/{bad}", f"{GROUPS}/{bad}/remove"):
        assert admin.get(url).status_code in (404, 308), url


def test_a_large_group_comes_in_pages_and_can_be_searched(
    admin: FlaskClient, wiki: Wiki, read: Any, group: str, name: str
) -> None:
    for n in range(110):
        wiki.accounts.create_user(f"p{n:03} {name}", "member", groups=[group])
    url = f"/-/groups/{group}"
    page = read(admin.get(url))
    assert len(page.one("ul", class_="people").all("li")) == 100
    more = next(it for it in page.all("a") if it.get("rel") == "next")
    second = read(admin.get(more["href"]))
    assert len(second.one("ul", class_="people").all("li")) == 10
    found = read(admin.get(url, query_string={"search": "P10"}))
    assert len(found.one("ul", class_="people").all("li")) == 10


def test_a_group_may_be_named_like_a_page(admin: FlaskClient, read: Any) -> None:
    made = submit(admin, "/-/admin/groups", name="coalitions/x y", about="")
    assert made.status_code == 303, made.text
    page = admin.get("/-/groups/coalitions/x y")
    assert page.status_code == 200
    assert "coalitions/x y" in read(page).one("h1").text
    assert admin.get("/-/admin/groups/coalitions/x y/remove").status_code == 200
