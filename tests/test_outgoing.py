"""Requests to other machines: where they may go, and where never (R16)."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from wiki.outgoing import (
    OutgoingFailed,
    OutgoingRefused,
    Sender,
    is_open,
    target,
)

HOST = "hooks.example.org"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


def names(*addresses: str) -> Callable[..., list[Any]]:
    """Return a resolver that knows every name by these addresses."""
    return lambda host, port, **_: [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses
    ]


def nowhere(*args: Any, **names: Any) -> socket.socket:
    raise AssertionError("connected")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:10.0.0.1",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "no address",
        "",
    ],
)
def test_r16_closed_addresses(address: str) -> None:  # R16
    assert not is_open(address)
    sender = Sender(names(address), nowhere)
    with pytest.raises(OutgoingRefused, match="its own network"):
        sender.post(f"https://{HOST}/", b"", {})
    # One of several is enough.
    sender = Sender(names("93.184.215.14", address), nowhere)
    with pytest.raises(OutgoingRefused):
        sender.post(f"https://{HOST}/", b"", {})


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111"])
def test_open_addresses(address: str) -> None:
    assert is_open(address)
    assert is_open(address, inside=True)


def test_inside_is_never_more_than_the_own_network() -> None:  # R16
    for own in ("127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1"):
        assert is_open(own, inside=True), own
    for never in ("169.254.169.254", "168.63.129.16", "224.0.0.1", "fe80::1", "::"):
        assert not is_open(never, inside=True), never


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org/",
        "example.org",
        "https://",
        "https:///path",
        "https://user@example.org/",
        "https://a:b@example.org/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:x/",
        "https://[::1",
        "https://exa mple.org/",
        "https://example.org/\n",
        "https://example.org/\r\nHost: x",
        "https://ex\u0430mple.org/",
        "https://example.org/" + "x" * 2000,
        "",
    ],
)
def test_r16_addresses_that_are_none(url: str) -> None:  # R16
    with pytest.raises(OutgoingRefused):
        target(url)
    with pytest.raises(OutgoingRefused):
        Sender(nowhere, nowhere).post(url, b"", {})


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::1]", "localhost"]
)
def test_r16_other_spellings_of_this_machine(host: str) -> None:  # R16
    with pytest.raises((OutgoingRefused, OutgoingFailed)):
        Sender(connect=nowhere).post(f"https://{host}/", b"", {})


def test_r16_a_name_is_resolved_once(server: Server) -> None:  # R16
    """Rebinding: a name with another address each time is asked for one only."""
    answers = iter([["93.184.215.14"], ["127.0.0.1"], ["169.254.169.254"]])
    asked: list[str] = []
    reached: list[tuple[str, int]] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return names(*next(answers))(host, port)

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        reached.append(address)
        return socket.create_connection(("127.0.0.1", server.port), timeout)

    sender = Sender(resolve, connect, server.trusted)
    assert sender.post(f"https://{HOST}/in?x=1", b"body", {"X-Id": "7"}) == 204
    assert asked == [HOST]
    assert reached == [("93.184.215.14", 443)]
    with pytest.raises(OutgoingRefused):
        sender.post(f"https://{HOST}/", b"", {})
    assert len(reached) == 1


# -- a real server with TLS


class Server:
    """Answers each connection with the bytes in ``answer``, and keeps what it got."""

    def __init__(self, folder: Path) -> None:
        self.answer: list[bytes] = [OK]
        self.pause = 0.0
        self.heard: list[bytes] = []
        self.named: list[str | None] = []
        key, own = _certificate(folder)
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(own, key)
        self._tls.sni_callback = lambda _, name, __: self.named.append(name)
        self.trusted = ssl.create_default_context(cafile=str(own))
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                plain, _ = self._socket.accept()
            except OSError:
                return
            try:
                with self._tls.wrap_socket(plain, server_side=True) as one:
                    self.heard.append(_request(one))
                    for part in self.answer:
                        one.sendall(part)
                        time.sleep(self.pause)
            except OSError:
                plain.close()

    def close(self) -> None:
        self._socket.close()

    def sender(self, **parts: Any) -> Sender:
        own = {
            "resolve": names("93.184.215.14"),
            "connect": lambda to, timeout: socket.create_connection(
                ("127.0.0.1", self.port), timeout
            ),
            "context": self.trusted,
        }
        return Sender(**(own | parts))


def _request(connection: ssl.SSLSocket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    own = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.Encoding.PEM
    (folder / "own.pem").write_bytes(own.public_bytes(form))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            form,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "key.pem", folder / "own.pem"


@pytest.fixture(name="server")
def made_server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    made.close()


def test_the_right_host_and_name_of_the_certificate(server: Server) -> None:  # R16
    assert server.sender().post(f"https://{HOST}/in?x=1", b"{}", {"X-Id": "7"}) == 204
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /in?x=1 HTTP/1.1"
    assert f"Host: {HOST}" in lines
    assert "X-Id: 7" in lines
    assert body == b"{}"
    assert server.named == [HOST]
    assert server.sender().post(f"https://{HOST}:8443", b"", {}) == 204
    assert f"Host: {HOST}:8443".encode() in server.heard[1]
    assert server.heard[1].startswith(b"POST / HTTP/1.1")


def test_a_certificate_of_another_name(server: Server) -> None:
    with pytest.raises(OutgoingFailed, match="certificate does not fit"):
        server.sender().post("https://other.example.org/", b"", {})
    with pytest.raises(OutgoingFailed, match="certificate does not fit"):
        server.sender(context=None).post(f"https://{HOST}/", b"", {})
    assert server.heard == []


def test_r16_no_redirect_is_followed(server: Server) -> None:  # R16
    server.answer = [
        b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\n"
        b"Content-Length: 0\r\n\r\n"
    ]
    assert server.sender().post(f"https://{HOST}/", b"", {}) == 302
    assert len(server.heard) == 1


def test_r16_an_endless_answer(server: Server) -> None:  # R16
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n"
    server.answer = [head, *[b"x" * 65536] * 40]
    assert server.sender().post(f"https://{HOST}/", b"", {}) == 200


@pytest.mark.parametrize(
    "answer",
    [
        [b""],
        [b"HTTP/1.1 abc\r\n\r\n"],
        [b"\x00\xff\xfe garbage\r\n\r\n"],
        [b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200],
        [b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70000],
    ],
)
def test_an_answer_that_is_none(server: Server, answer: list[bytes]) -> None:
    server.answer = answer
    with pytest.raises(OutgoingFailed):
        server.sender().post(f"https://{HOST}/", b"", {})


@pytest.mark.parametrize("slow", ["answer", "connection", "name"])
def test_r16_it_ends_in_time(
    server: Server, slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:  # R16
    monkeypatch.setattr("wiki.outgoing.SECONDS", 0.5)
    ended = threading.Event()
    parts: dict[str, Any] = {}
    if slow == "answer":  # a letter now and then never runs into a pause too long
        server.answer, server.pause = [bytes([one]) for one in OK] * 9, 0.1
    elif slow == "name":
        parts["resolve"] = lambda *_, **__: ended.wait(20) and []
    else:
        hole = socket.create_server(("127.0.0.1", 0))
        port = hole.getsockname()[1]
        parts["connect"] = lambda to, timeout: socket.create_connection(
            ("127.0.0.1", port), timeout
        )
    with pytest.raises(OutgoingFailed, match=r"over 5 s|not known"):
        server.sender(**parts).post(f"https://{HOST}/", b"", {})
    ended.set()
    if slow == "connection":
        hole.close()


def test_nobody_listens_or_knows_the_name() -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    with pytest.raises(OutgoingFailed, match="nobody listens"):
        Sender().post(f"http://127.0.0.1:{port}/", b"", {}, inside=True)

    def unknown(*args: Any, **names: Any) -> list[Any]:
        raise socket.gaierror

    with pytest.raises(OutgoingFailed, match="not known"):
        Sender(unknown, nowhere).post("https://example.org/", b"", {})
    with pytest.raises(OutgoingFailed, match="not known"):
        Sender(names(), nowhere).post("https://example.org/", b"", {})


def test_no_proxy_of_the_machine(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9/")
    assert server.sender().post(f"https://{HOST}/", b"", {}) == 204
