"""Mail, to a real mail server in this process."""

from __future__ import annotations

import logging
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from wiki.config import Mail, load
from wiki.errors import StartError
from wiki.mail import MailFailed, Outbox, compose, deliver

from .mail_server import Box, serving

SENDER, TO = "wiki@example.org", "ana@example.org"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a certificate for 127.0.0.1 with its key, made here."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("certificate") / "server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        made.public_bytes(pem)
        + key.private_bytes(
            pem,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def plain(box: Box) -> Iterator[int]:
    """Give the port of a mail server without encryption."""
    with serving(box) as port:
        yield port


@pytest.fixture
def safe(box: Box, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Give the port of one that offers STARTTLS and wants a password."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(
        box,
        tls_context=context,
        require_starttls=True,
        authenticator=box.authenticate,
        auth_required=True,
    ) as port:
        yield port


def rules(port: int, user: str = "", scheme: str = "smtp", password: str = "") -> Mail:
    return Mail(
        url=f"{scheme}://{user}{'@' if user else ''}127.0.0.1:{port}",
        from_=SENDER,
        password=password,
    )


def letter(own: Mail, subject: str = "A link", text: str = "Here: x\n") -> EmailMessage:
    return compose(own, "River Union", TO, subject, text)


def test_a_message_arrives(box: Box, plain: int) -> None:
    deliver(rules(plain), letter(rules(plain), "Enlace für Ñandú", "¡Hola!\n.\nx\n"))
    (got,) = box.messages
    assert got["To"] == TO
    assert got["From"] == "River Union <wiki@example.org>"
    assert got["Subject"] == "Enlace für Ñandú"
    assert got.get_content().splitlines() == ["¡Hola!", ".", "x"]
    assert got.get_content_type() == "text/plain"


def test_a_message_tells_nothing_of_this_machine(box: Box, plain: int) -> None:
    deliver(rules(plain), letter(rules(plain)))
    assert box.hosts == ["example.org"]
    whole = box.messages[0].as_string()
    for name in {socket.gethostname(), socket.getfqdn()} - {"localhost"}:
        assert name not in whole
    assert {"User-Agent", "X-Mailer", "Received"}.isdisjoint(box.messages[0])
    assert box.messages[0]["Date"].endswith("+0000")


def test_encryption_is_used_where_it_is_offered(box: Box, safe: int) -> None:
    own = rules(safe, "us%40er", password="right")
    deliver(own, letter(own))
    assert box.encrypted == [True]
    assert box.logins == [(b"us@er", b"right")]


def test_encryption_from_the_start(
    box: Box, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serving(box, ssl_context=context) as port:
        own = rules(port, scheme="smtps")
        deliver(own, letter(own))
    # This server understands nothing else.
    assert len(box.messages) == 1


def test_a_wrong_certificate_gets_nothing(
    box: Box, safe: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    own = rules(safe, "user", password="right")
    with pytest.raises(MailFailed):
        deliver(own, letter(own))
    assert box.logins == box.messages == []


def test_failures_say_what_not_whom(
    box: Box, safe: int, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = rules(safe, "user", password="wrong")
    with caplog.at_level(logging.WARNING), pytest.raises(MailFailed):
        deliver(wrong, letter(wrong))
    with pytest.raises(MailFailed):
        deliver(rules(1), letter(rules(1)))
    assert "SMTPAuthenticationError" in caplog.text
    assert "ConnectionRefusedError" in caplog.text
    assert TO not in caplog.text
    assert "wrong" not in caplog.text


@pytest.mark.parametrize(
    ("to", "subject"),
    [
        ("ana@example.org\nBcc: eve@example.org", "x"),
        ("ana@example.org, eve@example.org", "x"),
        (TO, "x\r\nBcc: eve@example.org"),
        (TO, "x\n\nbody"),
        ("", "x"),
    ],
)
def test_a_header_cannot_be_broken_out_of(to: str, subject: str) -> None:  # R1
    with pytest.raises(MailFailed):
        compose(rules(25), "River Union", to, subject, "text")


def test_the_name_of_the_wiki_is_a_name(box: Box, plain: int) -> None:  # R1
    odd = 'a" <eve@example.org>, "b'
    deliver(rules(plain), compose(rules(plain), odd, TO, "x", "text"))
    (address,) = box.messages[0]["From"].addresses
    assert (address.display_name, address.addr_spec) == (odd, SENDER)


# -- the outbox


def test_jobs_are_done_in_turn_and_one_that_fails_stops_none(
    caplog: pytest.LogCaptureFixture,
) -> None:
    outbox, done = Outbox(), []

    def fail() -> None:
        raise ZeroDivisionError("ana@example.org")

    for job in (lambda: done.append(1), fail, lambda: done.append(2)):
        assert outbox.put(job)
    outbox.close()
    assert done == [1, 2]
    assert "ana@example.org" not in caplog.text
    # A closed one begins anew, as after a change of settings.
    assert outbox.put(lambda: done.append(3))
    outbox.wait()
    assert done == [1, 2, 3]
    outbox.close()


def test_a_slow_server_makes_nobody_wait() -> None:
    outbox, go = Outbox(), threading.Event()
    taken = [outbox.put(go.wait) for _ in range(103)]
    assert taken.count(False) >= 1
    assert taken[:100] == [True] * 100
    go.set()
    outbox.close()


# -- settings


@pytest.fixture
def settle(tmp_path: Path) -> Callable[..., Any]:
    """Return ``settle(environment, **lines)``: settings with a [mail] section."""

    def read(environ: dict[str, str], text: str) -> Any:
        (tmp_path / "wiki.toml").write_text(text)
        return load(tmp_path, environ)

    return read


SITE = '[site]\nurl = "https://wiki.example.org"\n[mail]\n'


def test_a_password_comes_by_the_environment_alone(
    settle: Callable[..., Any], tmp_path: Path
) -> None:  # P8
    text = SITE + 'url = "smtp://user@mail.example.org"\nfrom = "wiki@example.org"\n'
    config = settle({"WIKI_MAIL_PASSWORD": "canary"}, text)
    assert config.mail.password == "canary"
    assert "canary" not in repr(config)
    secret = tmp_path / "secret"
    secret.write_text("canary\n")
    config = settle({"WIKI_MAIL_PASSWORD_FILE": str(secret)}, text)
    assert config.mail.password == "canary"
    with pytest.raises(StartError, match="WIKI_MAIL_PASSWORD") as refused:
        settle({}, text + 'password = "canary"\n')
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('url = "smtp://mail.example.org"', "mail.from must be set too"),
        ('url = "smtp://u:pw@mail.example.org"', "WIKI_MAIL_PASSWORD"),
        ('url = "http://mail.example.org"', "smtp://"),
        ('url = "smtp://"', "smtp://"),
        ('url = "smtp://mail.example.org:99999"', "smtp://"),
        ('url = "smtp://mail.example.org/x"', "smtp://"),
        ('from = "nobody"', "one e-mail address"),
        ('from = "a@b.org, c@d.org"', "one e-mail address"),
    ],
)
def test_wrong_settings_of_mail(
    settle: Callable[..., Any], lines: str, told: str
) -> None:
    with pytest.raises(StartError, match=told):
        settle({}, SITE + lines + "\n")


def test_mail_needs_the_address_of_the_wiki(settle: Callable[..., Any]) -> None:  # R16
    with pytest.raises(StartError, match=r"site\.url must be set too"):
        settle({}, '[mail]\nurl = "smtp://mail.example.org"\nfrom = "w@example.org"\n')
