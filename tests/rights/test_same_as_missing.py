"""What is hidden changes no answer at all: before and after, to the byte (R10, P5)."""

from __future__ import annotations

from typing import Any

from .compare import RANDOM, body_of
from .objects import hide_whole
from .sinks import lists
from .site import Site

# Asked before and after, beside all lists: words near those that come to be hidden.
WORDS = (
    "/-/search?q=commonword+shared",
    "/-/search?q=gorbax",
    "/-/search?q=snorvile",
    "/-/search?q=commonwurd",
    "/-/search?q=flimwort",
    "/-/search?q=tag:shared",
    "/-/search?q=in:dorvik",
    "/-/search/suggest?q=g",
    "/-/tags/shared",
    "/gorbax",
    "/dorvik/melbox",
    "/fennip",
    "/-/api/v1/search?q=gorbax",
    "/-/api/v1/pages?limit=100",
    "/-/links/open",
)  # Of the own account: time passes there, whatever others do.
OWN = ("/-/account", "/-/openid")


def answers(site: Site, name: str) -> dict[str, tuple[int, Any, str]]:
    """Return {address: (status, headers, body)} of all that tells of nothing by name.

    What a wiki counts for all together (ids, the state that an ETag stands for) may
    differ: it is the same after any change, of public pages too.
    """
    viewer, found = site.viewer(name), {}
    for url in (*[url for _, url in lists()], *WORDS):
        if url.startswith(OWN):
            continue
        got = viewer.get(url)
        headers = {
            key: value
            for key, value in got.headers
            if key not in ("ETag", "Set-Cookie", "RateLimit", "Date", "Content-Length")
        }
        found[url] = (got.status_code, headers, RANDOM.sub("", body_of(got)))
    return found


def test_r10_what_is_hidden_changes_no_answer(bare: Site) -> None:  # R10, P4, P5
    viewers = ("visitor", "nobody", "editor", "moderator", "reading token of nobody")
    before = {name: answers(bare, name) for name in viewers}
    assert hide_whole(bare)
    bare.index()
    for name in viewers:
        after = answers(bare, name)
        for url, was in before[name].items():
            assert after[url] == was, (name, url)
