"""Forms of a term that readers meet: plurals, possessives, verb forms, clitics.

Rules, never a stemmer: a form that no rule makes is added by hand (``forms``).
Each language has one function ``(label, part of speech) -> forms``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

NOUN, VERB, ADJECTIVE, NAME = "noun", "verb", "adjective", "name"
PARTS_OF_SPEECH = (NOUN, VERB, ADJECTIVE, NAME)

# -- English

_IRREGULAR = {
    "person": "people",
    "child": "children",
    "man": "men",
    "woman": "women",
    "foot": "feet",
    "tooth": "teeth",
    "mouse": "mice",
    "goose": "geese",
    "ox": "oxen",
    "quiz": "quizzes",
    "criterion": "criteria",
    "phenomenon": "phenomena",
    "datum": "data",
    "medium": "media",
}
_VES = {
    "calf": "calves",
    "half": "halves",
    "knife": "knives",
    "leaf": "leaves",
    "life": "lives",
    "loaf": "loaves",
    "self": "selves",
    "shelf": "shelves",
    "thief": "thieves",
    "wife": "wives",
    "wolf": "wolves",
}
_OES = frozenset({"echo", "embargo", "hero", "potato", "tomato", "veto"})
_PAST = {
    "build": "built",
    "hold": "held",
    "lead": "led",
    "meet": "met",
    "speak": "spoke",
    "stand": "stood",
    "strike": "struck",
    "take": "took",
    "win": "won",
    "write": "wrote",
}
_OF = re.compile(r"(.+?)( (?:of|for|in|at) .+)\Z")
_CONSONANT_Y = re.compile(r"[^aeiou]y\Z", re.IGNORECASE)
# One vowel between consonants at the end of one syllable: plan, stop; and a few
# endings that carry the stress: commit, refer.
_DOUBLES = re.compile(r"(?:\A[^aeiou]*[aeiou][bdfglmnprt]|(?:mit|fer|cur|pel))\Z")


def _english(label: str, pos: str) -> Iterator[str]:
    if pos == ADJECTIVE:
        return
    if pos == VERB:
        yield from _english_verb(label)
        return
    if pos == NOUN:
        plural = _english_plural(label)
        yield plural
        if not plural.lower().endswith("s") and not _OF.match(label):
            yield f"{plural}'s"
    yield f"{label}'s"
    if label.lower().endswith("s"):
        yield f"{label}'"


def _english_plural(label: str) -> str:
    of = _OF.match(label)
    if of:
        return _english_plural(of.group(1)) + of.group(2)
    before, last = _last_word(label)
    return before + _plural_word(last)


def _last_word(label: str) -> tuple[str, str]:
    cut = max(label.rfind(" "), label.rfind("-")) + 1
    return label[:cut], label[cut:]


def _plural_word(word: str) -> str:
    low = word.lower()
    if low in _IRREGULAR or low in _VES:
        return word[0] + (_IRREGULAR.get(low) or _VES[low])[1:]
    if word.isupper() and len(word) > 1:
        return f"{word}s"
    if low.endswith(("woman", "sman", "kman", "rman")):
        return f"{word[:-2]}en"
    if low.endswith("sis"):
        return f"{word[:-2]}es"
    if _CONSONANT_Y.search(low):
        return f"{word[:-1]}ies"
    if low in _OES or low.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    return f"{word}s"


def _english_verb(label: str) -> Iterator[str]:
    cut = label.find(" ")
    before, word, after = "", label, ""
    if cut > 0:
        word, after = label[:cut], label[cut:]
    else:
        before, word = _last_word(label)
    for form in (_third(word), _past(word), _ing(word)):
        yield f"{before}{form}{after}"


def _third(word: str) -> str:
    if word.lower() in ("do", "go"):
        return f"{word}es"
    return word[:-1] + "ies" if _CONSONANT_Y.search(word) else _plural_word(word)


def _past(word: str) -> str:
    low = word.lower()
    if low in _PAST:
        return word[0] + _PAST[low][1:]
    if low.endswith("e"):
        return f"{word}d"
    if _CONSONANT_Y.search(low):
        return f"{word[:-1]}ied"
    return f"{word}{word[-1] if _DOUBLES.search(low) else ''}ed"


def _ing(word: str) -> str:
    low = word.lower()
    if low.endswith("ie"):
        return f"{word[:-2]}ying"
    if low.endswith("e") and not low.endswith(("ee", "oe", "ye")):
        return f"{word[:-1]}ing"
    return f"{word}{word[-1] if _DOUBLES.search(low) else ''}ing"


# -- Spanish and French: the words before a preposition take the plural

_SPANISH_LINK = frozenset(
    {"de", "del", "para", "en", "a", "al", "con", "por", "sin", "entre", "y", "e"}
)
_FRENCH_LINK = frozenset(
    {"de", "du", "des", "à", "au", "aux", "en", "pour", "par", "sur", "et", "sans"}
)
_SPANISH_ACCENT = {"á": "a", "é": "e", "í": "i", "ó": "o", "ú": "u"}


def _spanish(label: str, pos: str) -> Iterator[str]:
    if pos in (NOUN, ADJECTIVE):
        yield _words_before(label, _SPANISH_LINK, _spanish_word)


def _spanish_word(word: str) -> str:
    low = word.lower()
    if len(low) < 2 or low in ("el", "la", "los", "las"):
        return word
    if low[-1] in "aeiouáéó":
        return f"{word}s"
    if low[-1] in "íú":
        return f"{word}es"
    if low[-1] == "z":
        return f"{word[:-1]}ces"
    if low[-1] in "ns" and low[-2] in _SPANISH_ACCENT:
        return f"{word[:-2]}{_SPANISH_ACCENT[low[-2]]}{word[-1]}es"
    if low[-1] in "sx":
        return word
    return f"{word}es"


_FRENCH_ALS = frozenset({"bal", "carnaval", "chacal", "festival", "récital", "régal"})
_FRENCH_AUX = {"travail": "travaux", "bail": "baux", "vitrail": "vitraux"}
_FRENCH_OUX = frozenset({"bijou", "caillou", "chou", "genou", "hibou", "joujou", "pou"})
_FRENCH_EUS = frozenset({"bleu", "pneu", "landau"})


def _french(label: str, pos: str) -> Iterator[str]:
    if pos in (NOUN, ADJECTIVE):
        yield _words_before(label, _FRENCH_LINK, _french_word)


def _french_word(word: str) -> str:
    low = word.lower()
    if low[-1:] in ("s", "x", "z") or low in ("le", "la", "les"):
        return word
    if low in _FRENCH_AUX:
        return word[0] + _FRENCH_AUX[low][1:]
    if low.endswith("al") and low not in _FRENCH_ALS:
        return f"{word[:-2]}aux"
    if low in _FRENCH_OUX or (low.endswith(("au", "eu")) and low not in _FRENCH_EUS):
        return f"{word}x"
    return f"{word}s"


def _words_before(
    label: str, links: frozenset[str], plural: Callable[[str], str]
) -> str:
    words = label.split(" ")
    for i, word in enumerate(words):
        if word.lower() in links or word.lower().startswith(("d'", "l'")):
            break
        words[i] = plural(word)
    return " ".join(words)


# -- Arabic: one-letter words and the article are written together with the noun

_BEFORE = ("", "و", "ف")
_ARTICLE = "ال"
_CLITICS = tuple(
    first + second
    for first in _BEFORE
    for second in ("", "ب", "ل", "ك", _ARTICLE, "ب" + _ARTICLE, "ك" + _ARTICLE, "لل")
)


def _arabic(label: str, pos: str) -> Iterator[str]:
    first, _, rest = label.partition(" ")
    bare = first.removeprefix(_ARTICLE)
    if len(bare) < 2:
        return
    tails = [f" {rest}"] if rest else [""]
    if rest and not rest.startswith(_ARTICLE):
        tails.append(f" {_ARTICLE}{rest}")
    for clitics in _CLITICS:
        yield from (f"{clitics}{bare}{tail}" for tail in tails)


_LANGUAGES: dict[str, Callable[[str, str], Iterator[str]]] = {
    "en": _english,
    "es": _spanish,
    "fr": _french,
    "ar": _arabic,
}
# Words that lean on the next one by an apostrophe: l'alliance, d'une, qu'elle.
ELISIONS: dict[str, frozenset[str]] = {
    "fr": frozenset(
        [
            "l",
            "d",
            "j",
            "m",
            "t",
            "s",
            "c",
            "n",
            "qu",
            "jusqu",
            "lorsqu",
            "puisqu",
            "quoiqu",
            "presqu",
            "quelqu",
        ]
    ),
}


def forms(label: str, language: str, pos: str = NOUN) -> list[str]:
    """Return the generated forms of a label, without the label itself."""
    rule = _LANGUAGES.get(language)
    if rule is None or not label:
        return []
    return [form for form in _unique(rule(label, pos)) if form != label]


def _unique(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
