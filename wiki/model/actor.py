"""Who is asking, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass, field

VISITOR, MEMBER, EDITOR, MODERATOR, ADMIN = (
    "visitor",
    "member",
    "editor",
    "moderator",
    "admin",
)
ROLES = (VISITOR, MEMBER, EDITOR, MODERATOR, ADMIN)

PUBLIC, MEMBERS, ADMINS = "public", "members", "admins"

# What a reader may see: a set of audiences, or None for everything.
Sees = frozenset[str] | None


def rank(role: str) -> int:
    """Return the place of a role in the ladder; unknown roles rank lowest."""
    return ROLES.index(role) if role in ROLES else 0


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, a token or the wiki itself.

    ``id`` is None for a visitor; ``groups`` are group names without prefix;
    ``scopes`` cut the rights of a token down (None: not a token).
    """

    id: int | None = None
    name: str = ""
    role: str = VISITOR
    groups: frozenset[str] = frozenset()
    scopes: frozenset[str] | None = None
    sees: Sees = field(default=frozenset({PUBLIC}))
    # An administrator has paused this person's right to change anything.
    blocked: bool = False

    @property
    def signed_in(self) -> bool:
        return self.id is not None

    def at_least(self, role: str) -> bool:
        return rank(self.role) >= rank(role)


VISITOR_ACTOR = Actor()
SYSTEM = Actor(id=None, name="(wiki)", role=ADMIN, sees=None)
OUTSIDE = Actor(id=None, name="(edited outside)", role=ADMIN, sees=None)


def audiences_of(role: str, groups: frozenset[str] = frozenset()) -> Sees:
    """Return the audiences a role and its groups may see."""
    if role == ADMIN:
        return None
    if role == VISITOR:
        return frozenset({PUBLIC})
    return frozenset({PUBLIC, MEMBERS} | {f"group:{g}" for g in groups})


def person(
    id: int, name: str, role: str, groups: frozenset[str] = frozenset()
) -> Actor:
    """Return the actor of an account."""
    return Actor(id, name, role, groups, None, audiences_of(role, groups))


def may_see(sees: Sees, audience: str) -> bool:
    """Tell whether a set of audiences includes one. Unknown ones are for admins.

    An audience of several parts (see ``model.audience``) must be in ``sees`` as a
    whole, as in the store's queries: ``Access.reader`` puts it there.
    """
    return sees is None or audience in sees
