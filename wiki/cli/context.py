"""The instance a command works on."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wiki.build import build
from wiki.config import Config, load
from wiki.errors import StartError
from wiki.instance import is_instance
from wiki.service import Wiki


@dataclass(frozen=True)
class Instance:
    """A folder, and how to open it."""

    folder: Path

    def config(self) -> Config:
        """Return the settings; StartError where they are wrong or no wiki is here."""
        folder = self.folder.expanduser().absolute()
        if not is_instance(folder):
            raise StartError(
                f"There is no wiki in “{folder}”. Name one with -C FOLDER, "
                "or make one with “wiki serve FOLDER”.",
                2,
            )
        return load(folder, os.environ)

    @contextlib.contextmanager
    def open(self) -> Iterator[Wiki]:
        wiki = build(self.config())
        try:
            yield wiki
        finally:
            wiki.close()
