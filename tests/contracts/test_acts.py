"""Every act that the log has a sentence for is written somewhere, and no other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from wiki.model.acts import FAMILIES, SENTENCES

WIKI = Path(__file__).parents[2] / "wiki"
ACTS = WIKI / "model" / "acts.py"
LOG = WIKI / "templates" / "admin" / "log.html"


def literals() -> set[str]:
    """Return all texts that stand in the code of the wiki, the list itself excepted."""
    return {
        node.value
        for path in WIKI.rglob("*.py")
        if path != ACTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def noted() -> Iterator[tuple[str, ast.Call]]:
    """Yield every act that is written by its name, with the call that writes it."""
    for path in WIKI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            act = node.args[1]
            named = ast.unparse(node.func).endswith(".note")
            if named and isinstance(act, ast.Constant) and act.value in SENTENCES:
                yield str(act.value), node


def test_every_act_is_written_somewhere() -> None:
    assert sorted(set(SENTENCES) - literals()) == []


def test_what_is_written_fills_its_sentence() -> None:
    for act, call in noted():
        wanted = {
            name
            for name in SENTENCES[act].replace("%(", "{").replace(")s", "}").split("{")
            if "}" in name
        }
        wanted = {name.partition("}")[0] for name in wanted} - {"subject"}
        given = {one.arg for one in call.keywords if one.arg} - {"at"}
        assert wanted <= given, (act, wanted, ast.unparse(call))


def test_every_family_has_words_in_the_filter() -> None:
    shown = LOG.read_text()
    for family in FAMILIES:
        assert f'family == "{family}"' in shown, family
