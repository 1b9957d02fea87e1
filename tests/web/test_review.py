"""Changes of newcomers that wait for somebody to look at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.app import create_app
from wiki.config import load
from wiki.errors import NotFound, TooManyWait
from wiki.model.actor import SYSTEM, person
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, submit

PLAN = "# Plan\n\nFirst.\n\nSecond.\n\nThird.\n"
SETTINGS = {
    "limits.writes_per_minute": 10**6,
    "moderation.review": "newcomers",
    "moderation.newcomer_edits": 2,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Make a wiki where changes of newcomers wait."""
    config = load(tmp_path_factory.mktemp("wiki"), {}, SETTINGS)
    made = create_app(config=config, strict=True, memory=True)
    yield made
    made.extensions["wiki"].close()


@pytest.fixture
def newcomer(app: Flask, wiki: Wiki, name: str) -> FlaskClient:
    account = f"new {name}"[:60]
    wiki.accounts.create_user(account, "editor", PASSWORD, ["night"])
    client = app.test_client()
    submit(client, "/-/sign-in", name=account, password=PASSWORD)
    return client


@pytest.fixture
def send(save: Any, read: Any, newcomer: FlaskClient) -> Callable[..., str]:
    """Return ``send(name, text, base)``: a newcomer's save, and where it waits."""

    def held(name: str, text: str, base: int = 0, **more: str) -> str:
        response = save(newcomer, name, text, base, comment="Mine", **more)
        assert response.location == "/-/review"
        shown = read(newcomer.get(response.location))
        assert "waits for somebody to look" in shown.one("p", role="status").text
        return max(
            (url for url in shown.links() if url.startswith("/-/review/")),
            key=lambda url: int(url.rpartition("/")[2]),
        )

    return held


def text(wiki: Wiki, name: str) -> str:
    return wiki.page(SYSTEM, name).text


def test_p18_a_newcomers_change_waits_and_is_published(
    people: Any, read: Any, send: Any, newcomer: FlaskClient, wiki: Wiki, name: str
) -> None:  # P18
    wiki.save(SYSTEM, Draft(name, PLAN), 0)
    url = send(name, PLAN.replace("Second.", "Second, better."), 1)
    assert text(wiki, name) == PLAN
    assert "better" not in newcomer.get(f"/-/history/{name}").text
    moderator = people("moderator")
    assert url in read(moderator.get("/-/review")).links()
    assert "/-/review" in read(moderator.get("/-/recent")).links()
    shown = read(moderator.get(url))
    assert [one.text for one in shown.all("ins")] == [", better"]
    # Somebody else saves another part meanwhile.
    wiki.save(SYSTEM, Draft(name, PLAN.replace("Third.", "Third, too.")), 1)
    done = submit(moderator, url, f"{url}/publish")
    assert done.location == f"/{name}"
    page = wiki.page(SYSTEM, name)
    assert page.text == PLAN.replace("Second.", "Second, better.").replace(
        "Third.", "Third, too."
    )
    assert page.author.startswith("new ")
    assert page.comment == "Mine"
    assert moderator.get(url).status_code == 404
    assert submit(moderator, "/-/account", f"{url}/publish").status_code == 404
    act = wiki.accounts.audit.acts(limit=1)[0]
    assert (act.kind, act.subject) == ("review.published", name)


def test_a_new_page_waits_and_is_declined(
    people: Any, read: Any, send: Any, newcomer: FlaskClient, wiki: Wiki, name: str
) -> None:  # P18
    url = send(name, "# Buy this\n\nA long text.\n")
    with pytest.raises(NotFound):
        wiki.page(SYSTEM, name)
    assert newcomer.get(f"/{name}").status_code == 404
    moderator = people("moderator")
    done = submit(moderator, url, f"{url}/decline")
    assert done.location == "/-/review"
    assert url not in read(moderator.get("/-/review")).links()
    assert moderator.get(url).status_code == 404
    # Nothing typed is lost: its author can still take the text along.
    shown = newcomer.get(url)
    assert "was not taken" in shown.text
    assert "A long text." in shown.text
    assert "A long text." in newcomer.get(f"{url}/edit").text
    assert not read(shown).all("form", action=f"{url}/publish")
    assert submit(newcomer, "/-/account", f"{url}/publish").status_code == 404


def test_nobody_looks_at_their_own_change_and_newcomers_at_none(
    app: Flask, people: Any, send: Any, newcomer: FlaskClient, wiki: Wiki, name: str
) -> None:
    url = send(name, "x")
    for act in ("publish", "decline"):
        assert submit(newcomer, "/-/account", f"{url}/{act}").status_code == 403
    wiki.accounts.create_user(f"other {name}"[:60], "editor", PASSWORD)
    other = app.test_client()
    submit(other, "/-/sign-in", name=f"other {name}"[:60], password=PASSWORD)
    for who, status in (
        (other, 404),
        (people("member"), 404),
        (people("visitor"), 401),
    ):
        assert who.get(url).status_code == status
        assert who.get(f"{url}/edit").status_code == status
    source = "/-/account"
    assert submit(other, source, f"{url}/publish").status_code == 404
    for bad in ("0", "x", "99999", "9" * 30):
        assert people("moderator").get(f"/-/review/{bad}").status_code == 404
    with pytest.raises(NotFound):
        wiki.page(SYSTEM, name)


def test_what_a_reviewer_may_not_read_does_not_exist_for_them(
    people: Any, read: Any, send: Any, wiki: Wiki, name: str
) -> None:  # R10
    url = send(name, "---\naudience: 'group:night'\n---\nFor the night only.\n")
    part = send(f"{name}-b", "---\nx: [{audience: 'group:night', y: canary}]\n---\n")
    moderator = people("moderator")
    for one in (url, part):
        assert one not in moderator.get("/-/review").text
        assert moderator.get(one).status_code == 404
        assert submit(moderator, "/-/account", f"{one}/publish").status_code == 404
        assert people("admin").get(one).status_code == 200


def test_what_others_changed_too_is_put_together_by_hand(
    people: Any, read: Any, send: Any, wiki: Wiki, name: str
) -> None:
    wiki.save(SYSTEM, Draft(name, PLAN), 0)
    url = send(name, PLAN.replace("Second.", "Second, theirs."), 1)
    wiki.save(SYSTEM, Draft(name, PLAN.replace("Second.", "Second, ours.")), 1)
    moderator = people("moderator")
    done = submit(moderator, url, f"{url}/publish")
    assert done.location == url
    shown = read(moderator.get(url))
    assert "Others changed the same parts" in shown.one("p", role="status").text
    form = read(moderator.get(f"{url}/edit")).one("form", class_="editor")
    assert "Second, theirs." in form.one("textarea", name="text").value
    assert form.one("input", name="base")["value"] == "1"
    assert text(wiki, name) == PLAN.replace("Second.", "Second, ours.")


def test_opening_a_page_wider_is_not_done_by_the_way(
    people: Any, read: Any, send: Any, wiki: Wiki, name: str
) -> None:
    closed = "---\naudience: members\n---\ntext\n"
    wiki.save(SYSTEM, Draft(name, closed), 0)
    url = send(name, "text\n", 1, widen="1")
    done = submit(people("moderator"), url, f"{url}/publish")
    assert done.location == url
    assert "More people could read" in people("moderator").get(url).text
    assert text(wiki, name) == closed


def test_other_acts_are_not_for_newcomers(
    newcomer: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:
    wiki.save(SYSTEM, Draft(name, "one"), 0)
    wiki.save(SYSTEM, Draft(name, "two"), 1)
    for act, form in (
        ("rename", {"to": f"{name}-x"}),
        ("delete", {}),
        ("restore", {}),
        ("undo", {"change": wiki.store.last_seq()}),
    ):
        url = f"/-/{act}/{name}" + ("?rev=1" if act == "restore" else "")
        done = submit(newcomer, "/-/account", url, **form)
        assert done.status_code == 403, act
        assert "cannot rename, delete or bring back" in done.text
    assert text(wiki, name) == "two"
    # A change of nothing and a mistake are said at once, as ever.
    assert save(newcomer, name, "two", 2).location == f"/{name}"
    bad = "<<<<<<< a\nx\n=======\ny\n>>>>>>> b\n"
    assert save(newcomer, name, bad, 2).status_code == 422


def test_after_some_changes_nothing_waits(
    people: Any, send: Any, save: Any, newcomer: FlaskClient, wiki: Wiki, name: str
) -> None:
    for i in range(2):
        url = send(f"{name}/{i}", "x")
        submit(people("moderator"), url, f"{url}/publish")
    done = save(newcomer, f"{name}/own", "at once")
    assert done.location == f"/{name}/own"
    assert text(wiki, f"{name}/own") == "at once"


def test_only_so_many_wait(wiki: Wiki, name: str) -> None:
    account = f"eager {name}"[:60]
    eager = person(wiki.accounts.create_user(account, "editor"), account, "editor")
    for i in range(20):
        assert wiki.save(eager, Draft(f"{name}/{i}", "x"), 0).held
    with pytest.raises(TooManyWait):
        wiki.save(eager, Draft(f"{name}/more", "x"), 0)
    assert len(wiki.reviewing.own(eager)) == 20


def test_a_program_is_told_that_it_waits(
    app: Flask, bearer: Any, wiki: Wiki, name: str
) -> None:
    body = {"source": "x", "base": 0}
    got = app.test_client().put(
        f"/-/api/v1/pages/{name}", json=body, headers=bearer("editor")
    )
    assert got.status_code == 202
    assert got.json == {"name": name, "held": True}
    with pytest.raises(NotFound):
        wiki.page(SYSTEM, name)
