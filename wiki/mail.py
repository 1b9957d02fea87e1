"""Mail: plain messages to one person, sent by a thread so that no request waits.

A message carries a link and nothing that only some may read. Nothing is tracked.
"""

from __future__ import annotations

import logging
import queue
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from .checks import ADDRESS
from .errors import WikiError
from .sections import Mail

log = logging.getLogger("wiki.mail")

_SECONDS = 10
_MOST_WAITING = 100
_PORTS = {"smtp": 587, "smtps": 465}


class MailFailed(WikiError):
    """The mail server did not take a message; the reason stands in the log."""

    status, slug = 503, "mail-failed"
    sentence = "The mail could not be sent. Try again later."


def is_address(text: str) -> bool:
    """Tell whether a text has the form of one plain e-mail address."""
    return ADDRESS.fullmatch(text) is not None


def compose(rules: Mail, sender: str, to: str, subject: str, text: str) -> EmailMessage:
    """Return a message from the wiki called ``sender``; raises MailFailed.

    Line ends in a header, and whatever else is no address or subject, are refused.
    """
    message = EmailMessage(policy=SMTP)
    if not is_address(to):
        raise MailFailed
    try:
        message["From"] = Address(display_name=sender, addr_spec=rules.from_)
        message["To"] = Address(addr_spec=to)
        message["Subject"] = subject
    except ValueError as error:
        raise MailFailed from error
    message["Date"] = format_datetime(datetime.now(UTC))
    # Else the name of this machine would stand in it.
    message["Message-ID"] = make_msgid(domain=_domain(rules))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def deliver(rules: Mail, message: EmailMessage) -> None:
    """Hand a message to the mail server; raises MailFailed."""
    server = urlsplit(rules.url)
    try:
        with _connect(rules) as connection:
            if server.username:
                connection.login(unquote(server.username), rules.password)
            connection.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        # The kind of error says what to do; its text may name the recipient.
        log.warning("A mail was not sent: %s. See mail.url.", type(error).__name__)
        raise MailFailed from error


def _connect(rules: Mail) -> smtplib.SMTP:
    server = urlsplit(rules.url)
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    name = _domain(rules)
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(
            host,
            port,
            name,
            timeout=_SECONDS,
            context=ssl.create_default_context(),
        )
    connection = smtplib.SMTP(host, port, name, _SECONDS)
    try:
        connection.ehlo_or_helo_if_needed()
        if connection.has_extn("starttls"):
            connection.starttls(context=ssl.create_default_context())
        elif server.username and host not in {"localhost", "127.0.0.1", "::1"}:
            raise smtplib.SMTPNotSupportedError("a password needs encryption")
    except BaseException:
        connection.close()
        raise
    return connection


def _domain(rules: Mail) -> str:
    return rules.from_.rpartition("@")[2] or "localhost"


class Outbox:
    """Does jobs one after the other in a thread of its own, at most 100 in waiting.

    ``failed`` is when a mail could not be sent last, ms UTC; 0 for never.
    """

    def __init__(self) -> None:
        self.failed = 0
        self._jobs: queue.Queue[Callable[[], object] | None] = queue.Queue(
            _MOST_WAITING
        )
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def put(self, job: Callable[[], object]) -> bool:
        """Have a job done soon; False where too many wait already."""
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            log.warning("Mail is slow: one more message was dropped.")
            return False
        # Begun at first use: a process that was forked has no threads yet.
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._work, name="wiki-mail", daemon=True
                )
                self._thread.start()
        return True

    def wait(self) -> None:
        """Return when everything put in before is done."""
        self._jobs.join()

    def close(self, seconds: float = 2 * _SECONDS) -> None:
        """Finish what waits, as far as that takes no longer than given."""
        with self._lock:
            thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            try:
                self._jobs.put(None, timeout=seconds)
            except queue.Full:
                return
            thread.join(seconds)

    def _work(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                if job is None:
                    return
                job()
            except MailFailed:
                self.failed = time.time_ns() // 1_000_000  # why is in the log
            except Exception as error:  # one bad job must not stop the others
                log.error("Mail: a job failed (%s).", type(error).__name__)
            finally:
                self._jobs.task_done()
