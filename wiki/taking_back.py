"""What a page is once a change is taken out of it: the rules, without any writing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .errors import CannotUndo, Conflict, Gone, NotFound
from .model import names
from .model.actor import Sees
from .model.merge import merge3
from .model.page import (
    Change,
    Delete,
    Op,
    Page,
    Put,
    Redirect,
    Rename,
    Restore,
    Revision,
)
from .store.base import ChangesOf, Store

OTHERS_WROTE = (
    "Others have written on this page since it was made, so it is not deleted by "
    "itself. Look at it, and delete it if it should go."
)
RENAMED_SINCE = "The page was renamed again since. Rename it by hand."
FOR_FEWER = (
    "The version before this change is for people you are not among. Ask an "
    "administrator."
)


@dataclass(slots=True)
class PageNow:
    """A page as it is (``page``) and as it will be (the rest).

    ``rev`` is a version that says ``text``, None where the text is new.
    """

    page: Page
    was_deleted: bool
    # The change that deleted it, where it is deleted.
    deleted_by: int
    name: str = field(init=False)
    text: str = field(init=False)
    rev: int | None = field(init=False)
    deleted: bool = field(init=False)

    def __post_init__(self) -> None:
        self.name, self.text = self.page.name, self.page.text
        self.rev, self.deleted = self.page.rev, self.was_deleted

    @property
    def writes(self) -> bool:
        """Tell whether a text becomes the newest one."""
        return not self.deleted and (self.was_deleted or self.text != self.page.text)

    @property
    def moves(self) -> bool:
        return not self.deleted and self.name != self.page.name

    def ops(self) -> list[Op]:
        """Return what makes the page so, none where it is so already."""
        it, head = self.page.id, self.page.head
        if self.deleted:
            return [] if self.was_deleted else [Delete(it, head)]
        found: list[Op] = []
        if self.was_deleted:
            found.append(Restore(it, self.rev or head, head))
        if self.text != self.page.text and not (self.was_deleted and self.rev):
            again = self.rev is not None
            found.append(
                Restore(it, self.rev or 0, head) if again else Put(it, self.text, head)
            )
        if self.moves:
            found.append(Rename(it, self.name, head))
        return found


def page_now(store: Store, page_id: int, sees: Sees) -> PageNow | None:
    """Return a page, deleted or not; None for one that may not be seen."""
    try:
        page = store.get(page_id, sees=sees)
    except Gone as gone:
        return _deleted(store, gone)
    except NotFound:
        return None
    return None if isinstance(page, Redirect) else PageNow(page, False, 0)


def _deleted(store: Store, gone: Gone) -> PageNow:
    kinds = ("delete",)
    last = store.changes_of(ChangesOf(page=gone.page_id, kinds=kinds, limit=1))[0]
    page = Page(
        gone.page_id,
        gone.name,
        names.key(gone.name),
        store.revision_text(gone.head),
        gone.head,
        0,
        gone.head,
        last.title,
        audience=last.audience,
    )
    return PageNow(page, True, last.seq)


class Texts:
    """The texts of versions, for one reader; ``check`` refuses one that is not theirs.

    A version from when the page was for others is CannotUndo.
    """

    def __init__(self, store: Store, sees: Sees, check: Callable[[str], None]) -> None:
        self._store, self._sees, self._check = store, sees, check

    def text(self, rev: int) -> str:
        text = self._store.revision_text(rev)
        self._check(text)
        return text

    def before(self, change: Change) -> Revision:
        """Return the version before the one that a change made."""
        n, page = int(change.detail.get("n") or 0), change.page or 0
        rows = self._store.history(page, before=n + 1, limit=2)
        if len(rows) < 2 or rows[0].n != n:
            raise NotFound
        seen = self._store.history(page, before=n + 1, limit=2, sees=self._sees)
        if [row.id for row in seen] != [row.id for row in rows]:
            raise CannotUndo(FOR_FEWER)
        return rows[1]


def take_back(page: PageNow, change: Change, texts: Texts) -> None:
    """Take a change out of a page; nothing happens where that was done already.

    Raises Conflict with all three texts, or CannotUndo.
    """
    match change.kind:
        case "rename":
            _name_back(page, change)
        case "delete":
            if page.deleted and page.deleted_by == change.seq:
                page.deleted = False
        case "put" | "restore" if change.detail.get("created"):
            _unmake(page, change, texts)
        case "put" | "restore" if not page.deleted:
            _text_back(page, change, texts)


def _name_back(page: PageNow, change: Change) -> None:
    old, new = str(change.detail["from"]), str(change.detail["to"])
    if page.deleted or page.name == old:
        return
    if page.name != new:
        raise CannotUndo(RENAMED_SINCE)
    page.name = old


def _unmake(page: PageNow, change: Change, texts: Texts) -> None:
    if page.deleted:
        return
    if page.rev != change.rev and page.text != texts.text(change.rev or 0):
        raise CannotUndo(OTHERS_WROTE)
    page.deleted = True


def _text_back(page: PageNow, change: Change, texts: Texts) -> None:
    before = texts.before(change)
    base, yours = texts.text(change.rev or 0), texts.text(before.id)
    merged = merge3(base, page.text, yours).text
    if merged is None:
        head = page.page.head
        raise Conflict(page.page.id, change.rev or 0, head, base, page.text, yours)
    if merged != page.text:
        page.text = merged
        page.rev = before.id if merged == yours else None
