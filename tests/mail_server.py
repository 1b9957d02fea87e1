"""A mail server in this process that keeps what comes in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session


class Box:
    """What a mail server was told: messages, names of hosts, logins."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.hosts: list[str] = []
        self.logins: list[tuple[bytes, bytes]] = []
        self.encrypted: list[bool] = []

    async def handle_DATA(
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        content = cast(bytes, envelope.content)
        made = message_from_bytes(content, policy=default)
        self.messages.append(cast(EmailMessage, made))
        self.hosts.append(session.host_name or "")
        self.encrypted.append(session.ssl is not None)
        return "250 OK"

    def authenticate(self, *args: Any) -> AuthResult:
        login: LoginPassword = args[-1]
        self.logins.append((login.login, login.password))
        right = login.password == b"right"
        return AuthResult(success=right, handled=right)


@contextmanager
def serving(box: Box, **options: Any) -> Iterator[int]:
    """Serve on a free port of this machine; give the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
