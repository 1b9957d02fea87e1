"""Areas, audiences and effective access, as people meet them on the screen."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.model.actor import SYSTEM, VISITOR_ACTOR, person
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit


@pytest.fixture(autouse=True)
def groups(app: Flask) -> Iterator[None]:
    wiki: Wiki = app.extensions["wiki"]
    for account, role, own in (
        ("cora", "editor", ["core"]),
        ("lea", "editor", ["core", "legal"]),
        ("wil", "member", ["writers"]),
        ("mia", "member", []),
    ):
        if account not in {user.name for user in wiki.accounts.list_users()}:
            wiki.accounts.create_user(account, role, PASSWORD, own)
    yield
    for rule in wiki.areas.all(SYSTEM):
        wiki.areas.remove(SYSTEM, rule.area)


@pytest.fixture
def browser(app: Flask) -> Callable[[str], FlaskClient]:
    def sign_in(account: str) -> FlaskClient:
        client = app.test_client()
        done = submit(client, "/-/sign-in", name=account, password=PASSWORD)
        assert done.status_code == 303, done.text
        return client

    return sign_in


def set_rule(client: FlaskClient, **form: str) -> Any:
    return submit(client, "/-/admin/areas", **form)


def test_an_administrator_hides_an_area(
    admin: FlaskClient,
    visitor: FlaskClient,
    browser: Callable[[str], FlaskClient],
    wiki: Wiki,
    read: Any,
) -> None:
    wiki.save(SYSTEM, Draft("plan/one", "# One\n\nsecret words"), 0)
    assert visitor.get("/plan/one").status_code == 200
    done = set_rule(admin, area="plan/*", read="group:core", edit="")
    assert done.status_code == 303, done.text
    assert "plan/" in read(admin.get("/-/admin/areas")).text
    hidden, missing = visitor.get("/plan/one"), visitor.get("/plan/two")
    assert hidden.status_code == missing.status_code == 404
    assert hidden.text.replace("one", "two") == missing.text
    cora = browser("cora").get("/plan/one")
    assert cora.status_code == 200
    # Two are in the group, and administrators read everything.
    page = read(cora)
    admins = sum(user.role == "admin" for user in wiki.accounts.list_users())
    assert f"Visible to members of core: {2 + admins} people." in page.text
    assert "plan/one" not in visitor.get("/-/search?q=secret+words").text


def test_opening_is_asked_about_and_noted(
    admin: FlaskClient, wiki: Wiki, visitor: FlaskClient, read: Any, name: str
) -> None:
    set_rule(admin, area=f"{name}/", read="members", edit="")
    wiki.save(SYSTEM, Draft(f"{name}/one", "x"), 0)
    asked = set_rule(admin, area=f"{name}/", read="public", edit="")
    assert asked.status_code == 422
    assert "1 page becomes visible to more people." in read(asked).text
    assert visitor.get(f"/{name}/one").status_code == 404
    done = set_rule(admin, area=f"{name}/", read="public", edit="", widen="1")
    assert done.status_code == 303
    assert visitor.get(f"/{name}/one").status_code == 200
    acts = wiki.accounts.audit.acts(limit=5)
    assert ("rule.set", f"{name}/") in {(act.kind, act.subject) for act in acts}


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"area": "", "read": "members"}, "access.read"),
        ({"area": "a/", "read": "everybody"}, "is not an audience here"),
        ({"area": "a/", "read": "group:nobody"}, "There is no group"),
        ({"area": "a/", "edit": "visitor"}, "says nobody"),
        ({"area": "a/", "edit": "public"}, "says nobody"),
        ({"area": "a/"}, "Say who reads or who changes"),
        ({"area": "a/../b/", "read": "members"}, "name"),
        ({"area": "x" * 900, "read": "members"}, "name"),
    ],
)
def test_rules_that_cannot_be(
    admin: FlaskClient, wiki: Wiki, form: dict[str, str], says: str
) -> None:
    answer = set_rule(admin, **{"area": "", "read": "", "edit": "", **form})
    assert 400 <= answer.status_code < 500
    assert says in answer.text
    assert form["area"][:50] in answer.text
    assert wiki.areas.all(SYSTEM) == []


def test_only_administrators_rule(
    editor: FlaskClient, visitor: FlaskClient, wiki: Wiki
) -> None:
    for client in (editor, visitor):
        for path in ("/-/admin/areas", "/-/admin/access?page=home"):
            assert client.get(path).status_code in (401, 403)
    with pytest.raises(Exception, match="other rights"):
        wiki.areas.set(person(5, "x", "moderator"), "a/", "members", "")


def test_a_group_writes_in_its_area_and_nowhere_else(
    admin: FlaskClient,
    browser: Callable[[str], FlaskClient],
    save: Any,
    name: str,
) -> None:
    wil, cora = browser("wil"), browser("cora")
    set_rule(admin, area=f"{name}/", read="", edit="group:writers")
    assert save(wil, f"{name}/one", "by wil").status_code == 303
    assert save(wil, f"{name}-other", "by wil").status_code == 403
    # An editor of no such group reads there, but does not write.
    assert save(cora, f"{name}/two", "by cora").status_code == 403
    assert cora.get(f"/{name}/one").status_code == 200
    assert cora.get(f"/-/edit/{name}/one").status_code == 403
    assert "Edit" in wil.get(f"/{name}/one").text
    moved = submit(cora, "/-/account", f"/-/rename/{name}-x", to=f"{name}/x", reason="")
    assert moved.status_code in (403, 404)


def test_nobody_moves_a_page_where_they_cannot_read(
    admin: FlaskClient, browser: Callable[[str], FlaskClient], save: Any, name: str
) -> None:
    cora = browser("cora")
    set_rule(admin, area=f"{name}/", read="group:legal", edit="")
    assert save(cora, f"{name}-mine", "text").status_code == 303
    moved = submit(
        cora, "/-/account", f"/-/rename/{name}-mine", to=f"{name}/mine", reason=""
    )
    assert "This name cannot be used. Choose another." in moved.text
    made = save(cora, f"{name}/new", "text")
    assert "This name cannot be used. Choose another." in made.text
    assert "text" in made.text


def test_the_form_of_a_page(
    browser: Callable[[str], FlaskClient],
    visitor: FlaskClient,
    save: Any,
    read: Any,
    name: str,
    wiki: Wiki,
) -> None:
    cora, url = browser("cora"), f"/-/audience/{name}"
    save(cora, name, "---\ntags: [a]  # kept\n---\n# Plan\n")
    page = read(cora.get(url))
    assert [one["value"] for one in page.all("input", name="who")] == [
        "area",
        "public",
        "members",
        "groups",
    ]
    done = submit(cora, url, who="groups", group="core")
    assert done.status_code == 303, done.text
    assert visitor.get(f"/{name}").status_code == 404
    text = wiki.store.get(name).text
    assert 'audience: "group:core"' in text
    assert "tags: [a]  # kept" in text

    asked = submit(cora, url, who="public")
    assert asked.status_code == 422
    assert "Then: Everyone can read this page." in read(asked).text
    assert visitor.get(f"/{name}").status_code == 404
    done = submit(cora, url, who="public", widen="1")
    assert done.status_code == 303
    assert visitor.get(f"/{name}").status_code == 200
    assert "audience.wider" in {act.kind for act in wiki.accounts.audit.acts(limit=3)}


@pytest.mark.parametrize(
    "form",
    [
        {"who": "groups"},
        {"who": "everybody"},
        {"who": "groups", "group": "no such group"},
        {"who": "groups", "group": "legal"},
        {"who": "admins"},
        {},
    ],
)
def test_audiences_that_cannot_be_chosen(
    browser: Callable[[str], FlaskClient],
    save: Any,
    name: str,
    wiki: Wiki,
    form: dict[str, str],
) -> None:
    cora = browser("cora")
    save(cora, name, "x")
    answer = submit(cora, f"/-/audience/{name}", **form)
    assert answer.status_code == 422
    assert wiki.store.get(name).audience == "public"


def test_a_save_that_opens_a_page_asks_first(
    browser: Callable[[str], FlaskClient], save: Any, read: Any, name: str, wiki: Wiki
) -> None:
    cora = browser("cora")
    save(cora, name, "---\naudience: group:core\n---\nours")
    asked = save(cora, name, "---\naudience: members\n---\nours, opened", 1)
    assert asked.status_code == 422
    page = read(asked)
    assert page.one("textarea").value == "---\naudience: members\n---\nours, opened"
    assert page.one("input", name="widen")
    assert wiki.store.get(name).audience == "group:core"
    done = save(cora, name, "---\naudience: members\n---\nours, opened", 1, widen="1")
    assert done.status_code == 303
    assert wiki.store.get(name).audience == "members"


def test_a_program_says_that_it_means_it(
    api: Any, wiki: Wiki, name: str, bearer: Any
) -> None:
    wiki.save(SYSTEM, Draft(name, "---\naudience: members\n---\nx"), 0)
    body = {"source": "x", "base": 1}
    refused = api("PUT", f"/pages/{name}", body)
    assert refused.status_code == 422
    assert wiki.store.get(name).audience == "members"
    done = api("PUT", f"/pages/{name}", {**body, "widen": True})
    assert done.status_code == 200
    assert wiki.store.get(name).audience == "public"


def test_an_old_version_that_more_people_read_asks_first(
    browser: Callable[[str], FlaskClient], save: Any, name: str, wiki: Wiki
) -> None:
    cora = browser("cora")
    save(cora, name, "open")
    save(cora, name, "---\naudience: group:core\n---\nours", 1)
    url = f"/-/restore/{name}?rev=1"
    asked = submit(cora, url, url, reason="")
    assert asked.status_code == 422
    assert "widen" in asked.text
    assert wiki.store.get(name).audience == "group:core"
    assert submit(cora, url, url, reason="", widen="1").status_code == 303
    assert wiki.store.get(name).audience == "public"


def test_effective_access_tells_why(admin: FlaskClient, wiki: Wiki, read: Any) -> None:
    wiki.save(SYSTEM, Draft("plan/two", "---\naudience: group:legal\n---\nx"), 0)
    set_rule(admin, area="plan/", read="group:core", edit="group:writers")
    for who, reads in (("", "No"), ("mia", "No"), ("cora", "No"), ("lea", "Yes")):
        page = read(admin.get(f"/-/admin/access?person={who}&page=plan/two"))
        assert page.one("dl", class_="facts").all("dd")[0].text == reads, who
    text = read(admin.get("/-/admin/access?person=lea&page=plan/two")).text
    assert "The page's own fields say: Visible to members of legal" in text
    assert "The rule of “plan/” says: Visible to members of core" in text
    assert "The rule of “plan/” says who changes pages: Members of writers." in text
    assert admin.get("/-/admin/access?person=nobody&page=plan").status_code == 404
    assert admin.get("/-/admin/access?person=lea&page=a/../b").status_code == 400


def test_a_file_is_for_the_readers_of_its_pages(
    admin: FlaskClient,
    visitor: FlaskClient,
    browser: Callable[[str], FlaskClient],
    wiki: Wiki,
    known: str,
) -> None:
    wiki.save(SYSTEM, Draft("box/open", "no picture"), 0)
    secret = "---\naudience: group:core\n---\n![map](plan.png)"
    wiki.save(SYSTEM, Draft("box/secret", secret), 0)
    png = b"\x89PNG\r\n\x1a\n" + bytes(64)
    for file in ("plan.png", "other.png"):
        wiki.store.put_beside("box/open", file, io.BytesIO(png))
    assert visitor.get("/-/files/box/plan.png").status_code == 404
    # Nothing says whose it is, so it is for those who read all pages there.
    assert visitor.get("/-/files/box/other.png").status_code == 404
    cora = browser("cora")
    assert cora.get("/-/files/box/plan.png").status_code == 200
    assert cora.get("/-/files/box/other.png").status_code == 200
    # A link from an open page does not open what a hidden page shows, too.
    wiki.save(SYSTEM, Draft("box/open", "![map](plan.png)"), 1)
    assert visitor.get("/-/files/box/plan.png").status_code == 404
    wiki.save(SYSTEM, Draft("box/secret", "---\naudience: group:core\n---\nx"), 1)
    assert visitor.get("/-/files/box/plan.png").status_code == 200
    set_rule(admin, area="box/", read="members", edit="")
    assert visitor.get("/-/files/box/plan.png").status_code == 404


def test_several_groups_read_one_page(
    browser: Callable[[str], FlaskClient], wiki: Wiki, visitor: FlaskClient, read: Any
) -> None:
    text = "---\naudience: group:legal, group:writers\n---\nfor both uniqueword"
    wiki.save(SYSTEM, Draft("both", text), 0)
    for account, status in (("lea", 200), ("wil", 200), ("mia", 404), ("cora", 404)):
        client = browser(account)
        assert client.get("/both").status_code == status, account
        found = read(client.get("/-/search?q=uniqueword")).text
        assert ("both" in found) == (status == 200), account
    assert visitor.get("/both").status_code == 404
    assert wiki.access.reader(VISITOR_ACTOR) == VISITOR_ACTOR


@pytest.mark.parametrize("word", ["everybody", "group:nosuch", "group:core, group:x"])
def test_a_word_that_is_no_audience_is_named(
    admin: FlaskClient, wiki: Wiki, name: str, word: str, read: Any
) -> None:
    wiki.save(SYSTEM, Draft(name, f"---\naudience: {word}\n---\nx"), 0)
    assert "is not an audience here" in read(admin.get(f"/{name}")).text


@pytest.mark.parametrize("what", ["signed out", "out of the group", "closed"])
def test_an_answer_kept_for_a_reader_goes_with_the_right_to_it(
    browser: Callable[[str], FlaskClient], wiki: Wiki, name: str, what: str
) -> None:  # R10, R15
    wiki.save(SYSTEM, Draft(name, "---\naudience: group:core\n---\nours"), 0)
    account = f"kept then {what}"
    user = wiki.accounts.create_user(account, "editor", PASSWORD, ["core"])
    client = browser(account)
    for _ in range(3):  # made once, kept after that
        assert client.get(f"/{name}").status_code == 200
    if what == "signed out":
        wiki.accounts.end_sessions(user)
    elif what == "closed":
        wiki.accounts.close_user(user)
    else:
        wiki.accounts.set_groups(user, [])
    assert client.get(f"/{name}").status_code == 404
