"""What happens to a page without a new text: another name, the trash, an old version.

Rights to act and audiences are checked here, like in ``wiki.saving`` for texts.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from .access import Access
from .audit import Audit
from .describing import Describer
from .errors import (
    BadName,
    Gone,
    NameHeld,
    NameTaken,
    NotAllowed,
    NotFound,
    WikiError,
)
from .model import names
from .model.actor import Actor
from .model.audience import is_wider
from .model.events import Event, PageDeleted, PageRenamed, PageRestored
from .model.page import CommitResult, Delete, Op, Page, Rename, Restore
from .saving import NOT_USABLE, PARTS_FOR_OTHERS, Saver, check_becomes
from .store.base import Author, Store

Read = Callable[[Actor, str, int | None], Page]


class Mover:
    """Renames, deletes, restores. ``read`` returns a page that an actor may see."""

    def __init__(
        self,
        store: Store,
        access: Access,
        describer: Describer,
        saver: Saver,
        audit: Audit,
        read: Read,
        tell: Callable[[Event], None],
    ) -> None:
        self._store, self._access, self._describer = store, access, describer
        self._saver, self._audit, self._read, self._tell = saver, audit, read, tell

    def rename(
        self, actor: Actor, name: str, new_name: str, reason: str, *, widen: bool
    ) -> Page:
        """Give a page another name; the old one keeps leading to it.

        Without ``widen`` a move to where more people read raises Wider.
        """
        page, new_name = self._read(actor, name, None), names.clean(new_name)
        self._access.check(actor, "rename", page)
        if names.key(new_name) != page.key:
            self._access.check(actor, "create", name=new_name)
            self._check_audience(actor, new_name, page.text, page, widen=widen)
        try:
            self._commit(actor, Rename(page.id, new_name, page.head), reason)
        except NameTaken as taken:
            raise self._taken(actor, taken) from None
        new = self._read(actor, new_name, None)
        self.note_wider(actor, new, page)
        self._tell(PageRenamed(page.id, page.name, new.name, actor.id))
        return new

    def delete(self, actor: Actor, name: str, reason: str) -> Page:
        """Delete a page; it can be restored."""
        page = self._read(actor, name, None)
        self._access.check(actor, "delete", page)
        self._commit(actor, Delete(page.id, page.head), reason)
        self._tell(PageDeleted(page.id, page.name, actor.id))
        return page

    def restore(
        self, actor: Actor, name: str, n: int | None, reason: str, *, widen: bool
    ) -> Page:
        """Make version ``n`` the newest one, or bring a deleted page back.

        Without ``widen`` a version that more people read than the page raises Wider.
        """
        before: Page | None = None
        try:
            before = self._read(actor, name, None)
            self._access.check(actor, "restore", before)
            if n is None:
                return before
            page_id, base, place = before.id, before.head, before.name
            rev = self._read(actor, name, n).rev
        except Gone as gone:
            self._access.check(actor, "restore", name=gone.name)
            page_id, base, place = gone.page_id, gone.head, gone.name
            rev = self._last(actor, page_id, n)
        for text in map(self._store.revision_text, {rev, base}):
            if not self._saver.sees_whole(actor, text):
                raise NotAllowed(PARTS_FOR_OTHERS)
        text = self._store.revision_text(rev)
        self._check_audience(actor, place, text, before, widen=widen)
        self._commit(actor, Restore(page_id, rev, base), reason)
        restored = self._read(actor, name, None)
        self.note_wider(actor, restored, before)
        self._tell(PageRestored(page_id, restored.name, restored.rev, actor.id))
        return restored

    def _last(self, actor: Actor, page_id: int, n: int | None) -> int:
        """Return the id of a deleted page's version ``n``, of its last one for None."""
        before = None if n is None else n + 1
        rows = self._store.history(page_id, before=before, limit=1, sees=actor.sees)
        if not rows:
            raise NotFound
        return rows[0].id

    def note_wider(self, actor: Actor, page: Page, before: Page | None = None) -> None:
        """Note in the log that more people read a page than ``before``."""
        if before is not None and not is_wider(page.audience, before.audience):
            return
        with contextlib.suppress(WikiError):  # what is done is done
            self._audit.note(actor, "audience.wider", page.name, audience=page.audience)

    def _check_audience(
        self, actor: Actor, name: str, text: str, before: Page | None, *, widen: bool
    ) -> None:
        own = self._describer(name, text).audience
        becomes = self._access.rules.audience(names.key(name), own)
        check_becomes(actor, own, becomes, before, widen=widen)

    def _taken(self, actor: Actor, taken: NameTaken) -> WikiError:
        """Return what this actor may hear of a name that is taken."""
        try:
            self._store.get(taken.page_id, sees=actor.sees)
        except Gone:
            return NameHeld(taken.params["name"], taken.page_id, "gone")
        except NotFound:
            return BadName(NOT_USABLE)
        return taken

    def _commit(self, actor: Actor, op: Op, comment: str) -> CommitResult:
        return self._store.commit(
            [op],
            Author(actor.id, actor.name),
            comment=" ".join(comment.split())[:500],
        )
