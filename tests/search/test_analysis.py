"""Text to words: the table of spec search, section 2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wiki.search.analysis import MAX_LENGTH, MAX_TOKENS, fold, runs, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 1 normalize
        ("ﬁle", "file"),
        ("STRASSE Straße", "strasse strasse"),
        ("soft\u00adhyphen zero\u200bwidth a\ufeffb", "softhyphen zerowidth ab"),
        ("\u200fright\u200e", "right"),
        ("Ｗｉｄｅ ² ①", "wide 2 1"),
        # 2 marks
        ("coalición", "coalicion"),
        ("coalicio\u0301n", "coalicion"),
        ("が か\u3099", "が が"),
        ("हिन्दी", "हिन्दी"),
        ("Ένωση", "ενωση"),
        ("ενωσής", "ενωσησ"),
        ("Ёлка йод", "елка иод"),
        ("שָׁלוֹם", "שלום"),
        ("مُدَرِّس", "مدرس"),
        ("người thuê nhà", "nguoi thue nha"),
        ("İstanbul ISPARTA", "istanbul isparta"),
        # 3 letters without decomposition
        ("Łódź", "lodz"),
        ("smørrebrød þing æther œuvre đàn ðe ħal ırmak", None),
        # 4 Arabic
        ("التحالف", "تحالف"),
        ("والتحالف للتحالف", "تحالف تحالف"),
        ("أحمد إحمد آحمد ٱحمد", "احمد احمد احمد احمد"),
        ("مدرسة مدرسه", "مدرسه مدرسه"),
        ("على علی", "علي علي"),
        ("کتاب كتاب", "كتاب كتاب"),
        ("سـلام", "سلام"),
        ("الف ال", "الف ال"),
        # 5 split
        ("l'union l’union", "l union l union"),
        ("co-op a_b a.b a/b", "co op a b a b a b"),
        ("C++ e-mail@x.org", "c e mail x org"),
        ("3,000.5", "3 000 5"),
        ("😀 ☎ — … €", ""),
        # 6 scripts without spaces
        ("联盟建设", "联盟 盟建 建设"),
        ("我", "我"),
        ("한국어", "한국 국어"),
        ("カタカナひらがな漢字", "カタ タカ カナ ナひ ひら らが がな な漢 漢字"),
        ("ภาษาไทย", "ภา าษ ษา าไ ไท ทย"),
        ("กี่", "กี่"),
        ("ພາສາ", "ພາ າສ ສາ"),
        ("2024年iPhone手机", "2024 年 iphone 手机"),
        ("ー", "ー"),
    ],
)
def test_words(text: str, expected: str | None) -> None:
    if expected is None:
        expected = "smorrebrod thing aether oeuvre dan de hal irmak"
    assert " ".join(words(text)) == expected
    assert " ".join(token.text for token in tokens(text)) == expected


@pytest.mark.parametrize(
    ("text", "word", "source"),
    [
        ("la coalición", "coalicion", "coalición"),
        ("la coalicio\u0301n!", "coalicion", "coalicio\u0301n"),
        ("(Straße)", "strasse", "Straße"),
        ("a ﬁle", "file", "ﬁle"),
        ("在联盟建设", "盟建", "盟建"),
        ("ｶﾞｲﾄﾞ", "ガイ", "ｶﾞｲ"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글", None),
        ("والتحالف", "تحالف", "والتحالف"),
        ("soft\u00adhyphen", "softhyphen", "soft\u00adhyphen"),
    ],
)
def test_places_in_the_source(text: str, word: str, source: str | None) -> None:
    token = next(token for token in tokens(text) if token.text == word)
    assert text[token.start : token.end] == (source or text)


@given(st.text(max_size=60))
def test_words_and_tokens_agree(text: str) -> None:
    found = tokens(text)
    assert [token.text for token in found] == words(text)
    assert all(0 <= t.start < t.end <= len(text) for t in found)
    assert [word for run in runs(text) for word in run] == words(text)


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = words(text)
    assert all(words(word) in ([word], [word[:MAX_LENGTH]]) for word in once if word
               and not word.startswith(("ال", "وال", "لل")))  # fmt: skip
    assert fold(fold(text)) == fold(text)


def test_long_words_are_cut() -> None:
    assert words("x" * 1000) == ["x" * MAX_LENGTH]
    assert words("é" * 1000) == ["e" * MAX_LENGTH]
    assert [t.text for t in tokens("x" * 1000)] == ["x" * MAX_LENGTH]


def test_a_page_has_at_most_so_many_words() -> None:
    assert len(words("a " * (MAX_TOKENS + 5))) == MAX_TOKENS
    assert len(words("é " * (MAX_TOKENS + 5))) == MAX_TOKENS
    assert len(words("联" * (MAX_TOKENS + 5))) == MAX_TOKENS
    assert len(tokens("a b", limit=1)) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("a" * 10**6, 1),
        ("é" * 10**6, 1),
        ("\u0301" * 10**5, 0),
        ("a" + "\u0301" * 10**5, 1),
        ("联" * 350_000, MAX_TOKENS),
        ("กี่" * 10**5, MAX_TOKENS - 1),
        ("\ud800" * 9, 0),
        ("\x00\x08\x7f", 0),
    ],
)
def test_hostile_text_is_cut_up_like_any_other(text: str, number: int) -> None:
    assert len(words(text)) == number
    assert all(len(word) <= MAX_LENGTH for word in words(text))
