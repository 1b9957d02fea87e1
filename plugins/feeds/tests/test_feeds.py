"""Feeds: what stands in them, for whom, and what they cost when nothing is new."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from wiki_feeds import Feeds
from wiki_feeds.atom import NEVER, Entry, Feed, written

from wiki import Actor, Draft, Wiki, create_app
from wiki.testing import PASSWORD, submit

from .reading import read

ADMIN = Actor(None, "(wiki)", "admin", sees=None)
HIDDEN = "---\naudience: members\n---\ncanary\n"


def test_an_empty_wiki_has_a_feed(client: Any) -> None:
    found = read(client.get("/-/feed.atom"))
    assert found.entries == []
    assert found.own == "http://localhost/-/feed.atom"


def test_what_changed_stands_in_the_feed(client: Any, page: Any, wiki: Wiki) -> None:
    by = Actor(1, "Ann & Co", "admin", sees=None)
    wiki.save(by, Draft("guides/a", "# Rent\n\nWe *strike*.\n", "for <June>"), 0)
    wiki.save(by, Draft("b", "---\nsummary: About B\n---\nSome text.\n"), 0)
    wiki.save(by, Draft("b", "---\nsummary: About B\n---\nMore text.\n"), 1)
    found = read(client.get("/-/feed.atom"))
    assert found.names() == ["b", "b", "guides/a"]
    assert [one["title"] for one in found.entries] == ["B", "B", "Rent"]
    assert [one["summary"] for one in found.entries] == [
        "Ann & Co changed it. About B",
        "Ann & Co wrote it. About B",
        "Ann & Co wrote it: for <June> We strike.",
    ]
    assert {one["author"] for one in found.entries} == {"Ann & Co"}
    assert not any(one["html"] for one in found.entries)
    assert found.updated == found.entries[0]["updated"]


def test_the_whole_text_where_it_is_asked_for(client: Any, page: Any) -> None:
    page("a", "one")
    page("a", "two <script>alert(1)</script> **bold** [[b]]")
    found = read(client.get("/-/feed.atom?full=1"))
    newest, older = found.entries
    assert "<strong>bold</strong>" in newest["html"]
    assert "<script" not in newest["html"]
    assert older["html"] == ""


def test_ids_stay_when_a_page_gets_another_name(
    client: Any, page: Any, wiki: Wiki
) -> None:
    page("a", "one")
    page("a", "two")
    before = read(client.get("/-/feed.atom"))
    wiki.rename(ADMIN, "a", "b/c")
    after = read(client.get("/-/feed.atom"))
    ids = [one["id"] for one in before.entries]
    assert [one["id"] for one in after.entries[1:]] == ids
    assert after.names() == ["b/c"] * 3
    of_page = read(client.get("/-/feed/b/c.atom"))
    assert [one["id"] for one in of_page.entries] == ids
    wiki.delete(ADMIN, "b/c")
    wiki.restore(ADMIN, "b/c")
    words = [one["summary"] for one in read(client.get("/-/feed.atom")).entries]
    assert words[0].startswith("(the wiki itself) restored it.")
    assert words[1].startswith("(the wiki itself) deleted it.")
    assert words[2].startswith("(the wiki itself) gave it another name.")


def test_a_feed_for_each_page_folder_tag_and_search(client: Any, page: Any) -> None:
    page("guides/a", "---\ntags: [rent strike]\n---\nhouse")
    page("guidesque", "house")
    page("b", "---\ntags: [other]\n---\nhouse boat")
    assert read(client.get("/-/feed.atom?in=guides/")).names() == ["guides/a"]
    assert read(client.get("/-/feed.atom?tag=rent+strike")).names() == ["guides/a"]
    assert read(client.get("/-/feed.atom?q=boat")).names() == ["b"]
    assert read(client.get("/-/feed.atom?q=house&in=guides")).names() == ["guides/a"]
    assert read(client.get("/-/feed.atom?q=house&tag=other")).names() == ["b"]
    assert read(client.get("/-/feed/guides/a.atom")).names() == ["guides/a"]
    found = read(client.get('/-/feed.atom?tag=a"+OR+"b'))
    assert found.names() == []
    assert client.get("/-/feed.atom?q=" + "x" * 300).status_code == 400
    assert client.get("/-/feed/none.atom").status_code == 404
    every = [
        read(client.get(url)).id
        for url in (
            "/-/feed.atom",
            "/-/feed.atom?in=guides/",
            "/-/feed.atom?q=guides/",
            "/-/feed/guides/a.atom",
        )
    ]
    assert len(set(every)) == 4


def test_thirty_and_no_more(client: Any, page: Any) -> None:
    for n in range(35):
        page(f"p{n:02}", "house")
        page("one", f"text {n}")
    assert len(read(client.get("/-/feed.atom")).entries) == 30
    of_page = read(client.get("/-/feed/one.atom"))
    assert len(of_page.entries) == 30
    assert of_page.entries[0]["id"].endswith("/35")
    found = read(client.get("/-/feed.atom?q=house"))
    assert len(found.entries) == 30


def test_an_old_name_or_another_spelling_leads_on(
    client: Any, page: Any, wiki: Wiki
) -> None:
    page("old", "x")
    wiki.rename(ADMIN, "old", "new page")
    moved = client.get("/-/feed/old.atom")
    assert (moved.status_code, moved.location) == (301, "/-/feed/new%20page.atom")
    moved = client.get("/-/p/feeds/feed/NEW PAGE.atom")
    assert moved.location == "/-/p/feeds/feed/new%20page.atom"


HOSTILE = (
    "<script>alert(1)</script>",
    "]]> <![CDATA[ &lt; &amp; & \"'",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "قاعدة 聯盟 🏴󠁧󠁢󠁷󠁬󠁳󠁿",
    "a\u2028b\u0085c\ufffe\uffff\ufdd0",
    "\x0b\x0c\x1b[31m\x7f",
    "x" * 500,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(
    client: Any, wiki: Wiki, page: Any, text: str
) -> None:
    page("a", "x")
    by = Actor(1, text[:80], "admin", sees=None)
    wiki.save(by, Draft("a", f"# {text}\n\n{text}\n", text[:200]), 1)
    for url in ("/-/feed.atom?full=1", "/-/feed/a.atom"):
        found = read(client.get(url))
        assert "<script" not in found.entries[0]["html"]
        assert found.entries[0]["author"]
    assert "<script>alert" not in client.get("/a").text.replace("\\", "")


def test_what_xml_cannot_say_is_left_out() -> None:
    bad = "a\x00\x08\x0b\x1f\ud800\udfff\ufffe\uffffb"
    entry = Entry("tag:x,2026:1", bad, f"http://x/{bad}", NEVER, bad, bad, bad, bad)
    made = written(
        Feed("tag:x,2026:f", bad, "http://x/", [entry]), f"http://x/{bad}", bad
    )
    root = ElementTree.fromstring(made)
    assert root.findtext("{http://www.w3.org/2005/Atom}title") == f"a{chr(0xFFFD) * 8}b"


# -- for whom


def test_only_what_a_visitor_sees(client: Any, page: Any, wiki: Wiki) -> None:  # R10
    page("open", "x")
    page("canary", HIDDEN)
    page("later", HIDDEN)
    page("later", "open now")
    page("closed", "open at first")
    page("closed", HIDDEN)
    page("mixed/canary", HIDDEN)
    for url in (
        "/-/feed.atom?full=1",
        "/-/feed.atom?in=mixed/",
        "/-/feed.atom?q=canary",
        "/-/feed.atom?tag=canary",
    ):
        response = client.get(url)
        found = read(response)
        assert set(found.names()) <= {"open", "later"}, url
        assert "open at first" not in response.text
    assert read(client.get("/-/feed/later.atom")).entries[0]["id"].endswith("/2")
    assert len(read(client.get("/-/feed/later.atom")).entries) == 1
    hidden, none = client.get("/-/feed/canary.atom"), client.get("/-/feed/nothin.atom")
    assert (hidden.status_code, none.status_code) == (404, 404)


def test_who_is_signed_in_sees_more_and_nothing_is_kept(
    client: Any, page: Any, login: Any, wiki: Wiki
) -> None:  # R10
    page("canary", HIDDEN)
    first = client.get("/-/feed.atom")
    assert first.headers["Cache-Control"] == "public, no-cache"
    login("member")
    response = client.get(
        "/-/feed.atom", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert read(response).names() == ["canary"]
    assert response.headers["Cache-Control"] == "no-store"
    submit(client, "/-/account", "/-/sign-out")
    after = client.get(
        "/-/feed.atom", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert read(after).names() == []


def private(client: Any, **fields: str) -> Any:
    return submit(client, "/-/p/feeds/", **fields)


def address(response: Any) -> str:
    assert response.status_code == 200, response.text
    start = response.text.index("/-/p/feeds/t/cgw_")
    return str(response.text[start : response.text.index('"', start)])


def test_an_address_of_ones_own(
    client: Any, page: Any, login: Any, wiki: Wiki
) -> None:  # R10
    page("canary", HIDDEN)
    page("secret", HIDDEN.replace("members", "admins"))
    login("member")
    made = private(client)
    assert made.headers["Cache-Control"] == "no-store"
    url = address(made)
    submit(client, "/-/account", "/-/sign-out")
    response = client.get(url)
    assert read(response).names() == ["canary"]
    assert response.headers["Cache-Control"] == "no-store"
    token = url.split("/")[5]
    # The secret stands nowhere in what may be handed on.
    assert token not in response.text
    assert read(response).own == ""
    assert read(client.get(url.replace("/feed.atom", "/feed/canary.atom"))).names()
    assert client.get(url.replace("/feed.atom", "/feed/secret.atom")).status_code == 404
    again = client.get(url, headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["Cache-Control"] == "no-store"
    # It opens nothing else.
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.get("/-/api/v1/pages/canary", headers=bearer).status_code == 404
    changed = client.put("/-/api/v1/pages/x", headers=bearer, json={"source": "x"})
    assert changed.status_code == 403
    # It ends where all tokens end.
    (row,) = wiki.accounts.tokens_of(wiki.accounts.user_id("a member"))
    assert row.scopes == {"feed"}
    wiki.accounts.revoke(wiki.accounts.user_id("a member"), row.hash)
    assert client.get(url).status_code == 404


def test_an_administrators_address_shows_what_members_see(
    client: Any, page: Any, login: Any
) -> None:
    page("canary", HIDDEN)
    page("secret", HIDDEN.replace("members", "admins"))
    login("admin")
    assert read(client.get(address(private(client)))).names() == ["canary"]


@pytest.mark.parametrize("scopes", [{"read"}, {"read", "feed"}, {"write"}, {"admin"}])
def test_no_other_token_may_stand_in_an_address(
    client: Any, wiki: Wiki, scopes: set[str]
) -> None:
    user = wiki.accounts.create_user("a program", "admin")
    token = wiki.accounts.make_token(user, scopes)
    for url in (f"/-/p/feeds/t/{token}/feed.atom", f"/-/p/feeds/t/{token}/feed/a.atom"):
        assert client.get(url).status_code == 404
    assert client.get("/-/p/feeds/t/x/feed.atom").status_code == 404
    assert client.get(f"/-/feed.atom?access_token={token}").status_code == 400


def test_who_makes_an_address_shows_that_it_is_they(
    client: Any, login: Any, wiki: Wiki, monkeypatch: Any
) -> None:
    refused = submit(client, "/-/sign-in", "/-/p/feeds/")
    assert refused.status_code == 403
    assert "Sign in with your own account" in refused.text
    login("member")
    own = wiki.accounts
    monkeypatch.setattr(own, "is_fresh", lambda *_: False)
    assert 'name="proof"' in client.get("/-/p/feeds/").text
    assert private(client).status_code == 401
    assert private(client, proof="wrong").status_code == 401
    assert own.tokens_of(own.user_id("a member")) == []
    assert "/-/p/feeds/t/" in private(client, proof=PASSWORD).text


def test_a_private_wiki(tmp_path: Path) -> None:  # R10
    (tmp_path / "wiki.toml").write_text('[access]\nread = "members"\n')
    app = create_app(tmp_path, plugins=[Feeds], memory=True)
    wiki = app.extensions["wiki"]
    wiki.save(ADMIN, Draft("a", "canary"), 0)
    response = app.test_client().get("/-/feed.atom")
    assert read(response).names() == []
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert app.test_client().get("/-/feed/a.atom").status_code == 404
    wiki.close()


# -- times, and asking again


@pytest.mark.parametrize(("step", "end"), [("hour", ":00:00Z"), ("day", "T00:00:00Z")])
def test_times_are_as_coarse_as_the_wiki_tells_them(
    tmp_path: Path, step: str, end: str
) -> None:
    (tmp_path / "wiki.toml").write_text(f'[privacy]\ntime_in_history = "{step}"\n')
    app = create_app(tmp_path, plugins=[Feeds], memory=True)
    app.extensions["wiki"].save(ADMIN, Draft("a", "x"), 0)
    found = read(app.test_client().get("/-/feed.atom"))
    assert found.updated.endswith(end)
    app.extensions["wiki"].close()


def test_what_did_not_change_is_not_sent_again(client: Any, page: Any) -> None:
    page("a", "one")
    tags = set()
    for url in ("/-/feed.atom", "/-/feed.atom?full=1", "/-/feed/a.atom"):
        first = client.get(url)
        tags.add(first.headers["ETag"])
        again = client.get(url, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Cache-Control"] == "public, no-cache"
        assert client.head(url).status_code == 200
    assert len(tags) == 3
    spanish = client.get("/-/feed.atom", headers={"Accept-Language": "es"})
    assert spanish.headers["ETag"] not in tags
    assert "Accept-Language" in spanish.headers["Vary"]
    page("a", "two")
    assert client.get("/-/feed.atom").headers["ETag"] not in tags


def test_pages_name_their_feeds(client: Any, page: Any) -> None:
    page("a b", '# "Ä" <b>')
    html = client.get("/a%20b").text
    assert 'href="/-/feed/a%20b.atom"' in html
    assert 'href="/-/feed.atom"' in html
    assert html.index('rel="alternate"') < html.index("</head>")
    assert '<link rel="alternate"' in client.get("/-/recent").text
    shown = client.get("/-/p/feeds/").text
    assert "http://localhost/-/feed.atom" in shown
    assert "Make an address of my own" not in shown


# -- figures


@pytest.mark.slow
def test_figures_of_a_large_wiki(tmp_path: Path, capsys: Any) -> None:
    app = create_app(tmp_path, plugins=[Feeds])
    wiki, client = app.extensions["wiki"], app.test_client()
    text = "We *meet* every week and [[page 7|write]] it down.\n\n" * 20
    for n in range(10_000):
        wiki.save(ADMIN, Draft(f"f{n % 50}/page {n}", f"# Page {n}\n\n{text}"), 0)
    read(client.get("/-/feed.atom"))  # lays the pages out
    fresh = []
    for n in range(20):
        wiki.save(ADMIN, Draft("again", f"text {n}"), n)
        client.get("/again")
        started = time.process_time()
        tag = client.get("/-/feed.atom").headers["ETag"]
        fresh.append(time.process_time() - started)
    started = time.process_time()
    for _ in range(200):
        assert client.get("/-/feed.atom").status_code == 200
    kept = (time.process_time() - started) / 200
    started = time.process_time()
    for _ in range(200):
        again = client.get("/-/feed.atom", headers={"If-None-Match": tag})
        assert again.status_code == 304
    unchanged = (time.process_time() - started) / 200
    started = time.process_time()
    assert client.get("/sitemap.xml").status_code == 200
    sitemap = time.process_time() - started
    with capsys.disabled():
        print(
            f"\n10,000 pages: a feed {sorted(fresh)[10] * 1000:.1f} ms when something "
            f"changed, {kept * 1000:.2f} ms when kept, 304 {unchanged * 1000:.2f} ms; "
            f"sitemap {sitemap * 1000:.0f} ms"
        )
    wiki.close()
