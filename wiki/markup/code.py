"""Colors of code: Pygments' tokens as CSS classes and texts in turn.

Runs with the parse, where a slow lexer can be stopped.
"""

from __future__ import annotations

from functools import lru_cache

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES
from pygments.util import ClassNotFound

# Longer code is shown plain: coloring costs more than it helps.
LONGEST = 20 * 1024
# Names, punctuation and white space look like text: half of all spans saved.
UNCOLORED = frozenset(("n", "p", "w", "x"))
CLASSES = frozenset(STANDARD_TYPES.values()) - UNCOLORED - {""}


def language(info: str) -> str:
    """Return the language that a fence names, in lower case, or an empty string."""
    word = info.split(None, 1)[0] if info.strip() else ""
    return word.strip("{}.").split(",")[0].lower()[:40]


@lru_cache(maxsize=256)
def lexer_of(name: str) -> Lexer | None:
    """Return the lexer of a language, or None: then the code is shown plain."""
    if not name or name in ("text", "plain", "txt", "output", "console-output"):
        return None
    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def spans(code: str, info: str) -> list[str] | None:
    """Return a class, a text, a class, …, or None where code is shown plain."""
    name = language(info)
    if len(code) > LONGEST or lexer_of(name) is None:
        return None
    return list(_spans(code, name))


@lru_cache(maxsize=256)
def _spans(code: str, name: str) -> tuple[str, ...]:
    lexer = lexer_of(name)
    if lexer is None:
        return ("", code)
    result: list[str] = []
    for kind, text in lexer.get_tokens(code):
        known = next(k for k in reversed(kind.split()) if k in STANDARD_TYPES)
        css = STANDARD_TYPES[known]
        css = "" if css in UNCOLORED else css
        if result and result[-2] == css:
            result[-1] += text
        else:
            result += (css, text)
    return tuple(result)
