"""Who sends slowly holds nobody else up: real servers, real connections."""

from __future__ import annotations

import select
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import RemoteDisconnected
from pathlib import Path
from urllib.request import urlopen

import pytest

from wiki.web.connections import stop_listening

SCRIPT = """
import sys
from granian.server import Server
from granian.constants import Interfaces
Server("served:app", address="127.0.0.1", port=int(sys.argv[1]),
       interface=Interfaces.WSGI, workers=1, blocking_threads=8,
       log_access=False, log_level="error").serve()
"""
SERVED = """
from flask import Flask, request
from wiki.web import slow_bodies as slow
slow.GRACE, slow.WAITING, slow.LEAST_SECONDS = 0.5, 2, 2.0
slow.LOOK = 0.1
app = Flask("served")
app.config["MAX_CONTENT_LENGTH"] = 100_000
app.before_request(slow.refuse)
app.register_error_handler(slow.WikiError, lambda e: (str(e), e.status))
app.add_url_rule("/", "get", lambda: "hello")
app.add_url_rule("/", "post", lambda: request.get_data(), methods=["POST"])
slow.install(app)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[bytes], path: str = "/") -> None:
    for _ in range(600):
        assert server.poll() is None
        try:
            urlopen(f"http://127.0.0.1:{port}{path}", timeout=10).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Return the port of a small server with short deadlines."""
    folder: Path = tmp_path_factory.mktemp("served")
    (folder / "served.py").write_text(SERVED)
    (folder / "run.py").write_text(SCRIPT)
    found = free_port()
    server = subprocess.Popen([sys.executable, "run.py", str(found)], cwd=folder)
    wait_for(found, server)
    yield found
    server.terminate()
    server.wait(20)


Send = Callable[..., socket.socket]


@pytest.fixture
def send() -> Iterator[Send]:
    """Return ``send(port, *parts, length)``: a request, begun but perhaps not ended."""
    lines: list[socket.socket] = []

    def begin(port: int, *parts: bytes, length: int | None = None) -> socket.socket:
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        lines.append(line)
        told = b"Transfer-Encoding: chunked"
        if length is not None:
            told = b"Content-Length: %d" % length
        head = b"POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        line.sendall(head + told + b"\r\n\r\n" + b"".join(parts))
        return line

    yield begin
    for line in lines:
        line.close()


def answer(line: socket.socket) -> bytes:
    """Return what was answered, until the connection is closed."""
    got = b""
    try:
        while part := line.recv(65536):
            got += part
    except ConnectionResetError:
        pass
    return got


def ask(port: int, body: bytes | None = None) -> bytes:
    """Return an answer as a browser does: asked again where a line was cut."""
    for _ in range(5):
        try:
            with urlopen(f"http://127.0.0.1:{port}/", body, timeout=30) as response:
                return bytes(response.read())
        except (ConnectionResetError, RemoteDisconnected):
            continue
    raise AssertionError("no answer")


@pytest.mark.parametrize("size", [1, 70_000])
def test_a_whole_body_arrives_as_it_is(send: Send, port: int, size: int) -> None:
    body = b"x" * size
    with urlopen(f"http://127.0.0.1:{port}/", body, timeout=20) as response:
        assert response.read() == body
    # In pieces, with a pause that the grace allows for.
    line = send(port, body[:1], length=size)
    time.sleep(0.1)
    line.sendall(body[1:])
    assert answer(line).endswith(body)


def test_a_body_whose_length_is_not_told(send: Send, port: int) -> None:
    line = send(port, b"3\r\nabc\r\n", b"2\r\nde\r\n", b"0\r\n\r\n")
    assert answer(line).endswith(b"abcde")


def test_a_body_that_stops_is_refused(send: Send, port: int) -> None:
    got = answer(send(port, b"abc", length=50))
    assert b"408" in got.split(b"\r\n")[0]
    assert b"took too long to arrive" in got
    assert b"connection: close" in got.lower()


def test_a_body_that_drips_is_refused_as_well(send: Send, port: int) -> None:
    line = send(port, length=50)
    drips = 0
    with suppress(OSError):
        while drips < 49:
            line.sendall(b"a")
            drips += 1
            time.sleep(0.2)
    # The line was cut before all of it had dripped in.
    assert drips < 49


def test_a_body_that_is_too_large_is_the_applications_to_refuse(
    send: Send, port: int
) -> None:
    line = send(port, length=100_001)
    assert b"413" in line.recv(1000).split(b"\r\n")[0]


def test_readers_are_answered_while_many_stall(send: Send, port: int) -> None:
    lines = [send(port, b"a", length=50) for _ in range(30)]
    assert ask(port) == b"hello"
    # And somebody whose text arrives at once can save.
    assert ask(port, b"text") == b"text"
    heads = [answer(line).split(b"\r\n")[0] for line in lines]
    assert all(b"408" in head or b"503" in head for head in heads)


def test_seventy_slow_senders_and_a_reader(send: Send, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/home.md").write_text("# Home\n\nCome in.\n")
    found = free_port()
    command = [str(Path(sys.executable).parent / "wiki"), "serve", str(tmp_path)]
    server = subprocess.Popen(
        [*command, "--port", str(found), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(found, server, "/-/health")
        lines = [send(found, b"te", length=5000) for _ in range(70)]
        assert b"Come in." in ask(found)
        answered, _, _ = select.select(lines, [], [], 30)
        told = answered[0].recv(4096)
        assert told.startswith((b"HTTP/1.1 408", b"HTTP/1.1 503"))
        assert b"content-security-policy" in told.lower()
    finally:
        server.terminate()
        server.wait(30)


def test_other_connections_are_left_alone() -> None:
    ours, theirs = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        one = socket.create_connection(listening.getsockname())
        other, _ = listening.accept()
        stop_listening("203.0.113.7", 0, 9)
        stop_listening("127.0.0.1", 1000, 9)
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        stop_listening("127.0.0.1", 0, 9)
        assert other.recv(1) == b""
        # What is said back still arrives.
        other.sendall(b"y")
        assert one.recv(1) in (b"y", b"")
    ours.sendall(b"x")
    assert theirs.recv(1) == b"x"
    for line in (ours, theirs, one, other):
        line.close()
