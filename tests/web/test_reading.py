"""Reading: pages, their older versions, sources, files, lists; what a visitor gets."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from wiki.service import Wiki

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def test_a_new_wiki_offers_to_begin(
    visitor: FlaskClient, editor: FlaskClient, read: Any
) -> None:
    seen = read(visitor.get("/"))
    assert seen.one("h1").text == "This wiki has no pages yet"
    assert not seen.all("textarea")
    form = read(editor.get("/")).one("form", action="/-/new")
    assert form.one("input", name="name")["value"] == "home"
    assert form.one("textarea", name="text")


def test_a_page_shows_title_text_and_who_wrote_it(
    visitor: FlaskClient, editor: FlaskClient, read: Any, save: Any, name: str
) -> None:
    save(editor, name, "# A strike fund\n\nIt pays *wages*.\n")
    response = visitor.get(f"/{name}")
    assert response.status_code == 200
    page = read(response)
    assert page.one("h1").text == "A strike fund"
    assert page.one("article").one("em").text == "wages"
    assert "by the editor" in page.one("p", class_="meta").text
    assert f"/-/edit/{name}" not in page.links()
    assert f"/-/history/{name}" in page.links()
    assert page.one("html")["lang"] == "en"
    assert page.one("html")["dir"] == "ltr"


def test_an_editor_sees_what_can_be_done(
    editor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(name, "Text")
    shown = read(editor.get(f"/{name}")).links()
    for action in ("edit", "history", "rename", "delete"):
        assert f"/-/{action}/{name}" in shown


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_known_page_answers_304(
    visitor: FlaskClient, page: Any, name: str, method: str
) -> None:
    page(name, "Text")
    first = visitor.open(f"/{name}", method=method)
    assert first.headers["Cache-Control"] == "public, no-cache"
    again = visitor.open(
        f"/{name}", method=method, headers={"If-None-Match": first.headers["ETag"]}
    )
    assert (again.status_code, again.data) == (304, b"")
    page(name, "Another text")
    fresh = visitor.get(f"/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert fresh.status_code == 200
    assert "Another text" in fresh.text


def test_etag_differs_between_people(
    visitor: FlaskClient, editor: FlaskClient, page: Any, name: str
) -> None:
    page(name, "Text")
    tags = {who.get(f"/{name}").headers["ETag"] for who in (visitor, editor)}
    assert len(tags) == 2
    assert editor.get(f"/{name}").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("{}/", "/{}"),
        ("{}.markdown", "/{}"),
    ],
)
def test_another_spelling_leads_to_the_page(
    visitor: FlaskClient, page: Any, name: str, asked: str, leads: str
) -> None:
    page(name, "Text")
    response = visitor.get("/" + asked.format(name))
    assert (response.status_code, response.location) in [
        (301, leads.format(name)),
        (308, leads.format(name)),
    ]


def test_another_case_leads_to_the_page(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    page(f"Größe/{name}", "Text")
    response = visitor.get(f"/GRÖSSE/{name.upper()}")
    assert response.status_code == 301
    assert visitor.get(response.location).status_code == 200


def test_an_unknown_page_offers_to_write_it(
    visitor: FlaskClient, editor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(f"{name}-meeting", "# How to meet\n\nText")
    response = editor.get(f"/{name}-meetin")
    assert response.status_code == 404
    shown = read(response)
    assert f"/-/new?name={name}-meetin" in shown.links()
    assert shown.one("input", id="find")["value"]
    lonely = read(visitor.get(f"/{name}-meetin"))
    assert not [url for url in lonely.links() if "/-/new" in url]
    assert lonely.one("form", class_="search-form")


def test_a_page_like_the_one_asked_for_is_offered(
    visitor: FlaskClient, page: Any, read: Any
) -> None:
    page("zebra crossing rules", "# Zebra crossing rules\n\nText")
    shown = read(visitor.get("/elsewhere/zebra"))
    assert "/zebra%20crossing%20rules" in shown.links()


@pytest.mark.parametrize(
    "bad",
    ["a%00b", "a%7Fb", "..%2f..%2fetc%2fpasswd", "-/x", "x" * 3000, "a%5Cb", "%2e%2e/"],
)
def test_an_impossible_name_is_nothing_here(
    visitor: FlaskClient, editor: FlaskClient, read: Any, bad: str
) -> None:
    for who in (visitor, editor):
        response = who.get("/" + bad)
        assert response.status_code == 404
        assert not [url for url in read(response).links() if "/-/new?name" in url]


def test_old_versions_say_so(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(name, "The first text")
    page(name, "The second text")
    old = visitor.get(f"/{name}?rev=1")
    assert old.headers["Cache-Control"] == "no-store"
    shown = read(old)
    assert "The first text" in shown.one("article").text
    assert "not the newest" in shown.one("p", class_="warning").text
    assert shown.one("meta", name="robots")["content"] == "noindex"
    assert "The second text" in visitor.get(f"/{name}?rev=2").text


@pytest.mark.parametrize(
    "rev", ["3", "0", "-1", "x", "1e3", "9" * 18, "9" * 40, "--output=x", "٣", "1;2"]
)
def test_a_version_that_is_not_there(
    visitor: FlaskClient, page: Any, name: str, rev: str
) -> None:  # R23
    page(name, "one")
    page(name, "two")
    for url in (f"/{name}", f"/{name}.md", f"/-/raw/{name}"):
        assert visitor.get(url, query_string={"rev": rev}).status_code == 404


def test_the_source_is_what_was_saved(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    text = "---\ntitle: Ünusual\nodd_key: [1, 2]\n---\n# Title\n\nText <b>raw</b>\n"
    page(name, text)
    for url in (f"/{name}.md", f"/-/raw/{name}"):
        response = visitor.get(url)
        assert response.data.decode() == text
        assert response.content_type == "text/markdown; charset=utf-8; variant=GFM"
        tag = response.headers["ETag"]
        assert visitor.get(url, headers={"If-None-Match": tag}).status_code == 304
    page(name, "New")
    assert visitor.get(f"/{name}.md?rev=1").data.decode() == text
    assert visitor.get("/-/raw/nothing-is-here").status_code == 404


def test_pictures_are_shown_and_all_else_is_downloaded(
    visitor: FlaskClient, page: Any, wiki: Wiki, read: Any, name: str
) -> None:  # R11
    page(f"{name}/page", "![A map](map.png) and [the list](list.pdf)")
    put = wiki.store.put_beside
    put(f"{name}/page", "map.png", io.BytesIO(PNG))
    put(f"{name}/page", "list.pdf", io.BytesIO(b"<script>alert(1)</script>"))
    put(f"{name}/page", "fake.png", io.BytesIO(b"<svg onload=alert(1)>"))
    shown = read(visitor.get(f"/{name}/page"))
    picture = visitor.get(shown.one("article").one("img")["src"])
    assert (picture.content_type, picture.data) == ("image/png", PNG)
    assert "Content-Disposition" not in picture.headers
    for file in ("list.pdf", "fake.png"):
        response = visitor.get(f"/-/files/{name}/{file}")
        assert response.content_type == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response.headers["Content-Security-Policy"]
    tag = picture.headers["ETag"]
    again = visitor.get(f"/-/files/{name}/map.png", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_a_picture_of_the_top_folder(
    visitor: FlaskClient, page: Any, wiki: Wiki, read: Any, name: str
) -> None:
    page(name, "![A map](map.png)")
    wiki.store.put_beside(name, "map.png", io.BytesIO(PNG))
    shown = read(visitor.get(f"/{name}"))
    assert visitor.get(shown.one("article").one("img")["src"]).data == PNG


def test_a_picture_among_hidden_pages_is_hidden(
    visitor: FlaskClient, editor: FlaskClient, page: Any, wiki: Wiki, name: str
) -> None:  # R10
    page(f"{name}/plan", "---\naudience: members\n---\n![A map](map.png)")
    wiki.store.put_beside(f"{name}/plan", "map.png", io.BytesIO(PNG))
    assert visitor.get(f"/-/files/{name}/map.png").status_code == 404
    assert editor.get(f"/-/files/{name}/map.png").data == PNG


@pytest.mark.parametrize(
    "path",
    ["no.png", "../wiki.toml", "%2e%2e/wiki.toml", "..%2fwiki.toml", ".hidden", "a%00"],
)
def test_a_file_that_is_not_there(
    visitor: FlaskClient, page: Any, name: str, path: str
) -> None:  # R12
    page(name, "Text")
    assert visitor.get(f"/-/files/{name}/{path}").status_code in {400, 404}
    assert visitor.get(f"/-/files/{path}").status_code in {400, 404}


# -- lists


def test_all_pages_and_folders(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    for i in range(120):
        page(f"{name}/{i:03}", f"# Number {i}\n")
    first = read(visitor.get("/-/pages", query_string={"prefix": f"{name}/"}))
    assert len(first.one("ul", class_="list-rows").all("li")) == 100
    following = first.one("a", rel="next")["href"]
    rest = read(visitor.get(following))
    assert len(rest.one("ul", class_="list-rows").all("li")) == 20
    assert not rest.all("a", rel="next")
    nothing = read(visitor.get("/-/pages?prefix=nobody-has-this"))
    assert "no pages here yet" in nothing.one("div", class_="empty").text


def test_tags(visitor: FlaskClient, page: Any, read: Any, name: str) -> None:
    tag = f"{name} & co/more"
    page(name, f"---\ntags: ['{tag}', Meetings]\n---\nText")
    shown = read(visitor.get(f"/{name}"))
    address = next(url for url, words in shown.links().items() if words == tag)
    assert f"/{name}" in read(visitor.get(address)).links()
    assert address in read(visitor.get("/-/tags")).links()
    empty = read(visitor.get("/-/tags/nobody has this"))
    assert "No page that you can see" in empty.one("div", class_="empty").text


def test_linked_from_and_wanted(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(name, "Text")
    page(f"{name}-b", f"See [[{name}]] and [[{name}-unwritten]].")
    shown = read(visitor.get(f"/{name}"))
    assert f"/{name}-b" in shown.links()
    assert f"/{name}-b" in read(visitor.get(f"/-/links/{name}")).links()
    wanted = read(visitor.get("/-/reports/wanted")).links()
    assert f"/{name}-unwritten" in wanted
    assert f"/{name}" not in wanted
    missing = read(visitor.get(f"/{name}-b")).one("article").links()
    assert f"/-/new?name={name}-unwritten" in missing
    assert visitor.get("/-/links/nothing-is-here").status_code == 404


def test_recent_changes(
    visitor: FlaskClient, editor: FlaskClient, save: Any, read: Any, name: str
) -> None:
    save(editor, name, "one", comment="Begun")
    save(editor, name, "two", 1, comment="Gone on")
    shown = read(visitor.get("/-/recent", query_string={"in": name}))
    row = shown.one("ul", class_="list-rows").one("li")
    assert "Begun" in row.text
    assert "Gone on" in row.text
    assert f"/-/diff/{name}?b=2" in row.links()
    nothing = read(visitor.get("/-/recent?in=nobody-has-this"))
    assert "Nothing has been changed yet" in nothing.one("div", class_="empty").text


def test_recent_changes_go_on(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    for i in range(105):
        page(f"{name}/{i}", "x")
    url: str | None = f"/-/recent?in={name}/"
    seen: set[str] = set()
    for _ in range(3):
        if url is None:
            break
        shown = read(visitor.get(url))
        seen |= {a["href"] for a in shown.all("a", class_="name")}
        following = shown.all("a", rel="next")
        url = following[0]["href"] if following else None
    assert url is None
    assert len(seen) == 105


@pytest.mark.parametrize("bad", ["0", "x", "-3", "9" * 30])
def test_a_list_page_that_is_not_there(visitor: FlaskClient, bad: str) -> None:
    assert visitor.get(f"/-/recent?before={bad}").status_code == 404


# -- languages, machines


def test_the_page_s_own_language_is_told(
    visitor: FlaskClient, page: Any, read: Any, name: str
) -> None:
    page(name, "---\nlang: ar\n---\nمرحبا")
    article = read(visitor.get(f"/{name}")).one("article")
    assert article["lang"] == "ar"
    assert article["dir"] == "auto"


def test_health_says_more_to_admins(visitor: FlaskClient, admin: FlaskClient) -> None:
    assert visitor.get("/-/health").json == {"status": "ok"}
    checks = admin.get("/-/health").get_json()["checks"]
    assert checks[0]["name"] == "search"


def test_robots_and_icon(visitor: FlaskClient) -> None:
    assert "Disallow: /-/" in visitor.get("/robots.txt").text
    icon = visitor.get("/favicon.ico")
    assert visitor.get(icon.location).status_code == 200


def test_static_files_are_kept_by_their_hash(visitor: FlaskClient, read: Any) -> None:
    shown = read(visitor.get("/-/search"))
    style = shown.all("link", rel="stylesheet")[0]["href"]
    response = visitor.get(style, headers={"Accept-Encoding": "gzip"})
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["Content-Encoding"] == "gzip"
    assert b"{" in visitor.get(style).data
    stale = visitor.get("/-/static/0123/css/common-ground.css")
    assert (stale.status_code, stale.headers["Cache-Control"]) == (200, "no-cache")
    assert visitor.get("/-/static/x/../../app.py").status_code == 404
