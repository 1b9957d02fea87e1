"""Where links lead."""

from __future__ import annotations

import pytest

from wiki.markup.links import Target, new_url, read_url, read_wiki, targets, url_of
from wiki.markup.parse import Parser


@pytest.mark.parametrize(
    ("url", "kind", "name", "fragment"),
    [
        ("../terms/ally.md", "page", "guides/terms/ally", ""),
        ("./x.md#part", "page", "guides/deep/x", "part"),
        ("x%20y.md", "page", "guides/deep/x y", ""),
        ("x.MARKDOWN", "page", "guides/deep/x", ""),
        ("/guides/x", "page", "guides/x", ""),
        ("other", "page", "guides/deep/other", ""),
        ("../../../../home.md", "page", "home", ""),
        ("x.md?v=1#a%20b", "page", "guides/deep/x", "a b"),
        ("50%25%20rule%3F.md", "page", "guides/deep/50% rule?", ""),
        ("%E8%81%94%E7%9B%9F", "page", "guides/deep/联盟", ""),
        ("v1.2", "page", "guides/deep/v1.2", ""),
        ("plan.pdf", "file", "guides/deep/plan.pdf", ""),
        ("/files/a%20b.PNG", "file", "files/a b.PNG", ""),
        ("#part", "anchor", "", "part"),
        ("#", "anchor", "", ""),
        ("", "anchor", "", ""),
        ("/-/search?q=a", "route", "/-/search?q=a", ""),
        ("https://a.example/b?c#d", "external", "https://a.example/b?c#d", ""),
        ("HTTP://A.EXAMPLE", "external", "HTTP://A.EXAMPLE", ""),
        ("mailto:a@b.example", "external", "mailto:a@b.example", ""),
        ("tel:+123", "external", "tel:+123", ""),
        ("javascript:alert(1)", "bad", "javascript:alert(1)", ""),
        ("jav%0Aascript:x", "bad", "jav%0Aascript:x", ""),
        ("https:/a.example", "bad", "https:/a.example", ""),
        ("https:///a.example", "bad", "https:///a.example", ""),
        ("https://a.example/\u202ex", "bad", "https://a.example/\u202ex", ""),
        ("//a.example", "bad", "//a.example", ""),
        ("%2F%2Fa.example", "bad", "%2F%2Fa.example", ""),
        ("/%5Ca.example", "bad", "/%5Ca.example", ""),
        ("ftp://a.example", "bad", "ftp://a.example", ""),
    ],
)
def test_addresses(url: str, kind: str, name: str, fragment: str) -> None:
    target = read_url(url, "guides/deep/page")
    assert (target.kind, target.name, target.fragment) == (kind, name, fragment)
    assert target.raw == url


@pytest.mark.parametrize(
    ("source", "kind", "name", "fragment"),
    [
        ("home", "page", "home", ""),
        ("Guides/Big tent#What to bring", "page", "Guides/Big tent", "What to bring"),
        ("/home/", "page", "home", ""),
        ("../terms/ally", "page", "terms/ally", ""),
        ("#part", "anchor", "", "part"),
        ("term:base-building", "prefixed", "term:base-building", ""),
        ("Meeting: notes", "page", "Meeting: notes", ""),
        ("meeting: notes", "page", "meeting: notes", ""),
    ],
)
def test_wiki_links(source: str, kind: str, name: str, fragment: str) -> None:
    target = read_wiki(source, "guides/page")
    assert (target.kind, target.name, target.fragment) == (kind, name, fragment)


def test_each_target_once_in_order(parser: Parser) -> None:
    tree = parser.parse(
        "[a](x.md) ![b](y.png) [[z]]\n\n> - [[z]] [c](x.md)\n\n| [d](w.md) |\n|--|\n\n"
        "[^1]\n\n[^1]: [e](v.md)\n"
    )
    found = targets(tree.tokens, "a/b")
    assert [(t.kind, t.name) for t in found] == [
        ("page", "a/x"),
        ("file", "a/y.png"),
        ("page", "z"),
        ("page", "a/w"),
        ("page", "a/v"),
    ]
    assert Target("page", "z", "", "z") in found


def test_addresses_of_pages() -> None:
    assert url_of("Guides/Big tent") == "/Guides/Big%20tent"
    assert url_of("a:b?c#d%") == "/a:b%3Fc%23d%25"
    assert url_of("x", "h-part") == "/x#h-part"
    assert url_of("\ud800") == "/%3F"
    assert new_url("a/b&c=d") == "/-/new?name=a/b%26c%3Dd"
