"""Real erasure: a value is gone from everything that the wiki keeps.

Texts and old versions, names, comments, files beside pages, what is noted about
people, rendered pages, the search index; and from the free space of the databases.
What is out of reach is said.
"""

from __future__ import annotations

import os
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .access import Access
from .audit import Audit
from .config import Config
from .errors import NotErasable
from .model import names
from .model.actor import Actor
from .model.page import WARNING, Problem
from .model.redaction import Places, Redaction
from .search import rebuilding
from .store.base import Author, Store
from .store.cache import RenderCache
from .store.private import PrivateStore
from .store.private_erasing import PrivateErasing

_ROUNDS = 3
# Longer than rendering one page may take: what was begun before is kept by then.
LATE_SECONDS = 10.0
# Folders of var/ that are seen to elsewhere, and what a killed archive leaves.
_KNOWN = ("index", "cache", "lock")
_SCRATCH = "archive-"
_DATABASES = ("wiki.db", "private.db")

WRITTEN_AGAIN = (
    "Somebody wrote it again while it was being erased. Erase it once more: nothing "
    "that was erased comes back."
)
ARCHIVES = "Archives were written on %(days)s. They still hold it."
IN_SETTINGS = "The file wiki.toml holds it. Change it there."
IN_VAR = "“%(path)s” holds it and is not a file of the wiki itself. Look at it."
NO_READING_IN = (
    "Pictures, PDF files and other files that are no text were searched by their bytes "
    "only: what they show or have packed cannot be found. Look at them yourself."
)
ACTS_SEARCHED = 500


@dataclass(frozen=True, slots=True)
class Found:
    """What would be erased; ``other_case`` is how often it stands in other letters."""

    places: Places
    other_case: int = 0


class Erasing:
    """Erases for administrators. In memory there are no files (``folders`` False)."""

    def __init__(
        self,
        store: Store,
        private: PrivateStore,
        cache: RenderCache,
        access: Access,
        audit: Audit,
        config: Config,
        *,
        folders: bool,
    ) -> None:
        self._store, self._private, self._cache = store, private, cache
        self._access, self._audit, self._config = access, audit, config
        self._folders = folders

    def find(
        self, actor: Actor, value: str, *, ignore_case: bool = False, under: str = ""
    ) -> Found:
        """Return where a value stands; changes nothing.

        Raises NotAllowed, BadRequest for what cannot be erased, NotErasable where it
        would change who reads what.
        """
        self._access.check(actor, "admin")
        under = _area(under)
        places = self._find(Redaction(value, ignore_case=ignore_case), under)
        if ignore_case:
            return Found(places)
        try:
            any_case = self._find(Redaction(value, ignore_case=True), under).count
        except NotErasable:
            return Found(places)
        return Found(places, max(0, any_case - places.count))

    def _find(self, redaction: Redaction, under: str) -> Places:
        places = self._store.find_value(redaction, under)
        if not under:
            places.add(PrivateErasing(self._private.database, redaction).find())
        return places

    def erase(
        self,
        actor: Actor,
        value: str,
        *,
        ignore_case: bool = False,
        under: str = "",
        files: bool = False,
    ) -> Places:
        """Erase a value everywhere, or in the pages below a name; return what was.

        ``files``: files that hold it and are no text are removed. Raises what `find`
        raises, and Busy, NoSpace, ReadOnly. Nothing else is changed then.
        """
        self._access.check(actor, "admin")
        under, redaction = _area(under), Redaction(value, ignore_case=ignore_case)
        places = self._find(redaction, under)
        done = Places(places.count, set(places.pages))
        author = Author(actor.id, redaction.apply(actor.name))
        for _ in range(_ROUNDS):
            last = self._store.erase_value(redaction, author, under, files=files)
            done.files, done.left = last.files, last.left
            found = self._store.find_value(redaction, under)
            if found.count <= len(found.files):
                break
        else:
            done.left.append(Problem(WARNING, "", WRITTEN_AGAIN))
        if not under:
            left = PrivateErasing(self._private.database, redaction).run()
            done.left += left.left
        self.forget_made()
        done.left += self._elsewhere(redaction)
        self._note(actor, len(done.pages))
        return done

    def expunge(self, actor: Actor, name: str, n: int) -> None:
        """Remove the text of an older version for good.

        Raises NotAllowed, NotFound, BadName, NotErasable for the newest version.
        """
        self._access.check(actor, "admin")
        self._store.expunge(name, n, Author(actor.id, actor.name))
        self._cache.clear()
        self._note(actor, 1, "expunged")

    # -- what is made from the texts

    def forget_made(self) -> None:
        """Remove rendered pages and the search index; both are made anew."""
        self._cache.clear()
        if self._folders:
            rebuilding.start_over(self._config.var / "index", self._store.last_seq())

    def forget_late(self, *, wait: bool = False) -> None:
        """Remove rendered pages once more, when none from before can come any more."""
        timer = threading.Timer(LATE_SECONDS, self._cache.clear)
        timer.daemon = True
        timer.start()
        if wait:
            timer.join()

    def _note(self, actor: Actor, pages: int, act: str = "erased") -> None:
        with self._private.database.writing(always=True) as at:
            self._audit.note(actor, act, at=at, pages=pages)

    # -- what is left

    def _elsewhere(self, redaction: Redaction) -> list[Problem]:
        """Say what is out of reach, after removing what killed processes left."""
        left = []
        if days := self._archive_days():
            left.append(Problem(WARNING, "", ARCHIVES, params={"days": days}))
        if not self._folders:
            return left
        if redaction.hits_raw(_read(self._config.folder / "wiki.toml")):
            left.append(Problem(WARNING, "", IN_SETTINGS))
        for path in self._other_files():
            if redaction.hits_raw(_read(path)):
                params = {"path": str(path.relative_to(self._config.folder))}
                left.append(Problem(WARNING, "", IN_VAR, params=params))
        return left

    def _archive_days(self) -> str:
        acts = self._audit.acts(limit=ACTS_SEARCHED)
        times = {act.ts for act in acts if act.kind == "panic.archived"}
        days = {datetime.fromtimestamp(ts / 1000, UTC).date() for ts in times}
        return ", ".join(day.isoformat() for day in sorted(days))

    def _other_files(self) -> list[Path]:
        found = []
        for place, folders, names_ in os.walk(self._config.var):
            here = Path(place)
            if here == self._config.var:
                for name in [it for it in folders if it.startswith(_SCRATCH)]:
                    shutil.rmtree(here / name, ignore_errors=True)
                folders[:] = [
                    it
                    for it in folders
                    if it not in _KNOWN and not it.startswith(_SCRATCH)
                ]
                names_ = [it for it in names_ if not it.startswith(_DATABASES)]
            found += [here / name for name in names_]
        return found


def _area(under: str) -> str:
    """Return a prefix of page names in its kept spelling; raises BadName."""
    under = under.strip()
    if not under.strip("/"):
        return ""
    return names.clean(under) + ("/" if under.endswith("/") else "")


def _read(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""
