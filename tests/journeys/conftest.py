"""A wiki served as people serve it, and a real browser before it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from wiki.accounts import Accounts
from wiki.config import load
from wiki.store.private import PrivateStore

CHROMIUM = next(
    (
        path
        for name in ("chromium", "chromium-browser", "google-chrome")
        if (path := shutil.which(name))
    ),
    None,
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


WIKI = Path(sys.executable).parent / "wiki"
WORKERS = ("--workers", "2")
# Tests read and write faster than people do.
NO_LIMITS = {
    "WIKI_LIMITS_READS_PER_MINUTE": "1000000",
    "WIKI_LIMITS_WRITES_PER_MINUTE": "1000000",
}


def need_browser() -> str:
    """Return the browser's path; skip without one, which CI does not allow."""
    if CHROMIUM is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium, and CI must have one")
        pytest.skip("no Chromium here; install the package chromium")
    return CHROMIUM


@dataclass
class Served:
    """A running wiki: its folder, its address, what it printed."""

    folder: Path
    address: str
    process: subprocess.Popen[str]
    log: Path
    people: dict[str, int] = field(default_factory=dict)

    @property
    def owner_link(self) -> str:
        found = re.search(r"http\S+/-/setup\?key=\S+", self.log.read_text())
        assert found, self.log.read_text()
        return found.group(0)

    def command(self, *arguments: str) -> str:
        """Run a ``wiki`` command on the folder and return what it prints."""
        return run_wiki("-C", str(self.folder), *arguments).stdout

    def link_for(self, name: str, role: str = "editor") -> str:
        """Return a link that signs a person in once; the account is made first."""
        config = load(self.folder, {})
        accounts = Accounts(PrivateStore(config.var / "private.db"), config)
        if name not in self.people:
            self.people[name] = accounts.create_user(name, role)
        secret = accounts.link_for(self.people[name])
        accounts.close()
        return f"{self.address}/-/reset/{secret}"

    def sign_in(self, page: Any, name: str, role: str = "editor") -> None:
        """Sign somebody in by a one-time link, as they do: with its button."""
        page.goto(self.link_for(name, role))
        page.get_by_role("button", name=f"Sign in as {name}").click()
        page.wait_for_url("**/-/account/sign-in")


def run_wiki(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a ``wiki`` command that must succeed."""
    done = subprocess.run(
        [str(WIKI), *arguments], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


@dataclass
class Watch:
    """What must not happen in a browser: errors, refusals, other hosts."""

    address: str
    found: list[str] = field(default_factory=list)

    def follow(self, page: Any) -> None:
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.found.append(f"script: {error}"))
        page.on("request", self.see)
        page.on("response", self.judge)

    def hear(self, message: Any) -> None:
        # A page that answers 404 is told of by the browser too; see judge.
        if "Failed to load resource" in message.text:
            return
        if message.type in ("error", "warning"):
            self.found.append(f"{message.type}: {message.text}")

    def see(self, request: Any) -> None:
        if not request.url.startswith((self.address, "about:")):
            self.found.append(f"request to {request.url}")

    def judge(self, response: Any) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.found.append(f"{response.status} {response.url}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path, log: Path, *options: str) -> Served:
    """Serve a folder and wait until it answers."""
    port = free_port()
    own = {k: v for k, v in os.environ.items() if not k.startswith("WIKI_")}
    with log.open("w") as output:
        process = subprocess.Popen(
            [str(WIKI), "serve", str(folder), "--port", str(port), *WORKERS, *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env=own | NO_LIMITS,
        )
    address = f"http://127.0.0.1:{port}"
    for _ in range(400):
        assert process.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/-/health", timeout=5):
                return Served(folder, address, process, log)
        except OSError:
            time.sleep(0.05)
    raise AssertionError(log.read_text())


def stop(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    try:
        served.process.wait(15)
    except subprocess.TimeoutExpired:
        os.killpg(served.process.pid, signal.SIGKILL)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Return ``serve(folder)``: a running wiki, stopped when the test ends."""
    running: list[Served] = []

    def run(folder: Path | None = None, *options: str) -> Served:
        log = tmp_path / f"serve-{len(running)}.log"
        running.append(start(folder or tmp_path / "wiki", log, *options))
        return running[-1]

    yield run
    for served in running:
        stop(served)


@pytest.fixture(scope="session")
def starter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One wiki with the starter guides for the tests that only read."""
    home = tmp_path_factory.mktemp("starter")
    served = start(home / "wiki", home / "serve.log")
    yield served
    stop(served)


# A browser a module: another suite of this run may drive one of its own.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    path = need_browser()
    from playwright.sync_api import Locator, sync_playwright

    clicked = Locator.click

    def click(locator: Any, **options: Any) -> None:
        with arrived(locator.page):
            clicked(locator, **options)

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", click)
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def arrived(page: Any) -> Iterator[None]:
    """Wait until a page that a click asked for is there, however busy the machine.

    A person waits for it too; Playwright goes on once the click was made.
    """
    asked: list[Any] = []
    there: list[Any] = []

    def ask(request: Any) -> None:
        if request.is_navigation_request():
            asked.append(request)

    def arrive(frame: Any) -> None:
        there.append(frame)

    page.on("request", ask)
    page.on("framenavigated", arrive)
    try:
        yield
        page.wait_for_timeout(100)
        for _ in range(600):
            if not asked or there:
                break
            page.wait_for_timeout(50)
        page.wait_for_load_state()
    finally:
        page.remove_listener("request", ask)
        page.remove_listener("framenavigated", arrive)


@pytest.fixture
def tab(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return ``tab(served, js=…, …)``: a page in a browser window of its own.

    When the test ends, nothing may have gone wrong in any of them.
    """
    windows: list[Any] = []
    watches: list[Watch] = []

    def open_tab(
        served: Served | None = None, *, js: bool = True, **options: Any
    ) -> Any:
        address = served.address if served else "http://127.0.0.1:"
        options.setdefault("java_script_enabled", js)
        if served:
            options["base_url"] = served.address
        window = chromium.new_context(**options)
        window.set_default_timeout(20_000)
        windows.append(window)
        watches.append(Watch(address))
        page = window.new_page()
        watches[-1].follow(page)
        return page

    yield open_tab
    for window in windows:
        window.close()
    assert not [one for watch in watches for one in watch.found]


@pytest.fixture(params=[True, False], ids=["scripts", "no-scripts"])
def js(request: pytest.FixtureRequest) -> bool:
    """Whether the browser runs scripts: everything must work either way."""
    return bool(request.param)
