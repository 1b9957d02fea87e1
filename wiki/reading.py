"""Who may read a file that lies beside pages: whoever may read a page it belongs to."""

from __future__ import annotations

from .errors import BadName, Gone, NotFound
from .model import names
from .model.actor import ADMINS, Sees, may_see
from .model.page import PageRow
from .model.rules import Rules
from .store.base import Store

# Of a folder whose pages differ in audience, so many are looked at.
_LOOKED_AT = 500


def check_file(store: Store, rules: Rules, path: str, sees: Sees) -> None:
    """Raise NotFound unless a reader may have the file at ``path``.

    Pages of its folder that show or link to the file decide, each of them: otherwise
    whoever guesses the name of a hidden page's file could open it by a link. Where
    none does, it is the page that the folder belongs to, else every page of that
    folder; a page elsewhere opens only what lies in a folder without pages. A rule of
    the area is a bound in any case.
    """
    if sees is None:
        return
    try:
        key = names.key(names.clean(path))
    except BadName:
        raise NotFound from None
    if rules.for_reading(key) and not may_see(sees, rules.audience(key, "")):
        raise NotFound
    using = bool(store.using_file(key))
    shown = not using or bool(store.using_file(key, sees=sees))
    folder = key.rpartition("/")[0]
    beside = [row for row in store.using_file(key, _LOOKED_AT) if _is_in(row, folder)]
    if shown and beside and all(may_see(sees, row.audience) for row in beside):
        return
    # Looked at in any case: every refusal takes as long.
    found = _sees_folder(store, path.rpartition("/")[0], sees)
    if found is None:
        found = using or may_see(sees, rules.default)
    if beside or not shown or not found:
        raise NotFound


def _is_in(row: PageRow, folder: str) -> bool:
    return folder in (row.key, row.key.rpartition("/")[0])


def _sees_folder(store: Store, folder: str, sees: Sees) -> bool | None:
    """Tell whether a reader sees whom a folder belongs to, None if it is nobody."""
    found: bool | None = None
    while folder:
        above = _sees_those_in(store, folder, sees)
        found = above if found is None else found
        folder = folder.rpartition("/")[0]
    return found


def _sees_those_in(store: Store, folder: str, sees: Sees) -> bool | None:
    owner = _audience(store, folder)
    # Deleted ones too: what lay beside them is no more open than they were.
    rows, more = store.list(prefix=f"{folder}/", limit=_LOOKED_AT, include_deleted=True)
    if owner is not None:
        return may_see(sees, owner)
    if not rows:
        return None
    return not more and all(may_see(sees, row.audience) for row in rows)


def _audience(store: Store, name: str) -> str | None:
    """Return the audience of the page of that name, None where there is none."""
    try:
        return store.get(name).audience
    except Gone:
        return ADMINS
    except NotFound:
        return None
