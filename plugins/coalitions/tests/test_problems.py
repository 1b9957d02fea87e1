"""What the editor of a record is told, in these words."""

from __future__ import annotations

from typing import Any

import pytest

from wiki_coalitions.fields import PAGE_TYPES
from wiki_coalitions.problems import problems_of

KINDS = {one.name: one for one in PAGE_TYPES}


def check(kind: str, name: str, value: Any) -> list[str]:
    """Return the problems of one field."""
    field = next(one for one in KINDS[kind].fields if one.name == name)
    assert field.check is not None
    return [f"{p.level}: {p}" for p in field.check(value)]


NO_DATE = "is not a date. Write 2017, 2017-01 or 2017-01-20; add ~ if approximate."


@pytest.mark.parametrize(
    ("kind", "name", "value", "expected"),
    [
        (
            "group",
            "form",
            "club",
            "error: Form must be one of: incorporated, fiscally-sponsored, named, "
            "informal.",
        ),
        (
            "group",
            "status",
            "dead",
            "error: Status must be one of: active, forming, paused, ended.",
        ),
        (
            "group",
            "summary",
            "x" * 281,
            "error: The summary is 281 characters; 280 is the limit. "
            "Put the rest in the page.",
        ),
        ("group", "aka", ["RCTU", "rctu"], "warning: 'RCTU' is given twice."),
        (
            "group",
            "location",
            {"lat": 91, "lon": 1, "precision": "city"},
            "error: Latitude must be between −90 and 90.",
        ),
        (
            "group",
            "location",
            {"lat": 1, "lon": 1, "precision": "exact", "audience": "public"},
            "error: An exact place can only be shown to members or fewer.",
        ),
        (
            "group",
            "languages",
            ["English!"],
            "error: 'English!' is not a language code (examples: en, es, so).",
        ),
        (
            "group",
            "links",
            [{"url": "javascript:alert(1)"}],
            "error: 'javascript:alert(1)' is not a web address this wiki accepts.",
        ),
        ("group", "verified", "2999-01-01", "error: The check date is in the future."),
        ("group", "verified", "2026-05", f"error: '2026-05' {NO_DATE}"),
        (
            "group",
            "verified_by",
            "me@example.org",
            "warning: Use a role or alias, not an email address.",
        ),
        (
            "group",
            "audiences",
            {"contacts": "friends"},
            "error: 'friends' is not an audience. Use public, members, admins or "
            "group:<name>.",
        ),
        (
            "group",
            "values",
            [{"concept": "dignity"}],
            "error: Say where the group stands on 'dignity': support, oppose or "
            "neutral.",
        ),
        (
            "group",
            "goals",
            [{"text": "A clock", "stance": "support"}],
            "warning: A goal written as free text is not compared with other groups. "
            "Link it to a concept to include it.",
        ),
        (
            "group",
            "asks",
            [{"deadline": "2026-12-09"}],
            "error: Write the ask as one sentence: who should do what.",
        ),
        (
            "group",
            "asks",
            [{"text": "Come.", "deadline": "2026-12"}],
            "error: A deadline needs a day.",
        ),
        (
            "group",
            "asks",
            [{"text": "Come.", "deadline": "soon"}],
            f"error: 'soon' {NO_DATE}",
        ),
        (
            "group",
            "asks",
            [{"text": "Come.", "status": "late"}],
            "error: Status must be one of: open, met, withdrawn.",
        ),
        (
            "group",
            "memberships",
            [{"in": "coalitions/c", "level": 6}],
            "error: Level must be a whole number from 0 to 5.",
        ),
        (
            "group",
            "memberships",
            [{"in": "coalitions/c", "stated": "observer"}],
            "error: You are adding this on behalf of another group. "
            "Say where it is stated.",
        ),
        (
            "group",
            "memberships",
            [{"in": "coalitions/c", "since": "2020", "until": "2019"}],
            "error: The end (2019) is before the start (2020).",
        ),
        (
            "group",
            "relations",
            [{"to": "groups/b", "kind": "opposes"}],
            "warning: Say where it is stated that they oppose this.",
        ),
        (
            "group",
            "contacts",
            [{"kind": "email", "value": "a@example.org", "person": "Ana"}],
            "warning: A contact with a person's name needs the date they agreed "
            "(consent_on), or use a role such as 'intake'.",
        ),
        ("group", "log", [{"note": "x"}], "error: An entry of the log needs its date."),
        (
            "coalition",
            "counts",
            [{"count": -1}],
            "error: A count is a whole number, 0 or more.",
        ),
        (
            "concept",
            "opposes",
            [{"concept": "b"}],
            "error: Say why these two cannot both be had. Others will read this.",
        ),
    ],
)
def test_fields(kind: str, name: str, value: Any, expected: str) -> None:
    assert check(kind, name, value) == [expected]


def test_stated_twice() -> None:
    value = [
        {"concept": "a", "stance": "support"},
        {"concept": "a", "stance": "oppose"},
    ]
    assert check("group", "values", value) == [
        "error: 'a' is stated twice with different stances."
    ]


@pytest.mark.parametrize(
    "value",
    [None, 5, "text", ["text", 5, None], {"a": 1}, [[1]], [{"concept": {"x": 1}}]],
)
def test_any_shape_gets_sentences_and_no_crash(value: Any) -> None:
    for page_type in PAGE_TYPES:
        for field in page_type.fields:
            if field.check is not None:
                assert all(str(problem) for problem in field.check(value))


# -- the whole page


def problems(directory: Any, kind: str, **meta: Any) -> list[str]:
    meta.setdefault("title", "New")
    found = problems_of(directory, "groups/new", kind, meta)
    return [f"{p.level}: {p}" for p in found]


def test_a_short_page_is_fine(seen: Any) -> None:
    assert problems(seen(), "group") == []
    resource = {"purpose": "Knows buses.", "url": "https://x.example"}
    assert problems(seen(), "resource", **resource, data_collected="none") == []


@pytest.mark.parametrize(
    ("kind", "meta", "expected"),
    [
        ("group", {"title": ""}, "error: Give the group the name it uses for itself."),
        (
            "group",
            {"title": "alpha"},
            "warning: 'groups/a' is already listed. Is this the same group?",
        ),
        (
            "group",
            {"since": "2020", "until": "2019"},
            "error: The end (2019) is before the start (2020).",
        ),
        (
            "group",
            {"status": "active", "until": "2020"},
            "warning: The end date has passed but the status says active.",
        ),
        (
            "group",
            {"memberships": [{"in": "groups/new"}]},
            "error: A coalition cannot be a member of itself.",
        ),
        (
            "group",
            {"memberships": [{"in": "coalitions/none"}]},
            "warning: There is no page 'coalitions/none' yet. The reference is kept "
            "and shown as plain text.",
        ),
        (
            "group",
            {"issues": ["housin"]},
            "warning: 'housin' is not in the issue list. Add it as a concept or "
            "choose: housing.",
        ),
        (
            "resource",
            {"purpose": "x", "data_collected": "x"},
            "error: Give its address (url), or say “offline: true”.",
        ),
    ],
)
def test_pages(
    shelf: Any, seen: Any, kind: str, meta: dict[str, Any], expected: str
) -> None:
    shelf.put("groups/a", title="Alpha")
    shelf.put("concepts/housing", "concept", title="Housing")
    found = problems(seen(), kind, **meta)
    assert expected in found
    assert len([one for one in found if one == expected]) == 1


def test_a_coalition_says_how_it_decides_and_ends(seen: Any) -> None:
    assert problems(seen(), "coalition", purpose_bound=True) == [
        "warning: Say what ends this coalition: a date or an outcome.",
        "warning: Visitors will ask how this coalition decides.",
    ]


def test_a_circle_is_a_warning_that_names_it(shelf: Any, seen: Any) -> None:
    shelf.put("groups/new", "coalition", title="New")
    shelf.put("a", "coalition", title="A", memberships=[{"in": "groups/new"}])
    assert (
        "warning: This makes a circle: New → A → New. It is kept and shown once."
        in problems(seen(), "coalition", memberships=[{"in": "a"}])
    )


def test_a_hidden_page_and_a_missing_one_get_the_same_words(
    shelf: Any, seen: Any
) -> None:
    meta = {"memberships": [{"in": "coalitions/x"}], "title": "Secret"}
    missing = problems(seen(), "group", **meta)
    shelf.put("coalitions/x", "coalition", title="Secret", page_audience="admins")
    assert problems(seen(), "group", **meta) == missing


def test_very_many_warnings_are_cut_and_no_error(seen: Any) -> None:
    many = [f"x{i}" for i in range(4000)]
    found = problems(seen(), "group", title="", issues=many)
    assert len([one for one in found if one.startswith("warning")]) == 51
    assert len([one for one in found if one.startswith("error")]) == 1
    assert "3950 more warnings" in found[-1]
