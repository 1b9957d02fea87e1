"""Acts that the log of the wiki keeps: what each is called, in words for people.

``%(subject)s`` is whom or what it was done to; details fill other places.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Act:
    """A row of the log. ``ts`` is ms UTC; ``kind`` is a key of :data:`SENTENCES`."""

    id: int
    ts: int
    actor_id: int | None
    actor: str
    kind: str
    subject: str
    detail: Mapping[str, Any] = field(default_factory=dict)


# What stands in the place of a name that was removed.
FORMER = "(former member)"
# Acts whose subject is the name of a person begin with one of these.
ABOUT_PEOPLE = ("account.", "sign_in.", "undone.person")

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "account.made": "opened the account “%(subject)s” as %(role)s",
        "account.joined": "joined by an invitation, as %(role)s",
        "account.opened": "joined without an invitation, as %(role)s",
        "account.asked": "asked to join",
        "account.let_in": "let “%(subject)s” in, as %(role)s",
        "account.refused": "did not let “%(subject)s” in",
        "account.role": "made “%(subject)s” %(role)s",
        "account.groups": "put “%(subject)s” into: %(groups)s",
        "account.blocked": "blocked “%(subject)s”",
        "account.unblocked": "unblocked “%(subject)s”",
        "account.closed": "closed the account “%(subject)s”",
        "account.removed": "removed an account and its name from the history",
        "account.renamed": "took the name “%(subject)s”",
        "account.sessions": "ended all sessions of “%(subject)s”",
        "account.password": "set the password of “%(subject)s”",
        "account.link": "made a one-time sign-in link for “%(subject)s”",
        "account.reset": "was sent a link to a new password",
        "account.email": "changed the e-mail address of “%(subject)s”",
        "account.provider": "connected “%(subject)s” with an account elsewhere",
        "account.provider_off": "disconnected “%(subject)s” from an account elsewhere",
        "account.second": "turned on one-time codes for “%(subject)s”",
        "account.second_off": "turned off one-time codes for “%(subject)s”",
        "account.recovery": "made new recovery codes for “%(subject)s”",
        "account.passkey": "added a passkey to “%(subject)s”",
        "account.passkey_off": "removed a passkey of “%(subject)s”",
        "account.token": "made a token for “%(subject)s” (%(scopes)s)",
        "account.token_off": "ended a token of “%(subject)s”",
        "sign_in.locked": "too many wrong passwords for “%(subject)s”",
        "invitation.made": "made an invitation, as %(role)s",
        "invitation.ended": "ended an invitation",
        "group.made": "made the group “%(subject)s”",
        "group.removed": "removed the group “%(subject)s”",
        "group.about": "described the group “%(subject)s”",
        "group.joined": "put “%(person)s” into the group “%(subject)s”",
        "group.left": "took “%(person)s” out of the group “%(subject)s”",
        "group.steward": "made “%(person)s” a steward of the group “%(subject)s”",
        "group.steward_off": "“%(person)s” is no steward of “%(subject)s” any more",
        "review.published": "published a change of “%(subject)s” by %(person)s",
        "review.declined": "declined a change of “%(subject)s” by %(person)s",
        "rule.set": "set the rule of “%(subject)s”: read %(read)s, change %(edit)s",
        "rule.removed": "removed the rule of “%(subject)s”",
        "audience.wider": "made “%(subject)s” visible to %(audience)s",
        "log.saved": "saved the log as a file",
        "setting.changed": "set %(subject)s to “%(value)s”",
        "setting.reset": "set %(subject)s back to its default",
        "plugin.changed": "changed the plugin “%(subject)s”: %(what)s",
        "plugin.again": "turned the plugin “%(subject)s” on again",
        "undone.action": "undid an action (%(pages)s pages): %(subject)s",
        "undone.person": "undid all changes of “%(subject)s” (%(pages)s pages)",
        "erased": "erased a value in %(pages)s pages",
        "expunged": "removed the text of a version for good",
        "panic.read_only": "made the wiki read-only and ended all sessions",
        "panic.over": "made the wiki writable again",
        "panic.archived": "wrote an archive of everything",
    }
)

# What stands before the dot: families of acts, in the order above.
FAMILIES = tuple(dict.fromkeys(kind.partition(".")[0] for kind in SENTENCES))
