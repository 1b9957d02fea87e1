"""Checks of what a plugin's Python says: imports, HTML, words to translate."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import wiki
from wiki.web.extract import DECLARED, MARKED

from .findings import Finding, Subject

PUBLIC = {"wiki", "wiki.testing"}
# Of declarations: the places and names of what is shown.
WORDS = DECLARED | {"Problem": ((2,), ("message",))}
LETTERS = re.compile(r"[^\W\d_]{2}")
PRIVATE_PART = re.compile(r"(?:.*\.)?wiki\._[^_].*")
PRIVATE = "Use only what “wiki” and “wiki.testing” offer."
HTML = "It makes HTML in Python. Return data, and let a template of yours show it."
GLUED = (
    "These words are put together, so they cannot be translated. Write one sentence "
    "with places like %(name)s."
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the source of a plugin."""
    for path in subject.sources():
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError) as error:
            yield subject.finding(f"It cannot be read: {error}", path)
            continue
        for node in ast.walk(tree):
            for text in (*_private(node), *_html(node), *_glued(node)):
                yield subject.finding(text, path, getattr(node, "lineno", 0))


def _private(node: ast.AST) -> Iterator[str]:
    for module in _modules(node):
        if module.partition(".")[0] == "wiki" and module not in PUBLIC:
            yield f"It imports “{module}”, which may change any day. {PRIVATE}"
    if isinstance(node, ast.ImportFrom) and node.module == "wiki" and not node.level:
        for alias in node.names:
            if alias.name not in {*wiki.__all__, "testing"}:
                yield f"It imports “{alias.name}” of “wiki”. {PRIVATE}"
    if isinstance(node, ast.Attribute) and PRIVATE_PART.fullmatch(ast.unparse(node)):
        yield f"It uses “{ast.unparse(node)}”, which may change any day. {PRIVATE}"


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module or ""]
    return []


def _html(node: ast.AST) -> Iterator[str]:
    if "markupsafe" in _modules(node):
        yield HTML
    if isinstance(node, ast.FunctionDef) and node.name == "__html__":
        yield HTML


def _glued(node: ast.AST) -> Iterator[str]:
    if not isinstance(node, ast.Call):
        return
    name = ast.unparse(node.func).rpartition(".")[2]
    places, names = WORDS.get(name, ((), ()))
    if name in MARKED:
        places = (0, 1) if name == "ngettext" else (0,)
    given = [node.args[i] for i in places if i < len(node.args)]
    given += [keyword.value for keyword in node.keywords if keyword.arg in names]
    if any(map(_is_glued, given)):
        yield GLUED


def _is_glued(node: ast.expr) -> bool:
    """Tell whether words are put together from parts."""
    if isinstance(node, ast.Call):
        func = node.func
        joins = isinstance(func, ast.Attribute) and func.attr == "format"
        return joins and _has_words(node)
    return isinstance(node, ast.JoinedStr | ast.BinOp) and _has_words(node)


def _has_words(node: ast.AST) -> bool:
    texts = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return any(isinstance(one, str) and LETTERS.search(one) for one in texts)
