"""Plugins found, checked and put in order; what is wrong is said, not guessed."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from wiki import PageType, Plugin, Setting, hookimpl
from wiki.app import create_app
from wiki.build import build
from wiki.config import load
from wiki.errors import StartError
from wiki.registry import BROKEN, OFF, ON, Registry, hooks_of

NONE = ("coalitions", "diagrams", "feeds", "glossary", "webhooks")


class Fine(Plugin):
    name = "fine"
    title = "Fine"
    description = "Does what it says."
    version = "1.2"
    settings = (
        Setting("count", int, 3, "How many"),
        Setting("mood", str, "calm", "Mood", choices=("calm", "brave")),
        Setting("loud", bool, False, "Loud"),
    )

    @hookimpl
    def page_types(self) -> list[PageType]:
        return [PageType("song", "Song")]


class Misspelt(Plugin):
    name = "misspelt"

    @hookimpl
    def page_typs(self) -> list[PageType]:
        return []


class UnknownArgument(Plugin):
    name = "unknown_argument"

    @hookimpl
    def nav_items(self, person: Any) -> list[Any]:
        return []


class Wrapper(Plugin):
    name = "wrapper"

    @hookimpl(wrapper=True)
    def nav_items(self, actor: Any) -> Any:
        return (yield)


class SameType(Plugin):
    name = "same_type"

    @hookimpl
    def page_types(self) -> list[PageType]:
        return [PageType("song", "Another song")]


class SetupFails(Plugin):
    name = "setup_fails"

    @hookimpl
    def setup(self, wiki: Any) -> None:
        raise RuntimeError("no printer here")


class MakingFails(Plugin):
    name = "making_fails"

    def __init__(self, wiki: Any, options: Any) -> None:
        raise RuntimeError("cannot be made")


class TooNew(Plugin):
    name = "too_new"
    api = (1, 99)


class Other(Plugin):
    name = "other"
    api = (2, 0)


def registry(
    folder: Path,
    *plugins: Any,
    strict: bool = False,
    own: Any = None,
    **settings: Any,
) -> Registry:
    """Return a started registry with these plugins and nothing installed.

    ``own`` are settings of plugins by name.
    """
    config = load(folder, {}, {"plugins.disabled": NONE} | settings)
    if own:
        config = replace(config, plugin=own)
    wiki = build(config, plugins=plugins, strict=strict, memory=True)
    wiki.close()
    return wiki.registry


def test_a_plugin_that_is_fine(tmp_path: Path) -> None:
    found = registry(tmp_path, Fine)
    state = found.states["fine"]
    assert (state.state, state.version, state.reason) == (ON, "1.2", "")
    assert found.page_types["song"].label == "Song"
    assert found.plugins["fine"].options == {"count": 3, "mood": "calm", "loud": False}


@pytest.mark.parametrize(
    ("plugin", "says"),
    [
        (Misspelt, "there is no hook “page_typs”"),
        (UnknownArgument, "person"),
        (Wrapper, "wrappers are not supported"),
        (SetupFails, "no printer here"),
        (MakingFails, "cannot be made"),
        (TooNew, "API (1, 99)"),
        (Other, "API (2, 0)"),
    ],
)
def test_a_plugin_that_cannot_be_used(
    tmp_path: Path, plugin: Any, says: str, caplog: Any
) -> None:
    with caplog.at_level(logging.ERROR):
        found = registry(tmp_path, plugin, Fine)
    state = found.states[plugin.name]
    assert state.state == BROKEN
    assert says in state.reason
    assert plugin.name not in found.plugins
    assert f"The plugin “{plugin.name}” is off." in caplog.text
    # The others go on.
    assert found.states["fine"].state == ON
    assert "song" in found.page_types
    with pytest.raises((StartError, RuntimeError)) as strict:
        registry(tmp_path, plugin, strict=True)
    assert says in str(strict.value)


def test_two_plugins_with_one_page_type(tmp_path: Path) -> None:
    found = registry(tmp_path, SameType, Fine)
    assert found.states["fine"].state == ON
    assert found.states["same_type"].state == BROKEN
    assert "“song” is already taken by the plugin “fine”" in (
        found.states["same_type"].reason
    )
    assert found.page_types["song"].label == "Song"


@pytest.mark.parametrize(
    ("types", "says"),
    [
        (
            [PageType("a", "A"), PageType("b", "B"), PageType("b", "B")],
            "two page types",
        ),
        (
            [PageType("a", "A"), PageType("song", "S"), PageType("song", "S")],
            "already taken",
        ),
        ([PageType("a", "A", template="no_such.html")], "no_such.html"),
    ],
)
def test_page_types_that_cannot_be(
    tmp_path: Path, types: list[PageType], says: str
) -> None:
    body = {"name": "odd", "page_types": hookimpl(lambda self: types)}
    found = registry(tmp_path, Fine, type("Odd", (Plugin,), body))
    assert found.states["odd"].state == BROKEN
    assert says in found.states["odd"].reason
    assert found.page_types.keys() == {"song"}


@pytest.mark.parametrize("path", ["no.such:x", "os:nope", "os:getcwd", "nocolon", ""])
def test_additions_to_markdown_that_cannot_be_used(tmp_path: Path, path: str) -> None:
    body = {"name": "odd", "markdown_plugins": hookimpl(lambda self: [path])}
    found = registry(tmp_path, Fine, type("Odd", (Plugin,), body))
    assert found.states["odd"].state == BROKEN
    assert f"“{path}” cannot be used" in found.states["odd"].reason
    assert found.states["fine"].state == ON
    assert found.door.collect("markdown_plugins") == []


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("cuont", 1, "Unknown setting “cuont”"),
        ("count", "many", "“count” must be int, not str."),
        ("count", True, "“count” must be int, not bool."),
        ("mood", "angry", "“mood” must be one of: calm, brave."),
        ("loud", "yes", "“loud” must be bool, not str."),
    ],
)
def test_settings_of_a_plugin_are_checked(
    tmp_path: Path, key: str, value: Any, says: str
) -> None:
    found = registry(tmp_path, Fine, own={"fine": {key: value}})
    assert found.states["fine"].state == BROKEN
    assert says in found.states["fine"].reason
    assert "wiki.toml" in found.states["fine"].reason


def test_settings_of_a_plugin_are_read_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "wiki.toml").write_text("[plugin.fine]\ncount = 5\nmood = 'brave'\n")
    found = registry(tmp_path, Fine)
    options = found.plugins["fine"].options
    assert options == {"count": 5, "mood": "brave", "loud": False}
    other = registry(tmp_path, Fine, own={"fine": {"count": 6}})
    assert found.fingerprint() != other.fingerprint()


def test_disabled_and_enabled(tmp_path: Path) -> None:
    off = registry(tmp_path, Fine, **{"plugins.disabled": (*NONE, "fine")})
    assert off.states["fine"].state == OFF
    assert "settings" in off.states["fine"].reason
    assert "song" not in off.page_types
    some = {"plugins.disabled": (), "plugins.enabled": ("fine", "not_there")}
    chosen = registry(tmp_path, Fine, SameType, **some)
    states = {name: state.state for name, state in chosen.states.items()}
    assert states["fine"] == ON
    assert states["same_type"] == OFF
    assert states["glossary"] == OFF
    assert states["not_there"] == BROKEN
    assert "not installed" in chosen.states["not_there"].reason


def test_safe_mode_loads_none(tmp_path: Path) -> None:
    wiki = build(load(tmp_path, {}), plugins=[Fine], safe_mode=True, memory=True)
    assert wiki.registry.states == {}
    assert wiki.registry.plugins == {}
    wiki.close()


def test_the_installed_plugins_are_found_and_on(tmp_path: Path) -> None:
    found = registry(tmp_path, strict=True, **{"plugins.disabled": ()})
    assert {name: s.state for name, s in found.states.items()} == dict.fromkeys(
        NONE, ON
    )


# -- single-file plugins

SINGLE = '''
from wiki import Plugin, PageType, hookimpl

class Poems(Plugin):
    """Poems."""
    name = "poems"
    version = "7"

    @hookimpl
    def page_types(self):
        return [PageType("poem", "Poem")]
'''


def put(folder: Path, name: str, text: str) -> None:
    (folder / "plugins").mkdir(exist_ok=True)
    (folder / "plugins" / name).write_text(text)


def test_a_single_file_is_a_plugin(tmp_path: Path) -> None:
    put(tmp_path, "poems.py", SINGLE)
    found = registry(tmp_path, strict=True)
    assert (found.states["poems"].state, found.states["poems"].version) == (ON, "7")
    assert "poem" in found.page_types


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def broken(:\n", "SyntaxError"),
        ("import there_is_no_such_module\n", "there_is_no_such_module"),
        ("raise SystemExit(1)\n", "SystemExit"),
        ("x = 1\n", "must hold one Plugin class, not 0"),
        (SINGLE + SINGLE.replace("Poems", "More"), "not 2"),
        (SINGLE.replace('"poems"', '"verses"'), "its name is “verses”"),
        (SINGLE.replace("class Poems(Plugin)", "class Poems"), "not 0"),
        (SINGLE.replace("page_types", "page_typez"), "there is no hook “page_typez”"),
    ],
)
def test_a_single_file_that_cannot_be_used(
    tmp_path: Path, text: str, says: str
) -> None:
    put(tmp_path, "poems.py", text)
    found = registry(tmp_path, Fine)
    assert found.states["poems"].state == BROKEN
    assert says in found.states["poems"].reason
    assert found.states["fine"].state == ON


def test_what_is_no_plugin_file_is_left_alone(tmp_path: Path) -> None:
    put(tmp_path, "not-a-name.py", "raise RuntimeError")
    put(tmp_path, "notes.txt", "hello")
    assert registry(tmp_path).states.keys() == set(NONE)


# -- the list of hooks


def test_every_hook_is_documented_and_has_a_kind() -> None:
    from wiki import hookspecs

    found = hooks_of()
    assert len(found) >= 15
    for name, info in found.items():
        assert info.kind in {"collect", "first", "chain", "guard", "notify"}, name
        doc = getattr(hookspecs, name).__doc__
        assert doc, name
        assert doc.split("\n")[0].endswith("."), name
        if info.kind in {"collect", "first", "guard"}:
            assert info.answer is not None, name


def test_order_of_plugins(tmp_path: Path) -> None:
    def plugin(label: str, **mark: bool) -> Any:
        def nav_items(self: Any, actor: Any) -> list[Any]:
            return []

        body = {"name": label, "nav_items": hookimpl(**mark)(nav_items)}
        return type(label.title(), (Plugin,), body)

    found = registry(
        tmp_path,
        plugin("d"),
        plugin("c", trylast=True),
        plugin("b"),
        plugin("a", trylast=True),
        plugin("e", tryfirst=True),
    )
    mounted = found.door._implementations["nav_items"]
    assert [one.plugin for one in mounted] == ["e", "b", "d", "a", "c"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"settings": 5},
        {"settings": ("a",)},
        {"settings": None},
        {"addresses": 5},
        {"addresses": {1: 2}},
        {"api": None},
    ],
)
def test_declarations_of_the_wrong_kind_are_that_plugin_s_fault(
    tmp_path: Path, wrong: dict[str, Any]
) -> None:
    broken = type("Odd", (Plugin,), {"name": "odd", "title": "Odd", **wrong})
    app = create_app(config=load(tmp_path, {}), plugins=[broken], memory=True)
    wiki = app.extensions["wiki"]
    state = wiki.registry.states["odd"]
    assert (state.state, "could not be loaded" in state.reason) == ("broken", True)
    assert app.test_client().get("/").status_code == 200
    wiki.close()
