"""Rules on areas as administrators set them, and what they mean for one person."""

from __future__ import annotations

from dataclasses import dataclass

from .access import Access
from .accounts import Accounts
from .accounts.checks import name_key
from .accounts.credentials import person_of
from .errors import BadRequest, NotFound, NotValid
from .model import audience as audiences
from .model import names
from .model.actor import ROLES, VISITOR, Actor, may_see
from .model.page import Page
from .model.rules import ROOT, Rule, clean_area
from .store.base import Author, Store
from .store.private import PrivateStore
from .store.private_counts import AudienceCounts

BY_SETTINGS = (
    "What pages are for that name no audience, where no area has a rule, is a "
    "setting: change “access.read”."
)
NO_AUDIENCE = (
    "“%(words)s” is not an audience here. Write public, members, admins, or groups "
    "like “group:legal, group:media”."
)
NO_EDITORS = (
    "“%(words)s” says nobody. Write a role (member, editor, moderator, admin) or "
    "groups like “group:legal, group:media”."
)
NO_GROUP = "There is no group “%(group)s”. Make it first, or correct the name."


@dataclass(frozen=True, slots=True)
class Explained:
    """Why one person may or may not read and change what is at a name.

    ``own`` is the page's own word, ``reading`` and ``editing`` the rules that decide
    (None: the default or the role), ``audience`` what follows from both.
    """

    actor: Actor
    name: str
    page: Page | None
    own: str
    audience: str
    reading: Rule | None
    editing: Rule | None
    may_read: bool
    may_edit: bool
    may_create: bool


class Areas:
    """Sets rules and explains them. All of it is for administrators."""

    def __init__(
        self, store: Store, access: Access, accounts: Accounts, private: PrivateStore
    ) -> None:
        self._store, self._access, self._accounts = store, access, accounts
        self._private, self._counts = private, AudienceCounts(private.database)

    def people(self, audience: str) -> int:
        """Return how many people with an account may read what is for an audience."""
        return self._counts.people(audience)

    def groups(self) -> list[str]:
        """Return the names of all groups."""
        return sorted(self._counts.groups())

    def not_an_audience(self, written: object) -> str:
        """Return the word of a page's fields that names no audience here, or ""."""
        if written is None:
            return ""
        if not audiences.is_understood(written):
            return str(written)[:100]
        known = self._counts.groups()
        missing = [
            group
            for group in audiences.groups(audiences.read(written))
            if group not in known
        ]
        return f"{audiences.GROUP}{missing[0]}" if missing else ""

    def actor_called(self, by: Actor, name: str) -> Actor:
        """Return who an account is to the wiki; NotAllowed, NotFound."""
        self._access.check(by, "admin")
        user = self._private.user(name_key(name))
        if user is None or user.closed is not None or user.waiting is not None:
            raise NotFound("There is no open account named “%(name)s”.", name=name)
        return person_of(user)

    def all(self, by: Actor) -> list[Rule]:
        """Return the rules in the order of their areas; NotAllowed."""
        self._access.check(by, "admin")
        return [rule for rule in self._access.rules.all() if rule.area != ROOT]

    def set(self, by: Actor, area: str, read: str, edit: str) -> int:
        """Put a rule in an area's place; return how many pages have a new audience.

        Raises NotAllowed, BadName for the area, NotValid for the rest.
        """
        self._access.check(by, "admin")
        rule = self.checked(area, read, edit)
        # Noted first: what was opened must never be missing in the log.
        self._accounts.audit.note(
            by, "rule.set", rule.area, read=rule.read or "–", edit=rule.edit or "–"
        )
        return self._store.set_rule(rule.area, rule, Author(by.id, by.name))

    def remove(self, by: Actor, area: str) -> int:
        """Take an area's rule away; return how many pages have a new audience."""
        self._access.check(by, "admin")
        area = clean_area(area)
        if area == ROOT or self._access.rules.at(area) is None:
            raise NotFound("This area has no rule.")
        self._accounts.audit.note(by, "rule.removed", area)
        return self._store.set_rule(area, None, Author(by.id, by.name))

    def checked(self, area: str, read: str, edit: str) -> Rule:
        """Return a rule as it would be kept; raises BadName, NotValid."""
        area = clean_area(area)
        if area == ROOT:
            raise NotValid(sentence=BY_SETTINGS)
        read_by = audiences.read(read.strip() or None)
        if read_by and not audiences.is_understood(read):
            raise BadRequest(NO_AUDIENCE, words=read.strip()[:100])
        edit_by = edit.strip()
        if edit_by and (edit_by not in ROLES or edit_by == VISITOR):
            edit_by = audiences.read(edit_by)
            if not audiences.groups(edit_by):
                raise BadRequest(NO_EDITORS, words=edit.strip()[:100])
        if not read_by and not edit_by:
            raise NotValid(sentence="Say who reads or who changes the pages there.")
        self._check_groups(read_by, edit_by)
        return Rule(area, read_by, edit_by)

    def _check_groups(self, *words: str) -> None:
        known = self._counts.groups()
        for group in {group for one in words for group in audiences.groups(one)}:
            if group not in known:
                raise BadRequest(NO_GROUP, group=group)

    def effect(self, by: Actor, area: str, rule: Rule | None) -> tuple[int, int]:
        """Return how many pages a change would narrow, and how many it would widen."""
        self._access.check(by, "admin")
        pairs = self._store.rule_effect(clean_area(area), rule).items()
        wider = sum(n for (old, new), n in pairs if audiences.is_wider(new, old))
        return sum(n for _, n in pairs) - wider, wider

    def explain(self, by: Actor, actor: Actor, name: str) -> Explained:
        """Say what an actor may do with the page at a name, and by which rules."""
        self._access.check(by, "admin")
        actor, name = self._access.reader(actor), names.clean(name)
        page, rules = self._page(name), self._access.rules
        key = page.key if page else names.key(name)
        own = audiences.read(page.meta.get("audience")) if page else ""
        audience = page.audience if page else rules.audience(key, "")
        return Explained(
            actor,
            page.name if page else name,
            page,
            own,
            audience,
            rules.for_reading(key),
            rules.for_editing(key),
            may_see(actor.sees, audience),
            page is not None and self._access.allows(actor, "edit", page),
            self._access.allows(actor, "create", name=name),
        )

    def _page(self, name: str) -> Page | None:
        try:
            found = self._store.get(name)
            if not isinstance(found, Page):
                found = self._store.get(found.name)
        except NotFound:
            return None
        return found if isinstance(found, Page) else None
