"""The piece of a page that shows why it was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki.search import analysis
from wiki.search.snippets import LENGTH, find, snippet


def _marked(text: str, *words: str) -> list[str]:
    return [each.text for each in snippet(text, words) if each.mark]


def _plain(text: str, *words: str) -> str:
    return "".join(each.text for each in snippet(text, words))


@pytest.mark.parametrize(
    ("text", "word", "marked"),
    [
        ("The tenant union", "tenant", ["tenant"]),
        ("The TENANT, tenants", "tenant", ["TENANT"]),
        ("tenant-union", "union", ["union"]),
        ("subtenant tenant_x", "tenant", ["tenant"]),
        ("la coalición", "coalicion", ["coalición"]),
        (
            "coalicio\u0301n y Coalición",
            "coalicion",
            ["coalicio\u0301n", "Coalición"],
        ),
        ("Die Straße", "strasse", ["Straße"]),
        ("organizers organize", "organiz*", ["organizers", "organize"]),
        ("organización", "organiz*", ["organización"]),
        ("في التحالف اليوم", "تحالف", ["التحالف"]),
        ("租户联盟建设", "联盟", ["联盟"]),
        ("ｶﾞｲﾄﾞ", "ガイ", ["ｶﾞｲ"]),
        ("İstanbul tenant", "tenant", ["tenant"]),
        ("İstanbul tenant", "istanbul", ["İstanbul"]),
        ("nothing here", "tenant", []),
        ("naïve tenant tenánt", "tenant", ["tenant", "tenánt"]),
    ],
)
def test_words_are_marked_in_their_own_spelling(
    text: str, word: str, marked: list[str]
) -> None:
    assert _marked(text, word) == marked


def test_bigrams_that_overlap_are_one_mark() -> None:
    assert _marked("在租户联盟建设里", "租户", "户联", "联盟") == ["租户联盟"]


def test_markup_stays_text() -> None:
    text = "<script>alert(1)</script> tenant & <b>"
    assert _plain(text, "tenant") == text


def test_the_densest_part_is_shown() -> None:
    far = "filler words go on and on. " * 40
    text = f"tenant {far} tenant union strike {far} union"
    shown = _plain(text, "tenant", "union", "strike")
    assert "tenant union strike" in shown
    assert shown.startswith("… ")
    assert shown.endswith(" …")


def test_without_a_hit_the_beginning_is_shown() -> None:
    text = "first words " * 100
    assert _plain(text, "tenant").startswith("first words")
    assert _plain(text).endswith(" …")
    assert _plain("short") == "short"
    assert snippet("", ["x"]) == ()


def test_line_breaks_become_spaces() -> None:
    assert _plain("one\n\n  two\tthree", "two") == "one two three"


def test_a_word_longer_than_the_window_is_marked_whole() -> None:
    assert _marked("x" * 500 + " tenant", "tenant") == ["tenant"]
    assert _marked("é" * 500, "e" * 64) == ["é" * 500]


def test_a_cut_never_parts_a_letter_from_its_marks() -> None:
    text = "กี่" * 400
    for fragment in snippet(text, ["กี่กี่"]):
        assert not fragment.text.startswith(("\u0e35", "\u0e48"))


@given(
    st.text(alphabet="ab éİß联盟กี่́ ا-.\n", max_size=400),
    st.lists(
        st.sampled_from(["a", "b", "ab", "e", "联盟", "盟联", "a*", "ss"]), max_size=3
    ),
)
def test_any_text_can_be_shown(text: str, words: list[str]) -> None:
    found = snippet(text, words)
    shown = "".join(each.text for each in found)
    assert len(shown) <= max(LENGTH, len(text)) + 4
    for start, end, word in find(text, words):
        assert 0 <= start < end <= len(text)
        tokens = analysis.words(text[start:end])
        assert tokens, (text[start:end], word)


def test_all_spellings_are_found_that_the_analysis_finds() -> None:
    text = "Tenánt tenant TENANT ten-ant teñant x " * 3
    found = {(start, end) for start, end, _ in find(text, ["tenant"])}
    expected = {
        (token.start, token.end)
        for token in analysis.tokens(text)
        if token.text == "tenant"
    }
    assert found == expected
