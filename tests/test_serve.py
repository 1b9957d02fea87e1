"""``wiki serve``: what is said at the start, and what runs all the same."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from .commands import QUIET, WIKI, free_port, refused, run


def test_a_port_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("serve", tmp_path, "--port", str(port))
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
