"""The comparison of two texts: rows, words, folds and the summary."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wiki.model.diff import MAX_ROWS, Comparison, Summary, compare

lines = st.sampled_from(
    ["", "One.", "Two words here.", "Two words there.", "- item", "```", "x", "x y"]
)
texts = st.tuples(st.lists(lines, max_size=20), st.sampled_from(["", "\n"])).map(
    lambda parts: "\n".join(parts[0]) + parts[1]
)


def sides(found: Comparison, a: str, b: str) -> tuple[str, str]:
    """Put both texts together again from the rows, and folds from the originals."""
    left, right = a.split("\n"), b.split("\n")
    out: tuple[list[str], list[str]] = ([], [])
    for row in found.rows:
        if row.kind == "skip":
            out[0].extend(left[row.a_line - 1 : row.a_line - 1 + row.count])
            out[1].extend(right[row.b_line - 1 : row.b_line - 1 + row.count])
            continue
        if row.a_line:
            assert row.a_line == len(out[0]) + 1
            out[0].append(row.a_text)
        if row.b_line:
            assert row.b_line == len(out[1]) + 1
            out[1].append(row.b_text)
    return "\n".join(out[0]), "\n".join(out[1])


@given(texts, texts)
@settings(max_examples=500)
def test_rows_hold_both_texts_in_order(a: str, b: str) -> None:
    found = compare(a, b)
    assert sides(found, a, b) == (a.removesuffix("\n"), b.removesuffix("\n"))
    if a and b:
        assert found.same == (a == b)


@given(texts)
def test_equal_texts_have_no_change(text: str) -> None:
    found = compare(text, text)
    assert found.same
    assert found.summary == Summary()


@given(texts, texts)
def test_unchanged_spans_are_in_both_sides(a: str, b: str) -> None:
    for row in compare(a, b).rows:
        if row.kind == "changed":
            kept = [
                [text for text, changed in side if not changed]
                for side in (row.a, row.b)
            ]
            assert "".join(kept[0]).split() == "".join(kept[1]).split()


def test_words_are_marked_inside_a_changed_line() -> None:
    (row,) = compare("Meet at the old hall.\n", "Meet at the new hall.\n").rows
    assert row.kind == "changed"
    assert row.a == (("Meet at the ", False), ("old", True), (" hall.", False))
    assert row.b == (("Meet at the ", False), ("new", True), (" hall.", False))


def test_neighboring_words_are_one_change() -> None:
    (row,) = compare("We meet on Monday night here", "We meet in every park here").rows
    assert row.b == (("We meet ", False), ("in every park", True), (" here", False))


def test_unlike_lines_are_marked_whole() -> None:
    (row,) = compare("alpha beta gamma", "one two three").rows
    assert row.a == (("alpha beta gamma", True),)


def test_unchanged_stretches_are_folded_with_their_count() -> None:
    a = [str(i) for i in range(30)]
    b = [*a[:15], "new", *a[15:]]
    rows = compare("\n".join(a), "\n".join(b)).rows
    assert [(row.kind, row.count) for row in rows] == [
        ("skip", 12),
        *[("same", 0)] * 3,
        ("added", 0),
        *[("same", 0)] * 3,
        ("skip", 12),
    ]
    assert (rows[0].a_line, rows[-1].a_line, rows[-1].b_line) == (1, 19, 20)


def test_summary_counts_paragraphs() -> None:
    a = "---\ntitle: A\n---\n\nOne here.\n\nTwo here.\n\nThree here.\n"
    b = "---\ntitle: B\n---\n\nOne here now.\n\nThree here.\n\nFour.\n\nFive.\n"
    assert compare(a, b).summary == Summary(changed=2, added=2, removed=1)


@pytest.mark.parametrize(
    ("a", "b", "newline"),
    [("x", "x\n", "added"), ("x\n", "x", "removed"), ("", "", "")],
)
def test_a_changed_last_line_end_is_told(a: str, b: str, newline: str) -> None:
    assert compare(a, b).newline == newline


def test_huge_and_unlike_texts_are_compared() -> None:
    a = "\n".join(str(i % 50) for i in range(40_000))
    b = "\n".join(str(i % 49) for i in range(40_000))
    assert compare(a, b).rows
    long = compare("word " * 50_000, "ward " * 50_000).rows
    assert [row.kind for row in long] == ["changed"]


def test_very_many_rows_are_cut_and_counted() -> None:
    found = compare("a\n" * 10_000, "b\n" * 10_000)
    assert len(found.rows) == MAX_ROWS + 1
    assert (found.rows[-1].kind, found.rows[-1].count) == ("skip", found.cut)
    assert found.cut == 10_000 - MAX_ROWS
    assert found.rows[-1].a_line == MAX_ROWS + 1
    assert not found.same
    assert compare("a\n" * 10, "b\n" * 10).cut == 0


def test_what_is_all_shown_is_not_cut() -> None:
    text = "".join(f"{i}\n" for i in range(MAX_ROWS))
    found = compare("", text)
    assert (len(found.rows), found.cut) == (MAX_ROWS, 0)
