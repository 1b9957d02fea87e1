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
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

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

    @property
    def owner_link(self) -> str:
        found = re.search(r"http\S+/-/setup\?key=\S+", self.log.read_text())
        assert found, self.log.read_text()
        return found.group(0)

    def command(self, *arguments: str) -> str:
        """Run a ``wiki`` command on the folder and return what it prints."""
        done = subprocess.run(
            [str(Path(sys.executable).parent / "wiki"), "-C", str(self.folder)]
            + list(arguments),
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(folder: Path, log: Path, *options: str) -> Served:
    """Serve a folder and wait until it answers."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "wiki"), "serve", str(folder)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [*command, "--port", str(port), "--workers", "2", *options],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    path = need_browser()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Callable[..., Any]]:
    """Return ``tab(**options)``: a page in a browser window of its own."""
    windows: list[Any] = []

    def open_tab(**options: Any) -> Any:
        windows.append(chromium.new_context(**options))
        return windows[-1].new_page()

    yield open_tab
    for window in windows:
        window.close()
