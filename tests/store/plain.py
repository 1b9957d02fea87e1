"""A small language of pages, enough to test a store without the real markup."""

from __future__ import annotations

import re
from typing import Any

from wiki.errors import BadName
from wiki.model import names
from wiki.model.page import NEW, Delete, Facts, LinkTo, Put, Rename, Restore
from wiki.store.base import Author

_BLOCK = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_LINK = re.compile(r"(!?)\[\[([^\]|]+)\]\]")


def describe(name: str, text: str) -> Facts:
    """Return the facts of a text: a block of ``key: value``, a heading, links."""
    meta: dict[str, Any] = {}
    if block := _BLOCK.match(text):
        for line in block[1].split("\n"):
            key, _, value = line.partition(":")
            meta[key.strip()] = _value(value.strip())
    heading = re.search(r"^# (.+)$", text, re.MULTILINE)
    tags = meta.get("tags", [])
    return Facts(
        title=heading[1] if heading else name.rpartition("/")[2],
        kind=str(meta.get("type", "")),
        audience=str(meta.get("audience", "")),
        tags=tuple(tags if isinstance(tags, list) else [tags]),
        links=tuple(_links(text)),
        meta=meta,
    )


def _value(text: str) -> Any:
    if text.startswith("["):
        return [item.strip() for item in text[1:-1].split(",") if item.strip()]
    return text


def _links(text: str) -> list[LinkTo]:
    links = []
    for shown, target in _LINK.findall(text):
        try:
            kind = "file" if shown else "page"
            links.append(LinkTo(names.key(names.clean(target)), kind))
        except BadName:
            continue
    return links


def merge(base: str, theirs: str, yours: str) -> str | None:
    """Merge by line where the number of lines is the same; None on overlap."""
    rows = [text.split("\n") for text in (base, theirs, yours)]
    if len({len(row) for row in rows}) != 1:
        return None
    merged = []
    for old, left, right in zip(*rows, strict=True):
        if left != right and old not in (left, right):
            return None
        merged.append(right if left == old else left)
    return "\n".join(merged)


ANN, BOB = Author(1, "Ann"), Author(2, "Bob")


class Hand:
    """Verbs for tests: writes as Ann, on the newest version."""

    def __init__(self, store: Any) -> None:
        self.store = store

    def commit(self, *ops: Any, **how: Any) -> Any:
        return self.store.commit(list(ops), how.pop("author", ANN), **how)

    def new(self, name: str, text: str = "", **how: Any) -> Any:
        self.commit(Put(name, text or f"# {name}\n", NEW), **how)
        return self.store.get(name)

    def put(self, page: Any, text: str, **how: Any) -> Any:
        self.commit(Put(page.id, text, self.head(page)), **how)
        return self.store.get(page.id)

    def head(self, page: Any) -> int:
        found = self.store.head(page.id)
        assert found is not None
        return int(found[1])

    def rename(self, page: Any, name: str, *, leave_redirect: bool = True) -> Any:
        op = Rename(page.id, name, self.head(page), leave_redirect)
        return self.commit(op)

    def delete(self, page: Any) -> Any:
        return self.commit(Delete(page.id, self.head(page)))

    def restore(self, page: Any, rev: int, base: int) -> Any:
        return self.commit(Restore(page.id, rev, base))
