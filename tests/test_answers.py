"""What plugins hand back is checked at the door, and a page they spoil is put back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from wiki.hooks import Door, HookInfo, Implementation
from wiki.model.page import WARNING, Draft, Problem
from wiki.model.parts import (
    Action,
    Check,
    Field,
    Link,
    NavItem,
    PageContext,
    PageType,
    Panel,
)
from wiki.store.cache import RenderCache

OBJECTION = Problem(WARNING, "text", "A word to think about.")


def impl(plugin: str, function: Callable[..., Any], *arguments: str) -> Implementation:
    return Implementation(plugin, function, arguments)


@pytest.fixture
def door() -> Door:
    return Door(
        {
            "one": HookInfo("one", "first", str),
            "passed": HookInfo("passed", "chain", None),
        }
    )


def names(spoil: Callable[..., Any]) -> str:
    return spoil.__name__


ROUND: Any = {"type": "paragraph", "children": []}
ROUND["children"].append(ROUND)
WIDE: list[Any] = [{"type": "text", "raw": "x"}]
for _ in range(40):  # twice as many at each step down: no memory, endless time
    WIDE = [{"type": "paragraph", "children": WIDE}] * 2


@pytest.mark.parametrize(
    "answer",
    [
        [5],
        ["x"],
        [{}],
        [{"type": 5}],
        [{"type": "text", "raw": 5}],
        [{"type": "link", "attrs": 5}],
        [{"type": "paragraph", "children": 5}],
        [ROUND],
        WIDE,
    ],
    ids=["int", "text", "empty", "type", "raw", "attrs", "children", "round", "wide"],
)
def test_a_tree_that_is_none_leaves_the_tree_as_it_was(door: Door, answer: Any) -> None:
    tree = [{"type": "text", "raw": "kept"}]
    door.mount("passed", [impl("bad", lambda: answer), impl("z", lambda t: t, "t")])
    assert door.chain("passed", tree, fresh=list) == tree
    assert list(door.faults) == [("bad", "passed")]


@pytest.mark.parametrize(
    "grown", ["x" * 200_000, "<b>" * 20_000, "\ud800"], ids=["long", "tags", "half"]
)
def test_html_that_grows_beyond_measure_is_left_out(door: Door, grown: str) -> None:
    door.mount("passed", [impl("bad", lambda: grown)])
    assert door.chain("passed", "<p>kept</p>") == "<p>kept</p>"
    assert ("bad", "passed") in door.faults


@pytest.mark.parametrize(
    "made",
    [Draft("../x", "text"), Draft("a", "x" * 200_000), Draft("a", cast(Any, None))],
    ids=["name", "long", "none"],
)
def test_a_draft_that_could_not_be_saved_is_left_out(door: Door, made: Draft) -> None:
    door.mount("passed", [impl("bad", lambda: made)])
    assert door.chain("passed", Draft("a", "text")) == Draft("a", "text")
    assert ("bad", "passed") in door.faults


def unserializable(page: PageContext) -> None:
    page.data["bad"] = {1, 2}


def circular(page: PageContext) -> None:
    page.data["bad"] = page.data


def no_key(page: PageContext) -> None:
    page.data["kept"][(1, 2)] = 3


def too_large(page: PageContext) -> None:
    page.data["bad"] = "x" * 2_000_000


def no_data(page: Any) -> None:
    page.data = 5


def junk_problem(page: Any) -> None:
    page.problems.append("x")


def no_problems(page: Any) -> None:
    page.problems = 5


def no_title(page: Any) -> None:
    page.title = None


@pytest.mark.parametrize(
    "spoil",
    [
        unserializable,
        circular,
        no_key,
        too_large,
        no_data,
        junk_problem,
        no_problems,
        no_title,
    ],
    ids=names,
)
def test_a_page_that_a_plugin_spoils_is_put_back(
    door: Door, spoil: Callable[[PageContext], None]
) -> None:
    page = PageContext("a", "A", data={"kept": {"x": 1}}, problems=[OBJECTION])
    door.mount("passed", [impl("bad", spoil, "page")])
    assert door.chain("passed", "html", page=page) == "html"
    kept = PageContext("a", "A", data={"kept": {"x": 1}}, problems=[OBJECTION])
    assert page == kept
    assert ("bad", "passed") in door.faults


def test_first_hands_out_a_page_of_its_own(door: Door) -> None:
    page = PageContext("a", data={"kept": 1})
    door.mount("one", [impl("bad", no_data, "page"), impl("worse", no_key, "page")])
    assert door.first("one", page=page) is None
    assert page == PageContext("a", data={"kept": 1})


ODD: Any = None  # what a type checker would not let through


@pytest.mark.parametrize(
    "item",
    [
        NavItem("x", "page.home", weight=ODD),
        NavItem(ODD, "page.home"),
        Action("x", ODD),
        Action("x", "page.view", method=cast(Any, "steal")),
        Panel("x", "x.html", context=ODD),
        Link(ODD),
        Link("x", title=cast(Any, 5)),
        Draft("name", ODD),
        PageType("song", "Song", fields=cast(Any, 5)),
        PageType("song", "Song", fields=cast(Any, (5,))),
        PageType("song", "Song", limits=cast(Any, 5)),
        PageType("song", "Song", fields=(Field("x", check=cast(Any, 5)),)),
        Problem("fatal", "", "x"),
        Problem(WARNING, "", "%(x)s", params={"y": 1}),
        Check("x", ODD),
    ],
    ids=repr,
)
def test_an_item_with_a_wrong_field_is_refused(item: Any) -> None:
    door = Door({"some": HookInfo("some", "collect", type(item))})
    door.mount("some", [impl("bad", lambda: [item])])
    assert door.collect("some") == []
    assert ("bad", "some") in door.faults


@pytest.mark.parametrize("data", [{"x": {1}}, {"x": "\ud800"}, {(1, 2): 3}], ids=repr)
def test_the_cache_leaves_out_what_it_cannot_keep(data: Any) -> None:
    cache = RenderCache(None)
    cache.put(1, "*", "key", {"data": data})
    assert cache.get(1, "*", "key") is None
    cache.close()
