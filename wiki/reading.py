"""Who may read a file that lies beside pages: whoever may read a page it belongs to."""

from __future__ import annotations

from .errors import BadName, Gone, NotFound
from .model import names
from .model.actor import Sees, may_see
from .model.rules import Rules
from .store.base import Store

# Of a folder whose pages differ in audience, so many are looked at.
_LOOKED_AT = 500


def check_file(store: Store, rules: Rules, path: str, sees: Sees) -> None:
    """Raise NotFound unless a reader may have the file at ``path``.

    Pages that show or link to the file decide; where none does, the page that its
    folder belongs to, else every page of that folder. A rule of the area is a bound
    in any case.
    """
    if sees is None:
        return
    try:
        key = names.key(names.clean(path))
    except BadName:
        raise NotFound from None
    if rules.for_reading(key) and not may_see(sees, rules.audience(key, "")):
        raise NotFound
    if store.using_file(key):
        if not store.using_file(key, sees=sees):
            raise NotFound
        return
    _check_folder(store, rules, path.rpartition("/")[0], sees)


def _check_folder(store: Store, rules: Rules, folder: str, sees: Sees) -> None:
    while folder:
        owner = _audience(store, folder)
        if owner is not None:
            if not may_see(sees, owner):
                raise NotFound
            return
        rows, more = store.list(prefix=f"{folder}/", limit=_LOOKED_AT)
        if rows:
            hidden = [row for row in rows if not may_see(sees, row.audience)]
            if hidden or (more and not may_see(sees, rules.default)):
                raise NotFound
            return
        folder = folder.rpartition("/")[0]
    if not may_see(sees, rules.default):
        raise NotFound


def _audience(store: Store, name: str) -> str | None:
    """Return the audience of the page of that name, None where there is none."""
    try:
        return store.get(name).audience
    except Gone:
        raise NotFound from None
    except NotFound:
        return None
