"""What is sent tells nothing either: forms, previews, names that are taken (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from wiki.model.actor import SYSTEM
from wiki.model.names import RESERVED
from wiki.testing import PASSWORD, submit

from .compare import told, whole, without
from .count import Count, difference
from .objects import Hidden
from .posts import POSTS, TAKEN, Post, forms
from .site import Site, Viewer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def count() -> Count:
    return Count()


# Their names can be taken, like those that were never used: no page is there.
FREE = ("old name of a hidden page", "changes that wait to be looked at")


def send(viewer: Viewer, post: Post) -> Any:
    return viewer.send(post.method, post.url, dict(post.form), json=post.json)


def state(site: Site) -> tuple[Any, ...]:
    groups = [(row.name, row.about) for row in site.wiki.accounts.groups.all()]
    return site.wiki.store.last_seq(), groups


def senders(site: Site) -> list[Viewer]:
    """Return everybody but those who may see all, and nobody twice for a role."""
    return [one for one in site.viewers if one.holds is not None]


def test_r10_forms_say_the_same_of_hidden_and_missing(
    site: Site, hidden: list[Hidden], count: Count
) -> None:  # R10, P4
    before = state(site)
    for viewer in senders(site):
        for thing in hidden:
            for ask in thing.asked:
                for _, there, nothing in forms(POSTS, ask):
                    if there.json != bool(viewer.headers) and viewer.headers:
                        continue
                    if viewer.may_see(thing.needs, there.url):
                        continue
                    got, bare = send(viewer, there), send(viewer, nothing)
                    where = f"{there.method} {there.url} {dict(there.form)}"
                    count.answered(viewer, where, got)
                    one, other = told(got, ask.value), told(bare, ask.nothing)
                    if one != other:
                        count.leak(viewer, where, thing, difference(one, other))
                    words(viewer, where, got, ask.value, hidden, count)
            assert state(site) == before, (viewer.name, thing.label)
    count.judge()


def words(
    viewer: Viewer,
    where: str,
    got: Any,
    asked: str,
    hidden: list[Hidden],
    count: Count,
) -> None:
    text = without(whole(got), asked)
    url = where.split(" ", 2)[1]
    for each in hidden:
        if viewer.may_see(each.needs, url):
            continue
        count.cells += 1
        for secret in each.secrets:
            if secret in text:
                count.leak(viewer, where, each, secret)


def takers(
    site: Site, hidden: list[Hidden]
) -> Iterator[tuple[Viewer, Hidden, str, Post]]:
    """Yield who would take which hidden name, by which form."""
    for viewer in senders(site):
        for thing in hidden:
            for ask in () if thing.label in FREE else thing.asked:
                for endpoint, there, _ in forms(TAKEN, ask):
                    if thing.label == "deleted page" and "rename" not in endpoint:
                        continue  # a new page can be made there
                    if ask.kind != "name" or viewer.may_see(thing.needs, there.url):
                        continue
                    if there.json or not viewer.headers:
                        yield viewer, thing, ask.value, there


def test_r10_a_hidden_name_is_refused_like_a_reserved_one(
    site: Site, hidden: list[Hidden], count: Count
) -> None:  # R10, P4
    before = state(site)
    for viewer, thing, name, there in takers(site, hidden):
        got = send(viewer, there)
        where = f"{there.method} {there.url} {dict(there.form)}"
        count.answered(viewer, where, got)
        if got.status_code not in (401, 403):
            reserved = send(viewer, at_reserved(there, name)).status_code
            if got.status_code != reserved or RESERVED not in got.text:
                count.leak(viewer, where, thing, f"{got.status_code}, not {reserved}")
        words(viewer, where, got, name, hidden, count)
    assert state(site) == before
    count.judge()


def at_reserved(post: Post, name: str) -> Post:
    form = {
        key: value.replace(name, "-/wiki") if isinstance(value, str) else value
        for key, value in post.form.items()
    }
    return Post(post.url.replace(name, "-/wiki"), form, post.method, post.json)


def test_r10_a_page_is_not_found_by_its_number_either(
    site: Site, hidden: list[Hidden]
) -> None:  # R10
    editor, page = site.viewer("editor"), site.wiki.page(SYSTEM, "gorbax")
    answers = [
        editor.send(
            "POST",
            "/-/edit/open",
            {"name": "open", "text": "mine", "base": "1", "page": str(n)},
        )
        for n in (page.id, 987654)
    ]
    one, other = (
        told(answer, "x")[2].replace(f'value="{n}"', "#")
        for answer, n in zip(answers, (page.id, 987654), strict=True)
    )
    assert one == other
    assert answers[0].status_code == answers[1].status_code
    assert "snorvile" not in answers[0].text


def test_r10_changes_of_hidden_pages_cannot_be_undone(site: Site) -> None:  # R10
    last = site.wiki.store.last_seq()
    for viewer in senders(site):
        if viewer.headers or (viewer.holds and "group:tenants" in viewer.holds):
            continue
        for seq in range(1, last + 1):
            for name in ("gorbax", "lampost"):
                got = viewer.send("POST", f"/-/undo/{name}", {"change": str(seq)})
                assert got.status_code in (303, 401, 403, 404, 422)
                assert "heltrim" not in got.text
                assert "snorvile" not in got.text
    assert site.wiki.page(SYSTEM, "gorbax").n == 2


def test_r10_an_old_name_is_free_to_all_who_do_not_know(site: Site) -> None:  # R10
    moderator = site.viewer("moderator")
    for name in ("quorl", "quurl"):
        done = moderator.send("POST", "/-/new", {"name": name, "text": "x"})
        assert (done.status_code, done.location) == (303, f"/{name}")


def test_r10_signing_in_leads_on_alike(site: Site) -> None:  # R10
    for page in ("gorbax", "gorbex", "dorvik/melbox", "dorvik/melbax"):
        form = {"name": "nobody", "password": PASSWORD, "page": page}
        done = submit(site.app.test_client(), "/-/sign-in", **form)
        assert (done.status_code, done.location) == (303, f"/{page}")


def test_r10_what_is_based_on_a_hidden_version_shows_nothing_of_it(
    site: Site,
) -> None:  # R10
    before = site.wiki.page(SYSTEM, "lampost").n
    for name in ("editor", "moderator"):
        for base in ("1", "2"):
            form = {"name": "lampost", "text": "mine", "base": base}
            got = site.viewer(name).send("POST", "/-/edit/lampost", form)
            assert got.status_code == 409
            body = {"source": "mine", "base": int(base)}
            url = "/-/api/v1/pages/lampost"
            told_program = site.viewer(name).send("PUT", url, body, json=True)
            assert told_program.status_code == 409
            for secret in ("heltrim", "nurvegan", "drobley", "trastolk", "wixhaven"):
                assert secret not in whole(got) + whole(told_program)
    assert site.wiki.page(SYSTEM, "lampost").n == before


def test_r10_the_sum_of_forms(
    count: Count, capsys: pytest.CaptureFixture[str]
) -> None:  # R10
    with capsys.disabled():
        print(f"\nforms: {count.cells} cells, {len(count.leaks)} leaks")
    count.judge()
