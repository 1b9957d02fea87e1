"""Notices that an administrator changed settings, in whichever process it was."""

from __future__ import annotations

import time

from .config import Config
from .store.private_settings import State
from .stored_settings import StoredSettings

RETRY = 60.0  # seconds until settings that nothing could begin with are tried again


class SettingsWatch:
    """Compares what is stored with what ``config`` was read from. Not thread-safe."""

    def __init__(self, stored: StoredSettings, config: Config) -> None:
        self._stored, self._config = stored, config
        self._mark: int | None = None
        self._tried: State | None = None
        self._again_at = 0.0

    @property
    def waits(self) -> bool:
        """Tell whether there are newer settings that nothing has begun with."""
        return self._tried is not None

    def newer(self) -> Config | None:
        """Return settings to begin anew with, None while nothing has changed.

        Settings kept until the next start are as they were. The same settings are
        returned once a minute. Raises StartError, WikiError.
        """
        mark = self._stored.mark()
        if mark == self._mark:
            return None
        state = self._stored.state()
        if state == self._config.state:
            self._mark, self._tried = mark, None
            return None
        if state == self._tried and time.monotonic() < self._again_at:
            return None
        self._tried, self._again_at = state, time.monotonic() + RETRY
        return self._config.running(self._stored.given.begin(state))
