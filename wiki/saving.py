"""One save: right to act, merge, checks, commit, and what comes after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from .access import Access
from .config import Config
from .describing import Describer
from .errors import (
    BadName,
    Busy,
    Conflict,
    Gone,
    NameTaken,
    NotAllowed,
    NotFound,
    NotValid,
    TooLarge,
    Wider,
)
from .markup.facts import describe
from .markup.front import Front, kind_of
from .markup.parse import Tree, check
from .model import names
from .model.actor import PUBLIC, Actor
from .model.audience import is_wider, sees_part
from .model.events import Event, PageSaved
from .model.fields import field_problems
from .model.merge import has_conflict_markers, merge3
from .model.page import (
    ERROR,
    NEW,
    CommitResult,
    Draft,
    Facts,
    Page,
    Problem,
    Put,
    Redirect,
)
from .newcomers import Newcomers
from .registry import Registry
from .rendering import Renderer, shifted
from .store.base import Author, Store

ATTEMPTS = 5  # times a save looks again when others save in the same moment

CONFLICT_MARKS = (
    "The text still holds the marks of a conflict (<<<<<<<, =======, >>>>>>>). "
    "Choose what stays and remove the marks."
)


PARTS_FOR_OTHERS = (
    "Parts of this page are for fewer people than the page, and its source shows "
    "them all. Ask somebody who may see them, or an administrator."
)
NOT_USABLE = names.RESERVED
NOT_YOURS = (
    "You cannot give a page to people you are not among: you could not read it "
    "yourself. Choose another audience."
)


# Keeps a checked draft, and the page it was written on, for somebody to look at.
Hold = Callable[[Actor, Draft, Page | None], None]


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a draft. ``merged`` names whose change was merged in, if any.

    ``held``: it is not on the page yet, but waits for somebody to look at it.

    ``widened`` is the page's audience where more people read it than until now.
    """

    page: Page
    created: bool = False
    merged: str = ""
    unchanged: bool = False
    problems: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()
    widened: str = ""
    held: bool = False


def check_becomes(
    actor: Actor, own: str, becomes: str, before: Page | None, *, widen: bool
) -> None:
    """Refuse an audience that the actor is not among, or that is wider unasked.

    ``own`` is the word of the text, ``becomes`` what the rules make of it. Raises
    NotValid, BadName, Wider.
    """
    if not sees_part(actor.sees, becomes):
        if sees_part(actor.sees, own or PUBLIC):
            # Who may not read an area is not told that it is one.
            raise BadName(NOT_USABLE)
        raise NotValid(sentence=NOT_YOURS)
    if before and not widen and is_wider(becomes, before.audience):
        raise Wider(before.audience, becomes)


@dataclass(slots=True)
class _Prepared:
    """A draft on its way: parsed once, used for checks, facts and rendering."""

    draft: Draft
    front: Front
    tree: Tree
    facts: Facts
    problems: list[Problem] = field(default_factory=list)


class Saver:
    """Saves drafts; ``tell`` hears of what happened, after the commit."""

    def __init__(
        self,
        config: Config,
        store: Store,
        registry: Registry,
        renderer: Renderer,
        access: Access,
        describer: Describer,
        newcomers: Newcomers,
        tell: Callable[[Event], None],
    ) -> None:
        self._newcomers = newcomers
        self._limit = config.limits.page_kb
        self._store, self._registry, self._renderer = store, registry, renderer
        self._access, self._describer, self._tell = access, describer, tell

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
        hold: Hold | None = None,
        author: Author | None = None,
    ) -> Saved:
        """Save a draft written on version ``base`` (its number; 0 for a new page).

        ``hold`` takes a draft that was found to be good in the place of the pages;
        ``author`` is whose text it is, where that is not the actor.

        Without ``widen`` a draft that lets more people read the page than until now
        raises Wider.

        A base older than the newest version is merged by paragraph. Raises Conflict
        with all three texts where both changed the same part, NotValid with the
        problems, NameTaken, TooLarge, and what the store raises; in every case
        nothing was written and the draft is the caller's to show again.
        """
        # Rights first: laying a text out costs, and is for those who may write.
        name = names.clean(draft.name)
        found = self._before(actor, name, base)
        self._access.check(actor, "edit" if found else "create", found, name)
        prepared = self._prepare(actor, draft)
        for _ in range(ATTEMPTS):
            before = self._before(actor, prepared.draft.name, base)
            self._access.check(actor, "edit" if before else "create", before, name)
            own, place = prepared.facts.audience, before.key if before else name
            becomes = self._access.rules.audience(names.key(place), own)
            check_becomes(actor, own, becomes, before, widen=widen)
            if before and not base and before.text != prepared.draft.text:
                # A name that is taken, or somebody wrote the same page meanwhile.
                raise NameTaken(before.name, before.id)
            self._check_source(actor, before)
            self._check(actor, prepared, before)
            ready, merged = prepared, ""
            if before is not None and before.n != base:
                ready = self._merge(actor, prepared, before, base, merge)
                merged = before.author
            if hold is not None and not (
                before is not None and before.text == ready.draft.text
            ):
                hold(actor, ready.draft, before)
                return _held(ready, before)
            by = author or Author(actor.id, actor.name)
            try:
                result = self._commit(by, ready, before, origin, key)
            except (Conflict, NameTaken):
                continue  # somebody was faster in this very moment: look again
            return self._saved(actor, ready, before, result, merged)
        if before is None:
            raise BadName(NOT_USABLE)
        raise Busy

    # -- the steps

    def sees_whole(self, actor: Actor, text: str) -> bool:
        """Tell whether an actor may read every part of a text's front matter."""
        front = self._renderer.front(text)
        page_type = self._registry.page_types.get(kind_of(text))
        return self._access.sees_source(actor, page_type, front.data)

    def audience(self, key: str, name: str, text: str) -> str:
        """Return who would read a text at a place."""
        return self._access.rules.audience(key, self._describer(name, text).audience)

    def check_again(
        self, actor: Actor, name: str, text: str, before: Page, *, known: bool
    ) -> None:
        """Raise what speaks against a text becoming the newest of a page, at a name.

        ``known``: it was a text of the page before, so only its readers are looked at.
        Raises NotValid, BadName, TooLarge; Wider where more people would read it.
        """
        own = self._describer(name, text).audience
        becomes = self._access.rules.audience(names.key(name), own)
        check_becomes(actor, own, becomes, before, widen=False)
        if not known:
            self._check(actor, self._prepare(actor, Draft(name, text)), before)

    def _check_source(self, actor: Actor, before: Page | None) -> None:
        """Refuse to overwrite parts that this actor cannot see."""
        if before is None:
            return
        page_type = self._registry.page_types.get(before.kind)
        if not self._access.sees_source(actor, page_type, before.meta):
            raise NotAllowed(PARTS_FOR_OTHERS)

    def check_size(self, text: str) -> None:
        size, limit = len(text.encode("utf-8", "replace")), self._limit
        if size > limit * 1024:
            raise TooLarge(size=-(-size // 1024), limit=limit)

    def _prepare(self, actor: Actor, draft: Draft) -> _Prepared:
        name = names.clean(draft.name)
        text = draft.text.replace("\r\n", "\n").replace("\r", "\n")
        self.check_size(text)
        draft = replace(draft, name=name, text=text)
        draft = self._registry.door.chain("prepare_page", draft, actor=actor)
        self.check_size(draft.text)
        front = self._renderer.front(draft.text)
        tree = self._renderer.tree(front)
        facts = describe(name, front, tree)
        return _Prepared(draft, front, tree, facts)

    def _before(self, actor: Actor, name: str, base: int) -> Page | None:
        try:
            found = self._store.get(name, sees=actor.sees)
        except Gone as gone:
            if base:
                raise Conflict(gone.page_id, base, gone.head) from None
            return None
        except NotFound:
            if base:
                raise
            return None
        if isinstance(found, Redirect):
            if not base:
                return None
            found = self._store.get(found.name, sees=actor.sees)
        return found if isinstance(found, Page) else None

    def _check(self, actor: Actor, it: _Prepared, before: Page | None) -> None:
        """Gather the problems of a draft; raise NotValid where one is an error."""
        problems = [*it.front.problems, *check(it.draft.text)]
        problems += shifted(it.tree.problems, it.front.lines)
        problems += self._newcomers.problems(actor, it.front, it.tree, before)
        if has_conflict_markers(it.draft.text):
            problems.append(Problem(ERROR, "text", CONFLICT_MARKS))
        page_type = self._registry.page_types.get(it.facts.kind)
        if page_type is not None:
            problems += field_problems(page_type.fields, it.front.data)
        problems += self._registry.door.guard(
            "page_problems",
            draft=it.draft,
            kind=it.facts.kind,
            meta=it.front.data,
            before=before,
            actor=actor,
        )
        it.problems = problems
        if any(one.level == ERROR for one in problems):
            raise NotValid(problems)

    def _merge(
        self, actor: Actor, it: _Prepared, head: Page, base: int, merge: bool
    ) -> _Prepared:
        try:
            at_base = self._store.get(head.id, base, sees=actor.sees)
            base_text = at_base.text if isinstance(at_base, Page) else ""
            if not self.sees_whole(actor, base_text):
                base_text = ""
        except NotFound:
            base_text = ""
        conflict = Conflict(head.id, base, head.n, base_text, head.text, it.draft.text)
        both = merge3(base_text, head.text, it.draft.text)
        if not merge or both.text is None:
            raise conflict
        merged = self._prepare(actor, replace(it.draft, text=both.text))
        self._check(actor, merged, head)
        return merged

    def _commit(
        self,
        author: Author,
        it: _Prepared,
        before: Page | None,
        origin: str,
        key: str | None,
    ) -> CommitResult:
        if before is None:
            op = Put(it.draft.name, it.draft.text, NEW, it.draft.minor)
        else:
            op = Put(before.id, it.draft.text, before.head, it.draft.minor)
        with self._describer.known(it.draft.name, it.draft.text, it.facts):
            return self._store.commit(
                [op],
                author,
                comment=" ".join(it.draft.comment.split())[:500],
                origin=origin,
                idempotency_key=key,
            )

    def _saved(
        self,
        actor: Actor,
        it: _Prepared,
        before: Page | None,
        result: CommitResult,
        merged: str,
    ) -> Saved:
        page = self._store.get(result.pages[0])
        if isinstance(page, Redirect):  # renamed away in this very moment
            raise NotFound
        if not result.unchanged:
            created = before is None
            self._tell(
                PageSaved(page.id, page.name, page.rev, page.kind, actor.id, created)
            )
        return Saved(
            page,
            before is None,
            merged,
            result.unchanged,
            tuple(it.problems),
            result.notices,
            _widened(before, page),
        )


def _widened(before: Page | None, page: Page) -> str:
    if before is None or not is_wider(page.audience, before.audience):
        return ""
    return page.audience


def _held(it: _Prepared, before: Page | None) -> Saved:
    name = it.draft.name
    new = Page(0, name, names.key(name), it.draft.text, 0, 0, 0, it.facts.title)
    return Saved(before or new, before is None, problems=tuple(it.problems), held=True)
