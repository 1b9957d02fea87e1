"""Writes the project of a new plugin: it installs, is typed and passes its tests."""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from keyword import iskeyword
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from wiki.errors import StartError
from wiki.plugin import API

KINDS = ("collect", "first", "chain", "guard", "notify")
USUAL = ("collect", "guard")
DOES = "Shows the summary of each page."
LONGEST = 30  # characters of a name

# What the hooks of each kind import: (module, name).
_IMPORTS: dict[str, tuple[tuple[str, str], ...]] = {
    "collect": (
        ("typing", "Any"),
        *(("wiki", name) for name in ("Asset", "Panel", "Plugin", "Setting")),
        ("wiki", "hookimpl"),
    ),
    "first": (("wiki", "Link"), ("wiki", "PageContext"), ("wiki", "page_url")),
    "chain": (("dataclasses", "replace"), ("wiki", "Draft")),
    "guard": (("wiki", "ERROR"), ("wiki", "Draft"), ("wiki", "Problem")),
    "notify": (("wiki", "events"),),
}
_TEST_IMPORTS: dict[str, tuple[tuple[str, str], ...]] = {
    "collect": (("flask.testing", "FlaskClient"), ("wiki", "Page")),
    "guard": (("wiki", "NotValid"),),
}


def new_project(
    name: str, kinds: Collection[str], into: Path, taken: Mapping[str, str]
) -> Path:
    """Write the project of a plugin as ``into/name`` and return that folder.

    ``collect`` is always among its ``kinds`` of hooks. ``taken`` says of names why
    they cannot be used. Raises StartError; then nothing was written.
    """
    _check_name(name, taken)
    target = into.expanduser().absolute() / name
    if target.exists():
        raise StartError(
            f"“{target}” is there already. Nothing was written. Choose another name, "
            "or another folder with --into.",
            4,
        )
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as made:
            project = Path(made) / name
            project.mkdir()
            words = _words(
                name, [kind for kind in KINDS if kind in {*kinds, "collect"}]
            )
            _fill(files(__name__) / "project", project, words)
            _compile(project)
            shutil.move(project, target)
    except OSError as error:
        raise StartError(
            f"“{target}” cannot be written ({error.strerror}). Nothing is there. "
            "Choose another folder with --into."
        ) from error
    return target


def _check_name(name: str, taken: Mapping[str, str]) -> None:
    good = name.isascii() and name.isidentifier() and name == name.lower()
    if not good or name.startswith("_") or len(name) > LONGEST:
        raise StartError(
            f"“{name[:LONGEST]}” cannot be the name of a plugin. Use small letters, "
            f"digits and “_”, at most {LONGEST}, and begin with a letter.",
            2,
        )
    if iskeyword(name):
        raise StartError(f"“{name}” is a word of Python itself. Choose another.", 2)
    if name in taken:
        raise StartError(f"“{name}” is taken: {taken[name]}. Choose another.", 4)


def _words(name: str, kinds: list[str]) -> dict[str, str]:
    """Return what stands in place of each ``@word@``."""
    parts = [part for part in name.split("_") if part]
    imports = _imports(one for kind in kinds for one in _IMPORTS[kind])
    tests = _imports(one for kind in kinds for one in _TEST_IMPORTS.get(kind, ()))
    return {
        "imports": imports,
        "constants": _parts(kinds, "constant"),
        "test_imports": tests,
        "settings": _parts(kinds, "setting"),
        "hooks": _parts(kinds, "hook").rstrip("\n"),
        "tests": _parts(kinds, "test").rstrip("\n"),
        "words": _parts(kinds, "po", "\n").rstrip("\n"),
        "uses": 'frozenset({"guards"})' if "guard" in kinds else "frozenset()",
        "api": repr(API),
        "does": DOES,
        "class": "".join(part.capitalize() for part in parts),
        "title": " ".join(parts).capitalize(),
        "dashed": "-".join(parts),
        "name": name,
        "dot": ".",
    }


def _parts(kinds: list[str], what: str, between: str = "") -> str:
    found = (files(__name__) / "parts" / f"{kind}.{what}.in" for kind in kinds)
    return between.join(one.read_text("utf-8") for one in found if one.is_file())


def _imports(wanted: Iterable[tuple[str, str]]) -> str:
    """Return import lines as ruff sorts them: constants, classes, then the rest."""
    names: dict[str, set[str]] = {}
    for module, name in wanted:
        names.setdefault(module, set()).add(name)
    blocks: dict[bool, list[str]] = {}
    for module in sorted(names):
        own = module in ("wiki", "flask.testing")
        ranked = sorted(names[module], key=lambda x: (not x.isupper(), x[0] > "Z", x))
        line = f"from {module} import {', '.join(ranked)}"
        if len(line) > 88:
            line = "".join(
                [f"from {module} import (\n", *(f"    {x},\n" for x in ranked), ")"]
            )
        blocks.setdefault(own, []).append(line)
    return "\n\n".join("\n".join(blocks[own]) for own in sorted(blocks))


def _fill(source: Traversable, target: Path, words: Mapping[str, str]) -> None:
    for item in source.iterdir():
        path = target / _filled(item.name, words).removesuffix(".in")
        if item.is_dir():
            path.mkdir()
            _fill(item, path, words)
        else:
            path.write_text(_filled(item.read_text("utf-8"), words), "utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for word, meant in words.items():
        text = text.replace(f"@{word}@", meant)
    return text


def _compile(project: Path) -> None:
    """Compile the catalogs, so that the plugin speaks from the first start."""
    for path in project.rglob("*.po"):
        catalog = read_po(io.BytesIO(path.read_bytes()))
        with path.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)
