"""The log: what was done, in words, by page and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.model.actor import Actor
from wiki.model.acts import SENTENCES
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

LOG = "/-/admin/log"


def rows(read: Any, client: FlaskClient, **asked: str) -> list[str]:
    page = read(client.get(LOG, query_string=asked))
    return [it.text for it in page.one("ul", class_="list-rows").all("li")]


@pytest.fixture
def boss(people: Callable[[str], FlaskClient], wiki: Wiki) -> Actor:
    people("admin")
    return Actor(wiki.accounts.user_id("the admin"), "the admin", "admin")


def test_acts_are_told_in_sentences_newest_first(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any, name: str
) -> None:
    user_id = wiki.accounts.create_user(name, "member", by=boss)
    wiki.accounts.set_role(user_id, "moderator", by=boss)
    told = rows(read, admin)
    assert told[0].startswith(f"the admin made “{name}” Moderator")
    assert told[1].startswith(f"the admin opened the account “{name}” as Member")
    assert "UTC" not in told[0]
    assert rows(read, admin, person=name.upper()) == told[:2]


def test_the_log_is_narrowed_by_kind(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any, name: str
) -> None:
    wiki.accounts.create_user(name, "member", by=boss)
    wiki.accounts.groups.add(name, by=boss)
    found = rows(read, admin, kind="group", person="the admin")
    assert found
    assert all("group" in it for it in found)
    page = read(admin.get(LOG, query_string={"kind": "group", "person": "nobody"}))
    assert page.one("p", class_="empty").text.startswith("Nothing fits this")


def test_the_log_comes_in_pages(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any
) -> None:
    for _ in range(130):
        wiki.accounts.audit.note(boss, "panic.over")
    page = read(admin.get(LOG, query_string={"kind": "panic"}))
    assert len(page.one("ul", class_="list-rows").all("li")) == 100
    older = next(url for url, words in page.links().items() if words == "Older")
    assert "kind=panic" in older
    rest = read(admin.get(older)).one("ul", class_="list-rows").all("li")
    assert len(rest) >= 30


def test_every_sentence_can_be_shown(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any
) -> None:
    """Rows without details, as an older version may have left them, too."""
    for act in SENTENCES:
        wiki.accounts.audit.note(boss, act, "<b>x</b> %(y)s %")
    shown = rows(read, admin)
    assert len(shown) >= len(SENTENCES)
    assert any("<b>x</b> %(y)s %" in it for it in shown)


def test_the_file_holds_what_was_asked_for(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any
) -> None:
    for word in ("=1+1", "+1", "-1", "@x", "\t=1", 'a"b,c\nd'):
        wiki.accounts.audit.note(Actor(None, word, "admin"), "group.about", "x")
    asked = {"kind": "group.about", "person": ""}
    done = submit(admin, LOG, f"{LOG}.csv", **asked)
    assert done.content_type == "text/csv; charset=utf-8"
    assert "attachment" in done.headers["Content-Disposition"]
    assert done.headers["Cache-Control"] == "no-store"
    head, columns, *table = csv.reader(io.StringIO(done.text, newline=""))
    assert head[0] == wiki.config.site.title
    assert head[2] == "for administrators, saved by the admin"
    assert len(columns) == 4
    actors = [row[1] for row in table][:6]
    assert actors == ['a"b,c\nd', "'\t=1", "'@x", "'-1", "'+1", "'=1+1"]
    # Whoever carries the log away is in it.
    assert "saved the log as a file" in rows(read, admin)[0]


def test_the_file_is_for_who_signed_in_lately(  # P12
    app: Flask, wiki: Wiki, read: Any, name: str
) -> None:
    user_id = wiki.accounts.create_user(name, "admin", PASSWORD)
    browser = app.test_client()
    submit(browser, "/-/sign-in", name=name, password=PASSWORD)
    with wiki.accounts._store.writing() as at:
        at.exec_driver_sql(
            "UPDATE session SET created = created - 3600000 WHERE user = ?", (user_id,)
        )
    before = len(wiki.accounts.audit.acts(kind="log"))
    refused = submit(browser, LOG, f"{LOG}.csv", kind="", person="")
    assert refused.status_code == 401
    assert "Type your password" in read(refused).one("p", role="alert").text
    assert len(wiki.accounts.audit.acts(kind="log")) == before
    done = submit(browser, LOG, f"{LOG}.csv", kind="", person="", proof=PASSWORD)
    assert done.status_code == 200


def test_a_removed_person_is_a_former_member(
    admin: FlaskClient, boss: Actor, wiki: Wiki, read: Any, name: str
) -> None:
    user_id = wiki.accounts.create_user(name, "member", by=boss)
    wiki.removal.remove(user_id, by=boss)
    told = rows(read, admin)
    assert not any(name in it for it in told)
    assert told[1].startswith("the admin opened the account “(former member)”")


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"before": "0"}, {"before": "9" * 40}]
)
def test_pages_of_the_log_that_are_not_there(
    admin: FlaskClient, query: dict[str, str]
) -> None:
    assert admin.get(LOG, query_string=query).status_code == 404


@pytest.mark.parametrize(
    "query", [{"kind": "%"}, {"kind": "account'"}, {"person": "%_\\"}]
)
def test_strange_questions_of_the_log(
    admin: FlaskClient, query: dict[str, str]
) -> None:
    assert admin.get(LOG, query_string=query).status_code == 200
