"""An archive of a whole wiki, and its removal: the steps, in the order that is safe.

Whatever kills them, at every moment there is the wiki, or its verified archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from .archive import Manifest, Removal, collect, verify, write_archive
from .archive.age import Lock
from .archive.errors import ArchiveError
from .audit import Audit
from .config import Config
from .model.actor import SYSTEM
from .store.core import now_ms
from .store.engine import Database
from .store.private import PrivateStore
from .store.read_only import ReadOnlyFlag

CHANGED = "Files were changed since the archive was written. Nothing was removed."
ANOTHER = (
    "This wiki is being removed; its archive is “%(path)s”. Name that one, and it is "
    "verified and the removal is finished."
)


class Archiving:
    """One archive of one wiki. ``confirm`` is asked once it is verified.

    It gets the manifest and the number of links that were left out; when it answers
    True, the wiki is removed.
    """

    def __init__(
        self, config: Config, target: Path, confirm: Callable[[Manifest, int], bool]
    ) -> None:
        self._config, self._target, self._confirm = config, target, confirm
        self._removal = Removal(config)

    @property
    def goes_on(self) -> bool:
        """Tell whether the wiki's removal was interrupted and is to be finished."""
        return self._removal.under_way() is not None

    def run(self, lock: Lock | None, release: str) -> list[str] | None:
        """Write, verify, ask, remove; return files that stayed, None if all did.

        Raises ArchiveError, NotVerified, NoSpace, ReadOnly, Busy, CorruptData.
        """
        if (archive := self._removal.under_way()) is not None:
            return self._finish(archive, lock)
        with held_still(self._config):
            found = collect(self._config)
            try:
                about = self._about(release)
                manifest = write_archive(found, self._target, lock, about)
                self._note()
                if not self._confirm(manifest, found.links):
                    return None
                with self._removal.alone():
                    if found.changed():
                        raise ArchiveError(CHANGED)
                    return self._removal.run(self._target, manifest)
            finally:
                found.clean_up()

    def _finish(self, archive: Path, lock: Lock | None) -> list[str] | None:
        """Go on with a removal that was interrupted; the archive is verified again."""
        if archive != self._target:
            raise ArchiveError(ANOTHER, path=archive)
        manifest = verify(archive, lock)
        if not self._confirm(manifest, 0):
            return None
        with self._removal.alone():
            return self._removal.run(archive, manifest)

    def _about(self, release: str) -> dict[str, str]:
        return {
            "title": self._config.site.title,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "release": release,
            "pages": self._config.store.pages,
        }

    def _note(self) -> None:
        """Write into the log that there is an archive, for whoever erases later."""
        private = PrivateStore(self._config.var / "private.db")
        try:
            with private.database.writing(always=True) as at:
                Audit(private, now_ms).note(SYSTEM, "panic.archived", at=at)
        finally:
            private.close()


@contextmanager
def held_still(config: Config) -> Iterator[None]:
    """Keep the wiki read-only for a block, and after it if it was, or is being removed.

    Whoever was writing has finished when the block begins.
    """
    config.var.mkdir(mode=0o700, parents=True, exist_ok=True)
    flag = ReadOnlyFlag(config.var)
    was_on = flag.on
    flag.set()
    try:
        for name in ("wiki.db", "private.db"):
            if (config.var / name).exists():
                _wait_for_writers(config.var / name)
        yield
    finally:
        if not was_on and Removal(config).under_way() is None:
            flag.lift()


def _wait_for_writers(path: Path) -> None:
    database = Database(path)
    try:
        with database.writing(always=True):
            pass
    finally:
        database.close()
