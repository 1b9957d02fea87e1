"""The merge by paragraph: what merges, what does not, and that nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from wiki.model.blocks import split_body, split_front
from wiki.model.merge import (
    Typed,
    has_conflict_markers,
    merge3,
    merge_text,
    resolve,
)

OPENERS = ("```", "~~~", "---")
BASE = "# Title\n\nOne.\n\nTwo.\n\nThree.\n"

lines = st.sampled_from(
    [
        "",
        "",
        "  ",
        "One.",
        "Two words.",
        "Three more words.",
        "Four",
        "# Head",
        "- item",
        "- other",
        "1. first",
        "```",
        "~~~",
        "---",
        "tags: [a]",
        "lang: en",
        "  - x",
        "> quote",
        "| a | b |",
    ]
)
texts = st.tuples(st.lists(lines, max_size=14), st.sampled_from(["", "\n"])).map(
    lambda parts: "\n".join(parts[0]) + parts[1]
)


def words(text: str) -> list[str]:
    front, rest = split_front(text)
    return ([front.raw] if front else []) + [b.text for b in split_body(rest).blocks]


@given(texts)
@example("```\nopen\n\n\n")
@example("---\na: 1\na: 2\n---\n\n\n# x")
def test_cutting_a_text_keeps_every_character(text: str) -> None:
    front, rest = split_front(text)
    body = split_body(rest)
    joined = body.lead + "".join(b.text + b.gap for b in body.blocks)
    assert (front.raw if front else "") + joined == text


@given(texts, texts)
@settings(max_examples=300)
@example("A\n", "")
@example("A\n", "\n\n")
@example("", "---\na: 1\n---\n")
def test_one_sided_change_is_taken_as_it_is(base: str, changed: str) -> None:
    assert merge_text(base, base, changed) == changed
    assert merge_text(base, changed, base) == changed
    assert merge_text(base, changed, changed) == changed


@given(texts, texts, texts)
@settings(max_examples=400)
def test_sides_are_treated_alike(base: str, theirs: str, yours: str) -> None:
    one, other = merge3(base, theirs, yours), merge3(base, yours, theirs)
    assert one.text == other.text
    swap = {"theirs": "yours", "yours": "theirs"}
    assert [swap.get(p.kind, p.kind) for p in one.parts] == [
        p.kind for p in other.parts
    ]


@given(texts, texts, texts)
@settings(max_examples=400)
def test_parts_hold_all_of_every_side(base: str, theirs: str, yours: str) -> None:
    parts = merge3(base, theirs, yours).parts
    for side, text in (("base", base), ("theirs", theirs), ("yours", yours)):
        pieces = [getattr(part, side) for part in parts]
        if any(part.field for part in parts):
            assert sorted("".join(pieces)) == sorted(text)
        else:
            assert "".join(pieces) == text


@given(texts, texts, texts, st.sampled_from(["theirs", "yours", "both"]))
@settings(max_examples=400)
def test_whatever_is_chosen_stays_in_the_text(
    base: str, theirs: str, yours: str, choice: str
) -> None:
    merged = merge3(base, theirs, yours)
    text = resolve(merged.parts, dict.fromkeys(merged.conflicts, choice))
    if merged.text is not None:
        assert text == merged.text
    if text is None:
        assert choice == "both"
        return
    rest = text
    for part in merged.parts:
        chosen = {"theirs": part.theirs, "yours": part.yours}.get(choice, "")
        for word in (part.text if part.text is not None else chosen).split():
            assert word in rest
            rest = rest[rest.index(word) + len(word) :]


@given(texts, texts, texts)
@settings(max_examples=400)
@example("", "  ", "One.")
def test_parts_never_run_into_each_other(base: str, theirs: str, yours: str) -> None:
    merged = merge3(base, theirs, yours)
    # An open fence and front matter reach over what stands behind them.
    if merged.text is None or any(mark in base + theirs + yours for mark in OPENERS):
        return
    parts = [b.text for p in merged.parts for b in split_body(p.text or "").blocks]
    assert [block.text for block in split_body(merged.text).blocks] == parts


@given(st.lists(st.sampled_from("abc"), max_size=8), st.data())
def test_changed_paragraphs_apart_always_merge(names: list[str], data: object) -> None:
    base = [f"{name} {i}" for i, name in enumerate(names)]
    draw = data.draw  # type: ignore[attr-defined]
    mine = draw(st.sets(st.sampled_from(range(len(base))))) if base else set()
    theirs = [p if i in mine else f"{p} theirs" for i, p in enumerate(base)]
    yours = [f"{p} yours" if i in mine else p for i, p in enumerate(base)]
    both = [f"{p} yours" if i in mine else f"{p} theirs" for i, p in enumerate(base)]
    texts = ["\n\n".join(side) + "\n" for side in (base, theirs, yours, both)]
    assert merge_text(*texts[:3]) == texts[3]


@pytest.mark.parametrize(
    ("theirs", "yours", "merged"),
    [
        ("One!", "Two!", "# Title\n\nOne!\n\nTwo!\n\nThree.\n"),
        ("One!", "Three!", "# Title\n\nOne!\n\nTwo.\n\nThree!\n"),
    ],
)
def test_neighbors_merge(theirs: str, yours: str, merged: str) -> None:
    change = {"One!": "One.", "Two!": "Two.", "Three!": "Three."}
    sides = [BASE.replace(change[new], new) for new in (theirs, yours)]
    assert merge_text(BASE, *sides) == merged


def test_a_changed_end_and_an_added_end_merge() -> None:
    theirs = BASE.replace("Three.", "Three!")
    assert merge_text(BASE, theirs, BASE + "\nFour.\n") == theirs + "\nFour.\n"


def test_two_added_ends_are_a_conflict_that_can_keep_both() -> None:
    merged = merge3(BASE, BASE + "\nTheirs.\n", BASE + "\nYours.\n")
    assert merged.text is None
    (at,) = merged.conflicts
    assert resolve(merged.parts, {at: "both"}) == BASE + "\nTheirs.\n\nYours.\n"
    assert resolve(merged.parts, {at: "theirs"}) == BASE + "\nTheirs.\n"
    assert resolve(merged.parts, {at: Typed("both")}) == BASE + "\nboth\n"
    assert resolve(merged.parts, {}) is None


def test_removed_and_changed_is_a_conflict() -> None:
    theirs = BASE.replace("Two.\n\n", "")
    merged = merge3(BASE, theirs, BASE.replace("Two.", "Two!"))
    (at,) = merged.conflicts
    part = merged.parts[at]
    assert (part.base, part.theirs, part.yours) == ("Two.\n\n", "", "Two!\n\n")
    assert resolve(merged.parts, {at: "theirs"}) == theirs


def test_paragraphs_that_come_to_stand_together_do_not_fuse() -> None:
    merged = merge_text("A\n\nB\n", "A\n", "A\n\nB\n\nC\n")
    assert merged == "A\n\nC\n"


def test_list_items_merge_one_by_one() -> None:
    base = "- bread\n- water\n- tents\n"
    theirs = "- bread\n- clean water\n- tents\n"
    yours = "- bread\n- water\n- tents\n- lamps\n"
    assert (
        merge_text(base, theirs, yours) == "- bread\n- clean water\n- tents\n- lamps\n"
    )


def test_fenced_code_is_whole() -> None:
    base = "```\na = 1\n\nb = 2\n```\n"
    theirs, yours = base.replace("1", "3"), base.replace("2", "4")
    assert merge_text(base, theirs, yours) is None


def test_front_matter_merges_by_key_wherever_it_stands() -> None:
    base = "---\ntitle: T\ntags:\n  - a\n---\n\nText.\n"
    theirs = base.replace("  - a\n", "  - a\n  - b\n").replace(
        "---\n\n", "lang: en\n---\n\n"
    )
    yours = base.replace("title: T\n", "title: U\n").replace(
        "---\n\n", "type: x\n---\n\n"
    )
    assert merge_text(base, theirs, yours) == (
        "---\ntitle: U\ntags:\n  - a\n  - b\nlang: en\ntype: x\n---\n\nText.\n"
    )


def test_one_key_set_by_both_never_stands_twice() -> None:
    base = "---\ntitle: T\n---\n\nText.\n"
    theirs = base.replace("---\ntitle", "---\nlang: en\ntitle")
    yours = base.replace("T\n---", "T\nlang: es\n---")
    merged = merge3(base, theirs, yours)
    (at,) = merged.conflicts
    assert merged.parts[at].field == "lang"
    assert resolve(merged.parts, {at: "both"}) is None
    text = resolve(merged.parts, {at: "yours"}) or ""
    assert text.count("lang:") == 1
    assert "lang: es" in text


def test_front_matter_added_to_a_changed_text() -> None:
    added = "---\ntags: [a]\n---\n\n" + BASE
    assert merge_text(BASE, added, BASE.replace("Two", "2")) == added.replace(
        "Two", "2"
    )


def test_conflict_markers() -> None:
    assert has_conflict_markers("a\n<<<<<<< HEAD\nx\n=======\ny\n>>>>>>> other\n")
    assert not has_conflict_markers("Title\n=======\n\n>>>>>>> deep quote\n")
    assert not has_conflict_markers("text <<<<<<< x\n=======\n>>>>>>> y\n")


@pytest.mark.parametrize("line", ["x", "line {}", "w {} of {} words", "{}"])
def test_long_pages_of_alike_lines_merge(line: str) -> None:
    base = [line.format(i % 7, i % 3) for i in range(20_000)]
    theirs, yours = list(base), list(base)
    for at in range(0, 20_000, 40):
        theirs[at] = f"theirs {at}"
        yours[at + 20] = f"yours {at}"
    merged = merge_text(*("\n\n".join(side) + "\n" for side in (base, theirs, yours)))
    assert merged is None or merged.count("yours") == merged.count("theirs") == 500
