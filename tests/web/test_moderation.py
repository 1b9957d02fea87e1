"""Undoing, pausing, newcomers and limits, as people meet them in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.errors import NotFound
from wiki.model.actor import SYSTEM, Actor, person
from wiki.model.page import Draft, Put
from wiki.service import Wiki
from wiki.store.base import Author, ChangesOf
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

from .everywhere import CHANGING, address, rules

PLAN = "# Plan\n\nFirst.\n\nSecond.\n\nThird.\n"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make a wiki where people are new at first, as they are."""
    limits = {"limits.writes_per_minute": 10**6}
    config = load(tmp_path_factory.mktemp("wiki"), {}, limits)
    made = create_app(config=config, strict=True, memory=True)
    yield made
    made.extensions["wiki"].close()


@pytest.fixture
def write(wiki: Wiki) -> Callable[..., Any]:
    """Return ``write(name, text, who)``: a save over what is there."""

    def save(name: str, text: str, who: Actor = SYSTEM) -> Any:
        try:
            base = wiki.page(SYSTEM, name).n
        except NotFound:
            base = 0
        return wiki.save(who, Draft(name, text), base).page

    return save


@pytest.fixture
def vandal(wiki: Wiki, name: str) -> Actor:
    """Somebody with an account of their own for each test."""
    account = f"vandal of {name}"[:60]
    return person(wiki.accounts.create_user(account, "editor"), account, "editor")


def newest(wiki: Wiki, page: Any) -> int:
    return wiki.store.changes_of(ChangesOf(page=page.id, limit=1))[0].seq


def told(read: Any, client: FlaskClient, response: Any) -> str:
    assert response.status_code == 303, response.text
    shown = read(client.get(response.location)).all("p", role="status")
    return " ".join(one.text for one in shown)


# -- one change


@pytest.mark.parametrize("where", ["history/{}", "diff/{}?a=1&b=2", "recent"])
def test_one_click_undoes_a_change(
    editor: FlaskClient,
    visitor: FlaskClient,
    read: Any,
    write: Any,
    wiki: Wiki,
    vandal: Actor,
    name: str,
    where: str,
) -> None:
    write(name, PLAN)
    page = write(name, "Spam", vandal)
    url = "/-/" + where.format(name)
    button = read(editor.get(url)).one("button", value=str(newest(wiki, page)))
    assert button["name"] == "change"
    assert button.text.startswith("Undo")
    assert "this change" in button.text
    form = read(editor.get(url)).one("form", id=button["form"])
    assert form["method"] == "post"
    assert form.one("input", name="csrf_token")
    done = submit(editor, url, button["formaction"], change=button["value"])
    assert "Undone." in told(read, editor, done)
    found = wiki.page(SYSTEM, name)
    assert found.text == PLAN
    assert found.comment == f"Undid version 2 of {name}"
    # Again: it is said that nothing happened.
    again = submit(editor, url, button["formaction"], change=button["value"])
    assert "undone before" in told(read, editor, again)
    assert wiki.page(SYSTEM, name).n == 3
    # Who may not, sees no button and gets no cookie.
    shown = visitor.get(url)
    assert not read(shown).all("button", name="change")
    assert "Set-Cookie" not in shown.headers


def test_what_others_built_on_is_chosen_part_by_part(
    editor: FlaskClient, read: Any, write: Any, wiki: Wiki, vandal: Actor, name: str
) -> None:
    write(name, PLAN)
    write(name, PLAN.replace("Second.", "Spam."), vandal)
    page = wiki.page(SYSTEM, name)
    seq = newest(wiki, page)
    write(name, PLAN.replace("Second.", "Spam, corrected.").replace("T", "t"))
    url = f"/-/history/{name}"
    asked = submit(editor, url, f"/-/undo/{name}", change=seq)
    assert asked.status_code == 409
    shown = read(asked)
    assert "Version 2 cannot be undone by itself" in shown.one("h1").text
    assert [one.text for one in shown.all("h2")][:3] == [
        "With the change",
        "The page now",
        "Without the change",
    ]
    assert [one.text for one in shown.all("pre")][:3] == [
        "Spam.",
        "Spam, corrected.",
        "Second.",
    ]
    form = shown.one("form", action=f"/-/edit/{name}")
    fields = {one["name"]: one.get("value") for one in form.all("input")}
    del fields["csrf_token"]
    part = next(one for one in fields if one.startswith("part-"))
    # Not decided yet: asked again, in the same words.
    undecided = {k: v for k, v in fields.items() if not k.startswith("part-")}
    again = submit(editor, url, f"/-/edit/{name}", **undecided, resolve="1")
    assert "cannot be undone by itself" in read(again).one("h1").text
    done = submit(
        editor, url, f"/-/edit/{name}", **{**undecided, part: "yours"}, resolve="1"
    )
    assert "Saved." in told(read, editor, done)
    found = wiki.page(SYSTEM, name)
    assert found.text == PLAN.replace("T", "t")
    assert found.comment == f"Undid version 2 of {name}"


def test_a_new_page_is_undone_by_deleting_it(
    editor: FlaskClient, read: Any, write: Any, wiki: Wiki, vandal: Actor, name: str
) -> None:
    page = write(name, "# Spam page\n", vandal)
    url = f"/-/undo/{name}"
    done = submit(editor, "/-/recent", url, change=newest(wiki, page))
    shown = read(editor.get(done.location))
    assert "“Spam page” was deleted." in shown.one("p", role="status").text
    assert f"/-/restore/{name}" in shown.links()
    assert editor.get(f"/{name}").status_code == 404
    # And back, by undoing the undo.
    back = submit(editor, "/-/recent", url, change=newest(wiki, page))
    assert "Undone." in told(read, editor, back)
    assert editor.get(f"/{name}").status_code == 200


def test_what_cannot_be_undone_is_said(
    editor: FlaskClient, read: Any, write: Any, wiki: Wiki, vandal: Actor, name: str
) -> None:
    page = write(name, "one\n", vandal)
    seq = newest(wiki, page)
    write(name, "one\n\ntwo\n")
    response = submit(editor, "/-/recent", f"/-/undo/{name}", change=seq)
    assert response.location == f"/-/history/{name}"
    assert "Others have written on this page" in told(read, editor, response)
    for bad in ("", "x", "0", "-1", "9" * 30, seq + 100, 1):
        wrong = submit(editor, "/-/recent", f"/-/undo/{name}", change=bad)
        assert wrong.status_code == 404
    assert wiki.page(SYSTEM, name).text == "one\n\ntwo\n"


@pytest.mark.parametrize("role", ["visitor", "member"])
def test_who_may_not_undo(
    people: Any, write: Any, wiki: Wiki, name: str, role: str
) -> None:
    write(name, PLAN)
    page = write(name, "Spam")
    source = "/-/account" if role != "visitor" else "/-/sign-in"
    done = submit(people(role), source, f"/-/undo/{name}", change=newest(wiki, page))
    assert done.status_code in {401, 403}
    assert wiki.page(SYSTEM, name).text == "Spam"


# -- all by one person


@pytest.fixture
def spree(write: Any, vandal: Actor, name: str) -> str:
    """Let somebody change three pages, and another build on one of them."""
    for end in ("a", "b"):
        write(f"{name}/{end}", PLAN)
        write(f"{name}/{end}", PLAN.replace("First.", "Spam."), vandal)
    write(f"{name}/b", PLAN.replace("First.", "Spam, edited."))
    write(f"{name}/c", "Spam", vandal)
    return name


def test_p18_all_changes_of_a_person_are_undone_by_one_button(
    people: Any, read: Any, spree: str, wiki: Wiki, vandal: Actor
) -> None:  # P18
    moderator, url = people("moderator"), f"/-/people/{vandal.id}"
    shown = read(moderator.get(url))
    assert shown.one("h1").text == f"Changes by {vandal.name}"
    assert [one.text for one in shown.all("a", class_="name")] == [
        "C",
        "Plan",
        "Plan",
    ]
    asked = read(moderator.get(f"{url}/undo?since=hour"))
    assert "2 pages go back" in asked.one("main").text
    assert "Others changed the same part since." in asked.one("main").text
    form = asked.one("form", action=f"{url}/undo")
    assert form.one("input", name="since")["value"] == "hour"
    done = submit(moderator, f"{url}/undo?since=hour", f"{url}/undo", since="hour")
    said = told(read, moderator, done)
    assert "2 pages were undone." in said
    assert "1 change is left for you to look at" in said
    assert wiki.page(SYSTEM, f"{spree}/a").text == PLAN
    assert "Spam, edited." in wiki.page(SYSTEM, f"{spree}/b").text
    with pytest.raises(NotFound):
        wiki.page(SYSTEM, f"{spree}/c")
    act = wiki.accounts.audit.acts(limit=1)[0]
    assert (act.kind, act.subject) == ("undone.person", vandal.name)
    assert act.detail["pages"] == "2"
    # Nothing is left: no button any more, and pressing it changes nothing.
    after = read(moderator.get(f"{url}/undo?since=all"))
    assert not after.all("form", action=f"{url}/undo")
    again = submit(moderator, url, f"{url}/undo", since="all")
    assert "nothing left to undo" in told(read, moderator, again)


def test_an_action_is_undone_as_a_whole(
    people: Any, read: Any, wiki: Wiki, name: str
) -> None:  # P18
    ops = [Put(f"{name}/{i}", f"Text {i}", "new") for i in range(3)]
    wiki.store.commit(ops, Author(None, "Ann"), comment="Import", origin="import")
    moderator = people("moderator")
    links = read(moderator.get("/-/recent")).links()
    url = next(to for to, words in links.items() if words == "Undo this import")
    asked = read(moderator.get(url))
    assert "3 pages go back" in asked.one("main").text
    done = submit(moderator, url, url)
    assert "3 pages were undone." in told(read, moderator, done)
    assert not wiki.store.list(prefix=f"{name}/")[0]
    # The undo is an action as well.
    links = read(moderator.get("/-/recent")).links()
    back = next(to for to, words in links.items() if "all of this action" in words)
    submit(moderator, back, back)
    assert len(wiki.store.list(prefix=f"{name}/")[0]) == 3
    assert "Undo this import" not in people("editor").get("/-/recent").text


@pytest.mark.parametrize("role", ["visitor", "member", "editor"])
def test_only_who_moderates(people: Any, spree: str, vandal: Actor, role: str) -> None:
    who, url = people(role), f"/-/people/{vandal.id}"
    wanted = 401 if role == "visitor" else 403
    for page in (url, f"{url}/undo?since=all", "/-/people/99999", "/-/actions/1/undo"):
        assert who.get(page).status_code == wanted
    source = "/-/account" if role != "visitor" else "/-/sign-in"
    for act in ("undo", "block", "unblock"):
        assert submit(who, source, f"{url}/{act}", since="all").status_code == wanted
    assert f"/-/people/{vandal.id}" not in who.get("/-/recent").text


@pytest.mark.parametrize(
    "url",
    [
        "people/0",
        "people/x",
        "people/99999",
        f"people/{'9' * 30}",
        "people/{id}/undo",
        "people/{id}/undo?since=ever",
        "actions/0/undo",
        "actions/x/undo",
        "actions/999999/undo",
    ],
)
def test_nobody_and_nothing_there(people: Any, vandal: Actor, url: str) -> None:
    got = people("moderator").get("/-/" + url.format(id=vandal.id))
    assert got.status_code == 404


def test_a_moderator_is_not_told_of_hidden_pages(
    people: Any, write: Any, wiki: Wiki, vandal: Actor, name: str
) -> None:  # R10
    write(f"{name}/open", "x", vandal)
    secret = f"{name}/canary"
    write(secret, "---\naudience: admins\n---\nx\n")
    page = write(secret, "---\naudience: admins\n---\ny\n")
    moderator, url = people("moderator"), f"/-/people/{vandal.id}"
    for path in (url, f"{url}/undo?since=all", "/-/recent"):
        assert "canary" not in moderator.get(path).text
    done = submit(moderator, url, f"/-/undo/{secret}", change=newest(wiki, page))
    assert done.status_code == 404
    commit = wiki.store.changes_of(ChangesOf(page=page.id, limit=1))[0].txn
    assert moderator.get(f"/-/actions/{commit}/undo").status_code == 404


# -- pausing


def test_a_paused_person_reads_and_keeps_what_they_typed(
    app: Flask, people: Any, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # P18
    account = f"loud {name}"
    user_id = wiki.accounts.create_user(account, "editor", PASSWORD)
    loud = app.test_client()
    submit(loud, "/-/sign-in", name=account, password=PASSWORD)
    assert save(loud, name, "one").status_code == 303
    moderator, url = people("moderator"), f"/-/people/{user_id}"
    done = submit(moderator, url, f"{url}/block")
    assert "can read and no more" in told(read, moderator, done)
    assert loud.get(f"/{name}").status_code == 200
    refused = save(loud, name, "two, and a long text", 1)
    assert refused.status_code == 403
    assert "paused your right to change pages" in refused.text
    assert "two, and a long text" in refused.text
    for path in (f"/-/edit/{name}", "/-/new"):
        got = loud.get(path)
        assert got.status_code == 403
        assert "paused your right" in got.text
    assert wiki.page(SYSTEM, name).text == "one"
    back = submit(moderator, url, f"{url}/unblock")
    assert "can change pages again" in told(read, moderator, back)
    assert save(loud, name, "two", 1).status_code == 303


def test_moderators_do_not_pause_each_other(people: Any, wiki: Wiki) -> None:
    boss = wiki.accounts.user_id("the admin") if people("admin") else 0
    url = f"/-/people/{boss}"
    shown = people("moderator").get(url)
    assert "Pause this account" not in shown.text
    assert submit(people("moderator"), url, f"{url}/block").status_code == 403
    assert not wiki.accounts.is_blocked(boss)


# -- what a page went through


def test_history_tells_of_renames_and_deletions(
    editor: FlaskClient, read: Any, write: Any, wiki: Wiki, name: str
) -> None:
    write(name, "one")
    wiki.rename(SYSTEM, name, f"{name}-b", "Tidy")
    wiki.delete(SYSTEM, f"{name}-b", "Oops")
    wiki.restore(SYSTEM, f"{name}-b")
    write(f"{name}-b", "two")
    wiki.restore(SYSTEM, f"{name}-b", 1)
    shown = read(editor.get(f"/-/history/{name}-b"))
    rows = [row.one("td", class_="words").text for row in shown.one("tbody").all("tr")]
    assert rows == [
        "(version 1 brought back)",
        "",
        "(brought back)",
        "Deleted: Oops",
        f"Renamed from {name} to {name}-b: Tidy",
        "(first version)",
    ]


def test_a_long_history_tells_each_change_once(
    visitor: FlaskClient, read: Any, write: Any, wiki: Wiki, name: str
) -> None:
    for i in range(60):
        write(name, f"text {i}")
        if i in (3, 30):
            wiki.rename(SYSTEM, name, f"{name}-x")
            wiki.rename(SYSTEM, f"{name}-x", name)
    seen, url, pages = [], f"/-/history/{name}", 0
    while url:
        shown = read(visitor.get(url))
        seen += [row.text for row in shown.all("tr", class_="event")]
        older = shown.all("a", rel="next")
        url, pages = older[0]["href"] if older else "", pages + 1
    assert pages == 2
    assert len(seen) == 4


def test_a_deleted_page_is_read_by_who_may_bring_it_back(
    people: Any, read: Any, write: Any, wiki: Wiki, name: str
) -> None:
    write(name, "# Gone page\n\nOlder words.\n")
    write(name, "# Gone page\n\nKept words.\n")
    wiki.delete(SYSTEM, name)
    shown = read(people("editor").get(f"/-/restore/{name}"))
    assert "Kept words." in shown.one("article").text
    assert shown.one("h1").text == "Restore Gone page"
    older = people("editor").get(f"/-/restore/{name}?rev=1")
    assert "Older words." in read(older).one("article").text
    assert people("editor").get(f"/-/restore/{name}?rev=9").status_code == 404
    for role in ("visitor", "member"):
        got = people(role).get(f"/-/restore/{name}")
        assert got.status_code in {401, 403}
        assert "Kept words." not in got.text
    hidden = f"{name}-hidden"
    write(hidden, "---\naudience: admins\n---\nSecret words.\n")
    wiki.delete(SYSTEM, hidden)
    got = people("editor").get(f"/-/restore/{hidden}")
    assert got.status_code == 404
    assert "Secret" not in got.text


def test_a_difference_skips_versions_that_are_not_there(
    admin: FlaskClient, editor: FlaskClient, read: Any, write: Any, name: str
) -> None:
    write(name, "one\n")
    write(name, "---\naudience: admins\n---\nsecret\n")
    write(name, "three\n")
    shown = read(editor.get(f"/-/diff/{name}?b=3"))
    assert "From version 1" in shown.one("main").text
    assert "secret" not in shown.text
    # What lies between is not theirs to undo.
    assert not shown.all("button", name="change")
    assert "From version 2" in read(admin.get(f"/-/diff/{name}?b=3")).one("main").text


# -- newcomers


@pytest.fixture
def newcomer(app: Flask, wiki: Wiki, name: str) -> FlaskClient:
    account = f"new {name}"[:60]
    wiki.accounts.create_user(account, "editor", PASSWORD)
    client = app.test_client()
    submit(client, "/-/sign-in", name=account, password=PASSWORD)
    return client


LINKS = "".join(f"\n[a](https://site{i}.example/)\n" for i in range(4))


def test_p18_a_newcomer_adds_few_links_at_once(
    newcomer: FlaskClient,
    editor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
) -> None:  # P18
    refused = save(newcomer, name, f"Hello\n{LINKS}")
    assert refused.status_code == 422
    shown = read(refused)
    assert "adds 4 links to other sites" in shown.one("section", role="alert").text
    assert "Hello" in shown.one("textarea", name="text").value
    fields = (
        f"---\nurl: https://a.example\nmore: [https://b.example]\n---\n{LINKS[:70]}"
    )
    assert save(newcomer, name, fields).status_code == 422
    assert save(newcomer, name, f"[in](/x) [[y]] {LINKS[:90]}").status_code == 303
    # What is there already does not count again.
    more = wiki.page(SYSTEM, name).text + LINKS[:60]
    assert save(newcomer, name, more, 1).status_code == 303
    for i in range(3):
        assert save(newcomer, f"{name}/{i}", "x").status_code == 303
    # Five changes made: not new any more.
    assert save(newcomer, f"{name}/z", f"Hello\n{LINKS * 3}").status_code == 303


def test_a_program_that_fills_every_field_gives_itself_away(
    newcomer: FlaskClient, read: Any, save: Any, wiki: Wiki, name: str
) -> None:  # P18
    field = read(newcomer.get("/-/new")).one("input", name="homepage")
    assert field["tabindex"] == "-1"
    refused = save(newcomer, name, "Buy this", homepage="https://spam.example")
    assert refused.status_code == 422
    assert "Buy this" in read(refused).one("textarea", name="text").value
    with pytest.raises(NotFound):
        wiki.page(SYSTEM, name)
    assert save(newcomer, name, "Hello").status_code == 303


def test_p18_a_newcomer_saves_ten_times_in_ten_minutes(
    newcomer: FlaskClient, read: Any, save: Any, name: str
) -> None:  # P18
    for _ in range(10):
        assert save(newcomer, name, LINKS).status_code == 422
    refused = save(newcomer, name, "My long text")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 60
    shown = read(refused)
    problem = shown.one("section", role="alert").text
    assert "Too many edits in a short time. Your text is kept; try again in" in problem
    assert "minutes." in problem
    assert shown.one("textarea", name="text").value == "My long text"


def test_who_is_no_newcomer(people: Any, wiki: Wiki, name: str) -> None:
    made = wiki.accounts.create_user(f"mod {name}", "moderator")
    assert not wiki.newcomers.is_one(person(made, "m", "moderator"))
    fresh = wiki.accounts.create_user(f"ed {name}", "editor")
    assert wiki.newcomers.is_one(person(fresh, "e", "editor"))
    with wiki.accounts._store.writing() as at:
        wiki.accounts._store.change_user(at, fresh, created=0)
    assert not wiki.newcomers.is_one(person(fresh, "e", "editor"))
    assert not wiki.newcomers.is_one(Actor())
    assert not wiki.newcomers.is_one(SYSTEM)


# -- limits


def test_every_change_is_counted(tmp_path: Any) -> None:  # P18
    """Walk all routes: whoever used up their writes gets 429 from each."""
    app = create_app(
        config=load(tmp_path, {}, {"limits.writes_per_minute": 1}),
        strict=True,
        memory=True,
    )
    wiki: Wiki = app.extensions["wiki"]
    wiki.accounts.create_user("Boss", "admin", PASSWORD)
    wiki.save(SYSTEM, Draft("known", "x"), 0)
    boss, visitor = app.test_client(), app.test_client()
    submit(boss, "/-/sign-in", name="Boss", password=PASSWORD)
    assert submit(boss, "/-/history/known", "/-/undo/known", change=1).status_code < 500
    own = {"account.sign_in_now", "account.sign_out", "edit.preview"}
    found = 0
    for rule, method in rules(app):
        if method not in CHANGING or rule.endpoint in own:
            continue
        url = address(rule, "known").replace("<int:user_id>", "1")
        token = TOKEN.search(boss.get("/-/account").text)
        assert token
        form = {"csrf_token": token.group(1), "text": "My text", "reason": "My text"}
        got = boss.open(url, method=method, data=form, headers=SAME_SITE)
        assert got.status_code in {429, 404}, (rule, got.status_code)
        if got.status_code == 429 and not url.startswith("/-/api/"):
            assert "My text" in got.text, rule
        found += got.status_code == 429
    assert found > 30
    # A visitor's are counted by address, in memory.
    shown = visitor.get("/-/sign-in")
    token = TOKEN.search(shown.text)
    assert token
    form = {"csrf_token": token.group(1), "name": "new", "text": "x"}
    statuses = [
        visitor.post("/-/new", data=form, headers=SAME_SITE).status_code
        for _ in range(2)
    ]
    assert statuses == [401, 429]
    wiki.close()
