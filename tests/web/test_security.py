"""What holds at every address: headers, proofs, no change by reading, no escape."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from wiki.app import create_app
from wiki.config import load
from wiki.errors import BadName
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.service import Wiki
from wiki.testing import PASSWORD, SAME_SITE, TOKEN, submit

WANTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    ),
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "wiki",
}
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# Where GET changes something, documented: one-time links.
ONE_TIME = {"account.follow", "account.setup"}
# Where a visitor gets a form, and with it the cookie that the form needs.
FORMS = {"account.sign_in", "account.join"}


@pytest.fixture(scope="module")
def known(app: Flask) -> str:
    """Return the name of a page that is there, with two versions and a file."""
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("known", "---\ntags: [known]\n---\none"), 0)
    wiki.save(SYSTEM, Draft("known", "---\ntags: [known]\n---\ntwo"), 1)
    wiki.save(SYSTEM, Draft("home", "# Home\n"), 0)
    wiki.save(SYSTEM, Draft("gone", "x"), 0)
    wiki.delete(SYSTEM, "gone")
    wiki.save(SYSTEM, Draft("older", "x"), 0)
    wiki.rename(SYSTEM, "older", "newer")
    wiki.store.put_beside("known/x", "map.png", io.BytesIO(PNG))
    return "known"


def address(rule: Rule, name: str) -> str:
    """Return an address of a rule, with the name of a page wherever one fits."""
    given = {"digest": "0", "path": "css/common-ground.css", "tag": name}
    if rule.endpoint == "files.beside":
        given["path"] = f"{name}/map.png"
    url = str(rule)
    for argument in rule.arguments:
        converter = "path:" if f"<path:{argument}>" in url else ""
        value = given.get(argument, name)
        url = url.replace(f"<{converter}{argument}>", value)
    return url


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every rule with each method that it knows."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            yield rule, method


def check_headers(response: Any, where: str) -> None:
    for name, value in WANTED.items():
        assert response.headers.getlist(name) == [value], (where, name)
    policies = response.headers.getlist("Content-Security-Policy")
    assert len(policies) == 1, where
    found = dict(part.strip().partition(" ")[::2] for part in policies[0].split(";"))
    if "sandbox" in found:
        assert found == {"default-src": "'none'", "sandbox": ""}, where
    else:
        assert POLICY.items() <= found.items(), where
        assert "unsafe" not in policies[0], where
        assert "*" not in policies[0], where
    assert "Cookie" in response.vary, where
    assert response.headers["Cache-Control"], where


# -- R2: headers


def test_headers_on_every_answer(
    app: Flask, people: Callable[[str], FlaskClient], known: str
) -> None:  # R2
    statuses = set()
    clients = [people(role) for role in ("visitor", "editor", "admin")]
    for rule, method in rules(app):
        for name in (known, "no such page"):
            url = address(rule, name)
            for client in clients:
                if rule.endpoint == "account.sign_out":
                    continue
                response = client.open(url, method=method)
                check_headers(response, f"{method} {url}")
                statuses.add(response.status_code)
    assert {200, 303, 400, 401, 403, 404} - {303} <= statuses


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/older", 301),
        ("/known/", 301),
        ("/gone", 404),
        ("/%00", 404),
        ("/known?rev=x", 404),
        ("/-/edit/known", 401),
        ("/-/nothing/known", 404),
        ("/-/static/0/none.css", 404),
        ("/-/files/known/map.png", 200),
        ("/favicon.ico", 302),
        ("/-/search?q=" + "x" * 300, 400),
        ("/-/api/v1/pages/none", 404),
    ],
)
def test_headers_on_errors_files_and_redirects(
    visitor: FlaskClient, known: str, url: str, status: int
) -> None:  # R2
    response = visitor.get(url)
    assert response.status_code == status
    check_headers(response, url)


def test_headers_on_304_and_from_the_cache(visitor: FlaskClient, known: str) -> None:
    for url in ("/known", "/", "/known.md", "/-/files/known/map.png"):
        first = visitor.get(url)
        for _ in range(2):
            again = visitor.get(url)
            check_headers(again, url)
        tag = {"If-None-Match": first.headers["ETag"]}
        for _ in range(2):
            unchanged = visitor.get(url, headers=tag)
            assert (unchanged.status_code, unchanged.data) == (304, b"")
            check_headers(unchanged, f"304 {url}")


def test_headers_on_a_crash(
    visitor: FlaskClient, wiki: Wiki, known: str, monkeypatch: Any
) -> None:
    def fail(*args: Any, **rest: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(wiki, "search", fail)
    response = visitor.get("/-/search?q=x")
    assert response.status_code == 500
    check_headers(response, "crash")


def test_https_is_told_to_stay(visitor: FlaskClient, known: str) -> None:
    assert "Strict-Transport-Security" not in visitor.get("/known").headers
    safe = visitor.get("/known", base_url="https://wiki.example.org")
    assert "max-age=31536000" in safe.headers["Strict-Transport-Security"]


def test_nothing_but_static_files_can_run_as_a_script(
    app: Flask, people: Callable[[str], FlaskClient], known: str
) -> None:  # R2
    for rule, method in rules(app):
        if method != "GET" or rule.endpoint == "assets.static":
            continue
        response = people("admin").get(address(rule, known))
        assert "javascript" not in response.content_type, rule
        if response.data:
            assert response.content_type, rule


# -- cookies


def test_no_cookie_before_signing_in(
    app: Flask, visitor: FlaskClient, known: str
) -> None:  # R2, R18
    for rule, method in rules(app):
        if method not in {"GET", "HEAD", "OPTIONS"} or rule.endpoint in FORMS:
            continue
        for name in (known, "no such page"):
            response = visitor.open(address(rule, name), method=method)
            assert not response.headers.getlist("Set-Cookie"), (rule, method)


def test_pages_of_one_person_are_not_kept_for_another(
    visitor: FlaskClient, editor: FlaskClient, known: str
) -> None:
    for url in ("/known", "/", "/-/recent", "/-/history/known", "/-/search"):
        own = editor.get(url)
        assert "public" not in own.headers["Cache-Control"], url
        assert "the editor" in own.text
        assert "the editor" not in visitor.get(url).text
        assert "the editor" in editor.get(url).text


def test_a_form_kept_for_a_person_fits_each_browser(
    app: Flask, wiki: Wiki, name: str
) -> None:
    wiki.accounts.create_user(name, "editor", PASSWORD)
    wiki.save(SYSTEM, Draft(name, "one"), 0)
    tokens = []
    for n in (1, 2):
        client = app.test_client()
        submit(client, "/-/sign-in", name=name, password=PASSWORD)
        for _ in range(2):
            form = client.get(f"/-/edit/{name}")
        found = TOKEN.search(form.text)
        assert found
        tokens.append(found.group(1))
        done = client.post(
            f"/-/edit/{name}",
            data={"csrf_token": tokens[-1], "text": f"text {n}", "base": n},
            headers=SAME_SITE,
        )
        assert done.status_code == 303, done.text
    stolen = client.post(
        f"/-/edit/{name}",
        data={"csrf_token": tokens[0], "text": "x", "base": 3},
        headers=SAME_SITE,
    )
    assert stolen.status_code == 400


# -- R13: proofs


def changing(app: Flask) -> list[tuple[str, str]]:
    return [(method, str(rule)) for rule, method in rules(app) if method in CHANGING]


@pytest.fixture(scope="module")
def state(app: Flask) -> Callable[[], tuple[Any, ...]]:
    """Return ``state()``: what no refused request may change."""
    wiki: Wiki = app.extensions["wiki"]

    def now() -> tuple[Any, ...]:
        people = [(r.id, r.name, r.role) for r in wiki.accounts.list_users()]
        sessions = [len(wiki.accounts.sessions_of(r[0])) for r in people]
        return wiki.store.last_seq(), people, sessions

    return now


PROOFS: dict[str, dict[str, str]] = {
    "none": {},
    "foreign origin": {"Origin": "https://evil.example"},
    "null origin": {"Origin": "null"},
    "other port": {"Origin": "http://localhost:81"},
    "other scheme": {"Origin": "https://localhost"},
    "like ours": {"Origin": "http://localhost.evil.example"},
    "cross-site": {"Sec-Fetch-Site": "cross-site"},
    "same-site only": {"Sec-Fetch-Site": "same-site"},
    "cross-site with our origin": {
        "Sec-Fetch-Site": "cross-site",
        "Origin": "http://localhost",
    },
    "typed in": {"Sec-Fetch-Site": "none"},
}


@pytest.mark.parametrize("proof", list(PROOFS))
def test_no_change_without_a_proof(
    app: Flask, admin: FlaskClient, known: str, state: Any, proof: str
) -> None:  # R13
    token = TOKEN.search(admin.get("/-/account").text)
    assert token
    form = {
        "csrf_token": token.group(1),
        "name": known,
        "text": "changed",
        "to": "elsewhere",
        "base": "2",
        "role": "admin",
        "password": PASSWORD,
    }
    before = state()
    assert len(changing(app)) > 10
    for rule, method in rules(app):
        if method not in CHANGING:
            continue
        url = address(rule, known)
        response = admin.open(url, method=method, data=form, headers=PROOFS[proof])
        assert response.status_code == 400, (method, url)
        assert "Send a token" in response.text or "open for too long" in response.text
        assert state() == before, (method, url)


@pytest.mark.parametrize("token", [None, "", "x", "IjEi.ZZ.zz"])
@pytest.mark.parametrize("proof", [SAME_SITE, {"Origin": "http://localhost"}])
def test_no_change_without_a_token(
    app: Flask,
    admin: FlaskClient,
    known: str,
    state: Any,
    token: str | None,
    proof: dict[str, str],
) -> None:  # R13
    form = {"name": known, "text": "changed", "to": "elsewhere", "base": "2"}
    if token is not None:
        form["csrf_token"] = token
    before = state()
    for rule, method in rules(app):
        if method in CHANGING:
            url = address(rule, known)
            response = admin.open(url, method=method, data=form, headers=proof)
            assert response.status_code == 400, (method, url)
            assert state() == before, (method, url)


def test_an_origin_of_ours_is_proof_enough(
    editor: FlaskClient, save: Any, name: str
) -> None:
    token = TOKEN.search(editor.get("/-/account").text)
    assert token
    done = editor.post(
        "/-/new",
        data={"csrf_token": token.group(1), "name": name, "text": "x", "base": "0"},
        headers={"Origin": "http://localhost"},
    )
    assert done.status_code == 303


def test_reading_changes_nothing(
    app: Flask, people: Callable[[str], FlaskClient], known: str, state: Any
) -> None:  # R13
    before = state()
    for role in ("admin", "visitor"):
        for rule, method in rules(app):
            if method in {"GET", "HEAD", "OPTIONS"}:
                query = {"name": known, "to": "x", "text": "x", "page": "x", "rev": "1"}
                people(role).open(
                    address(rule, known), method=method, query_string=query
                )
                people(role).open(address(rule, "gone"), method=method)
                assert state() == before, (method, rule)


def test_only_one_time_links_sign_in_by_reading(app: Flask) -> None:
    endpoints = {rule.endpoint for rule, method in rules(app) if method == "GET"}
    assert endpoints >= ONE_TIME


# -- R16: redirects and hosts


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "/\\evil.example",
        "/\\\\evil.example/..",
        "/%5Cevil.example",
        "/%2F%2Fevil.example",
        "/%2Fevil.example/",
        "/https:evil.example/",
        "/ /evil.example",
        "/.//evil.example",
        "/known//evil.example/",
        "/%09/evil.example",
    ],
)
def test_no_address_leads_off_the_site(
    visitor: FlaskClient, editor: FlaskClient, known: str, path: str
) -> None:  # R16
    for client in (visitor, editor):
        for prefix in ("", "/-/edit", "/-/history", "/-/raw"):
            response = client.open("/", environ_overrides={"PATH_INFO": prefix + path})
            if response.location:
                there = urlsplit(response.location)
                assert there.netloc in {"", "localhost"}, (path, response.location)
                assert not response.location.startswith(("//", "/\\", "\\"))


def test_a_page_named_like_a_site_stays_a_page(
    editor: FlaskClient, save: Any, name: str
) -> None:  # R16
    done = save(editor, f"/{name}.example/x", "text")
    assert done.location == f"/{name}.example/x"
    done = submit(editor, f"/-/rename/{name}.example/x", to=f"//{name}.example")
    assert urlsplit(done.location).netloc == ""


@pytest.mark.parametrize("host", ["evil.example", "localhost:99999", "a b", "x" * 300])
def test_a_foreign_host_header_poisons_nothing(
    visitor: FlaskClient, known: str, host: str
) -> None:
    response = visitor.get("/known", headers={"Host": host})
    assert response.status_code in {200, 400}
    check_headers(response, host)
    assert "evil.example" not in response.text
    assert "evil.example" not in visitor.get("/known").text


# -- R1: hostile text in every place where text is shown

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "%(name)s %s {0}",
    "<!-- --><![CDATA[",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\u202etxt.exe\u2066",
    "<a href=javascript:alert(1)>x</a>",
    "<style>*{}</style><base href=//evil>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "--><script>alert(1)</script>",
]
ACTIVE_TAGS = {
    "iframe", "object", "embed", "base", "style", "math", "template", "noscript",
    "frame", "applet",
}  # fmt: skip
URLS = ("href", "src", "action", "formaction", "srcset", "data", "poster")


def check_nothing_active(read: Any, response: Any, where: str) -> Any:
    """Judge a page by its tree: only what our own templates write may be active."""
    page = read(response)
    for one in page.walk():
        assert one.tag not in ACTIVE_TAGS, (where, one.tag)
        if one.tag == "script":
            assert one["src"].startswith("/-/static/"), where
            assert not one.text, where
        if one.tag == "meta":
            assert "http-equiv" not in one.attrs, where
        for name, value in one.attrs.items():
            assert not name.startswith("on"), (where, one.tag, name)
            assert name not in {"style", "srcdoc"}, (where, one.tag)
            if name in URLS:
                scheme = urlsplit(value).scheme if value.isprintable() else "?"
                assert scheme in {"", "http", "https", "mailto", "tel"}, (where, value)
                assert not value.startswith(("//", "\\")), (where, value)
    return page


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(
    editor: FlaskClient,
    visitor: FlaskClient,
    read: Any,
    save: Any,
    wiki: Wiki,
    name: str,
    text: str,
) -> None:  # R1
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    source = (
        f'---\ntitle: "{quoted}"\ntags: ["{quoted}"]\nlang: "{quoted}"\n'
        f'type: "{quoted}"\n"{quoted}": "{quoted}"\n---\n'
        f"# {text}\n\n{text}\n\n[[{text}]] [x]({text}) ![{text}](<{text}>)\n\n"
        f"`{text}`\n\n```{text}\n{text}\n```\n\n| {text} |\n|---|\n| {text} |\n"
    )
    done = save(editor, name, source, comment=text)
    assert done.status_code == 303, done.text
    save(editor, name, source + "\nmore\n", 1, comment=text)
    save(editor, f"{name}-b", f"[[{name}]]")
    shown_title = " ".join(text.split())
    for url in (
        f"/{name}",
        f"/{name}?rev=1",
        f"/-/history/{name}",
        f"/-/diff/{name}?a=1&b=2",
        f"/-/diff/{name}?a=1&b=2&mode=inline",
        f"/-/edit/{name}",
        f"/-/rename/{name}",
        f"/-/delete/{name}",
        f"/-/restore/{name}?rev=1",
        f"/-/links/{name}",
        f"/-/recent?in={name}",
        f"/-/pages?prefix={name}",
        "/-/tags",
        f"/-/search?q={name}",
        "/-/reports/wanted",
        f"/{name}-b",
    ):
        page = check_nothing_active(read, editor.get(url), url)
        assert len(page.all("h1")) >= 1, url
    title = read(visitor.get(f"/{name}")).one("title").text
    assert title.startswith(shown_title), title
    assert read(visitor.get(f"/{name}")).all("h1")[0].text == shown_title
    words = read(visitor.get(f"/-/history/{name}")).all("td", class_="words")
    assert words[0].text == shown_title


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_echoed_as_text(
    editor: FlaskClient, read: Any, save: Any, text: str, name: str
) -> None:  # R1
    for url, query in (
        ("/-/search", {"q": text}),
        ("/-/search", {"q": "x", "tag": text, "in": text}),
        ("/-/pages", {"prefix": text}),
        ("/-/recent", {"in": text}),
        ("/-/new", {"name": text, "type": text}),
        ("/-/sign-in", {"page": text}),
        ("/known", {"rev": text, "lang": text}),
        ("/-/pages", {"after": text}),
    ):
        check_nothing_active(read, editor.get(url, query_string=query), url)
    for prefix in ("/", "/-/tags/", "/-/history/", "/-/edit/", "/-/files/", "/-/x/"):
        path = (prefix + text).encode().decode("latin-1")  # as WSGI has it
        response = editor.get("/", environ_overrides={"PATH_INFO": path})
        if response.content_type.startswith("text/html") and not response.location:
            check_nothing_active(read, response, prefix)
    found = read(editor.get("/-/search", query_string={"q": text}))
    assert found.one("input", id="find")["value"] == text
    refused = save(editor, "-/" + text, text, comment=text)
    assert refused.status_code in {400, 422}
    page = check_nothing_active(read, refused, "refused")
    assert page.one("textarea", name="text").value == text
    kept = editor.post(f"/-/delete/{name}", data={"reason": text}, headers=SAME_SITE)
    page = check_nothing_active(read, kept, "error page")
    assert page.one("textarea", id="kept").value == text


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_of_people_and_flashes(
    app: Flask, wiki: Wiki, read: Any, save: Any, text: str, name: str
) -> None:  # R1
    refused = submit(app.test_client(), "/-/sign-in", name=text, password="x" * 9)
    page = check_nothing_active(read, refused, "sign-in")
    assert page.one("input", id="name")["value"] == text
    person = "".join(c for c in text if c not in '/\\<>@,;:"' and c.isprintable())
    person = f"{name[-8:]} {person}".strip()[:64]
    try:
        wiki.accounts.create_user(person, "editor", PASSWORD)
    except BadName:  # what is left of it is still no name
        return
    client = app.test_client()
    submit(client, "/-/sign-in", name=person, password=PASSWORD)
    source = f"---\ntitle: '{text.replace(chr(39), chr(39) * 2)}'\n---\nx"
    assert save(client, name, source).status_code == 303
    for url in (f"/{name}", f"/-/history/{name}", "/-/account", f"/-/recent?in={name}"):
        check_nothing_active(read, client.get(url), url)
    deleted = submit(client, f"/-/delete/{name}")
    page = check_nothing_active(read, client.get(deleted.location), "flash")
    assert " ".join(text.split()) in page.one("p", role="status").text


def test_snippets_of_the_api_are_data(
    visitor: FlaskClient, page: Any, name: str
) -> None:
    page(name, "The word xylograph <img src=x onerror=alert(1)> stands `<b>here</b>`.")
    got = visitor.get("/-/api/v1/search?q=xylograph")
    assert got.content_type == "application/json"
    text = "".join(part["text"] for part in got.get_json()["items"][0]["snippet"])
    assert "xylograph" in text
    assert set(got.get_json()["items"][0]["snippet"][0]) <= {"text", "mark"}


# -- names of fields that a form did not show


def test_fields_that_a_form_did_not_show_do_nothing(
    editor: FlaskClient, save: Any, wiki: Wiki, name: str
) -> None:  # R14
    save(
        editor,
        name,
        "Text",
        audience="admins",
        author="somebody else",
        origin="import",
        minor="1",
        role="admin",
        author_id="1",
    )
    page = wiki.page(SYSTEM, name)
    assert (page.audience, page.author) == ("public", "the editor")
    assert wiki.store.history(page.id)[0].origin == "web"


# -- bytes that no browser sends, on the store that people have

ODD = (
    "/%ff",
    "/%2e%2e/etc",
    "/a%00b",
    "/" + "x" * 9000,
    "/-/raw/%ff",
    "/-/raw/%00",
    "/-/history/%00",
    "/-/files/..%2f..%2fvar/private.db",
    "/-/files/%00/%00",
    "/..%2fvar%2fwiki.db",
    "/-/static/x/..%2f..%2fapp.py",
    "/-/search?q=%ff%fe",
    "/-/search?q=%00&tag=%00&in=%ff&lang=%00&type=%00",
    "/-/search/suggest?q=%00",
    "/-/pages?after=%00",
    "/-/pages?after=%ff&prefix=%ff",
    "/-/tags/%ff",
    "/-/tags/%00?after=%00",
    "/-/recent?in=%00&before=1",
    "/-/links/known?after=%00",
    "/-/diff/known?a=1&b=%00",
    "/-/sign-in?page=%00",
    "/-/new?name=%ff&type=%00",
    "/known?rev=1%00&lang=%00",
    "/-/join/%ff",
    "/-/reset/%00",
    "/-/setup?key=%ff",
    "/-/api/v1/pages?tag=%00&type=%ff&in=%00",
    "/-/api/v1/pages/%ff",
    "/-/api/v1/pages/known?include=%00&rev=1",
    "/-/api/v1/recent?in=%ff",
    "/-/api/v1/search?q=%00&tag=%22%00",
    "/-/p/coalitions/?%00=%ff",
    "/-/p/glossary/?q=%ff",
)


def test_odd_bytes_crash_nothing(tmp_path: Path) -> None:  # R7, R22
    app = create_app(config=load(tmp_path, {}))
    wiki: Wiki = app.extensions["wiki"]
    wiki.save(SYSTEM, Draft("known", "text"), 0)
    wiki.accounts.create_user("ana", "admin", PASSWORD)
    client = app.test_client()
    for _ in ("visitor", "admin"):
        for url in ODD:
            response = client.get(url)
            assert response.status_code < 500, url
            check_headers(response, url)
        submit(client, "/-/sign-in", name="ana", password=PASSWORD)
    odd = "a\x00\ud800".encode("utf-8", "surrogatepass")
    token = TOKEN.search(client.get("/-/account").text)
    assert token
    for rule, method in rules(app):
        if method != "POST" or rule.endpoint == "account.sign_out":
            continue
        form = {
            name: odd
            for name in ("name", "text", "comment", "to", "reason", "role", "base",
                         "page", "password", "theirs_n", "type", "resolve", "part-0")
        }  # fmt: skip
        response = client.post(
            address(rule, "known"),
            data=form | {"csrf_token": token.group(1)},
            headers=SAME_SITE,
        )
        assert response.status_code < 500, rule
    wiki.close()
