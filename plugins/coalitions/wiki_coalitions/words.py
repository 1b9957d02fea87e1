"""The words of this plugin's fields: allowed values and what people read for them."""

from __future__ import annotations


def N_(message: str) -> str:
    """Mark a message for translation; it is translated where it is shown."""
    return message


FORMS = {
    "incorporated": N_("incorporated"),
    "fiscally-sponsored": N_("fiscally sponsored"),
    "named": N_("named, not incorporated"),
    "informal": N_("informal"),
}
STATUSES = {
    "active": N_("active"),
    "forming": N_("forming"),
    "paused": N_("paused"),
    "ended": N_("ended"),
}
SCOPES = {
    "building": N_("building"),
    "neighborhood": N_("neighborhood"),
    "city": N_("city"),
    "county": N_("county"),
    "state": N_("state"),
    "regional": N_("regional"),
    "national": N_("national"),
    "international": N_("international"),
    "online": N_("online"),
}
TYPES = {
    "group": N_("Group"),
    "coalition": N_("Coalition"),
    "resource": N_("Resource"),
}
STANCES = {
    "support": N_("supports"),
    "oppose": N_("opposes"),
    "neutral": N_("neutral"),
}
ASK_STATUSES = ("open", "met", "withdrawn")
ASK_WHO = {
    "anyone": N_("Anyone"),
    "members": N_("Members"),
    "groups": N_("Groups"),
}
STATED = ("self", "observer")
PRECISIONS = {"exact": 6, "street": 3, "neighborhood": 2, "city": 1, "none": None}
CONTACT_KINDS = ("email", "phone", "post", "web", "messenger", "form")
LOG_KINDS = {
    "showed-up": N_("showed up"),
    "co-signed": N_("co-signed"),
    "kept-promise": N_("kept a promise"),
    "broke-promise": N_("broke a promise"),
    "met": N_("met"),
    "other": N_("other"),
}
# kind: (as the page says it, as the other page says it)
RELATIONS = {
    "supports": (N_("Supports"), N_("Supported by")),
    "opposes": (N_("Opposes"), N_("Opposed by")),
    "convenes": (N_("Convenes"), N_("Convened by")),
    "funds": (N_("Funds"), N_("Funded by")),
    "sponsors-fiscally": (N_("Sponsors fiscally"), N_("Fiscally sponsored by")),
    "founded": (N_("Founded"), N_("Founded by")),
    "succeeds": (N_("Succeeds"), N_("Succeeded by")),
    "chapter-of": (N_("Chapter of"), N_("Has chapter")),
    "works-with": (N_("Works with"), N_("Works with")),
    "hosts": (N_("Hosts"), N_("Hosted by")),
}
RESOURCE_KINDS = {
    "app": N_("app"),
    "service": N_("service"),
    "fund": N_("fund"),
    "space": N_("space"),
    "library": N_("library"),
    "template": N_("template"),
    "training": N_("training"),
}
COSTS = {
    "free": N_("free"),
    "donation": N_("by donation"),
    "paid": N_("paid"),
    "unknown": N_("unknown"),
}
ALIVE = {"alive": N_("in use"), "dead": N_("gone"), "unknown": N_("unknown")}
CONCEPT_ROLES = {
    "value": N_("Value"),
    "goal": N_("Goal"),
    "issue": N_("Issue"),
    "skill": N_("Skill"),
    "constituency": N_("People"),
}
# Scale after Frey et al., Levels of Collaboration.
LEVELS = (
    N_("none"),
    N_("networking"),
    N_("cooperation"),
    N_("coordination"),
    N_("coalition"),
    N_("collaboration"),
)
LEVEL_MEANINGS = (
    N_("Aware of each other, no contact."),
    N_("Loosely defined roles, little communication, decisions made alone."),
    N_("Share information, formal communication, decisions made alone."),
    N_("Share information and resources, some shared decisions."),
    N_("Share ideas and resources, frequent communication, all have a vote."),
    N_("Act as one system, mutual trust, consensus on all decisions."),
)


def relation_kind(value: object) -> str:
    """Return the key of a relation kind, however its words are joined."""
    return str(value or "").strip().lower().replace(" ", "-").replace("_", "-")
