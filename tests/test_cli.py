"""The command: what it says, with which exit code, when all is well and when not."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from wiki.cli import main

WIKI = Path(sys.executable).parent / "wiki"
QUIET = {k: v for k, v in os.environ.items() if not k.startswith("WIKI_")}


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


def run(
    *arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None
) -> Done:
    """Run a command; serving, which could go on for ever, in a process of its own."""
    given = [str(one) for one in arguments]
    if "serve" in given:
        return apart(given, QUIET | (env or {}))
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - QUIET.keys():
            patch.delenv(name)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["wiki", *given])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def apart(arguments: list[str], env: dict[str, str]) -> Done:
    done = subprocess.run(
        [str(WIKI), *arguments], capture_output=True, text=True, timeout=60, env=env
    )
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done, code: int, *says: str) -> None:
    """Check that a command refused: its code, its words, and no trace."""
    assert done.returncode == code, done.stdout + done.stderr
    for words in says:
        assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert "Follow this link" not in done.stdout


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
    assert "1 pages have another text here and were left alone" in kept.stdout
    assert "# One" in (pages / "one.md").read_text()
    over = run("-C", home, "import", notes, "--into", "from/before", "--replace")
    assert "0 new pages, 1 changed, 1 the same" in over.stdout
    assert (pages / "one.md").read_text() == "# Another\n"


# -- plugins


def test_the_list_of_plugins(folder: Path) -> None:
    rows = json.loads(run("-C", folder, "plugin", "list", "--json").stdout)
    assert {row["name"]: row["state"] for row in rows} == {
        "coalitions": "on",
        "glossary": "on",
    }
    assert "glossary\t" in run("-C", folder, "plugin", "list").stdout


# -- serving


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_port_in_use(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", folder, "--port", str(port))
        refused(done, 1, f"Port {port}", f"wiki serve --port {port + 1}")


class Server:
    """A running ``wiki serve`` and what it prints."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.log = folder / "log.txt"
        with self.log.open("w") as output:
            self.process = subprocess.Popen(
                [
                    *(str(WIKI), "serve", str(folder), "--port", str(self.port)),
                    *("--workers", "1", *options),
                ],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=QUIET,
                start_new_session=True,
            )

    def get(self, path: str, **headers: str) -> str:
        request = Request(f"http://127.0.0.1:{self.port}{path}", headers=headers)
        with urlopen(request, timeout=20) as answer:
            return str(answer.read().decode())

    def wait(self) -> Server:
        for _ in range(400):
            assert self.process.poll() is None, self.log.read_text()
            try:
                self.get("/-/health")
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise AssertionError(self.log.read_text())

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@pytest.fixture
def servers() -> Iterator[list[Server]]:
    running: list[Server] = []
    yield running
    for server in running:
        if server.process.poll() is None:
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait(15)


BROKEN = "from wiki import Plugin, hookimpl\nimport nothing_like_this\n"


def test_a_broken_plugin_is_named_and_the_rest_runs(
    tmp_path: Path, servers: list[Server]
) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/home.md").write_text("# Home\n")
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins/broken.py").write_text(BROKEN)
    port = str(free_port())
    refused(run("serve", tmp_path, "--strict", "--port", port), 1, "“broken” is off")
    server = Server(tmp_path)
    servers.append(server)
    server.wait()
    said = server.log.read_text()
    assert "The plugin “broken” is off." in said
    assert "nothing_like_this" in said
    assert f"is at http://127.0.0.1:{server.port}/" in said
    assert "Home" in server.get("/")
    assert server.stop() == 0
    safe = Server(tmp_path, "--safe-mode")
    servers.append(safe)
    safe.wait()
    assert "broken" not in safe.log.read_text()
    assert "Home" in safe.get("/")


@pytest.mark.parametrize("damage", ["missing", "scrambled"])
def test_an_index_that_cannot_be_read_is_made_anew(
    tmp_path: Path, servers: list[Server], damage: str
) -> None:  # R6
    (tmp_path / "pages").mkdir()
    for i in range(30):
        (tmp_path / f"pages/page {i}.md").write_text(f"# Page {i}\n\nA lantern.\n")
    first = run("-C", tmp_path, "scan")
    assert "30 new" in first.stdout
    assert "up to date" in run("-C", tmp_path, "index", "rebuild").stdout
    index = tmp_path / "var/index"
    files = [path for path in index.rglob("*") if path.is_file()]
    assert files
    for path in files:
        if damage == "missing":
            path.unlink()
        else:
            path.write_bytes(b"scrambled")
    server = Server(tmp_path)
    servers.append(server)
    server.wait()
    # Pages are there at once; titles are searched until the index is.
    assert "A lantern" in server.get("/page%201")
    assert "/page%2017" in server.get("/-/search?q=page+17")
    for _ in range(200):
        if "30 pages found" in server.get("/-/search?q=lantern"):
            break
        time.sleep(0.1)
    else:
        raise AssertionError(server.log.read_text())
    assert json.loads(server.get("/-/health"))["status"] == "ok"
    assert server.stop() == 0
    assert "up to date" in run("-C", tmp_path, "index", "status").stdout


def test_an_index_that_cannot_be_made_leaves_the_pages_readable(
    tmp_path: Path, servers: list[Server]
) -> None:  # R6
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/home.md").write_text("# Home\n")
    (tmp_path / "var").mkdir()
    (tmp_path / "var/index").write_text("in the way")
    server = Server(tmp_path)
    servers.append(server)
    server.wait()
    assert "The search index is being built" in server.log.read_text()
    assert "Home" in server.get("/")
    assert "Search is being rebuilt" in server.get("/-/search?q=home")
    assert "/home" in server.get("/-/search?q=home")
    assert json.loads(server.get("/-/health"))["status"] == "degraded"


def test_a_new_folder_gets_the_starter_guides(
    tmp_path: Path, servers: list[Server]
) -> None:
    server = Server(tmp_path)
    servers.append(server)
    server.wait()
    said = server.log.read_text()
    assert "Follow this link to be its owner" in said
    assert (tmp_path / "wiki.toml").exists()
    assert len(list((tmp_path / "pages/guides").glob("*.md"))) >= 12
    # The first reader finds them.
    assert "<article" in server.get("/")
    assert server.stop() == 0


def test_a_folder_with_markdown_is_left_as_it_is(
    tmp_path: Path, servers: list[Server]
) -> None:
    (tmp_path / "README.md").write_text("# Read me\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/more.md").write_text("# More\n")
    server = Server(tmp_path)
    servers.append(server)
    server.wait()
    assert "Read me" in server.get("/")
    assert "More" in server.get("/sub/more")
    assert not (tmp_path / "pages").exists()
