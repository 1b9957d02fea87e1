"""Takes changes back: one, all by one account, all of one commit. Never more than that.

A change is undone by merging its reverse into the page as it is now, paragraph by
paragraph; what others wrote stays. What does not fit is left for a person. An undo
is a change like any other, so it can be undone in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from .access import Access
from .errors import (
    Busy,
    CannotUndo,
    Conflict,
    Gone,
    NameTaken,
    NotAllowed,
    NotFound,
    Wider,
    WikiError,
)
from .model.actor import Actor
from .model.events import Event, PageDeleted, PageRenamed, PageRestored, PageSaved
from .model.page import Change, Delete, Op, Page, Put, Redirect, Restore, Revision
from .saving import PARTS_FOR_OTHERS, Saver
from .store.base import MAX_LIMIT, MAX_OPS, Author, ChangesOf, Store
from .taking_back import PageNow, Texts, page_now, take_back

ATTEMPTS = 5  # times a batch looks again when others save in the same moment
MAX_TEXTS = 500  # texts that one commit writes; what it deletes does not count

NAME_TAKEN = (
    "Its old name cannot be used: something else has it by now. Rename the page "
    "by hand."
)
MORE_READERS = (
    "Undoing this would let more people read the page. If you mean that, change the "
    "page by hand."
)


@dataclass(frozen=True, slots=True)
class Left:
    """A change that a person has to look at, and why."""

    change: Change
    why: WikiError


@dataclass(slots=True)
class Undone:
    """What was undone, or would be: the newest change of each page.

    ``left`` are changes for a person to look at; ``more`` tells that there are older
    ones that were not looked at.
    """

    pages: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    more: bool = False


class Undoing:
    """Undoes changes as far as an actor may see and write what comes out."""

    def __init__(
        self,
        store: Store,
        access: Access,
        saver: Saver,
        check_free: Callable[[Actor], None],
        tell: Callable[[Event], None],
    ) -> None:
        self._store, self._access = store, access
        self._saver, self._check_free, self._tell = saver, check_free, tell

    def change(self, actor: Actor, page_id: int, seq: int) -> Change:
        """Return a change of a page; raises NotFound."""
        of = ChangesOf(page=page_id, before=seq + 1, limit=1, sees=actor.sees)
        rows = self._store.changes_of(of)
        if not rows or rows[0].seq != seq:
            raise NotFound
        return rows[0]

    def one(self, actor: Actor, change: Change, comment: str) -> bool:
        """Undo one change of a page; False where there was nothing left to undo.

        Raises Conflict with all three texts where others changed the same part,
        CannotUndo, NotAllowed, NotValid.
        """
        self._check_free(actor)
        done = self._batch(actor, [[change]], comment)
        for left in done.left:
            raise left.why
        return bool(done.pages)

    def deleted(
        self, actor: Actor, gone: Gone, n: int | None = None
    ) -> tuple[Page, Revision]:
        """Return a version of a deleted page, to whoever may bring the page back.

        Raises NotFound, NotAllowed, SignInNeeded.
        """
        self._access.check(actor, "restore", name=gone.name)
        before = None if n is None else n + 1
        rows = self._store.history(
            gone.page_id, before=before, limit=1, sees=actor.sees
        )
        if not rows or n not in (None, rows[0].n):
            raise NotFound
        it = page_now(self._store, gone.page_id, actor.sees)
        if it is None or not it.was_deleted:
            raise NotFound
        text = self._store.revision_text(rows[0].id)
        page = replace(it.page, rev=rows[0].id, n=rows[0].n, text=text)
        return page, rows[0]

    def look(self, actor: Actor, of: ChangesOf, most: int) -> Undone:
        """Return what undoing would do to the newest ``most`` changes."""
        self._access.check(actor, "moderate")
        rows = list(islice(self._changes(actor, of), most + 1))
        done, _ = self._plan(actor, _by_page(rows[:most]))
        return replace(done, more=len(rows) > most)

    def all(self, actor: Actor, of: ChangesOf, comment: str) -> Undone:
        """Undo all changes there are, newest first, in as few commits as can be."""
        self._access.check(actor, "moderate")
        done, changes = Undone(), self._changes(actor, of)
        while rows := list(islice(changes, MAX_OPS)):
            for batch in _in_size(_by_page(rows)):
                part = self._batch(actor, batch, comment)
                done.pages += part.pages
                done.left += part.left
        return done

    def _changes(self, actor: Actor, of: ChangesOf) -> Iterator[Change]:
        """Yield the changes that an actor may know of, newest first.

        What is committed meanwhile, our own undoing too, is not among them.
        """
        last = self._store.last_seq()
        of = replace(of, limit=MAX_LIMIT, sees=actor.sees, before=last + 1)
        while rows := self._store.changes_of(of):
            yield from rows
            of = replace(of, before=rows[-1].seq)

    # -- one commit

    def _batch(self, actor: Actor, pages: list[list[Change]], comment: str) -> Undone:
        for _ in range(ATTEMPTS):
            done, found = self._plan(actor, pages)
            ops = [(page, op) for page in found for op in page.ops()]
            if not ops:
                return done
            author = Author(actor.id, actor.name)
            said = " ".join(comment.split())[:500]
            try:
                result = self._store.commit([op for _, op in ops], author, comment=said)
            except (Conflict, NameTaken, Gone):
                continue  # somebody was faster in this very moment: look again
            for (page, op), rev in zip(ops, result.revs, strict=True):
                self._tell(_event(page, op, rev, actor.id))
            return done
        raise Busy

    def _plan(
        self, actor: Actor, pages: list[list[Change]]
    ) -> tuple[Undone, list[PageNow]]:
        """Return what can be undone, and the pages as they will be."""
        done, found = Undone(), list[tuple[PageNow, Change]]()

        def check(text: str) -> None:
            if not self._saver.sees_whole(actor, text):
                raise NotAllowed(PARTS_FOR_OTHERS)

        texts = Texts(self._store, actor.sees, check)
        for rows in pages:
            page = page_now(self._store, rows[0].page or 0, actor.sees)
            if page is None:
                continue
            left = _take_back_all(page, rows, texts)
            try:
                if page.ops():
                    self._check(actor, page, check)
                    found.append((page, rows[0]))
            except WikiError as why:
                left = [Left(rows[0], why)]
            done.left += left
        for page, change in self._without_names(found):
            found.remove((page, change))
            done.left.append(Left(change, CannotUndo(NAME_TAKEN)))
        done.pages = [change for _, change in found]
        return done, [page for page, _ in found]

    def _without_names(
        self, found: list[tuple[PageNow, Change]]
    ) -> list[tuple[PageNow, Change]]:
        """Return the pages whose old names are taken by others than each other."""
        refused: list[tuple[PageNow, Change]] = []
        while True:
            moving = [it for it in found if it[0].moves and it not in refused]
            own = {page.page.id for page, _ in moving}
            more = [it for it in moving if not self._is_free(it[0], own)]
            if not more:
                return refused
            refused += more

    def _check(
        self,
        actor: Actor,
        it: PageNow,
        check_text: Callable[[str], None],
    ) -> None:
        """Raise what speaks against a page becoming so."""
        check, page = self._access.check, it.page
        if it.deleted:
            check(actor, "delete", page)
            return
        if it.was_deleted:
            check(actor, "restore", page)
        try:
            if it.writes:
                check(actor, "edit", page)
                check_text(page.text)
                check_text(it.text)
                known = it.rev is not None
                self._saver.check_again(actor, page.name, it.text, page, known=known)
            if it.moves:
                check(actor, "rename", page)
                check(actor, "create", name=it.name)
                self._saver.check_again(actor, it.name, it.text, page, known=True)
        except Wider:
            raise CannotUndo(MORE_READERS) from None

    def _is_free(self, it: PageNow, moving: set[int]) -> bool:
        """Tell whether a page can have its old name again, as others move away."""
        try:
            held = self._store.get(it.name)
        except Gone as gone:
            return gone.page_id == it.page.id
        except NotFound:
            return True
        if isinstance(held, Redirect):
            return held.page_id == it.page.id
        return held.id in moving


def _take_back_all(page: PageNow, rows: list[Change], texts: Texts) -> list[Left]:
    """Take changes out of a page, newest first; return those that do not go."""
    left = []
    for change in rows:
        try:
            take_back(page, change, texts)
        except WikiError as why:
            left.append(Left(change, why))
    return left


def _event(page: PageNow, op: Op, rev: int, by: int | None) -> Event:
    it = page.page
    match op:
        case Put():
            return PageSaved(it.id, it.name, rev, it.kind, by, False)
        case Restore():
            return PageRestored(it.id, it.name, rev, by)
        case Delete():
            return PageDeleted(it.id, it.name, by)
    return PageRenamed(it.id, it.name, page.name, by)


def _by_page(rows: list[Change]) -> list[list[Change]]:
    """Return the changes of each page, newest first, in the order they came in."""
    pages: dict[int | None, list[Change]] = {}
    for one in rows:
        pages.setdefault(one.page, []).append(one)
    return list(pages.values())


def _in_size(pages: list[list[Change]]) -> Iterator[list[list[Change]]]:
    """Cut pages into batches whose texts are not too much for one commit."""
    batch, texts = list[list[Change]](), 0
    for rows in pages:
        batch.append(rows)
        texts += not rows[-1].detail.get("created")
        if texts == MAX_TEXTS:
            yield batch
            batch, texts = [], 0
    if batch:
        yield batch
