"""A wiki with webhooks, and a real server that they are sent to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from wiki_webhooks import Webhooks
from wiki_webhooks.following import EVENTS

from wiki import Wiki
from wiki.testing import submit


@dataclass
class Receiver:
    """A server on this machine; ``answers`` are statuses, the last one stays."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [204])
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            head = {name.lower(): value for name, value in self.headers.items()}
            made.got.append((head, self.rfile.read(length)))
            kept = made.answers
            self.send_response(kept.pop(0) if len(kept) > 1 else kept[0])
            self.send_header("Location", f"{made.url}elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def inside() -> bool:
    return True


@pytest.fixture(autouse=True)
def installed(plugin: Any, inside: bool) -> None:
    plugin(Webhooks, inside=inside)


@pytest.fixture
def hooks(wiki: Wiki) -> Webhooks:
    found = wiki.registry.plugins["webhooks"]
    assert isinstance(found, Webhooks)
    return found


@pytest.fixture
def add(login: Any, client: Any, receiver: Receiver) -> Any:
    """Return ``add(**fields)``: an administrator makes a webhook in the browser."""
    login("admin")

    def make(**fields: Any) -> Any:
        given = {"name": "bot", "url": receiver.url, "audience": "public"}
        given |= {"folder": "", "events": list(EVENTS)}
        return submit(client, "/-/p/webhooks/", **(given | fields))

    return make
