"""Collects sentences for translation from Python; pybabel calls it (see babel.cfg).

Layers below the web raise and return sentences as they are, so nothing marks them.
Here a sentence is known by its look and its place: text with a space that begins
like a sentence, anything given to gettext, and the labels of plugins' declarations.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import IO, Any

Found = tuple[int, str, str | tuple[str, ...], list[str]]

MARKED = {"gettext", "_", "N_", "ngettext", "lazy_gettext"}
# Declarations whose short words are shown: class, places and names of arguments.
DECLARED: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "Action": ((0,), ("label",)),
    "Field": ((2, 3), ("label", "help")),
    "NavItem": ((0,), ("label",)),
    "PageType": ((1,), ("label",)),
    "Panel": ((0,), ("title",)),
    "Section": ((1,), ("label",)),
    "Setting": ((3, 4), ("label", "help")),
    "setting": ((), ("label", "words")),
}
# What these say is read on the terminal, in a log, or by programmers.
UNSHOWN = re.compile(
    r"(?:.*\.)?(?:click\.\w+|echo|Permission|StartError|SettingsWrong|IndexUnusable"
    r"|\w*Error|execute|exec_driver_sql|text|(?:_?log|self\.log)\.\w+|compile)$"
)
SENTENCE = re.compile(r"(?:[“\"']?[A-Z]|“?%\()[^\n]*\s\S[^\n]*[.?:…]\Z")
QUERY = re.compile(r"[A-Z]{3,}[ \n]|%[sdr]|.*<\w+>.*", re.DOTALL)
# Tables whose values are said about somebody, so they begin without a capital.
SAID = {"SENTENCES", "ROLE_WORDS", "SPAN_WORDS"}
BARE = {"FACETS": 2, "NAVIGATION": 1, "SECTION_WORDS": 1}


def sentences(
    fileobj: IO[bytes],
    keywords: Collection[str],
    comment_tags: Collection[str],
    options: dict[str, Any],
) -> Iterator[Found]:
    """Give (line, function, message or messages, comments) of a Python file."""
    tree = ast.parse(fileobj.read())
    for node, text in sorted(_texts(tree), key=lambda one: one[0].lineno):
        plural = isinstance(text, tuple)
        yield node.lineno, "ngettext" if plural else "gettext", text, []


def _texts(node: ast.AST) -> Iterator[tuple[Any, str | tuple[str, ...]]]:
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func)
        if name in MARKED:
            words = tuple(x for x in map(_words, node.args) if x)
            if words:
                yield node, words[:2] if name == "ngettext" else words[0]
                return
        if UNSHOWN.fullmatch(name) and name.rpartition(".")[2] != "CSRFError":
            return
        yield from _declared(node, name.rpartition(".")[2])
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in BARE:
        yield from _column(node.value, BARE[ast.unparse(node.targets[0])])
    yield from _said(node)
    if isinstance(node, ast.JoinedStr | ast.Expr) and not _is_call(node):
        return
    if isinstance(node, ast.Constant) and _is_sentence(node.value):
        yield node, _words(node)
    for child in ast.iter_child_nodes(node):
        yield from _texts(child)


def _said(node: ast.AST) -> Iterator[tuple[Any, str]]:
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) in SAID:
        for table in (it for it in ast.walk(node) if isinstance(it, ast.Dict)):
            yield from ((one, _words(one)) for one in table.values if _words(one))


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)


def _is_sentence(value: object) -> bool:
    return (
        isinstance(value, str)
        and SENTENCE.match(value) is not None
        and QUERY.match(value) is None
    )


def _words(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""


def _declared(node: ast.Call, name: str) -> Iterator[tuple[Any, str]]:
    places, names = DECLARED.get(name, ((), ()))
    given = [node.args[i] for i in places if i < len(node.args)]
    for keyword in node.keywords:
        if keyword.arg in names:
            given += getattr(keyword.value, "elts", [keyword.value])
    for one in given:
        if _words(one) and not _is_sentence(_words(one)):
            yield one, _words(one)


def _column(table: ast.expr, place: int) -> Iterator[tuple[Any, str]]:
    """Give one column of a table of tuples."""
    for row in getattr(table, "elts", []):
        cells = getattr(row, "elts", [])
        cell = cells[place] if place < len(cells) else None
        if cell is not None and _words(cell) and not _is_sentence(_words(cell)):
            yield cell, _words(cell)
