"""The guarded door: each kind of hook, and plugins that do everything wrong (R17)."""

from __future__ import annotations

import inspect
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from wiki import Plugin, Setting, hookimpl, hookspecs
from wiki.app import create_app
from wiki.config import load
from wiki.hooks import Door, HookInfo, Implementation
from wiki.model.page import ERROR, NEW, WARNING, Problem, Put
from wiki.registry import hooks_of
from wiki.store.base import Author
from wiki.testing import PASSWORD, submit

KINDS = {
    "some": HookInfo("some", "collect", str),
    "one": HookInfo("one", "first", str),
    "passed": HookInfo("passed", "chain", None),
    "checked": HookInfo("checked", "guard", Problem),
    "told": HookInfo("told", "notify", None),
}
OBJECTION = Problem(WARNING, "text", "A word to think about.")


class Died(BaseException):
    """What no plugin should raise, and some do."""


def failing(*args: Any) -> Any:
    raise ValueError("broken <b>")


def leaving(*args: Any) -> Any:
    raise SystemExit(3)


def dying(*args: Any) -> Any:
    raise Died


def deep(*args: Any) -> Any:
    return deep(*args)


def endless(*args: Any) -> Iterator[str]:
    return itertools.repeat("x")


def half(*args: Any) -> Iterator[str]:
    yield "x"
    raise ValueError("half way")


def wrong(*args: Any) -> Any:
    return 7


def inside(*args: Any) -> Any:
    return ["fine", 7]


def text(*args: Any) -> Any:
    return "letters"


BAD = (failing, leaving, dying, deep, endless, half, wrong, inside, text)


def impl(plugin: str, function: Callable[..., Any], *arguments: str) -> Implementation:
    return Implementation(plugin, function, arguments)


@pytest.fixture
def door() -> Door:
    return Door(KINDS, budget=0.05, max_failures=20)


def names(bad: Callable[..., Any]) -> str:
    return bad.__name__


@pytest.mark.parametrize("bad", BAD, ids=names)
def test_collect_joins_the_lists_of_those_that_answer(
    door: Door, bad: Callable[..., Any]
) -> None:
    door.mount(
        "some",
        [
            impl("a", lambda x: [x, "2"], "x"),
            impl("bad", bad),
            impl("none", lambda: None),
            impl("z", lambda: ("3",)),
        ],
    )
    found = [("a", "1"), ("a", "2"), ("z", "3")]
    assert door.collect("some", x="1", y="unused") == found
    assert door.faults["bad", "some"].count == 1
    assert list(door.faults) == [("bad", "some")]


@pytest.mark.parametrize("bad", [b for b in BAD if b is not text], ids=names)
def test_first_takes_the_first_answer(door: Door, bad: Callable[..., Any]) -> None:
    door.mount("one", [impl("bad", bad), impl("none", lambda: None)])
    assert door.first("one") is None
    assert ("bad", "one") in door.faults
    door.mount(
        "one",
        [
            impl("none", lambda: None),
            impl("bad", bad),
            impl("y", lambda: "yes"),
            impl("z", failing),
        ],
    )
    assert door.first("one") == "yes"
    assert ("z", "one") not in door.faults  # nobody asked it


@pytest.mark.parametrize("bad", [b for b in BAD if b is not text], ids=names)
def test_chain_leaves_the_value_as_it_was(door: Door, bad: Callable[..., Any]) -> None:
    door.mount(
        "passed",
        [
            impl("a", lambda value: value + "a", "value"),
            impl("bad", bad, "value"),
            impl("none", lambda value: None, "value"),
            impl("z", lambda value, by: value + by, "value", "by"),
        ],
    )
    assert door.chain("passed", "-", by="z") == "-az"
    assert list(door.faults) == [("bad", "passed")]


@pytest.mark.parametrize("bad", BAD, ids=names)
def test_guard_fails_closed(door: Door, bad: Callable[..., Any]) -> None:
    door.mount("checked", [impl("fine", lambda: [OBJECTION]), impl("bad", bad)])
    for _ in range(25):
        fine, closed = door.guard("checked")
        assert fine == OBJECTION
        assert closed.level == ERROR
        assert "“bad” could not run" in str(closed)
        assert "Your text is here" in str(closed)
    assert door.faults["bad", "checked"].off
    # Switched off, it still does not let anything through.
    assert door.guard("checked")[1].level == ERROR


def test_guard_without_objections(door: Door) -> None:
    door.mount("checked", [impl("a", lambda: None), impl("b", lambda: [])])
    assert door.guard("checked") == []


@pytest.mark.parametrize("bad", [failing, leaving, dying, deep], ids=names)
def test_notify_tells_everybody(door: Door, bad: Callable[..., Any]) -> None:
    heard: list[str] = []
    door.mount("told", [impl("bad", bad), impl("z", heard.append, "event")])
    door.notify("told", event="saved")
    assert heard == ["saved"]
    assert ("bad", "told") in door.faults


def test_only_keyboard_interrupts_go_through(door: Door) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    door.mount("told", [impl("a", stop)])
    with pytest.raises(KeyboardInterrupt):
        door.notify("told")


def test_a_slow_call_counts_as_a_failure_and_its_answer_is_used(door: Door) -> None:
    def slow() -> list[str]:
        time.sleep(0.06)
        return ["late"]

    door.mount("some", [impl("slow", slow)])
    assert door.collect("some") == [("slow", "late")]
    assert "TooSlow" in door.faults["slow", "some"].text


def test_after_twenty_failures_a_hook_is_off(door: Door) -> None:
    calls: list[int] = []

    def count() -> list[str]:
        calls.append(1)
        raise ValueError

    door.mount("some", [impl("bad", count), impl("good", lambda: ["x"])])
    door.mount("one", [impl("bad", lambda: "still here")])
    for _ in range(30):
        assert door.collect("some") == [("good", "x")]
    assert len(calls) == 20
    fault = door.faults["bad", "some"]
    assert (fault.off, fault.count) == (True, 20)
    # Its other hooks go on, and it can be tried again.
    assert door.first("one") == "still here"
    door.reset("bad")
    door.collect("some")
    assert len(calls) == 21
    assert not door.faults["bad", "some"].off


def test_strict_raises(door: Door) -> None:
    strict = Door(KINDS, strict=True)
    for hook, call in (
        ("some", strict.collect),
        ("one", strict.first),
        ("checked", strict.guard),
        ("told", strict.notify),
    ):
        strict.mount(hook, [impl("bad", failing)])
        with pytest.raises(ValueError, match="broken"):
            call(hook)
    strict.mount("passed", [impl("bad", wrong, "value")])
    with pytest.raises(TypeError, match="must return str, not int"):
        strict.chain("passed", "x")


def test_something_that_is_no_hook_runs_guarded(door: Door) -> None:
    done: list[int] = []
    assert door.run("a", "panel x", lambda: done.append(1))
    assert done == [1]
    for _ in range(25):
        assert not door.run("a", "panel y", failing)
    assert door.faults["a", "panel y"].count == 20


def test_one_plugin_can_be_called_alone(door: Door) -> None:
    heard: list[str] = []
    door.mount(
        "told",
        [impl("a", lambda: heard.append("a")), impl("b", failing)],
    )
    assert door.call_one("told", "a")
    assert not door.call_one("told", "b")
    assert door.call_one("told", "not there")
    assert heard == ["a"]


def test_arguments_are_given_by_name(door: Door) -> None:
    door.mount("some", [impl("a", lambda y, x: [x + y], "y", "x")])
    assert door.collect("some", x="1", y="2") == [("a", "12")]


def test_a_guard_with_very_many_objections_is_cut_errors_first(door: Door) -> None:
    fatal = Problem(ERROR, "text", "No.")
    door.mount("checked", [impl("a", lambda: [*[OBJECTION] * 3000, fatal])])
    found = door.guard("checked")
    assert (len(found), found[0]) == (100, fatal)
    assert not door.faults


def test_a_guard_that_is_off_is_tried_again_after_a_pause(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    works: list[bool] = []
    calls: list[int] = []

    def check() -> list[Problem]:
        calls.append(1)
        return [] if works else failing()

    door.mount("checked", [impl("a", check)])
    for _ in range(25):
        assert door.guard("checked")[0].level == ERROR
    assert len(calls) == 20
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 61)
    assert door.guard("checked")[0].level == ERROR  # it fails again, and rests again
    assert door.guard("checked")[0].level == ERROR
    assert len(calls) == 21
    works.append(True)
    monkeypatch.setattr(time, "monotonic", lambda: now + 122)
    assert door.guard("checked") == door.guard("checked") == []
    assert not door.faults


def test_a_slow_guard_is_never_off() -> None:
    door = Door(KINDS, budget=0, max_failures=2)
    door.mount("checked", [impl("a", lambda: [OBJECTION])])
    for _ in range(5):
        assert door.guard("checked") == [OBJECTION]
    assert not door.faults["a", "checked"].off


# -- in a whole wiki: whatever a plugin does, all pages answer

SCRIPT = "<script>alert(1)</script>"
ADDRESSES = (
    "/page",
    "/-/search?q=text",
    "/-/edit/page",
    "/-/recent",
    "/-/health",
    "/-/setup",
)
LEFT_OUT = {"setup", "blueprints", "markdown_plugins", "page_types"}


def bad_plugin(behave: Callable[..., Any]) -> Any:
    """Return a plugin class whose every hook behaves like ``behave``."""
    body: dict[str, Any] = {"name": "bad"}
    for name in hooks_of().keys() - LEFT_OUT:
        given = ", ".join(inspect.signature(getattr(hookspecs, name)).parameters)
        made: dict[str, Any] = {"behave": behave}
        exec(f"def {name}(self, {given}):\n    return behave()\n", made)
        body[name] = hookimpl(made[name])
    return type("Bad", (Plugin,), body)


def nothing() -> Any:
    return None


def script() -> Any:
    return SCRIPT


def scripts() -> Any:
    return [SCRIPT]


@pytest.mark.parametrize(
    "behave",
    [failing, leaving, deep, endless, wrong, nothing, script, scripts, dict, object],
    ids=names,
)
def test_a_plugin_that_does_everything_wrong(
    tmp_path: Path, behave: Callable[..., Any]
) -> None:  # R17
    config = load(
        tmp_path, {}, {"plugins.disabled": ("coalitions", "diagrams", "glossary")}
    )
    app = create_app(config=config, plugins=[bad_plugin(behave)], memory=True)
    wiki, client = app.extensions["wiki"], app.test_client()
    wiki.accounts.create_user("ana", "admin", PASSWORD)
    assert (
        submit(client, "/-/sign-in", name="ana", password=PASSWORD).status_code == 303
    )
    form = {"name": "page", "text": "# Title\n\nText\n", "base": "0"}
    saved = submit(client, "/-/account", "/-/new", **form)
    # A guard that cannot answer saves nothing; what was typed is kept.
    if behave in (nothing, dict):
        assert saved.status_code == 303
    else:
        assert saved.status_code == 422
        assert "Text" in saved.text
        wiki.store.commit([Put("page", form["text"], NEW)], Author(None, "x"))
    for _ in range(2):
        for url in ADDRESSES:
            response = client.get(url)
            assert response.status_code == 200, url
            assert "<script>alert" not in response.text, url
    if behave is not script:  # it may take the place of a page's HTML, sanitized
        assert "Text" in client.get("/page").text
    if behave in (failing, leaving, deep):
        told = client.get("/-/health").get_json()
        assert told["status"] == "degraded"
        assert any("bad" in one["name"] for one in told["checks"])
    wiki.close()


class Shy(Plugin):
    """Has a setting, for the fixture of plugin authors."""

    name = "shy"
    settings = (Setting("word", str, "hello", "A word"),)

    @hookimpl
    def page_html(self, html: str, page: Any) -> str:
        return html + f"<p>{self.options['word']}</p>"


def test_the_fixture_of_plugin_authors(
    plugin: Callable[..., None], request: pytest.FixtureRequest
) -> None:
    plugin(Shy, word="good evening")
    client = request.getfixturevalue("client")
    request.getfixturevalue("page")("home", "Text")
    assert "good evening" in client.get("/").text
