"""Starts the duties behind the requests: upkeep, the search follower, jobs."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable

from .build import follower
from .config import Config
from .jobs import Jobs
from .search.follower import Follower
from .service import Wiki
from .settings_watch import SettingsWatch
from .upkeep import Upkeep

log = logging.getLogger("wiki.background")


def upkeep(wiki: Wiki) -> Upkeep:
    """Return the upkeep of this instance's store."""
    config = wiki.config
    return Upkeep(
        wiki.store,
        config.pages,
        config.var / "lock" / "upkeep.lock",
        watch=config.store.watch_files,
        forget=wiki.accounts.forget_old,
    )


# A worker lets the process behind the workers be elected first: it would share its
# interpreter between requests and the index.
PATIENCE = 15.0  # seconds


END = 10.0  # seconds that duties have to end


class Duties:
    """Threads that stand by for the duties of a wiki."""

    def __init__(self, wiki: Wiki, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._start(wiki)

    def _start(self, wiki: Wiki) -> None:
        self._stop = threading.Event()
        duties: list[Upkeep | Follower | Jobs] = [upkeep(wiki)]
        if wiki.config.search.engine == "whoosh":
            duties.append(follower(wiki))
        duties.append(Jobs(wiki.door, wiki.config.var))
        self._threads = [
            threading.Thread(
                target=_stand_by, args=(duty, self._stop, self._patience), daemon=True
            )
            for duty in duties
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """End the threads and wait for them, so that their wiki can be closed."""
        self._stop.set()
        for thread in self._threads:
            thread.join(END)

    def move(self, wiki: Wiki) -> None:
        """Go on with another wiki, whose settings are newer; wait for nobody."""
        self._stop.set()
        self._start(wiki)


def _stand_by(
    duty: Upkeep | Follower | Jobs, stop: threading.Event, patience: float
) -> None:
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


def run_with_parent(
    config: Config, make: Callable[[Config], Wiki], parent: int
) -> None:
    """Do the duties until the process that started this one is gone.

    ``make`` returns a wiki for settings; changed ones are taken within a second.
    """
    wiki = make(config)
    duties, watch = Duties(wiki, patience=0), SettingsWatch(wiki.settings, config)
    while os.getppid() == parent:
        time.sleep(1.0)
        newer = _made(watch, make)
        if newer is not None:
            duties.end()
            wiki.close()
            wiki = newer
            duties = Duties(wiki, patience=0)
            watch = SettingsWatch(wiki.settings, wiki.config)
    duties.end()


def _made(watch: SettingsWatch, make: Callable[[Config], Wiki]) -> Wiki | None:
    """Return a wiki with changed settings; None where there is none to begin with."""
    try:
        config = watch.newer()
        return None if config is None else make(config)
    except Exception:  # a plugin may do anything while it begins
        log.exception("the changed settings could not be taken into effect")
        return None
