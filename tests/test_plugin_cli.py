"""``wiki plugin``: projects that begin whole, checks that find, switches that hold."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import pytest

from wiki import create_app
from wiki.scaffold import KINDS, new_project
from wiki.service import Wiki

from .commands import WIKI, refused, run

ROOT = Path(__file__).parents[1]
NUMBER = count(1)
GOOD = """
import wiki


class {cls}(wiki.Plugin):
    name = "{name}"
    title = "A plugin"
    description = "Does little."
    version = "1"
    api = (1, 1)
    uses = frozenset({uses})
    stores = "Nothing."
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the project of a new plugin with a hook of each kind."""
    return new_project("lantern_notes", KINDS, tmp_path_factory.mktemp("new"), {})


def in_project(project: Path, *command: str) -> None:
    """Run a tool of Python's in a project; it must be content."""
    env = os.environ | {"MYPYPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=300,
    )
    lines = done.stdout.splitlines()
    own = [it for it in lines if it.startswith(("wiki_", "tests/"))]
    assert done.returncode == 0 or (command[0] == "mypy" and not own), done.stdout


# -- new


def test_a_new_project_holds_what_a_plugin_needs(project: Path) -> None:
    names = {path.relative_to(project).as_posix() for path in project.rglob("*")}
    assert {
        "README.md",
        "setup.cfg",
        "pyproject.toml",
        ".github/workflows/tests.yml",
        "tests/test_lantern_notes.py",
        "wiki_lantern_notes/__init__.py",
        "wiki_lantern_notes/py.typed",
        "wiki_lantern_notes/static/lantern_notes.css",
        "wiki_lantern_notes/templates/lantern_notes/summary.html",
        "wiki_lantern_notes/locale/es/LC_MESSAGES/messages.po",
        "wiki_lantern_notes/locale/es/LC_MESSAGES/messages.mo",
    } <= names
    for path in project.rglob("*"):
        if path.is_file() and path.suffix != ".mo":
            left = path.read_text().replace("actions/checkout@v4", "")
            left = left.replace("actions/setup-python@v5", "").replace("@hook", "")
            assert "@" not in left.replace("@pytest", ""), path


def test_a_new_project_passes_its_own_tests(project: Path) -> None:
    in_project(project, "pytest", "-q", "-p", "no:cacheprovider")


def test_a_new_project_is_typed_and_tidy(project: Path, tmp_path: Path) -> None:
    in_project(project, "ruff", "check", "--no-cache", ".")
    in_project(project, "ruff", "format", "--no-cache", "--check", ".")
    in_project(project, "mypy", "--cache-dir", str(tmp_path))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_is_tidy_and_works(kind: str, tmp_path: Path) -> None:
    """With the longest name there may be, whose lines are the longest."""
    made = new_project(f"{kind}_{'x' * (29 - len(kind))}", [kind], tmp_path, {})
    in_project(made, "ruff", "check", "--no-cache", ".")
    in_project(made, "ruff", "format", "--no-cache", "--check", ".")
    in_project(made, "pytest", "-q", "-p", "no:cacheprovider")


def test_a_new_project_passes_the_checks(project: Path) -> None:
    said = run("plugin", "check", project)
    assert said.stdout == "“lantern_notes”: no problem was found.\n", said


@pytest.mark.slow
def test_a_new_project_installs(tmp_path: Path) -> None:
    said = run("plugin", "new", "installed_one", "--into", tmp_path)
    assert said.stdout.startswith(f"The plugin “installed_one” is in {tmp_path}")
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "install", "-q", "--no-deps"),
            *("--target", str(tmp_path / "there"), str(tmp_path / "installed_one")),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    there = tmp_path / "there/wiki_installed_one"
    assert (there / "templates/installed_one/summary.html").is_file()
    assert (there / "locale/es/LC_MESSAGES/messages.mo").is_file()


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("glossary", 4, "is installed"),
        ("config", 4, "is a command of the wiki"),
        ("wiki", 4, "the wiki itself"),
        ("class", 2, "a word of Python"),
        ("Upper", 2, "small letters"),
        ("two-parts", 2, "small letters"),
        ("../up", 2, "small letters"),
        ("_hidden", 2, "begin with a letter"),
        ("é", 2, "small letters"),
        ("x" * 31, 2, "at most 30"),
    ],
)
def test_names_that_cannot_be(name: str, code: int, says: str, tmp_path: Path) -> None:
    refused(run("plugin", "new", name, "--into", tmp_path), code, says)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/kept").write_text("kept")
    refused(run("plugin", "new", "mine", "--into", tmp_path), 4, "is there already")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "kept"]


# -- check


def checked(folder: Path, body: str, uses: str = "set()", head: str = "") -> str:
    """Return what the checks say of a single file with this class."""
    name = f"checked{next(NUMBER)}"
    text = GOOD.format(cls=name.capitalize(), name=name, uses=uses)
    lines = "".join(f"    {line}\n" for line in body.split("\n"))
    path = folder / f"{name}.py"
    path.write_text(f"{head}\n{text}\n{lines}")
    done = run("plugin", "check", path)
    assert done.returncode == (1 if "problem" in done.stderr else 0), done
    assert not done.stderr or done.stderr.startswith(f"“{name}”: "), done
    return done.stdout


def test_a_single_file_with_nothing_wrong(tmp_path: Path) -> None:
    assert "no problem was found" in checked(tmp_path, "")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (
            "@wiki.hookimpl\ndef page_problem(self, draft): ...",
            "There is no hook “page_problem”. Did you mean “page_problems”?",
        ),
        (
            "@wiki.hookimpl\ndef nav_items(self, who): ...",
            "“nav_items” has no argument “who”. It is nav_items(actor)",
        ),
        (
            "@wiki.hookimpl(wrapper=True)\ndef nav_items(self): yield",
            "“nav_items” is a wrapper",
        ),
        ("def nav_items(self): ...", "Add @hookimpl above it."),
        ("stores = ''", "“stores” is not declared."),
        ("uses = frozenset({'magic'})", "unknown word “magic”"),
        ("uses = None", "“uses” must be a frozenset. Correct it first."),
        ("settings = 5", "“settings” must be a tuple. Correct it first."),
        ("settings = ('a',)", "“settings” must hold wiki.Setting objects."),
        ("addresses = 5", "“addresses” must be a dict. Correct it first."),
        ("addresses = {'/-/search': 'a.b'}", "already taken by “the wiki itself”"),
        ("api = (99, 0)", "it was written for API (99, 0)"),
        ("@wiki.hookimpl\ndef setup(self): raise SystemExit", "Its setup failed"),
        ("@wiki.hookimpl\ndef nav_items(self): return 5", "“nav_items” failed"),
        (
            "@wiki.hookimpl\ndef panels(self, slot): return self.panels(slot)",
            "“panels” failed with a page without front matter: RecursionError",
        ),
        (
            "@wiki.hookimpl\ndef page_html(self): return 'x' * 10**7",
            "the HTML became much too long",
        ),
        (
            "@wiki.hookimpl\ndef jobs(self): return []",
            "Add “jobs” to “uses”.",
        ),
        (
            "settings = (wiki.Setting('most', int, 'x', 'Most'),)",
            "The setting “most” has no help.",
        ),
        (
            "settings = (wiki.Setting('most', int, 'x', 'Most', 'How many.'),)",
            "a default that does not fit",
        ),
        (
            "@wiki.hookimpl\ndef setup(self): self.wiki._saver",
            "“self.wiki._saver”, which may change any day.",
        ),
        (
            "@wiki.hookimpl\ndef nav_items(self):\n"
            "    return [wiki.NavItem(f'Words of {self.name}', 'page.home')]",
            "These words are put together",
        ),
        (
            "@wiki.hookimpl\ndef nav_items(self):\n"
            "    return [wiki.NavItem('<b>Words</b>', 'page.home')]",
            "“nav_items” returns HTML in “label”.",
        ),
        (
            "@wiki.hookimpl\ndef assets(self): return [wiki.Asset('css', 'a.css')]",
            "“a.css”, which is not in its folder static.",
        ),
        (
            "@wiki.hookimpl\ndef page_tree(self, tokens, page):\n"
            "    return page.meta['summary'] and None",
            "“page_tree” failed with a page without front matter: KeyError",
        ),
        (
            "@wiki.hookimpl\ndef page_html(self, html, page):\n"
            "    return page.lang and html.encode('ascii') and None",
            "“page_html” failed with a page in Arabic: UnicodeEncodeError",
        ),
        (
            "@wiki.hookimpl\ndef health_checks(self):\n"
            "    return [wiki.Check('one', lambda: 1 / 0)]",
            "The health check “one” failed in an empty wiki: ZeroDivisionError",
        ),
        (
            "@wiki.hookimpl\ndef page_types(self): "
            "return [wiki.PageType('term', 'Mine')]",
            "page type “term”",
        ),
        (
            "@wiki.hookimpl\ndef panels(self, slot):\n"
            "    text = self.wiki.store.get('check/ours', sees=None).text\n"
            "    return [wiki.Panel(text, 'page.html')]",
            "failed",
        ),
        (
            "@wiki.hookimpl\ndef nav_items(self):\n"
            "    found = self.wiki.record('check/ours', None)\n"
            "    return [wiki.NavItem(found.title, 'page.home')] if found else []",
            "A visitor sees “xqztitle” of a page for members at /",
        ),
        (
            "@wiki.hookimpl\ndef setup(self):\n    wiki.Wiki.last_seq = lambda self: 0",
            "in the place of wiki.service.Wiki.last_seq",
        ),
    ],
)
def test_what_the_checks_find(
    body: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Wiki, "last_seq", Wiki.last_seq)  # put back afterwards
    said = checked(tmp_path, body)
    assert says in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("from wiki.service import Wiki", "It imports “wiki.service”"),
        ("from wiki import service", "It imports “service” of “wiki”"),
        ("import wiki.store.sql", "It imports “wiki.store.sql”"),
        ("from markupsafe import Markup", "It makes HTML in Python."),
    ],
)
def test_private_imports_and_html(head: str, says: str, tmp_path: Path) -> None:
    assert f".py:1: {says}" in checked(tmp_path, "", head=head)


def test_templates_and_catalogs(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy)
    home = copy / "wiki_lantern_notes"
    (home / "templates/summary.html").write_text("<p>{{ summary }}</p>")
    (home / "templates/lantern_notes/more.html").write_text(
        '{% extends "base.html" %}\n'
        "{% block frame %}frame-page{% endblock %}\n"
        "{# Words. #}\n<p>Words of <code>code</code></p>\n"
        '<img alt="A picture">\n{{ summary | safe }}\n'
        "{% trans %}These are <b>translated</b>.{% endtrans %}{{ _('And these') }}\n"
    )
    (home / "locale/es/LC_MESSAGES/messages.mo").unlink()
    # In a process of its own, as a module of this name is loaded here already.
    done = subprocess.run(
        [sys.executable, "-c", "from wiki.cli import main; main()", "plugin", "check"],
        cwd=copy,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    said = done.stdout
    more = "wiki_lantern_notes/templates/lantern_notes/more.html"
    assert f"{more}:4: “Words of” cannot be translated." in said
    assert f"{more}:5: “A picture” cannot be translated." in said
    assert f"{more}:6: It shows HTML as it is." in said
    assert "templates/summary.html: Another plugin may have a template" in said
    assert "messages.po: It is not compiled" in said
    assert len(said.splitlines()) == 5, said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 / 0", "It cannot be loaded: ZeroDivisionError"),
        ("import nothing_of_this_name", "It cannot be loaded: ModuleNotFoundError"),
        ("def", "It cannot be loaded: SyntaxError"),
        ("x = 1", "must hold one Plugin class, not 0"),
        (
            "import wiki\nclass A(wiki.Plugin):\n    name = 'other'",
            "Its name is “other”, but it is installed as “broken”.",
        ),
    ],
)
def test_what_cannot_be_loaded(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(text)
    done = run("plugin", "check", tmp_path / "broken.py")
    assert done.returncode == 1
    assert says in done.stdout


def test_checking_what_is_not_there(tmp_path: Path) -> None:
    refused(run("plugin", "check", "nothing"), 2, "There is no plugin “nothing”")
    refused(run("plugin", "check", tmp_path), 2, "There is no plugin")
    (tmp_path / "setup.cfg").write_text("no section")
    refused(run("plugin", "check", tmp_path), 1, "cannot be read")


# -- list, show, enable, disable, purge


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "pages").mkdir()
    return tmp_path


def state(folder: Path, name: str) -> str:
    rows = json.loads(run("-C", folder, "plugin", "list", "--json").stdout)
    return str(next(row["state"] for row in rows if row["name"] == name))


def test_enable_and_disable(folder: Path) -> None:
    assert state(folder, "glossary") == "on"
    said = run("-C", folder, "plugin", "disable", "glossary")
    assert said.stdout.startswith("“glossary” is off.")
    assert state(folder, "glossary") == "off"
    again = run("-C", folder, "plugin", "disable", "glossary")
    assert again.stdout == "“glossary” was off already. Nothing changed.\n"
    assert run("-C", folder, "plugin", "enable", "glossary").returncode == 0
    assert state(folder, "glossary") == "on"
    near = run("-C", folder, "plugin", "enable", "glosary")
    refused(near, 4, "Did you mean “glossary”?")


def test_a_running_wiki_takes_it(folder: Path) -> None:
    app = create_app(folder)
    reloading = app.extensions["wiki.reloading"]
    client = app.test_client()
    try:
        for word, status in (("disable", 404), ("enable", 200)):
            assert run("-C", folder, "plugin", word, "glossary").returncode == 0
            reloading.look_now()
            client.get("/-/pages")
            assert client.get("/-/p/glossary/").status_code == status
    finally:
        reloading.wiki.close()


def on_a_terminal(typed: str, *arguments: str | Path) -> str:
    """Return what a command says to somebody who types an answer."""
    ours, its = pty.openpty()
    os.write(ours, f"{typed}\n".encode())
    done = subprocess.run(
        [str(WIKI), *map(str, arguments)],
        stdin=its,
        capture_output=True,
        text=True,
        timeout=60,
    )
    os.close(ours)
    os.close(its)
    return done.stdout


def test_purge_asks_on_a_terminal(folder: Path) -> None:
    kept = folder / "var/plugins/gone/gone.db"
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"1")
    said = on_a_terminal("yes", "-C", folder, "plugin", "purge", "gone")
    assert said.endswith("Nothing was removed.\n")
    assert kept.is_file()
    said = on_a_terminal("gone", "-C", folder, "plugin", "purge", "gone")
    assert "Removed of “gone”: 1 file (1 bytes)" in said
    assert not kept.exists()


def test_what_wiki_toml_says_is_not_overruled(folder: Path) -> None:
    (folder / "wiki.toml").write_text('[plugins]\ndisabled = ["glossary"]\n')
    refused(run("-C", folder, "plugin", "enable", "glossary"), 3, "wiki.toml")
    assert state(folder, "glossary") == "off"


def test_show(folder: Path) -> None:
    run("-C", folder, "config", "set", "plugin.glossary.most", "7")
    said = run("-C", folder, "plugin", "show", "glossary").stdout
    assert "Uses: guards, routes" in said
    assert "plugin.glossary.most = 7  (the browser)" in said
    assert "page_problems" in said
    run("-C", folder, "plugin", "disable", "glossary")
    # What it would use is shown before it is enabled, too.
    facts = json.loads(run("-C", folder, "plugin", "show", "glossary", "--json").stdout)
    assert (facts["state"], facts["uses"]) == ("off", ["guards", "routes"])
    refused(run("-C", folder, "plugin", "show", "nothing"), 4, "There is no plugin")


def test_show_says_why_a_plugin_is_broken(folder: Path) -> None:
    (folder / "plugins").mkdir()
    (folder / "plugins/torn.py").write_text("1 / 0")
    said = run("-C", folder, "plugin", "show", "torn").stdout
    assert said.startswith("torn: broken\nIt could not be loaded (ZeroDivisionError")


def test_purge(folder: Path) -> None:
    keeps = folder / "var/plugins/webhooks"
    run("-C", folder, "config", "set", "plugin.webhooks.inside", "true")
    run("-C", folder, "plugin", "list")
    assert (keeps / "webhooks.db").is_file()
    refused(
        run("-C", folder, "plugin", "purge", "webhooks", "--yes"), 4, "is on. Nothing"
    )
    run("-C", folder, "plugin", "disable", "webhooks")
    refused(run("-C", folder, "plugin", "purge", "webhooks"), 2, "--yes")
    assert (keeps / "webhooks.db").is_file()
    said = run("-C", folder, "plugin", "purge", "webhooks", "--yes").stdout
    assert "var/plugins/webhooks" in said
    assert "plugin.webhooks.inside" in said
    assert not keeps.exists()
    shown = run("-C", folder, "plugin", "show", "webhooks").stdout
    assert "plugin.webhooks.inside = false  (the default)" in shown
    again = run("-C", folder, "plugin", "purge", "webhooks", "--yes")
    assert again.stdout == "“webhooks” keeps nothing. There is nothing to remove.\n"


def test_purge_of_a_plugin_that_is_no_longer_installed(folder: Path) -> None:
    (folder / "var/plugins/gone").mkdir(parents=True)
    (folder / "var/plugins/gone/gone.db").write_bytes(b"1")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere/kept").write_text("kept")
    (folder / "var/plugins/linked").symlink_to(folder / "elsewhere")
    for name in ("gone", "linked"):
        done = run("-C", folder, "plugin", "purge", name, "--yes")
        assert done.stdout.startswith(f"Removed of “{name}”"), done
    assert not list((folder / "var/plugins").iterdir())
    assert (folder / "elsewhere/kept").read_text() == "kept"


@pytest.mark.parametrize("name", ["..", "../pages", "", "a/b"])
def test_purge_takes_names_only(name: str, folder: Path) -> None:
    refused(run("-C", folder, "plugin", "purge", name, "--yes"), 4, "no plugin")
    assert (folder / "pages").is_dir()
