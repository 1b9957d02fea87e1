"""Changed settings take effect in every process of a wiki that is being served."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

from wiki import background
from wiki.accounts import Accounts
from wiki.build import build
from wiki.config import Config, load
from wiki.model.actor import SYSTEM
from wiki.service import Wiki
from wiki.store.private import PrivateStore
from wiki.store.private_settings import SettingRows
from wiki.testing import PASSWORD

from .commands import refused, run
from .test_serve import Server

SETTINGS = "/-/admin/settings/site"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/home.md").write_text("# Home\n")
    served = Server(tmp_path, "--workers", "2").wait()
    yield served
    if served.process.poll() is None:
        assert served.stop() == 0


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


class Browser:
    """An administrator's browser: keeps cookies, sends forms."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._home = f"http://127.0.0.1:{server.port}"
        config = load(folder, {})
        accounts = Accounts(PrivateStore(config.var / "private.db"), config)
        accounts.create_user("Boss", "admin", PASSWORD)
        self._cookies = {"wiki": accounts.sign_in("Boss", PASSWORD)}
        accounts.close()
        self._opener = build_opener(Stay)

    def ask(self, path: str, data: dict[str, str] | None = None) -> str:
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items()),
            "Sec-Fetch-Site": "same-origin",
        }
        sent = urlencode(data).encode() if data else None
        request = Request(self._home + path, sent, headers)
        try:
            answer = self._opener.open(request, timeout=20)
        except HTTPError as error:
            if error.status != 303:
                raise
            answer = error
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        with answer:
            return str(answer.read().decode())

    def rename(self, old: str, new: str) -> None:
        """Change the wiki's name in the form of settings."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.ask(SETTINGS))
        assert found
        typed = {"was.site.title": old, "site.title": new, "csrf_token": found[1]}
        self.ask(SETTINGS, typed)


def titles(server: Server) -> set[str]:
    """Return the names of the wiki that forty readers at once are shown."""
    found: list[str] = []

    def read() -> None:
        match = re.search(r"<title>Home · ([^<]*)</title>", server.get("/"))
        assert match
        found.append(match[1])

    readers = [threading.Thread(target=read) for _ in range(40)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(found) == 40
    return set(found)


def in_effect(server: Server) -> int:
    return server.log.read_text().count("the settings were changed")


def wait_for(ready: Callable[[], bool], what: Callable[[], str] = str) -> None:
    for _ in range(200):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(what())


def test_a_name_changed_in_the_browser_shows_from_every_worker(
    tmp_path: Path, server: Server
) -> None:
    browser = Browser(server, tmp_path)
    name = "Common Ground"
    # More than once: a process that began anew must still notice the next change.
    for n, new in enumerate(("River City", "Hill Town", "Lake Side"), 1):
        browser.rename(name, new)
        name = new
        wait_for(
            lambda n=n, new=new: titles(server) == {new} and in_effect(server) == 2 * n,
            server.log.read_text,
        )
    assert run("-C", tmp_path, "config", "get", "site.title").stdout == "Lake Side\n"
    assert "Traceback" not in server.log.read_text()


def test_the_terminal_changes_a_running_wiki(tmp_path: Path, server: Server) -> None:
    done = run("-C", tmp_path, "config", "set", "site.title", "From afar")
    assert done.stdout == "site.title is From afar.\n"
    wait_for(lambda: titles(server) == {"From afar"}, server.log.read_text)
    assert run("-C", tmp_path, "config", "unset", "site.title").returncode == 0
    wait_for(lambda: titles(server) == {"Common Ground"}, server.log.read_text)


def test_the_process_behind_the_workers_begins_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Wiki] = []

    def make(config: Config) -> Wiki:
        made.append(build(config))
        return made[-1]

    alive = os.getppid()
    parents = [alive]
    monkeypatch.setattr("wiki.background.os.getppid", lambda: parents[0])
    behind = threading.Thread(
        target=background.run_with_parent, args=(load(tmp_path, {}), make, alive)
    )
    behind.start()
    try:
        wait_for(lambda: len(made) == 1)
        made[0].settings.change(SYSTEM, {"store.watch_files": False})
        wait_for(lambda: len(made) == 2)
        assert made[1].config.store.watch_files is False
    finally:
        parents[0] = 0
        behind.join(20)
    assert not behind.is_alive()
    made[-1].close()


INSERT = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("insert into setting values (?, '1', 1)", sys.argv[2:])
database.commit()
database.close()
"""


def test_to_open_a_database_twice_keeps_its_locks(tmp_path: Path) -> None:
    """Another process that comes and goes must not take away what one works on."""
    path = tmp_path / "private.db"
    first = PrivateStore(path)
    marks = [first.mark()]
    PrivateStore(path).close()
    for key in ("a", "b", "c"):
        subprocess.run([sys.executable, "-c", INSERT, path, key], check=True)
        assert first.mark() not in marks
        marks.append(first.mark())
        assert key in dict(SettingRows(first.database).state())
    first.close()


# -- the command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "wiki.toml").write_text('[site]\nlicense = "CC0"\n')
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("set", "site.titel", "x"), 2, "Did you mean “site.title”?"),
        (("get", "site.titel"), 2, "Did you mean “site.title”?"),
        (("set", "limits.page_kb", "0"), 3, "must be from 1 to 256, not 0"),
        (("set", "limits.page_kb", "many"), 3, "must be a whole number"),
        (("set", "site.license", "x"), 3, "fixed by wiki.toml, line 2"),
        (("set", "store.pages", "/etc"), 3, "belongs to the machine"),
        (("set", "plugin.glossary.most", '"x"'), 3, "“most” must be int"),
        (("set", "plugin.nothing.most", "1"), 3, "No plugin here has this setting"),
        (("set", "access.join", "open"), 4, "Add --yes to do it"),
        (("unset", "site.title"), 1, "was not set in the browser"),
        (("set", "site.title"), 2, "VALUE"),
    ],
)
def test_what_the_command_refuses(
    folder: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    refused(run("-C", folder, "config", *arguments), code, says)
    assert load(folder, {}).state == ()


def test_the_command_sets_shows_and_forgets(folder: Path) -> None:
    config = ("-C", folder, "config")
    assert run(*config, "set", "access.join", "open", "--yes").returncode == 0
    waits = run(*config, "set", "server.workers", "3")
    assert "when the wiki is started again" in waits.stdout
    assert run(*config, "set", "plugin.glossary.most", "7").returncode == 0
    assert run(*config, "set", "site.languages", "en, es").returncode == 0
    assert run(*config, "get", "site.languages").stdout == "en, es\n"
    shown = run(*config, "show").stdout
    assert "access.join = 'open'  (the browser)" in shown
    assert "server.workers = 3  (the browser)" in shown
    assert '"where": "the browser"' in run(*config, "show", "--json").stdout
    assert run(*config, "unset", "access.join").returncode == 0
    assert run(*config, "get", "access.join").stdout == "invite\n"
    # What stops the start can be taken back.
    (folder / "wiki.toml").write_text('[site]\nlanguage = "fr"\n')
    refused(run(*config, "check"), 3, "wiki config unset site.languages")
    refused(run(*config, "set", "site.title", "x"), 3, "must hold the language")
    assert run(*config, "unset", "site.languages").returncode == 0
    assert "fine" in run(*config, "check").stdout
