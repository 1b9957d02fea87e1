"""A page that may not be seen changes nothing in any answer (spec: search, F-25)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wiki.search.base import Document, Results
from wiki.search.engines import make_engine
from wiki.search.finder import Finder
from wiki.search.follower import Follower

VISITOR = frozenset({"public"})
MEMBER = frozenset({"public", "members", "group:tenants"})

OPEN = (
    ("Tenant union", "How to found a union, and what a lease says.", ("housing",)),
    ("Rent strike", "A strike needs a union and a plan.", ("housing", "action")),
    ("Picnic", "Bring food.", ()),
)
HIDDEN = Document(
    90,
    0,
    "canaryspace/canaryname",
    "Canarytitle union",
    "canaryword canarywork unionize canarywords strike",
    headings=("Canaryheading",),
    aliases=("Canaryalias",),
    tags=("canarytag", "housing"),
    kind="canarykind",
    lang="cy",
    author="Canary Author",
    updated=10**12,
    audience="group:secret",
)
QUERIES = (
    "canaryword",
    "canarywrod",
    "canary*",
    "union",
    "unio*",
    "union*",
    "strike -canaryword",
    '"canaryword canarywork"',
    "canaryword OR union",
    "tag:canarytag",
    "tag:housing",
    "type:canarykind",
    "lang:cy",
    'author:"Canary Author"',
    "in:canaryspace",
    "updated:>2000-01-01",
    "unionise",
    "lease canaryword",
    "canarytitle picnic",
)


@pytest.fixture(params=["indexed", "changed since"])
def answers(
    request: pytest.FixtureRequest, tmp_path: Path, feed: Any
) -> Callable[..., list[object]]:
    """Return a function that gives all answers to a viewer."""
    opened: list[Finder] = []

    def all_answers(hidden: Document | None, sees: frozenset[str]) -> list[object]:
        folder = tmp_path / str(len(opened))
        folder.mkdir()
        source = type(feed)(folder / "feed.db")
        source.save(
            *(
                Document(n, 0, f"guides/{title.lower()}", title, body, tags=tags)
                for n, (title, body, tags) in enumerate(OPEN, 1)
            )
        )
        if hidden is not None and request.param == "indexed":
            source.save(hidden)
        engine = make_engine("whoosh")
        Follower(lambda: engine, source, folder / "lock", folder / "i").rebuild(engine)
        engine.close()
        if hidden is not None and request.param == "changed since":
            source.save(hidden)
        finder = Finder(make_engine("whoosh"), source, folder / "i")
        opened.append(finder)
        found: list[object] = [_told(finder.search(q, sees)) for q in QUERIES]
        found += [finder.suggest(text, sees) for text in ("can", "uni", "canarytitel")]
        finder.close()
        source.close()
        return found

    return all_answers


def _told(results: Results) -> object:
    """Return all that is told; word statistics may change the order."""
    return replace(results, hits=tuple(sorted(results.hits, key=lambda hit: hit.id)))


@pytest.mark.parametrize("sees", [VISITOR, MEMBER], ids=["visitor", "member"])
@pytest.mark.parametrize("audience", ["group:secret", "admins", "", "unknown"])
def test_answers_are_those_of_a_wiki_without_the_page(
    answers: Callable[..., list[object]], sees: frozenset[str], audience: str
) -> None:
    without = answers(None, sees)
    assert answers(replace(HIDDEN, audience=audience), sees) == without


def test_who_may_see_the_page_finds_it(answers: Callable[..., list[object]]) -> None:
    member = frozenset({"public", "group:secret"})
    assert answers(HIDDEN, member) != answers(None, member)
