"""Removes a wiki from this machine after its archive was verified.

A marker says what is being removed, so that it can be finished after a kill.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from wiki.config import Config
from wiki.store.files import Folder, in_plain_words
from wiki.store.opening import make_private
from wiki.store.read_only import NAME as READ_ONLY

from .collecting import MARKER
from .errors import ArchiveError
from .reading import Manifest

SERVED = (
    "The wiki is being served. Stop it (Ctrl+C where “wiki serve” runs), then run this "
    "command again. Nothing was removed."
)


class Removal:
    """The removal of one wiki. ``marker`` names the archive while it is under way."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.marker = config.var / MARKER

    def under_way(self) -> Path | None:
        """Return the archive of a removal that was interrupted, or None."""
        try:
            return Path(json.loads(self.marker.read_bytes())["archive"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep the wiki from being served meanwhile; raises ArchiveError if it is."""
        path = self._config.var / "lock" / "upkeep.lock"
        make_private(path.parent)
        with path.open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise ArchiveError(SERVED) from error
            yield

    def run(self, archive: Path, manifest: Manifest) -> list[str]:
        """Remove all that the archive holds, and what is made from it.

        Returns paths of pages/ that the archive does not hold, which stay. Raises
        ReadOnly, NoSpace; called again, it goes on where it stopped.
        """
        try:
            self._mark(archive)
            for name in manifest.files:
                if name.startswith("pages/"):
                    self._remove_page(self._config.pages / name.removeprefix("pages/"))
            self._remove_temporary()
            left = [str(path) for path in self._left()]
            self._remove_var()
        except OSError as error:
            raise in_plain_words(error) from error
        return left

    def _mark(self, archive: Path) -> None:
        text = json.dumps({"archive": str(archive)}).encode()
        temp = self.marker.with_suffix(".tmp")
        flags = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_CLOEXEC
        with open(os.open(temp, flags, 0o600), "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temp, self.marker)

    def _remove_page(self, path: Path) -> None:
        with suppress(FileNotFoundError):
            path.unlink()
        place = path.parent
        while place != self._config.pages and place != self._config.folder:
            try:
                place.rmdir()
            except OSError:
                return
            place = place.parent

    def _remove_temporary(self) -> None:
        """Remove what saves that were killed left beside pages."""
        for place, _folders, files in os.walk(self._config.pages):
            for name in files:
                if name.startswith(".~") and name.endswith(".tmp"):
                    os.unlink(os.path.join(place, name))

    def _left(self) -> Iterator[Path]:
        if Folder(self._config.pages, self._config.var).is_instance:
            return
        for place, _folders, files in os.walk(self._config.pages):
            yield from (Path(place) / name for name in files)

    def _remove_var(self) -> None:
        var = self._config.var
        # The switch and the marker go last: until then nobody writes here, and the
        # removal can be gone on with.
        last = (var / READ_ONLY, self.marker)
        self._remove_all(path for path in var.iterdir() if path not in last)
        for path in last:
            path.unlink(missing_ok=True)
        with suppress(OSError):
            var.rmdir()
        with suppress(OSError):
            self._config.pages.rmdir()

    def _remove_all(self, paths: Iterable[Path]) -> None:
        for path in list(paths):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
