"""Who may read a file that lies beside pages: whoever may read a page it belongs to."""

from __future__ import annotations

from .errors import BadName, Gone, NotFound
from .model import names
from .model.actor import Sees, may_see
from .model.page import PageRow
from .model.rules import Rules
from .store.base import Store

# Of a folder whose pages differ in audience, so many are looked at.
_LOOKED_AT = 500


def check_file(store: Store, rules: Rules, path: str, sees: Sees) -> None:
    """Raise NotFound unless a reader may have the file at ``path``.

    Pages of its folder that show or link to the file decide; where none does, the
    page that its folder belongs to, else every page of that folder. A page elsewhere
    opens only what lies in a folder without pages: otherwise whoever guesses a file's
    name could open it. A rule of the area is a bound in any case.
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
    if using and not store.using_file(key, sees=sees):
        raise NotFound
    folder = key.rpartition("/")[0]
    beside = [row for row in store.using_file(key, _LOOKED_AT) if _is_in(row, folder)]
    if beside:
        seen = any(may_see(sees, row.audience) for row in beside)
    else:
        found = _sees_folder(store, path.rpartition("/")[0], sees)
        seen = (using or may_see(sees, rules.default)) if found is None else found
    if not seen:
        raise NotFound


def _is_in(row: PageRow, folder: str) -> bool:
    return folder in (row.key, row.key.rpartition("/")[0])


def _sees_folder(store: Store, folder: str, sees: Sees) -> bool | None:
    """Tell whether a reader sees whom a folder belongs to, None if it is nobody."""
    while folder:
        owner = _audience(store, folder)
        if owner is not None:
            return may_see(sees, owner)
        # Deleted ones too: what lay beside them is no more open than they were.
        rows, more = store.list(
            prefix=f"{folder}/", limit=_LOOKED_AT, include_deleted=True
        )
        if rows:
            return not more and all(may_see(sees, row.audience) for row in rows)
        folder = folder.rpartition("/")[0]
    return None


def _audience(store: Store, name: str) -> str | None:
    """Return the audience of the page of that name, None where there is none."""
    try:
        return store.get(name).audience
    except Gone:
        raise NotFound from None
    except NotFound:
        return None
