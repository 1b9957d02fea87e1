"""The help pages say what the code does: hooks, settings, commands, code, links."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import pytest

from wiki import create_app, hookspecs
from wiki.cli import wiki as command_line
from wiki.config import load, settings
from wiki.errors import NotValid
from wiki.markup.front import Front
from wiki.markup.links import Target, targets
from wiki.markup.outline import Outline, anchor, headings
from wiki.markup.parse import Tree
from wiki.model import names
from wiki.model.actor import SYSTEM
from wiki.model.fields import field_problems
from wiki.model.page import ERROR, Draft
from wiki.registry import hooks_of
from wiki.service import Wiki

PAGES = Path(__file__).parents[2] / "pages"
TUTORIAL, TESTING = "help/plugins", "help/plugins-testing"
KINDS = {"collect", "first", "chain", "guard", "notify"}
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def text_of(name: str) -> str:
    return (PAGES / f"{name}.md").read_text(encoding="utf-8")


def every_page() -> dict[str, str]:
    """Return {name: text} of the starter pages."""
    found = {
        names.from_path(path.relative_to(PAGES).as_posix()): path.read_text("utf-8")
        for path in sorted(PAGES.rglob("*.md"))
    }
    assert found
    return found


def rows_of(name: str) -> dict[str, list[str]]:
    """Return the cells of a page's tables by the code in their first cell."""
    lines = [line for line in text_of(name).split("\n") if line.startswith("| `")]
    cells = [[c.strip() for c in line.strip("| ").split(" | ")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


# -- reference pages


def test_every_hook_stands_in_the_table() -> None:
    rows = {name: row for name, row in rows_of(TUTORIAL).items() if row[0] in KINDS}
    assert set(rows) == set(hooks_of())
    for hook in hooks_of().values():
        kind, arguments, answer = rows[hook.name]
        signature = inspect.signature(getattr(hookspecs, hook.name))
        named = re.findall(r"\w+", arguments.replace("none", ""))
        assert (kind, named) == (hook.kind, [*signature.parameters]), hook.name
        assert answer


def test_every_setting_stands_with_its_default() -> None:
    rows = rows_of("help/settings")
    assert set(rows) == {it.key for it in settings()}
    for it in settings():
        assert rows[it.key][0] == f"`{as_toml(it.default)}`", it.key


def as_toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return f"[{', '.join(map(as_toml, value))}]"
    return str(value) if isinstance(value, int) else f'"{value}"'


def commands(command: click.Command, path: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, f"{path} {name}")
    else:
        yield path, command


def test_every_command_is_described_with_its_options() -> None:
    for path, command in commands(command_line, "wiki"):
        group = " ".join(path.split()[:2])
        section = text_of("help/commands").partition(f"## {group}\n")[2]
        section = section.partition("\n## ")[0]
        assert f"`{path}" in section, path
        for option in command.params:
            if isinstance(option, click.Option):
                longest = max(option.opts, key=len)
                assert f"`{longest}`" in section, f"{path} {longest}"


# -- code that readers copy


def code_of(name: str) -> list[str]:
    found = CODE.findall(text_of(name))
    assert found, f"no Python in {name}"
    return found


def test_the_tutorials_plugin_works(tmp_path: Path) -> None:
    code = code_of(TUTORIAL)[0]
    assert len([line for line in code.split("\n") if line.strip()]) <= 30
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "reading_time.py").write_text(code)
    app = create_app(config=load(tmp_path, {}), memory=True, strict=True)
    wiki: Wiki = app.extensions["wiki"]
    try:
        wiki.save(SYSTEM, Draft("notes/first", "word " * 900), 0)
        assert "About 5 min to read." in app.test_client().get("/notes/first").text
        with pytest.raises(NotValid) as caught:
            wiki.save(SYSTEM, Draft("guides/first", "Hello."), 0)
        assert [one.field for one in caught.value.problems] == ["summary"]
    finally:
        wiki.close()


def test_the_tutorials_tests_pass(tmp_path: Path) -> None:
    (tmp_path / "reading_time.py").write_text(code_of(TUTORIAL)[0])
    (tmp_path / "test_reading_time.py").write_text("\n\n".join(code_of(TESTING)))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


# -- the starter pages


def parsed(wiki: Wiki) -> Iterator[tuple[str, Front, Tree]]:
    """Yield name, front matter and tokens of every starter page."""
    for name, text in every_page().items():
        front = wiki.renderer.front(text)
        yield name, front, wiki.renderer.tree(front)


def test_every_internal_link_leads_somewhere(wiki: Wiki) -> None:
    found: list[tuple[str, Target]] = []
    parts: dict[str, set[str]] = {}
    for name, _front, tree in parsed(wiki):
        parts[names.key(name)] = {item.id for item in Outline(tree.tokens).items}
        found += [(name, target) for target in targets(tree.tokens, name)]
    lost = [f"{name}: {t.raw}" for name, t in found if not leads(name, t, parts)]
    assert not lost, "\n".join(lost)


def leads(name: str, target: Target, parts: Mapping[str, set[str]]) -> bool:
    if target.kind not in ("page", "anchor"):
        return target.kind != "bad"
    there = parts.get(names.key(target.name or name))
    return there is not None and anchor(target.fragment) in {"", *there}


def test_every_address_of_the_wiki_itself_answers(wiki: Wiki, client: Any) -> None:
    wiki.save(SYSTEM, Draft("help/reading", text_of("help/reading")), 0)
    for name, _front, tree in parsed(wiki):
        for target in targets(tree.tokens, name):
            if target.kind == "route":
                assert client.get(target.name).status_code == 200, f"{name}: {target}"


def test_every_front_matter_block_fits_its_type(wiki: Wiki) -> None:
    faults = []
    for name, front, tree in parsed(wiki):
        problems = [*front.problems, *tree.problems]
        page_type = wiki.registry.page_types.get(str(front.data.get("type")))
        if page_type is not None:
            problems += field_problems(page_type.fields, front.data)
        faults += [f"{name}: {one}" for one in problems if one.level == ERROR]
    assert not faults, "\n".join(faults)


def test_every_help_page_says_what_it_is_about(wiki: Wiki) -> None:
    for name, front, tree in parsed(wiki):
        if name.startswith("help"):
            assert {"title", "summary"} <= set(front.data), name
            assert front.data["tags"] == ["help"], name
            levels = {token["attrs"]["level"] for token in headings(tree.tokens)}
            assert 1 not in levels, name
            assert name == "help" or f"({name}.md)" in text_of("help"), name
