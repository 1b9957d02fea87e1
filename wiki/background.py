"""Starts the duties behind the requests: upkeep and the search follower."""

from __future__ import annotations

import os
import signal
import threading
import time

from .build import follower
from .search.follower import Follower
from .service import Wiki
from .upkeep import Upkeep


def upkeep(wiki: Wiki) -> Upkeep:
    """Return the upkeep of this instance's store."""
    config = wiki.config
    return Upkeep(
        wiki.store,
        config.pages,
        config.var / "lock" / "upkeep.lock",
        watch=config.store.watch_files,
    )


# A worker lets the process behind the workers be elected first: it would share its
# interpreter between requests and the index.
PATIENCE = 15.0  # seconds


def start(wiki: Wiki, patience: float = PATIENCE) -> threading.Event:
    """Start threads that stand by for both duties; set the event to end them."""
    stop = threading.Event()
    duties: list[Upkeep | Follower] = [upkeep(wiki)]
    if wiki.config.search.engine == "whoosh":
        duties.append(follower(wiki))
    for duty in duties:
        arguments = (duty, stop, patience)
        threading.Thread(target=_stand_by, args=arguments, daemon=True).start()
    return stop


def _stand_by(duty: Upkeep | Follower, stop: threading.Event, patience: float) -> None:
    if not stop.wait(patience):
        duty.run(stop)


def leave_with(parent: int) -> None:
    """End this process when the one that started it is gone, however it went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1.0)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10.0)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_with_parent(wiki: Wiki, parent: int) -> None:
    """Do both duties until the process that started this one is gone."""
    stop = start(wiki, patience=0)
    while os.getppid() == parent:
        stop.wait(1.0)
    stop.set()
