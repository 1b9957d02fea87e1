"""Jobs of plugins: run again and again behind the requests, by one process at a time.

When a job ran last is kept in a file, so that a daily job stays daily over restarts.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import threading
import time
from pathlib import Path

from .errors import StartError
from .hooks import Door
from .model.parts import Job
from .upkeep import elected

log = logging.getLogger("wiki.jobs")

TICK = 2.0  # seconds between looks
LONGEST = 60.0  # seconds that a job may take; the others wait for it


class Jobs:
    """Runs the jobs of a door's plugins until told to stop.

    ``var`` is the instance's own folder. A job that raises is that plugin's failure:
    after too many it is no longer run, like a hook.
    """

    def __init__(self, door: Door, var: Path) -> None:
        self._door, self._lock = door, var / "lock" / "jobs.lock"
        self._file = var / "jobs.json"
        self._jobs = {
            f"{plugin}.{job.name}": (plugin, job) for plugin, job in jobs_of(door)
        }

    def run(self, stop: threading.Event) -> None:
        """Wait to be elected, then run what is due."""
        if not self._jobs:
            return
        while not stop.is_set():
            with elected(self._lock) as mine:
                while mine and not stop.is_set():
                    self.run_due(time.time())
                    stop.wait(TICK)
            stop.wait(TICK)

    def run_due(self, now: float) -> list[str]:
        """Run the jobs whose time has come; return their names (``plugin.job``)."""
        last, done = self._last(), []
        for name, (plugin, job) in self._jobs.items():
            # A clock that was set back must not put a job off for years.
            if name in last and 0 <= now - last[name] < job.every:
                continue
            self._door.run(plugin, f"job {job.name}", job.run, LONGEST)
            last[name] = now
            done.append(name)
        if done:
            self._keep(last)
        return done

    def _last(self) -> dict[str, float]:
        try:
            found = json.loads(self._file.read_text("utf-8"))
            return {str(name): float(at) for name, at in found.items()}
        except (OSError, ValueError, AttributeError, TypeError):
            return {}  # none has run, or the file is damaged: run them now

    def _keep(self, last: dict[str, float]) -> None:
        temp = self._file.with_suffix(".tmp")
        try:
            temp.write_text(json.dumps(last), "utf-8")
            os.replace(temp, self._file)
        except OSError as error:
            # A full disk: the job runs again a little early.
            log.error("when jobs ran cannot be kept: %s", error.strerror)
            with contextlib.suppress(OSError):
                temp.unlink()


def jobs_of(door: Door) -> list[tuple[str, Job]]:
    """Return (plugin, job) of all plugins; StartError for two of one name."""
    found: dict[tuple[str, str], Job] = {}
    for plugin, job in door.collect("jobs"):
        if (plugin, job.name) in found:
            raise StartError(f"The plugin “{plugin}” has two jobs “{job.name}”.")
        found[plugin, job.name] = job
    return [(plugin, job) for (plugin, _), job in found.items()]
