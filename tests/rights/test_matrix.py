"""Nothing comes out for those without the right, anywhere (R10, P4).

Built from the map of all addresses, plugins' and administrators' included: a route
that is missing in ``sinks.py`` fails, and so does an argument that is asked nowhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Request, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.utils import cached_property

from .compare import told, whole, without
from .count import Count, difference
from .objects import Hidden
from .posts import ELSEWHERE, POSTS
from .sinks import EVERYWHERE, GETS, lists, named
from .site import Site, Viewer

pytestmark = pytest.mark.slow

READ: dict[str, set[str]] = defaultdict(set)


class Noting(ImmutableMultiDict[str, str]):
    """Arguments of a request that note which of them a route asks for."""

    def _note(self, name: Any) -> None:
        if request and request.endpoint:
            READ[request.endpoint].add(str(name))

    def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self._note(key)
        return super().get(key, *args, **kwargs)

    def getlist(self, key: Any, *args: Any, **kwargs: Any) -> Any:
        self._note(key)
        return super().getlist(key, *args, **kwargs)

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)


@pytest.fixture(scope="module", autouse=True)
def noting(site: Site) -> Iterator[None]:
    class Noted(Request):
        @cached_property
        def args(self) -> Noting:
            return Noting(super().args)

    before = site.app.request_class
    site.app.request_class = Noted
    yield
    site.app.request_class = before


def rules(site: Site, *methods: str) -> set[str]:
    return {
        rule.endpoint
        for rule in site.app.url_map.iter_rules()
        if set(methods) & (rule.methods or set())
    }


def test_r10_every_route_is_in_the_matrix(site: Site) -> None:  # R10, P4
    for endpoint in sorted(rules(site, "GET") - GETS.keys()):
        pytest.fail(
            f"“{endpoint}” is not in the rights matrix: add its addresses to GETS in "
            "tests/rights/sinks.py, with each argument that names a page, tag, file, "
            "group or word, as “/-/thing/{name}?tag={tag}”."
        )
    changing = rules(site, "POST", "PUT", "PATCH", "DELETE")
    for endpoint in sorted(changing - POSTS.keys() - ELSEWHERE.keys()):
        pytest.fail(
            f"“{endpoint}” is not in the rights matrix: add its forms to POSTS in "
            "tests/rights/posts.py, or to ELSEWHERE with the reason why it can name "
            "nothing hidden."
        )
    known = rules(site, "GET", "POST", "PUT", "PATCH", "DELETE")
    gone = (GETS.keys() | POSTS.keys() | ELSEWHERE.keys()) - known
    assert gone == set(), "these routes are no more: take them out of the matrix"


@pytest.fixture(scope="module")
def count() -> Count:
    return Count()


def look(
    viewer: Viewer, url: str, response: Any, things: list[Hidden], count: Count
) -> None:
    """Look for the words of all that this viewer has no right to."""
    text = whole(response)
    count.answered(viewer, url, response)
    for thing in things:
        if viewer.may_see(thing.needs, url):
            continue
        count.cells += 1
        for secret in thing.secrets:
            if secret in text:
                count.leak(viewer, url, thing, secret)


def test_r10_no_list_tells_of_what_is_hidden(
    site: Site, hidden: list[Hidden], count: Count
) -> None:  # R10, P4
    for viewer in site.viewers:
        for _, url in lists():
            look(viewer, url, viewer.get(url), hidden, count)
    count.judge()


def test_r10_hidden_is_like_missing_at_every_address(
    site: Site, hidden: list[Hidden], count: Count
) -> None:  # R10, P4
    for viewer in site.viewers:
        for thing in hidden:
            for ask in thing.asked:
                for _, there, nothing in named(ask):
                    if viewer.may_see(thing.needs, there):
                        continue
                    compare(viewer, thing, hidden, ask, there, nothing, count)
    count.judge()


def compare(
    viewer: Viewer,
    thing: Hidden,
    hidden: list[Hidden],
    ask: Any,
    there: str,
    nothing: str,
    count: Count,
) -> None:
    got, bare = viewer.get(there), viewer.get(nothing)
    count.answered(viewer, there, got)
    one, other = told(got, ask.value), told(bare, ask.nothing)
    if one != other:
        count.leak(viewer, there, thing, difference(one, other))
    text = without(whole(got), ask.value)
    for each in hidden:
        if viewer.may_see(each.needs, there):
            continue
        count.cells += 1
        for secret in each.secrets:
            if secret in text:
                count.leak(viewer, there, each, secret)


def test_r10_those_with_the_right_find_it(
    site: Site, hidden: list[Hidden], count: Count
) -> None:  # R10
    missing = []
    for viewer in site.viewers:
        for thing in hidden:
            for url, secret in thing.shown:
                if not viewer.may_see(thing.needs, url):
                    continue
                if viewer.headers and not url.startswith("/-/api/"):
                    continue
                count.cells += 1
                if secret not in whole(viewer.get(url)):
                    missing.append((viewer.name, url, secret))
    assert missing == []


def test_r10_every_argument_is_asked(site: Site) -> None:  # R10
    for viewer in (site.viewer("admin"), site.viewer("visitor")):
        for _, url in lists():
            viewer.get(url)
    for endpoint, names in READ.items():
        written = " ".join(GETS.get(endpoint, ()))
        for name in sorted(names - EVERYWHERE):
            if endpoint in GETS and not endpoint.startswith(("admin.", "account.")):
                assert f"{name}=" in written, (
                    f"“{endpoint}” reads the argument “{name}”, which the rights "
                    "matrix never gives: add an address with it to GETS in "
                    "tests/rights/sinks.py"
                )


def test_r10_the_sum(
    count: Count, hidden: list[Hidden], capsys: pytest.CaptureFixture[str]
) -> None:  # R10
    with capsys.disabled():
        print(f"\nmatrix: {count.cells} cells, {len(count.leaks)} leaks")
    count.judge()
