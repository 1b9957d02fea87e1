"""Who is new here, and what is asked of them: few links to other sites at once.

An account is new while it is younger than some days and has made fewer than some
changes. Whoever moderates never is.
"""

from __future__ import annotations

import re
import time
from collections import Counter

from .accounts import Accounts
from .config import Config
from .errors import NotFound
from .markup import links
from .markup.front import Front
from .markup.parse import Tree
from .model.actor import MODERATOR, Actor
from .model.page import ERROR, Page, Problem
from .rendering import Renderer
from .store.base import ChangesOf, Store

DAY_MS = 86_400_000

TOO_MANY_LINKS = (
    "This adds %(count)d links to other sites. New accounts can add at most %(limit)d "
    "at once: take some out, or ask somebody who has been here longer."
)
_ADDRESS = re.compile(r"https?://[^\s\"'<>\[\]{},]+", re.I)


class Newcomers:
    """Tells who is new: a handful of rows from an index, whatever the wiki holds."""

    def __init__(
        self, config: Config, store: Store, accounts: Accounts, renderer: Renderer
    ) -> None:
        self._rules, self._own = config.moderation, config.site.url.rstrip("/")
        self._store, self._accounts, self._renderer = store, accounts, renderer
        # Nobody becomes new again.
        self._settled: set[int] = set()

    def is_one(self, actor: Actor) -> bool:
        if actor.id is None or actor.at_least(MODERATOR) or actor.id in self._settled:
            return False
        if self._is_young(actor.id) and self._has_done_little(actor.id):
            return True
        self._settled.add(actor.id)
        return False

    def _is_young(self, user_id: int) -> bool:
        try:
            age = time.time() * 1000 - self._accounts.opened(user_id)
        except NotFound:  # not an account of people: a program of ours
            return False
        return age < self._rules.newcomer_days * DAY_MS

    def _has_done_little(self, user_id: int) -> bool:
        most = self._rules.newcomer_edits
        if not most:
            return False
        done = self._store.changes_of(ChangesOf(author_id=user_id, limit=most))
        return len(done) < most

    def problems(
        self, actor: Actor, front: Front, tree: Tree, before: Page | None
    ) -> list[Problem]:
        """Return what speaks against a newcomer's text: too many new links."""
        if not self.is_one(actor):
            return []
        new = self._addresses(front, tree)
        if before is not None:
            was = self._renderer.front(before.text)
            new -= self._addresses(was, self._renderer.tree(was))
        count, limit = new.total(), self._rules.newcomer_links
        if count <= limit:
            return []
        params = {"count": count, "limit": limit}
        return [Problem(ERROR, "text", TOO_MANY_LINKS, params=params)]

    def _addresses(self, front: Front, tree: Tree) -> Counter[str]:
        """Count the addresses of other sites that a text links to."""
        found = Counter(_ADDRESS.findall(front.raw))
        for token in links.walk(tree.tokens):
            target = links.target_of(token, "")
            if target.kind == "external":
                found[target.name] += 1
        return Counter({to: n for to, n in found.items() if self._is_other(to)})

    def _is_other(self, address: str) -> bool:
        if not address.lower().startswith(("http://", "https://")):
            return False
        own = self._own
        return not own or (address != own and not address.startswith(f"{own}/"))
