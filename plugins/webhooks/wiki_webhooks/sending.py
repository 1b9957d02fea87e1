"""Messages on their way: signed, sent, tried again, given up."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable

from wiki import OutgoingFailed, OutgoingRefused

from .keeping import Keeping, Message

# Seconds until each next try.
AGAIN = (5.0, 300.0, 1800.0, 7200.0, 18_000.0, 36_000.0, 50_400.0)
MOST = 20  # messages a run: others' jobs wait for ours
GONE = 410  # the receiver wants no more
PREFIX = "whsec_"


def new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def signature(secret: str, key: str, timestamp: int, body: str) -> str:
    """Return ``v1,`` and the HMAC-SHA256 of id, time and body (Standard Webhooks)."""
    signed = f"{key}.{timestamp}.{body}".encode()
    made = hmac.digest(base64.b64decode(secret.removeprefix(PREFIX)), signed, "sha256")
    return f"v1,{base64.b64encode(made).decode()}"


class Sending:
    """``post`` sends a body and returns a status; ``now`` gives seconds."""

    def __init__(
        self,
        keeping: Keeping,
        post: Callable[[str, bytes, dict[str, str]], int],
        now: Callable[[], float],
    ) -> None:
        self._keeping, self._post, self._now = keeping, post, now

    def send_due(self) -> None:
        """Send what is due, in order for each page; who fails waits for the next run."""
        failed: set[int] = set()
        for _ in range(MOST):
            message = self._keeping.due(self._now(), failed)
            if message is None:
                return
            if self.send(message):
                failed.add(message.endpoint)

    def send(self, message: Message) -> str:
        """Send a message once; return "" or what went wrong."""
        endpoint = self._keeping.endpoint(message.endpoint)
        if endpoint is None:
            return "It is not there any more."
        at, tries = int(self._now()), message.tries + 1
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message.key,
            "webhook-timestamp": str(at),
            "webhook-signature": " ".join(
                signature(one, message.key, at, message.body)
                for one in endpoint.secrets.split()
            ),
        }
        status, wrong = 0, ""
        try:
            status = self._post(endpoint.url, message.body.encode(), headers)
        except (OutgoingFailed, OutgoingRefused) as error:
            wrong = str(error)
        if not wrong and not 200 <= status < 300:
            wrong = f"The answer was {status}."
        # A test is not tried again; what an endpoint that was off sends, neither.
        again = wrong and message.due is not None and tries <= len(AGAIN)
        due = at + AGAIN[tries - 1] if again and status != GONE else None
        self._keeping.tried(message.id, tries, wrong or f"{status}", due)
        if wrong and message.due is not None and due is None:
            self._keeping.change(endpoint.id, off=wrong)
        return wrong
