"""The command: what it says, with which exit code, when all is well and when not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from .commands import free_port, refused, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return one instance with two pages, for commands that do it no harm."""
    home = tmp_path_factory.mktemp("cli")
    (home / "pages").mkdir()
    (home / "pages/home.md").write_text("# Home\n\nA lantern.\n")
    (home / "pages/bad.md").write_bytes(b"\xff\xfe not text")
    assert "1 new" in run("-C", home, "scan").stdout
    return home


# -- accounts


def test_accounts_links_and_tokens(folder: Path) -> None:
    said = run("-C", folder, "user", "add", "Ana", "--role", "moderator")
    assert said.stdout == "“Ana” is there, as moderator. Next: wiki user link Ana\n"
    assert "Ana\tmoderator" in run("-C", folder, "user", "list").stdout
    link = run("-C", folder, "user", "link", "ana").stdout.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/-/reset/[\w-]{40,}", link)
    token = run("-C", folder, "user", "token", "Ana", "--scope", "write")
    assert re.fullmatch(r"cgw_[\w-]{40,}\n", token.stdout)
    set_to = run("-C", folder, "user", "password", "Ana", stdin="a long new one\n")
    assert "sessions of the account have ended" in set_to.stdout
    assert run("-C", folder, "user", "role", "Ana", "admin").returncode == 0
    rows = json.loads(run("-C", folder, "user", "list", "--json").stdout)
    assert {"name": "Ana", "role": "admin"} in rows


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("user", "link", "nobody"), 4, "no account named"),
        (("user", "add", ""), 4, "1 to 64 characters"),
        (("user", "add", "a/b"), 4, "letters, digits"),
        (("user", "add", "x", "--role", "king"), 2, "--role"),
        (("user", "token", "nobody"), 4, "no account named"),
        (("user", "token", "nobody", "--days", "9999"), 2, "--days"),
        (("nonsense",), 2, "nonsense"),
        (("serve", "--port", "0"), 2, "--port"),
        (("import", "there is no such folder"), 2, "does not exist"),
    ],
)
def test_what_cannot_be_done(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    refused(run("-C", folder, *arguments), code, says)


def test_a_name_is_taken_once(folder: Path) -> None:
    run("-C", folder, "user", "add", "Twice")
    refused(run("-C", folder, "user", "add", "TWICE"), 4, "is taken")


def test_a_password_that_is_too_weak(folder: Path) -> None:
    run("-C", folder, "user", "add", "Weak")
    done = run("-C", folder, "user", "password", "Weak", stdin="password\n")
    refused(done, 4)
    assert done.stderr.strip().endswith(".")


# -- settings


def test_all_problems_of_the_settings_at_once(tmp_path: Path) -> None:
    (tmp_path / "wiki.toml").write_text(
        '[site]\ntitel = "x"\nlanguage = "xx"\n[server]\nport = "many"\n'
        "[limits]\npage_kb = 100000\n"
    )
    env = {"WIKI_SEARCH_ENGINE": "grep", "WIKI_SERVER_WORKERS": "x"}
    for command in (("serve", tmp_path), ("-C", tmp_path, "config", "check")):
        done = run(*command, env=env)
        refused(
            done,
            3,
            "titel",
            "title",  # the nearest key there is
            "site.language",
            "server.port",
            "limits.page_kb",
            "WIKI_SEARCH_ENGINE",
            "WIKI_SERVER_WORKERS",
        )
    assert not (tmp_path / "var").exists()


def test_settings_that_are_no_toml(tmp_path: Path) -> None:
    (tmp_path / "wiki.toml").write_text("[site\n")
    refused(run("-C", tmp_path, "config", "check"), 3, "wiki.toml", "line 1")


def test_settings_and_where_they_are_from(folder: Path) -> None:
    shown = run("-C", folder, "config", "show", env={"WIKI_SITE_TITLE": "Ours"})
    assert "site.title = 'Ours'  (" in shown.stdout
    assert "WIKI_SITE_TITLE" in shown.stdout
    assert "(the default)" in shown.stdout
    assert "The settings are fine." in run("-C", folder, "config", "check").stdout
    docs = run("-C", folder, "config", "docs").stdout
    assert "| `site.title` |" in docs


# -- the folder


def test_there_is_no_wiki_there(tmp_path: Path) -> None:
    done = run("-C", tmp_path / "nothing", "user", "list")
    refused(done, 2, "There is no wiki in", "wiki serve")


def test_a_file_where_the_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("x")
    refused(run("serve", tmp_path / "notes"), 2, "is a file. Name a folder.")
    refused(run("serve", tmp_path / "notes" / "wiki"), 1, "cannot be written")


@pytest.mark.parametrize("part", ["var", "pages", "var/wiki.db"])
def test_something_in_the_way(tmp_path: Path, part: str) -> None:
    (tmp_path / "pages").mkdir()
    path = tmp_path / part
    if part == "pages":
        path.rmdir()
        (tmp_path / "wiki.toml").write_text("")
    path.parent.mkdir(exist_ok=True)
    if part == "var/wiki.db":
        path.mkdir()
    else:
        path.write_text("in the way")
    done = run("serve", tmp_path, "--port", str(free_port()))
    refused(done, done.returncode)
    assert done.returncode in {1, 4}
    assert path.name in done.stderr or str(tmp_path) in done.stderr, done.stderr


@pytest.mark.parametrize("name", ["wiki.db", "private.db"])
def test_a_damaged_database(tmp_path: Path, name: str) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / name).write_bytes(b"this is no database" * 500)
    done = run("serve", tmp_path, "--port", str(free_port()))
    refused(done, 1, name)
    assert (tmp_path / "var" / name).read_bytes().startswith(b"this is no")


def test_two_files_of_one_name_are_told(tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/Plan.md").write_text("one")
    (tmp_path / "pages/plan.md").write_text("two")
    done = run("-C", tmp_path, "scan")
    assert done.returncode == 5
    assert "1 new" in done.stdout
    assert "same name" in done.stderr


def test_files_that_are_no_text_are_told(folder: Path) -> None:
    done = run("-C", folder, "scan")
    assert done.returncode == 5
    assert "bad.md" in done.stderr
    assert "UTF-8" in done.stderr


# -- import


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    source = tmp_path / "notes"
    (source / "deep/er").mkdir(parents=True)
    (source / "one.md").write_text("---\nlayout: post\n---\n# One\n")
    (source / "deep/er/two.markdown").write_bytes(b"\xef\xbb\xbf# Two\r\n")
    (source / "deep/er/dot.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (source / "bad.md").write_bytes(b"\xff\xfe")
    (source / "large.md").write_text("x " * 200_000)
    (source / ".hidden.md").write_text("no")
    (source / "script.py").write_text("no")
    return source


def test_an_import_says_what_it_did(notes: Path, tmp_path: Path) -> None:
    home = tmp_path / "wiki"
    (home / "pages").mkdir(parents=True)
    dry = run("-C", home, "import", notes, "--dry-run")
    assert "Would be: 2 new pages, 0 changed, 0 the same, 1 files." in dry.stdout
    assert list((home / "pages").iterdir()) == []
    done = run("-C", home, "import", notes, "--into", "from/before", "--author", "Ana")
    assert done.returncode == 5
    assert "2 new pages, 0 changed, 0 the same, 1 files." in done.stdout
    assert "bad.md: It is not UTF-8 text." in done.stderr
    assert "large.md: It is too long (390 of 256 kB)." in done.stderr
    pages = home / "pages/from/before"
    assert (pages / "one.md").read_text() == "---\nlayout: post\n---\n# One\n"
    assert (pages / "deep/er/two.md").read_text() == "# Two\n"
    assert (pages / "deep/er/dot.png").exists()
    again = run("-C", home, "import", notes, "--into", "from/before")
    assert "0 new pages, 0 changed, 2 the same, 1 files." in again.stdout
    (notes / "one.md").write_text("# Another\n")
    kept = run("-C", home, "import", notes, "--into", "from/before")
    assert "1 pages or files are different here and were left alone" in kept.stdout
    assert "# One" in (pages / "one.md").read_text()
    over = run("-C", home, "import", notes, "--into", "from/before", "--replace")
    assert "0 new pages, 1 changed, 1 the same" in over.stdout
    assert (pages / "one.md").read_text() == "# Another\n"


# -- plugins


def test_the_list_of_plugins(folder: Path) -> None:
    rows = json.loads(run("-C", folder, "plugin", "list", "--json").stdout)
    assert {row["name"]: row["state"] for row in rows} == {
        "coalitions": "on",
        "diagrams": "on",
        "feeds": "on",
        "glossary": "on",
        "webhooks": "on",
    }
    assert "glossary\t" in run("-C", folder, "plugin", "list").stdout


def test_a_command_of_a_plugin(folder: Path) -> None:
    assert run("-C", folder, "webhooks", "list").stdout == ""
    none = run("-C", folder, "webhooks", "test", "bot")
    assert none.returncode == 1
    assert none.stderr == "Error: There is no webhook “bot”.\n"
    assert "list" in run("-C", folder, "webhooks", "--help").stdout
    unknown = run("-C", folder, "nonsense")
    assert unknown.returncode == 2
    assert "No such command 'nonsense'" in unknown.stderr
    assert run("-C", folder / "nowhere", "webhooks", "list").returncode == 2
