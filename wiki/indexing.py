"""Pages as search sees them: the store and the markup behind search's Source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .errors import CorruptData, NotFound
from .markup.text import plain
from .model.actor import Sees
from .model.names import key
from .model.page import Page, Redirect
from .rendering import Renderer
from .search.base import Document
from .store.base import Store

# Changes of a page that search has to hear of.
PAGE_CHANGES = frozenset(
    {"put", "rename", "delete", "restore", "audience", "author", "expunge"}
)


class PageSource:
    """Implements ``wiki.search.base.Source`` over a store."""

    def __init__(self, store: Store, renderer: Renderer) -> None:
        self._store, self._renderer = store, renderer

    def last_seq(self) -> int:
        return self._store.last_seq()

    def changes(self, after_seq: int, limit: int) -> list[tuple[int, int]]:
        """Return (seq, page id) above ``after_seq``; 0 for what is not a page's."""
        return [
            (c.seq, c.page if c.page and c.kind in PAGE_CHANGES else 0)
            for c in self._store.changes(after_seq, limit)
        ]

    def documents(self, ids: Sequence[int]) -> dict[int, Document]:
        """Return the documents of live pages; a page that cannot be read is absent."""
        found = {}
        for page_id in ids:
            try:
                page = self._store.get(page_id)
            except (NotFound, CorruptData):
                continue
            if not isinstance(page, Redirect):
                found[page_id] = self._document(page)
        return found

    def ids(self, after: int, limit: int) -> list[int]:
        return self._store.ids(after, limit)

    def titles(self, text: str, limit: int, sees: Sees) -> list[tuple[int, str, str]]:
        rows = self._store.find_titles(text, limit, sees=sees)
        return [(row.id, row.name, row.title) for row in rows]

    def audiences(self, names: Sequence[str]) -> dict[str, str]:
        """Return {name: audience} of live pages, in one query."""
        found = self._store.exists([key(name) for name in names])
        return {row.name: row.audience for row in found.values()}

    def _document(self, page: Page) -> Document:
        tree = self._renderer.tree(self._renderer.front(page.text))
        body, headings = plain(tree.tokens)
        return Document(
            id=page.id,
            seq=page.moved,
            name=page.name,
            title=page.title,
            body="\n".join((*_shown_fields(page), body)),
            headings=tuple(headings),
            aliases=_aliases(page),
            tags=page.tags,
            kind=page.kind,
            lang=page.lang,
            author=page.author,
            updated=page.ts,
            audience=page.audience,
        )


def _aliases(page: Page) -> tuple[str, ...]:
    """Return the other names a page gives itself in its front matter."""
    found = [page.name.rpartition("/")[2].replace("-", " ")]
    for field in ("aliases", "aka", "term"):
        value = page.meta.get(field)
        for item in value if isinstance(value, list) else [value]:
            text = item.get("text") if isinstance(item, dict) else item
            if isinstance(text, str) and text.strip():
                found.append(text.strip()[:200])
    return tuple(found[:50])


def _shown_fields(page: Page) -> list[str]:
    """Return front matter texts that every reader of a page sees on it."""
    narrowed = page.meta.get("audiences")
    narrowed = narrowed if isinstance(narrowed, Mapping) else {}
    fields = (field for field in ("summary", "short") if field not in narrowed)
    values = (page.meta.get(field) for field in fields)
    return [value for value in values if isinstance(value, str)]
