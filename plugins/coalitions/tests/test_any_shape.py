"""Front matter that nobody checked (edited outside, imported) never breaks a page."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from flask import render_template

from wiki_coalitions import Coalitions, record_page
from wiki_coalitions.facets import Choice, listing
from wiki_coalitions.fields import PAGE_TYPES
from wiki_coalitions.problems import problems_of

SHAPES: list[Any] = [
    None,
    True,
    -7,
    2.5,
    "",
    "text ~ <b>",
    [],
    {},
    [None, 1, "x", [1], {}],
    {"a": {"b": [1]}},
    [{"concept": {"x": 1}, "stance": ["support"], "to": 5, "in": [], "group": {}}],
    [{"concept": 1, "stance": "support", "kind": {"x": 1}, "text": {"es": 1}}],
    [{"in": "groups/x", "group": "groups/x", "to": "groups/x", "level": "4"}],
    [{"text": "t", "deadline": 20261209, "who": {"a": 1}, "until": [1], "on": {}}],
    [{"kind": "web", "value": {"x": "javascript:1"}, "url": 5, "count": "many"}],
    [{"concept": "", "reason": 5, "disputed": "yes", "date": [], "with": {}}],
]
TEMPLATES = {"concept": "concept", "resource": "resource"}


@pytest.mark.parametrize("kind", [one.name for one in PAGE_TYPES])
def test_pages_of_any_shape(kind: str, shelf: Any, seen: Any, app: Any) -> None:
    fields = next(one.fields for one in PAGE_TYPES if one.name == kind)
    template = f"coalitions/{TEMPLATES.get(kind, 'facts')}.html"
    extra = ("type", "audience", "memberships", "issues")
    names = [*(field.name for field in fields if field.name != "title"), *extra]
    for n, shape in enumerate(SHAPES):
        shelf.put(f"x/{n}", kind, **dict.fromkeys(names, shape))
    shelf.put(
        "x/whole", kind, **dict(zip(names, itertools.cycle(SHAPES), strict=False))
    )
    with app.test_request_context("/"):
        app.preprocess_request()
        for role in ("visitor", "admin"):
            directory = seen(role)
            for record in [directory.at(key) for key in directory.catalog.records]:
                html = render_template(template, **context(directory, record))
                assert "<b>" not in html
                assert 'href="javascript' not in html
                assert problems_of(directory, record.name, kind, record.fields) or True
            listing(directory, Choice(text="x"))


def context(directory: Any, record: Any) -> dict[str, Any]:
    if record.kind == "concept":
        return record_page.of_concept(directory, record)
    if record.kind == "resource":
        return record_page.of_resource(directory, record)
    return record_page.of_group(directory, record, directory.rows())


def test_levels_are_six() -> None:
    options = {"time_zone": "UTC", "levels": ["one"]}
    with pytest.raises(ValueError, match="six names"):
        Coalitions(None, options)  # type: ignore[arg-type]
