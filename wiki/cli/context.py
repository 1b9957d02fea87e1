"""The instance a command works on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wiki.build import build, stored_settings
from wiki.config import Config, Given, load
from wiki.errors import StartError
from wiki.instance import is_instance
from wiki.registry import Registry
from wiki.service import Wiki
from wiki.sources import SettingsWrong
from wiki.store.private import PrivateStore
from wiki.store.private_settings import PRIVATE
from wiki.stored_settings import StoredSettings


@dataclass(frozen=True)
class Instance:
    """A folder, and how to open it."""

    folder: Path

    def config(self) -> Config:
        """Return the settings; StartError where they are wrong or no wiki is here."""
        return load(self._home(), os.environ)

    def _home(self) -> Path:
        folder = self.folder.expanduser().absolute()
        if not is_instance(folder):
            raise StartError(
                f"There is no wiki in “{folder}”. Name one with -C FOLDER, "
                "or make one with “wiki serve FOLDER”.",
                2,
            )
        return folder

    @contextlib.contextmanager
    def settings(self) -> Iterator[StoredSettings]:
        """Lend the settings of the browser, also where they stop the start."""
        given = Given(self._home(), dict(os.environ), {})
        private = PrivateStore(given.folder / "var" / PRIVATE)
        try:
            plugins = Registry(self.config()).classes
        except SettingsWrong:
            plugins = {}
        try:
            yield stored_settings(private, given, plugins)
        finally:
            private.close()

    @contextlib.contextmanager
    def open(self) -> Iterator[Wiki]:
        wiki = build(self.config())
        try:
            yield wiki
        finally:
            wiki.close()
