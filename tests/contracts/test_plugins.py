"""Every bundled plugin keeps the contract that ``wiki plugin check`` checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiki.plugin_checks import check
from wiki.plugin_checks.trying import bundled

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", sorted(bundled()))
def test_bundled_plugins_keep_the_contract(name: str, tmp_path: Path) -> None:
    checked, found = check(name, tmp_path)
    assert checked == name
    assert not found, "\n".join(map(str, found))


def test_the_plugin_of_the_tutorial_keeps_it(tmp_path: Path) -> None:
    text = (ROOT / "pages/help/plugins.md").read_text("utf-8")
    code = text.partition("```python\n")[2].partition("\n```")[0]
    (tmp_path / "reading_time.py").write_text(code)
    assert check(str(tmp_path / "reading_time.py"), tmp_path) == ("reading_time", [])


def test_the_bundled_plugins_are_those_of_the_folder() -> None:
    folder = ROOT / "plugins"
    assert bundled() == {path.parent.name for path in folder.glob("*/setup.cfg")}
