"""R8: fields are read with care, and changed without touching what stands beside."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki.errors import NotValid
from wiki.markup.front import Front, kind_of, set_fields, split
from wiki.model.page import ERROR
from wiki.model.parts import FrontLimits

PAGE = """---
layout: post
title: "Hello: world"   # said aloud
type: Guide
tags: [a, "b, c"]
date: 2025-01-02
on: on
time: 1:30
zip: 01234
count: 12
share: -0.5
draft: false
empty:
"quoted key": x
list:
- x
- y: {z: 1}
text: |
  several
  lines
# the end
---
# Body
"""


def fields(block: str, limits: FrontLimits | None = None) -> Front:
    return split(f"---\n{block}\n---\nbody", limits)


def test_values() -> None:
    front = split(PAGE)
    assert front.problems == ()
    assert front.data == {
        "layout": "post",
        "title": "Hello: world",
        "type": "Guide",
        "tags": ["a", "b, c"],
        "date": "2025-01-02",
        "on": "on",
        "time": "1:30",
        "zip": "01234",
        "count": 12,
        "share": -0.5,
        "draft": False,
        "empty": None,
        "quoted key": "x",
        "list": ["x", {"y": {"z": 1}}],
        "text": "several\nlines\n",
    }
    assert front.raw + front.body == PAGE
    assert front.body == "# Body\n"
    assert PAGE.split("\n")[front.lines] == "# Body"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text",
        "---",
        "---\n",
        "---\n\ntext\n\n---\n",  # a rule, a paragraph, a rule
        "---\ntitle: never closed\n",
        "----\na: b\n----\n",
        " ---\na: b\n---\n",
        "text\n---\na: b\n---\n",
    ],
)
def test_no_fields(text: str) -> None:
    assert split(text) == Front(body=text)
    assert kind_of(text) == ""


@pytest.mark.parametrize(
    "text",
    ["---\n---\nx", "---\n# only a comment\n---\nx", "---\r\na: b\r\n---\r\nx"],
)
def test_edges(text: str) -> None:
    front = split(text)
    assert front.body == "x"
    assert front.problems == ()


HOSTILE = {
    "a: &x 1": "special meaning",
    "a: *x": "special meaning",
    "a: &a [*a, *a]": "special meaning",
    "<<: *base": "special meaning",
    "a: !!python/object/apply:os.system [id]": "not allowed",
    "a: !x y": "not allowed",
    "!!map {a: 1}": "not allowed",
    "a: !!binary aGk=": "not allowed",
    "a: 1\na: 2": "given twice",
    "a: {b: 1, b: 2}": "given twice",
    "a: " + "[" * 4000: "nested too deeply",
    "a: " + "{a: " * 2000: "nested too deeply",
    "a: [[[[[1]]]]]": "nested too deeply",
    "a:\n" + "".join(" " * n + "-\n" for n in range(1, 90)): "nested too deeply",
    "a: [" + "[]," * 2600 + "]": "too many",
    "\n".join(f"k{n}: v" for n in range(65)): "too many",
    "a: [" + "x," * 4000 + "]": "too many",
    "a: " + "x" * 8200: "too long",
    "- a\n- b": "lines like",
    "just text": "lines like",
    "? [a, b]\n: c": "plain words",
    "? {a: b}\n: c": "plain words",
    'a: "open': "mistake near",
    "a: b: c": "mistake near",
    "a: b\n c: d\n  e": "mistake near",
    "%YAML 1.1": "mistake near",
    "a: @b": "mistake near",
    "a: `b`": "mistake near",
    "a: 'x\x07'": "mistake near",
    "a: \ud800": "mistake near",
    "*a " * 2000: "",
    "? " * 4000: "",
    "- " * 4000: "",
    "a: >" + "\n" * 8000: "",
    'a: "' + "x\n " * 2600 + '"': "",
    "a: " + "x " * 4000: "",
    "a: '" + "''" * 4000 + "'": "",
    "a: " + "9" * 8000: "",
    "a: " + "-" * 8000: "",
    "!<" + "a" * 8000: "",
}


@pytest.mark.parametrize("block", HOSTILE, ids=lambda block: repr(block[:16]))
def test_hostile(block: str) -> None:  # R8
    start = time.process_time()
    front = fields(block)
    print(f"{(time.process_time() - start) * 1000:.1f} CPU ms")
    assert front.body == "body"
    if HOSTILE[block]:
        assert front.data == {}
        problem = front.problems[0]
        assert problem.level == ERROR
        assert problem.field == "front matter"
        assert HOSTILE[block] in str(problem)
        assert problem.line <= front.lines


def test_the_line_is_named() -> None:
    problem = fields("a: 1\nb: 2\na: 3").problems[0]
    assert problem.line == 4
    assert str(problem) == (
        "“a” is given twice in the fields at the top, the second time in line 4. "
        "Keep one."
    )


def test_limits_are_raised_for_a_type() -> None:
    block = "a: [" + "x," * 100 + "]\nb: {c: {d: {e: {f: 1}}}}"
    assert fields(block).problems
    assert not fields(block, FrontLimits(64 * 1024, 5000, 6)).problems


def test_a_caller_may_change_what_it_got() -> None:
    split(PAGE).data["tags"].append("changed")
    assert split(PAGE).data["tags"] == ["a", "b, c"]


def test_kind() -> None:
    assert kind_of(PAGE) == "guide"
    assert kind_of("---\na: b\ntype: 'group' # c\n---\n") == "group"
    assert kind_of("---\na:\n  type: group\n---\n") == ""


def test_set_fields_changes_only_what_it_should() -> None:
    changed = set_fields(
        PAGE, {"title": "New", "tags": ["x", "y, z"], "list": None, "draft": True}
    )
    assert changed == (
        PAGE.replace('"Hello: world"   #', "New   #")
        .replace('[a, "b, c"]', '[x, "y, z"]')
        .replace("list:\n- x\n- y: {z: 1}\n", "")
        .replace("draft: false", "draft: true")
    )


def test_set_fields_adds_and_removes_a_block() -> None:
    assert set_fields("# A\n", {"title": "A: b"}) == '---\ntitle: "A: b"\n---\n# A\n'
    assert set_fields("---\ntitle: A\n---\n# A\n", {"title": None}) == "# A\n"
    assert set_fields("# A\n", {}) == "# A\n"


def test_set_fields_refuses_what_it_cannot_do_safely() -> None:
    for text in ("---\na: *b\n---\n", "---\n{a: 1}\n---\n", "---\n? a\n: 1\n---\n"):
        with pytest.raises(NotValid):
            set_fields(text, {"a": 2})


TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
VALUE = st.one_of(TEXT, st.integers(-99, 99), st.booleans(), st.lists(TEXT, max_size=4))


@given(st.dictionaries(st.from_regex(r"[a-z]{1,8}", fullmatch=True), VALUE, max_size=4))
def test_set_fields_round_trip(values: dict[str, object]) -> None:
    changed = set_fields(PAGE, values)
    front = split(changed)
    assert front.data == {**split(PAGE).data, **values}
    assert front.body == "# Body\n"
    assert "# said aloud" in changed or "title" in values
    assert "# the end" in changed
