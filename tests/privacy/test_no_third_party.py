"""No page asks another host for anything, and no reader gets a cookie (P2, P3, R18)."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ..rights.objects import asks
from ..rights.sinks import lists, named
from ..rights.site import Site
from ..web.everywhere import address, rules

# What a browser fetches without being asked to.
FETCHED = {
    "img": ("src", "srcset"),
    "source": ("src", "srcset"),
    "audio": ("src",),
    "video": ("src", "poster"),
    "track": ("src",),
    "script": ("src",),
    "iframe": ("src",),
    "embed": ("src",),
    "object": ("data",),
    "link": ("href",),
    "use": ("href", "xlink:href"),
    "image": ("href", "xlink:href"),
    "input": ("src",),
    "body": ("background",),
    "form": ("action",),
}
# Of <link>, those that only say something and fetch nothing.
TOLD_ONLY = {"canonical", "alternate", "license", "author", "next", "prev"}
IN_CSS = re.compile(r"(?:@import\s|url\()[\s('\"url]*(?:https?:)?//", re.I)
STATIC = [
    *Path("wiki/static").rglob("*.css"),
    *Path("plugins").rglob("static/**/*.css"),
]


class Fetches(HTMLParser):
    """Gathers what a page makes a browser fetch from elsewhere."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "link" and set(given.get("rel", "").split()) <= TOLD_ONLY:
            return
        for name in FETCHED.get(tag, ()):
            self._look(f"<{tag} {name}>", given.get(name, ""))
        self._look(f"<{tag} ping>", given.get("ping", ""))
        if IN_CSS.search(given.get("style", "")):
            self.found.append(f"<{tag} style>")
        if given.get("http-equiv", "").lower() == "refresh":
            self.found.append("refresh")

    def _look(self, where: str, value: str) -> None:
        for part in value.split(","):
            url = part.strip().split(" ")[0]
            parts = urlsplit(url)
            if parts.netloc or parts.scheme not in ("", "http", "https"):
                self.found.append(f"{where} {url}")


def test_p02_no_page_fetches_from_elsewhere(site: Site) -> None:  # P2, R18
    site.write(
        "elsewhere",
        "![a](https://evil.example/a.png) [b](https://evil.example)\n\n"
        "<img src=https://evil.example/x> <https://evil.example>\n\n"
        "![c](//evil.example/c.png)\n",
    )
    urls = [url for _, url in lists()] + ["/elsewhere", "/-/no-such", "/no such page"]
    urls += [url for ask in asks(name="elsewhere open") for _, url, _ in named(ask)]
    for viewer in (site.viewer("visitor"), site.viewer("both"), site.viewer("admin")):
        for url in urls:
            got = viewer.get(url)
            if got.mimetype == "text/html":
                assert Fetches(got.text).found == [], (viewer.name, url)
            assert "preload" not in got.headers.get("Link", ""), url
            policy = got.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert got.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", STATIC, ids=str)
def test_p02_no_style_sheet_fetches_from_elsewhere(path: Path) -> None:  # P2
    assert not IN_CSS.search(path.read_text())


def test_p03_readers_get_no_cookie(site: Site) -> None:  # P3
    for rule, method in rules(site.app):
        if method not in ("GET", "HEAD"):
            continue
        client = site.app.test_client()
        for name in ("open", "gorbax", "no-such-page"):
            url = address(rule, name)
            got = client.get(url, buffered=True)
            if has_form(got):
                continue  # a form that anybody may send: signing in, asking to join
            assert "Set-Cookie" not in got.headers, url
    for _, url in lists():
        got = site.app.test_client().get(url, buffered=True)
        assert has_form(got) or "Set-Cookie" not in got.headers, url
    for url in ("/", "/open", "/-/pages", "/-/recent", "/-/tags", "/-/search?q=x"):
        assert not has_form(site.app.test_client().get(url)), url


def has_form(response: object) -> bool:
    text: str = getattr(response, "text", "")
    return 'name="csrf_token"' in text
