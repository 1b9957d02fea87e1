"""The front matter of group, coalition, resource and concept pages.

One declaration a field: form, validation and the default audience come from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wiki import Field, FrontLimits, PageType

from . import checks, list_checks, words

PUBLIC, MEMBERS = "public", "members"
LIMITS = FrontLimits(size=64 * 1024, values=5000, depth=6)

_SUMMARY = (
    "The summary is %(n)d characters; 280 is the limit. Put the rest in the page."
)


def of_stance(item: Any) -> str:
    """Return whom a stance is for that names nobody: being against is for members."""
    told = isinstance(item, Mapping) and item.get("stance") in ("support", "neutral")
    return PUBLIC if told else MEMBERS


def of_relation(item: Any) -> str:
    """Return whom a relation is for that names nobody."""
    kind = item.get("kind") if isinstance(item, Mapping) else None
    return MEMBERS if words.relation_kind(kind) == "opposes" else PUBLIC


# What groups, coalitions and resources have in common (spec: coalitions, 4.1).
COMMON = (
    Field("external_ids", "map", "Ids elsewhere"),
    Field("title", "text", "Name", limit=checks.MAX_TITLE),
    Field(
        "summary",
        "long",
        "Summary",
        "One or two sentences, 280 characters at most.",
        check=checks.size_of("summary", checks.MAX_SUMMARY, _SUMMARY),
    ),
    Field("since", "date", "Since", "2017, 2017-01 or 2017-01-20; ~ if approximate."),
    Field("until", "date", "Until"),
    Field("area", "text", "Area"),
    Field("links", "list", "Links", check=checks.check_links),
    Field("sources", "list", "Sources"),
    Field(
        "verified",
        "date",
        "Checked on",
        "The day on which somebody last made sure that this page is right.",
        check=checks.check_verified,
    ),
    Field(
        "verified_by",
        "text",
        "Checked by",
        "A role or alias.",
        audience=MEMBERS,
        check=checks.check_verified_by,
    ),
    Field("license", "text", "License"),
    Field("audiences", "map", "Who sees which field", check=checks.check_audiences),
)

GROUP_FIELDS = (
    *COMMON,
    Field("aka", "list", "Also known as", check=checks.check_names("aka")),
    Field("former", "list", "Former names", check=checks.check_names("former")),
    Field("form", "choice", "Form", check=checks.one_of("form", "Form", words.FORMS)),
    Field(
        "status",
        "choice",
        "Status",
        check=checks.one_of("status", "Status", words.STATUSES),
    ),
    Field(
        "scope", "choice", "Scope", check=checks.one_of("scope", "Scope", words.SCOPES)
    ),
    Field("location", "map", "Place", audience=MEMBERS, check=checks.check_location),
    Field("issues", "list", "Issues", "Pages or short names of concepts."),
    Field("languages", "list", "Languages", check=checks.check_languages),
    Field("constituencies", "list", "People it is for"),
    Field("skills", "list", "Skills"),
    Field(
        "values",
        "list",
        "Values",
        check=list_checks.check_stance("values"),
        item_audience=of_stance,
    ),
    Field(
        "goals",
        "list",
        "Goals",
        check=list_checks.check_goals,
        item_audience=of_stance,
    ),
    Field("offers", "list", "Offers", check=list_checks.check_texts("offers")),
    Field(
        "needs",
        "list",
        "Needs",
        audience=MEMBERS,
        check=list_checks.check_texts("needs"),
    ),
    Field("asks", "list", "Asks", check=list_checks.check_asks),
    Field(
        "memberships",
        "list",
        "Member of",
        check=list_checks.check_membership("memberships", "in"),
    ),
    Field(
        "relations",
        "list",
        "Relations",
        check=list_checks.check_relations,
        item_audience=of_relation,
    ),
    Field("log", "list", "Log", audience=MEMBERS, check=list_checks.check_log),
    Field(
        "contacts",
        "list",
        "Contacts",
        audience=MEMBERS,
        check=list_checks.check_contacts,
    ),
)

COALITION_FIELDS = (
    *GROUP_FIELDS,
    Field(
        "members",
        "list",
        "Members",
        check=list_checks.check_membership("members", "group"),
    ),
    Field("purpose_bound", "boolean", "Made for one purpose"),
    Field("ends_when", "text", "Ends when"),
    Field("convener", "page", "Convener", "Who calls the meetings."),
    Field("backbone", "page", "Backbone", "Who staffs the work."),
    Field("decision_rule", "text", "How it decides", limit=checks.MAX_SUMMARY),
    Field("counts", "list", "Stated size", check=list_checks.check_counts),
    Field("data_agreement", "text", "What members share", audience=MEMBERS),
)

RESOURCE_FIELDS = (
    *COMMON,
    Field("url", "url", "Address", check=checks.check_one_url("url")),
    Field("offline", "boolean", "Has no address"),
    Field("purpose", "text", "What it is for", limit=checks.MAX_SUMMARY),
    Field(
        "kinds",
        "list",
        "Kind",
        check=checks.one_of("kinds", "Kind", words.RESOURCE_KINDS),
    ),
    Field("platforms", "list", "Runs on"),
    Field("software_license", "text", "Software license"),
    Field("cost", "choice", "Cost", check=checks.one_of("cost", "Cost", words.COSTS)),
    Field("run_by", "text", "Run by"),
    Field("data_collected", "text", "What it collects about its users"),
    Field("issues", "list", "Issues"),
    Field("languages", "list", "Languages", check=checks.check_languages),
    Field(
        "alive",
        "choice",
        "Still there",
        check=checks.one_of("alive", "Still there", words.ALIVE),
    ),
    Field("replaced_by", "page", "Replaced by"),
)

CONCEPT_FIELDS = (
    Field("title", "text", "Name", limit=checks.MAX_TITLE),
    Field(
        "role",
        "list",
        "Role",
        check=checks.one_of("role", "Role", words.CONCEPT_ROLES),
    ),
    Field(
        "short",
        "text",
        "In short",
        check=checks.size_of(
            "short",
            checks.MAX_SUMMARY,
            "The short text is %(n)d characters; 280 is the limit. "
            "Put the rest in the page.",
        ),
    ),
    Field("aliases", "list", "Other words"),
    Field("broader", "list", "Part of"),
    Field("related", "list", "Related"),
    Field("term", "page", "Glossary page"),
    Field("exact_match", "list", "The same elsewhere"),
    Field("opposes", "list", "Cannot both be had", check=list_checks.check_opposes),
)

# The audience of items that name none, in lists where it depends on what they say.
ITEM_AUDIENCE = {
    field.name: field.item_audience for field in GROUP_FIELDS if field.item_audience
}
# The audience of a field where none is given.
DEFAULT_AUDIENCE = {
    field.name: field.audience
    for field in (*COALITION_FIELDS, *RESOURCE_FIELDS, *CONCEPT_FIELDS)
}


def _starter(kind: str, *lines: str) -> str:
    return "\n".join(["---", f"type: {kind}", "title:", *lines, "---", "", ""])


PAGE_TYPES = (
    PageType(
        "group",
        "Group",
        GROUP_FIELDS,
        "coalitions/group.html",
        "users",
        _starter("group", "summary:", "status: active", "scope:", "issues: []"),
        LIMITS,
        index=False,
    ),
    PageType(
        "coalition",
        "Coalition",
        COALITION_FIELDS,
        "coalitions/group.html",
        "users",
        _starter(
            "coalition",
            "summary:",
            "status: active",
            "scope:",
            "issues: []",
            "decision_rule:",
            "members: []",
        ),
        LIMITS,
        index=False,
    ),
    PageType(
        "resource",
        "Resource",
        RESOURCE_FIELDS,
        "coalitions/group.html",
        "tool",
        _starter("resource", "purpose:", "url:", "data_collected: unknown"),
        LIMITS,
        index=False,
    ),
    PageType(
        "concept",
        "Concept",
        CONCEPT_FIELDS,
        "coalitions/group.html",
        "tag",
        _starter("concept", "role: [value]", "short:"),
        LIMITS,
        index=False,
    ),
)
KINDS = frozenset(one.name for one in PAGE_TYPES)
