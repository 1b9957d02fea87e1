"""The wheel, in a clean environment, opens the home page."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
NOT_COPIED = (".git", ".venv", "var", "build", "dist", "*.egg-info", "__pycache__")

OPEN_HOME = """
import sys
from pathlib import Path
from wiki.instance import prepare, starter_pages
from wiki import create_app

folder = prepare(Path(sys.argv[1]))
assert "site-packages" in str(starter_pages()), starter_pages()
app = create_app(folder)
app.extensions["wiki"].store.scan()
answer = app.test_client().get("/")
assert answer.status_code == 200, answer.status_code
assert "coalition" in answer.text.lower()
states = app.extensions["wiki"].registry.states
assert {name: one.state for name, one in states.items()} == {
    "coalitions": "on", "diagrams": "on", "feeds": "on", "glossary": "on",
    "webhooks": "on",
}, states
css = app.extensions["wiki.assets"].url("css/common-ground.css")
assert app.test_client().get(css).status_code == 200
print("ok")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("dist")
    # In a copy: building leaves a folder behind that the next wheel would take in.
    copy = tmp_path_factory.mktemp("copy") / "tree"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*NOT_COPIED))
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(target), str(copy)],
        check=True,
        capture_output=True,
    )
    return next(target.glob("*.whl"))


def test_the_wheel_holds_what_it_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for needed in (
        "wiki/py.typed",
        "wiki/templates/base.html",
        "wiki/static/css/common-ground.css",
        "wiki/static/vendor/manifest.json",
        "wiki/scaffold/project/setup.cfg.in",
        "wiki/scaffold/project/@dot@gitignore.in",
        "wiki/scaffold/project/@dot@github/workflows/tests.yml.in",
        "wiki/scaffold/project/wiki_@name@/templates/@name@/summary.html.in",
        "wiki/scaffold/project/wiki_@name@/locale/es/LC_MESSAGES/messages.po.in",
        "wiki/scaffold/parts/guard.hook.in",
        "wiki/starter/home.md",
        "wiki/starter/guides/what-is-a-coalition.md",
        "wiki_glossary/__init__.py",
        "wiki_diagrams/static/vendor/mermaid/11.17.2/mermaid.js",
        "wiki_coalitions/__init__.py",
        "wiki_feeds/templates/feeds/index.html",
        "wiki_webhooks/templates/webhooks/index.html",
    ):
        assert needed in names, needed
    assert not [name for name in names if name.startswith(("plugins/", "tests/"))]


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", str(wheel)],
        check=True,
        capture_output=True,
    )
    script = tmp_path / "open_home.py"
    script.write_text(OPEN_HOME)
    done = subprocess.run(
        [python, str(script), str(tmp_path / "wiki")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "ok", done.stderr
