"""No visitor address, user agent or referrer in any file of the wiki (P1, R18).

A visitor comes from a distinctive place to every address, with every method, signed in
and not, with forms that are refused and faults of the wiki; then every file that the
wiki can write is read byte by byte, and what it logged.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki.testing import SAME_SITE

from ..journeys.conftest import Served, start, stop
from ..rights.sinks import lists
from ..rights.site import Site
from ..web.everywhere import address, rules

ADDRESS, AGENT = "203.0.113.77", "Strangebrowser/98.7"
REFERRER = "https://cameFrom.example/page?who=somebody"
FROM = {
    "User-Agent": AGENT,
    "Referer": REFERRER,
    "X-Forwarded-For": "198.51.100.23",
    "Forwarded": "for=198.51.100.23",
}
TRACES = (ADDRESS, "Strangebrowser", "cameFrom", "camefrom", "198.51.100.23")


def traces_in(folder: Path) -> list[tuple[str, str]]:
    """Return (file, trace) of each trace of the visitor in any file."""
    return [
        (str(path.relative_to(folder)), trace)
        for path in folder.rglob("*")
        if path.is_file()
        for body in [path.read_bytes()]
        for trace in TRACES
        if trace.encode() in body or socket_bytes(trace) in body
    ]


def socket_bytes(trace: str) -> bytes:
    """Return an address as four bytes, as a database might keep it."""
    if not trace[0].isdigit():
        return trace.encode("utf-16-le")
    # Four bytes can be there by chance; twice the same in a row cannot.
    return socket.inet_aton(trace) * 2


@pytest.fixture
def heard() -> Iterator[list[str]]:
    """Return all that is logged, at every level."""
    lines: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(logging.Formatter().format(record))

    handler, root = Keep(level=logging.DEBUG), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.removeHandler(handler)
    root.setLevel(level)


def come(app: Flask, client: FlaskClient) -> None:
    """Come to every address with every method."""

    def ask(url: str, method: str, **more: Any) -> None:
        client.open(
            url,
            method=method,
            headers=FROM | more.pop("headers", {}),
            environ_overrides={"REMOTE_ADDR": ADDRESS},
            buffered=True,
            **more,
        )

    for rule, method in rules(app):
        for name in ("open", "gorbax", "no such page"):
            ask(address(rule, name), method)
            if method == "POST":
                form = {"name": "x", "text": "y", "base": "1", "password": "wrong one"}
                ask(address(rule, name), method, data=form, headers=SAME_SITE)
    for _, url in lists():
        ask(url, "GET")
    ask("/-/api/v1/pages", "PUT", json={"source": "x"})


def test_p01_nothing_of_a_visitor_is_kept(
    site: Site, heard: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:  # P1, R18
    come(site.app, site.app.test_client())
    come(site.app, site.viewer("nobody").client)

    def fault(*args: object, **named: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(site.wiki, "view", fault)
    come(site.app, site.app.test_client())
    assert any("a fault" in line for line in heard)
    assert [line for line in heard for trace in TRACES if trace in line] == []
    assert traces_in(site.folder) == []
    folder = site.app.extensions["wiki"].config.var
    assert (folder / "private.db").exists()


@pytest.mark.slow
def test_p01_the_server_keeps_nothing_either(tmp_path: Path) -> None:  # P1, R18
    log = tmp_path / "serve.log"
    served = start(tmp_path / "wiki", log)
    try:
        for path in ("/", "/home", "/-/search?q=x", "/no-such", "/-/edit/home", "/%ff"):
            told(served, f"GET {path} HTTP/1.1\r\n")
            told(served, f"POST {path} HTTP/1.1\r\nContent-Length: 0\r\n")
        told(served, "GET nonsense\r\n")
        told(served, "\x00\x01 / HTTP/9\r\n")
    finally:
        stop(served)
    assert traces_in(tmp_path) == []
    assert "GET /" not in log.read_text()


def told(served: Served, first: str) -> None:
    """Send a request, right or wrong, as a distinctive browser."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        heads = "".join(f"{name}: {value}\r\n" for name, value in FROM.items())
        line.sendall(
            f"{first}Host: {host}:{port}\r\n{heads}Connection: close\r\n\r\n".encode()
        )
        while line.recv(65536):
            pass
