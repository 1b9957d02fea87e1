"""Messages on their way: signed, sent, tried again, given up."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable

from wiki import Database, OutgoingFailed, OutgoingRefused, Row

from .tables import DONE, DUE, ENDPOINT, FORGET

# Seconds until each next try; after the last the endpoint is switched off.
AGAIN = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0)
MOST = 20  # messages at a time: jobs of other plugins wait
GONE = 410  # the receiver wants no more
PREFIX = "whsec_"
HIDDEN = "Not sent: the page is for fewer people now."
Post = Callable[[str, bytes, dict[str, str]], int]
May = Callable[[Row, Row], bool]


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, key: str, at: int, body: str) -> str:
    """Return ``v1,`` and the HMAC-SHA256 of id, time and body."""
    by = base64.b64decode(secret.removeprefix(PREFIX))
    made = hmac.digest(by, f"{key}.{at}.{body}".encode(), "sha256")
    return f"v1,{base64.b64encode(made).decode()}"


class Sending:
    """``post`` sends a body and returns a status; ``now`` gives seconds.

    ``may`` tells, for an endpoint and a message, whether it may still be told.
    """

    def __init__(
        self, db: Database, post: Post, may: May, now: Callable[[], float] = time.time
    ) -> None:
        self._db, self._post, self._may, self.now = db, post, may, now

    def send_due(self) -> None:
        """Send what is due, for each page in order; who fails is left in peace."""
        failed: list[int] = []
        for _ in range(MOST):
            due = self._db.rows(DUE, self.now(), json.dumps(failed))
            if not due:
                return
            if self.send(due[0]):
                failed.append(due[0]["endpoint"])

    def send(self, message: Row) -> str:
        """Send a message once and note how it went; return "" or what went wrong."""
        (to,) = self._db.rows(ENDPOINT, message["endpoint"])
        status, wrong, now = 0, "", self.now()
        if not self._may(to, message):
            self._db.run(DONE, HIDDEN, message["id"])
            return HIDDEN
        try:
            body = message["body"].encode()
            status = self._post(to["url"], body, _head(to, message, int(now)))
        except (OutgoingFailed, OutgoingRefused) as error:
            wrong = str(error)
        if not wrong and not 200 <= status < 300:
            wrong = f"The answer was {status}."
        tries = message["tries"] + 1
        over, due = status == GONE or tries > len(AGAIN), None
        if wrong and message["due"] is not None:  # a test is not tried again
            # Given up, it waits for an administrator with all that comes after it.
            due, tries = (now, 0) if over else (now + AGAIN[tries - 1], tries)
        with self._db.writing() as at:
            if due == now:
                at.execute("UPDATE endpoint SET off=? WHERE id=?", [wrong, to["id"]])
            values = [tries, wrong or f"{status}", due, message["id"]]
            at.execute("UPDATE message SET tries=?, answer=?, due=? WHERE id=?", values)
            at.execute(FORGET)
        return wrong


def _head(to: Row, message: Row, at: int) -> dict[str, str]:
    key, body = message["key"], message["body"]
    signed = [signature(one, key, at, body) for one in to["secrets"].split()]
    return {
        "Content-Type": "application/json",
        "webhook-id": key,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(signed),
    }
