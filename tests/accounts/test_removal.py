"""Leaving for good: the account goes, and its name from everything that is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from wiki.accounts import Accounts
from wiki.build import build, follower
from wiki.config import load
from wiki.errors import Busy, NotAllowed, NotFound, ReadOnly, SignInFailed
from wiki.model.actor import SYSTEM, Actor, person
from wiki.model.page import Draft
from wiki.search import rebuilding
from wiki.service import Wiki

from .people import GOOD, admin

# Nobody else is called so, in whatever spelling.
CANARY = "Quxandra Vexley-Thorn"
SPELLINGS = ("quxandra", "vexley")


@pytest.fixture
def wiki(tmp_path: Path) -> Iterator[Wiki]:
    made = build(load(tmp_path, {}))
    yield made
    made.close()


@pytest.fixture
def canary(wiki: Wiki) -> Actor:
    user_id = wiki.accounts.create_user(CANARY, "editor", GOOD)
    return person(user_id, CANARY, "editor")


def write(wiki: Wiki, by: Actor, name: str, text: str) -> None:
    base = 0
    with suppress(NotFound):
        base = wiki.page(SYSTEM, name).n
    wiki.save(by, Draft(name, text, "a note"), base)


def leave_traces(wiki: Wiki, canary: Actor, boss: Actor) -> None:
    """Do all that keeps a name: pages, history, groups, the log, ways in."""
    accounts, user_id = wiki.accounts, canary.id or 0
    for name in ("one", "two", "three"):
        write(wiki, canary, name, f"# {name}\n\nfirst [[two]]\n")
    write(wiki, boss, "two", "# two\n\nsecond\n")
    write(wiki, boss, "four", "# four\n\nfirst\n")
    write(wiki, canary, "four", "# four\n\nsecond\n")
    wiki.rename(canary, "three", "thirty")
    wiki.delete(canary, "four")
    for name in ("one", "two"):
        wiki.view(boss, name)
    accounts.groups.add("Press", by=boss)
    accounts.groups.put_in("Press", CANARY, by=boss)
    accounts.set_role(user_id, "moderator", by=boss)
    accounts.block(user_id, by=boss)
    accounts.unblock(user_id, by=boss)
    accounts.sign_in(CANARY, GOOD, label="a phone")
    accounts.make_token(user_id, ["read"], by=canary)
    accounts.link_for(user_id, by=boss)
    for _ in range(5):
        with pytest.raises(SignInFailed):
            accounts.sign_in(CANARY, "wrong password")


def index_until(wiki: Wiki, done: object) -> None:
    """Let the search follower work until it is done."""
    stop = threading.Event()
    worker = threading.Thread(target=follower(wiki).run, args=(stop,))
    worker.start()
    try:
        for _ in range(600):
            if done():  # type: ignore[operator]
                return
            stop.wait(0.05)
        raise AssertionError("the index is not ready")
    finally:
        stop.set()
        worker.join(30)


def is_indexed(wiki: Wiki) -> bool:
    wanted = rebuilding.wanted(wiki.config.var / "index")
    return not wanted and wiki.finder.lag() == 0


def files_with_canary(folder: Path) -> list[str]:
    """Return the files that hold the name in any spelling, databases' logs too."""
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and any(it.encode() in path.read_bytes().lower() for it in SPELLINGS)
    ]


def test_p12_a_removed_name_is_nowhere_in_the_instance(  # P12, P8
    wiki: Wiki, canary: Actor, tmp_path: Path
) -> None:
    boss = admin(wiki.accounts)
    leave_traces(wiki, canary, boss)
    index_until(wiki, lambda: is_indexed(wiki))
    found = files_with_canary(tmp_path)
    # Else the search below would prove nothing.
    assert any("wiki.db" in it for it in found), found
    assert any("private.db" in it for it in found), found
    assert any(it.startswith("var/index/") for it in found), found
    assert not any(it.startswith("pages/") for it in found), found
    assert wiki.search(boss, f'author:"{CANARY}"').total == 2

    wiki.removal.remove(canary.id or 0, by=boss)
    assert [it for it in files_with_canary(tmp_path) if "index" not in it] == []
    index_until(wiki, lambda: is_indexed(wiki))
    assert files_with_canary(tmp_path) == []
    assert wiki.search(boss, f'author:"{CANARY}"').total == 0
    assert wiki.page(boss, "one").text == "# one\n\nfirst [[two]]\n"


def test_p12_history_of_the_removed_joins_nothing(  # P12
    wiki: Wiki, canary: Actor
) -> None:
    boss = admin(wiki.accounts)
    leave_traces(wiki, canary, boss)
    wiki.removal.remove(canary.id or 0, by=boss)
    for name in ("one", "two", "thirty"):
        page = wiki.page(boss, name)
        for row in wiki.history(boss, page):
            assert row.author in {"(former member)", "chief"}
            assert (row.author_id is None) == (row.author == "(former member)")
    assert {it.author for it in wiki.recent(boss)} == {"(former member)", "chief"}
    told = wiki.accounts.audit.acts()
    assert CANARY not in repr(told)
    assert canary.id not in {it.actor_id for it in told}
    assert [it.subject for it in told if it.kind == "account.role"] == [
        "(former member)"
    ]


def test_a_removed_account_lets_nobody_in(wiki: Wiki, canary: Actor) -> None:
    accounts, boss = wiki.accounts, admin(wiki.accounts)
    session = accounts.sign_in(CANARY, GOOD)
    token = accounts.make_token(canary.id or 0, ["read"])
    link = accounts.link_for(canary.id or 0)
    invitation = accounts.invite(boss, "member")
    wiki.removal.remove(canary.id or 0, by=boss)
    assert accounts.session(session) is None
    assert accounts.token(token) is None
    with pytest.raises(NotFound):
        accounts.follow_link(link)
    with pytest.raises(SignInFailed):
        accounts.sign_in(CANARY, GOOD)
    assert accounts.join(invitation, "Bo", GOOD)
    with pytest.raises(NotFound):
        wiki.removal.remove(canary.id or 0, by=boss)


def test_an_id_is_never_given_out_again(wiki: Wiki, canary: Actor) -> None:
    admin(wiki.accounts)
    gone = wiki.accounts.create_user("newest", "member")
    wiki.removal.remove(gone)
    assert wiki.accounts.create_user("newer", "member") > gone
    # The name is free, and nothing of its old owner comes with it.
    again = wiki.accounts.create_user("Newest", "member")
    assert again > gone


def test_what_the_removed_invited_to_is_over(wiki: Wiki) -> None:
    accounts = wiki.accounts
    admin(accounts)
    mo = person(accounts.create_user("mo", "moderator", GOOD), "mo", "moderator")
    invitation = accounts.invite(mo, "member")
    wiki.removal.remove(mo.id or 0)
    with pytest.raises(NotFound):
        accounts.join(invitation, "Bo", GOOD)


# -- who may


def test_people_remove_themselves_and_nobody_else(wiki: Wiki, canary: Actor) -> None:
    accounts = wiki.accounts
    admin(accounts)
    other = accounts.create_user("Bo", "member")
    with pytest.raises(NotAllowed):
        wiki.removal.remove(other, by=canary)
    wiki.removal.remove(canary.id or 0, by=canary)
    assert "Bo" in {it.name for it in accounts.list_users()}
    assert CANARY not in {it.name for it in accounts.list_users()}
    told = accounts.audit.acts(limit=1)[0]
    assert (told.kind, told.actor, told.actor_id) == (
        "account.removed",
        "(former member)",
        None,
    )


def test_the_last_admin_cannot_leave(wiki: Wiki) -> None:
    boss = admin(wiki.accounts)
    write(wiki, boss, "one", "text")
    with pytest.raises(NotAllowed, match="only administrator"):
        wiki.removal.remove(boss.id or 0, by=boss)
    # Nothing was done by halves.
    assert wiki.page(boss, "one").author == "chief"


def test_a_blocked_person_asks_an_administrator(wiki: Wiki, canary: Actor) -> None:
    accounts = wiki.accounts
    boss = admin(accounts)
    secret = accounts.sign_in(CANARY, GOOD)
    accounts.block(canary.id or 0, by=boss)
    now = accounts.session(secret)
    assert now is not None
    for by in (canary, now):
        with pytest.raises(NotAllowed, match="blocked"):
            wiki.removal.remove(canary.id or 0, by=by)
    wiki.removal.remove(canary.id or 0, by=boss)


def test_a_closed_account_can_still_be_removed(wiki: Wiki, canary: Actor) -> None:
    boss = admin(wiki.accounts)
    write(wiki, canary, "one", "text")
    wiki.accounts.close_user(canary.id or 0, by=boss)
    wiki.removal.remove(canary.id or 0, by=boss)
    assert wiki.page(boss, "one").author == "(former member)"


def test_a_token_removes_nobody(wiki: Wiki, canary: Actor) -> None:
    admin(wiki.accounts)
    token = wiki.accounts.make_token(canary.id or 0, ["read", "write", "admin"])
    by = wiki.accounts.token(token)
    assert by is not None
    with pytest.raises(NotAllowed):
        wiki.removal.remove(canary.id or 0, by=by)


# -- what may go wrong


@pytest.mark.parametrize("error", [Busy, ReadOnly])
def test_what_failed_can_be_done_again(
    wiki: Wiki, canary: Actor, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    boss = admin(wiki.accounts)
    write(wiki, canary, "one", "text")

    def fail(*_: object, **__: object) -> None:
        raise error

    for where, method in (
        (wiki.store, "forget_author"),
        (wiki.accounts, "remove_user"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(where, method, fail)
            with pytest.raises(error):
                wiki.removal.remove(canary.id or 0, by=boss)
        assert wiki.accounts.sign_in(CANARY, GOOD)
    wiki.removal.remove(canary.id or 0, by=boss)
    assert wiki.page(boss, "one").author == "(former member)"


def test_what_was_saved_meanwhile_loses_the_name_too(
    wiki: Wiki, canary: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    boss = admin(wiki.accounts)
    write(wiki, canary, "one", "text")
    remove = Accounts.remove_user

    def save_first(self: Accounts, user_id: int, *, by: Actor = SYSTEM) -> None:
        write(wiki, canary, "late", "text")
        remove(self, user_id, by=by)

    monkeypatch.setattr(Accounts, "remove_user", save_first)
    wiki.removal.remove(canary.id or 0, by=boss)
    assert wiki.page(boss, "late").author == "(former member)"


# -- another name


def test_another_name_in_older_versions_too(wiki: Wiki, canary: Actor) -> None:
    boss = admin(wiki.accounts)
    write(wiki, canary, "one", "text")
    assert wiki.removal.rename(canary, "Fox", everywhere=True) == "Fox"
    page = wiki.page(boss, "one")
    assert (page.author, page.author_id) == ("Fox", canary.id)


def test_another_name_from_now_on(wiki: Wiki, canary: Actor) -> None:
    boss = admin(wiki.accounts)
    write(wiki, canary, "one", "text")
    wiki.removal.rename(canary, "Fox", everywhere=False)
    assert wiki.page(boss, "one").author == CANARY
    fox = wiki.accounts.session(wiki.accounts.sign_in("fox", GOOD))
    assert fox is not None
    write(wiki, fox, "one", "more")
    assert [it.author for it in wiki.history(boss, wiki.page(boss, "one"))] == [
        "Fox",
        CANARY,
    ]
    # However many names there were: none stays.
    wiki.removal.remove(canary.id or 0, by=boss)
    assert {it.author for it in wiki.recent(boss)} == {"(former member)"}
