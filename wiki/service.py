"""The wiki itself: view, save, rename, delete, search. The only writer.

Page hooks fire here. Rights to act are checked here, rights to read inside the
store's queries. Everything that changes a page comes through this door: the web,
the API, the command line; files edited on disk come through the store's scan.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from .access import Access
from .accounts import Accounts
from .accounts.removal import Removal
from .areas import Areas
from .config import Config
from .describing import Describer
from .erasing import Erasing
from .errors import (
    NotAllowed,
    NotFound,
)
from .hooks import Fault
from .markup.parse import check
from .model import names, times
from .model.actor import Actor, Sees
from .model.events import Event, PluginFailing
from .model.page import (
    Change,
    Draft,
    Page,
    PageRow,
    Redirect,
    Revision,
)
from .model.parts import PageType, Record, RenderedPage
from .moving import Mover
from .newcomers import Newcomers
from .panic import Panic
from .reading import check_file
from .records import Records
from .registry import Registry
from .rendering import Renderer
from .reviewing import Reviewing
from .saving import PARTS_FOR_OTHERS, Saved, Saver
from .search.base import Hit, Node, Results
from .search.finder import Finder
from .store.base import Store
from .stored_settings import StoredSettings
from .undoing import Undoing

log = logging.getLogger("wiki.service")


@dataclass(frozen=True, slots=True)
class PageView:
    """A page ready to be shown: the revision asked for and its rendering.

    ``latest`` is the number of the newest version; ``old`` tells that ``page`` is
    not it.
    """

    page: Page
    rendered: RenderedPage
    latest: int
    page_type: PageType | None = None

    @property
    def old(self) -> bool:
        return not self.page.is_head


class Wiki:
    """One wiki. Thread-safe; several processes may each have one over one store.

    Made in two steps, because plugins are made with the wiki and the renderer with
    the plugins: ``begin`` is the second one.
    """

    renderer: Renderer
    finder: Finder
    boot: str
    settings: StoredSettings
    panic: Panic
    erasing: Erasing
    removal: Removal
    areas: Areas
    newcomers: Newcomers
    reviewing: Reviewing
    undoing: Undoing
    _saver: Saver
    _mover: Mover

    def __init__(
        self,
        config: Config,
        store: Store,
        accounts: Accounts,
        registry: Registry,
        access: Access,
        describer: Describer,
    ) -> None:
        self.config, self.store, self.accounts = config, store, accounts
        self.registry, self.door, self.access = registry, registry.door, access
        self._describer = describer
        self._records = Records(store)

    def begin(self, renderer: Renderer, finder: Finder, boot: str) -> None:
        """Take what needs the plugins; ``boot`` changes when code or plugins do."""
        self.renderer, self.finder, self.boot = renderer, finder, boot
        self.door.on_fault = self._tell_fault
        self.newcomers = Newcomers(self.config, self.store, self.accounts, renderer)
        self._saver = Saver(
            self.config,
            self.store,
            self.registry,
            renderer,
            self.access,
            self._describer,
            self.newcomers,
            self._tell,
        )
        self._mover = Mover(
            self.store,
            self.access,
            self._describer,
            self._saver,
            self.accounts.audit,
            self.page,
            self._tell,
        )
        self.reviewing = Reviewing(
            self.config,
            self.store,
            self.access,
            self.accounts,
            self.newcomers,
            self._saver,
        )
        self.undoing = Undoing(
            self.store,
            self.access,
            self._saver,
            self.reviewing.check_free,
            self._tell,
        )

    # -- reading

    def get(self, actor: Actor, name: str, n: int | None = None) -> Page | Redirect:
        """Return a page, an older version of it, or where it has moved.

        Raises NotFound, Gone (to those who may see it), BadName. An old version from
        when the page was for fewer people stays with them.
        """
        return self.store.get(names.clean(name), n, sees=actor.sees)

    def page(self, actor: Actor, name: str, n: int | None = None) -> Page:
        """Return a page, following an old name."""
        found = self.get(actor, name, n)
        if isinstance(found, Redirect):
            found = self.get(actor, found.name, n)
        if isinstance(found, Redirect):
            raise NotFound
        return found

    def view(
        self, actor: Actor, name: str, n: int | None = None
    ) -> PageView | Redirect:
        """Return a page with its rendering, or where it has moved."""
        page = self.get(actor, name, n)
        if isinstance(page, Redirect):
            return page
        latest = page.n
        if not page.is_head:
            latest = self.store.history(page.id, limit=1)[0].n
        rendered = self.renderer.page(page, actor.sees)
        return PageView(page, rendered, latest, self.page_type(page.kind))

    def preview(self, actor: Actor, name: str, text: str) -> RenderedPage:
        """Render a draft as a save would; nothing is kept."""
        self._saver.check_size(text)
        facts = self._describer(name, text)
        made = self.renderer.draft(
            name, text, actor.sees, title=facts.title, preview=True
        )
        return replace(made, problems=(*made.problems, *check(text)))

    def check_file(self, actor: Actor, path: str) -> None:
        """Raise NotFound unless an actor may have a file beside pages."""
        check_file(self.store, self.access.rules, path, actor.sees)

    def sees_source(self, actor: Actor, page: Page) -> bool:
        """Tell whether an actor may read the whole source of this version."""
        return self._saver.sees_whole(actor, page.text)

    def source(self, actor: Actor, page: Page) -> str:
        """Return the source of a version; NotAllowed where parts are for others."""
        if not self.sees_source(actor, page):
            raise NotAllowed(PARTS_FOR_OTHERS)
        return page.text

    def history(
        self, actor: Actor, page: Page, before: int | None = None, limit: int = 50
    ) -> list[Revision]:
        return self.store.history(page.id, before=before, limit=limit, sees=actor.sees)

    def recent(
        self,
        actor: Actor,
        *,
        before_seq: int | None = None,
        limit: int = 50,
        prefix: str = "",
    ) -> list[Change]:
        return self.store.recent(
            before_seq=before_seq, limit=limit, prefix=prefix, sees=actor.sees
        )

    def last_seq(self) -> int:
        """Return the number of the last change: one more with each that is made."""
        return self.store.last_seq()

    def changes(
        self, actor: Actor, after_seq: int, limit: int = 100
    ) -> tuple[list[Change], int]:
        """Return what changed since ``after_seq``, oldest first, and where to go on.

        Complete, and in order; what the actor may not see is left out.
        """
        last = self.store.last_seq()
        rows = self.store.changes(after_seq, limit, sees=actor.sees)
        if len(rows) == limit:
            return rows, rows[-1].seq
        return rows, max(last, rows[-1].seq if rows else 0)

    def told_time(self, ms: int) -> datetime:
        """Return the time of a change as coarse as this wiki tells it, in UTC."""
        return times.told(ms, self.config.privacy.time_in_history)

    def backlinks(self, page_id: int, sees: Sees, limit: int = 50) -> list[PageRow]:
        return self.store.backlinks(page_id, limit=limit, sees=sees)

    def page_type(self, kind: str) -> PageType | None:
        return self.registry.page_types.get(kind)

    # -- records: front matter of all pages of a type

    def stamp(self, topic: str) -> int:
        """Return the number of a topic's last change (``records:<page type>``)."""
        return self._records.stamp(topic)

    def records(
        self,
        page_type: str,
        sees: Sees,
        where: Mapping[str, str] | None = None,
        after_key: str = "",
        limit: int = 100,
    ) -> tuple[list[Record], str | None]:
        """Return records whose fields hold the given values, and the next key."""
        return self._records.some(page_type, sees, where, after_key, limit)

    def all_records(self, page_type: str, sees: Sees) -> list[Record]:
        """Return all visible records of a type, 10,000 at most."""
        return self._records.all(page_type, sees)

    def record(self, name: str, sees: Sees) -> Record | None:
        """Return one page as a record, or None where there is none to be seen."""
        return self._records.one(name, sees)

    # -- writing

    def save(
        self,
        actor: Actor,
        draft: Draft,
        base: int,
        *,
        merge: bool = True,
        origin: str = "web",
        key: str | None = None,
        widen: bool = True,
    ) -> Saved:
        """Save a draft written on version ``base``; see :meth:`Saver.save`."""
        done = self._saver.save(
            actor,
            draft,
            base,
            merge=merge,
            origin=origin,
            key=key,
            widen=widen,
            hold=self.reviewing.keep if self.reviewing.holds(actor) else None,
        )
        if done.widened:
            self._mover.note_wider(actor, done.page)
        return done

    def rename(
        self,
        actor: Actor,
        name: str,
        new_name: str,
        reason: str = "",
        *,
        widen: bool = True,
    ) -> Page:
        """Give a page another name; see :meth:`Mover.rename`."""
        self.reviewing.check_free(actor)
        return self._mover.rename(actor, name, new_name, reason, widen=widen)

    def delete(self, actor: Actor, name: str, reason: str = "") -> Page:
        """Delete a page; it can be restored."""
        self.reviewing.check_free(actor)
        return self._mover.delete(actor, name, reason)

    def restore(
        self,
        actor: Actor,
        name: str,
        n: int | None = None,
        reason: str = "",
        *,
        widen: bool = True,
    ) -> Page:
        """Bring a version, or a deleted page, back; see :meth:`Mover.restore`."""
        self.reviewing.check_free(actor)
        return self._mover.restore(actor, name, n, reason, widen=widen)

    # -- search

    def search(self, actor: Actor, text: str, page: int = 1) -> Results:
        """Search what the actor may see; BadRequest for what is too long."""
        return self.finder.search(
            text, actor.sees, page=page, expand=partial(self._expand, actor.sees)
        )

    def suggest(self, actor: Actor, text: str, limit: int = 10) -> list[Hit]:
        return self.finder.suggest(text, actor.sees, limit)

    def _expand(self, sees: Sees, node: Node) -> Node:
        changed: Node = self.door.chain("search_query", node, sees=sees)
        return changed

    def search_health(self) -> tuple[str, str]:
        """Return (ok | warning, a sentence) about the search index."""
        lag = self.finder.lag()
        if lag < 0:
            return "warning", "The search index is being built; titles are searched."
        if lag:
            return "ok", f"{lag} changes are on their way into the search index."
        return "ok", "Search is up to date."

    # -- inside

    def _tell(self, event: Event) -> None:
        self.door.notify("on_event", event=event)

    def _tell_fault(self, fault: Fault) -> None:
        self._tell(PluginFailing(fault.plugin, fault.hook, fault.off))

    def close(self) -> None:
        """Close the store and the search; the wiki is of no use after this."""
        self.finder.close()
        self.renderer.close()
        self.accounts.close()
        self.store.close()
