"""The visible text of a tree: for search, summaries and titles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model.parts import Token

# Their children are words of one block; between all others stands a line break.
TEXT_BLOCKS = frozenset(
    ["paragraph", "block_text", "heading", "table_cell", "def_list_head", "summary"]
)
_LITERAL = frozenset(("text", "codespan"))
_BREAKS = frozenset(("softbreak", "linebreak"))


def plain(tokens: Sequence[Token]) -> tuple[str, tuple[str, ...]]:
    """Return the visible text, a line for each block, and the headings apart."""
    lines: list[str] = []
    headings: list[str] = []
    _blocks(tokens, lines, headings)
    return "\n".join(line for line in lines if line), tuple(headings)


def summary(tokens: Sequence[Token], length: int = 200) -> str:
    """Return the first words of the running text, cut between words."""
    text = ""
    for token in _paragraphs(tokens):
        text = f"{text} {' '.join(inline(token['children']).split())}".strip()
        if len(text) > length:
            cut = text.rfind(" ", length // 2, length)
            return text[: cut if cut > 0 else length - 1].rstrip(" ,;:") + "…"
    return text


def first_heading(tokens: Sequence[Token]) -> str:
    """Return the text of a level-1 heading that begins the page, or an empty string."""
    first = tokens[0] if tokens else None
    if not first or first["type"] != "heading" or first["attrs"]["level"] != 1:
        return ""
    return " ".join(inline(first["children"]).split())


def inline(tokens: Sequence[Token]) -> str:
    """Return the visible text of the tokens within a block."""
    parts: list[str] = []
    _inline(tokens, parts)
    return "".join(parts)


def _inline(tokens: Sequence[Token], parts: list[str]) -> None:
    for token in tokens:
        kind = token["type"]
        if kind in _LITERAL:
            parts.append(token["raw"])
        elif kind in _BREAKS:
            parts.append(" ")
        elif (token.get("attrs") or {}).get("bare"):
            parts.append(_readable(token["attrs"]["wiki"]))
        elif "children" in token:
            _inline(token["children"], parts)


def _readable(target: str) -> str:
    """Return the words of a bare wiki link: the last part of the page's name."""
    name = target.partition("#")[0].rpartition(":")[2]
    return name.rpartition("/")[2].replace("-", " ")


def _blocks(tokens: Sequence[Token], lines: list[str], headings: list[str]) -> None:
    for token in tokens:
        kind = token["type"]
        children = token.get("children")
        if kind in TEXT_BLOCKS and children is not None:
            text = inline(children)
            lines.append(text)
            if kind == "heading":
                headings.append(text)
        elif children is not None:
            _blocks(children, lines, headings)
        elif kind in ("block_code", "source"):
            lines.append(token["raw"].strip("\n"))
        elif kind == "directive":
            attrs = token.get("attrs") or {}
            if attrs.get("search"):
                lines += (str(attrs.get("argument", "")), token["raw"])
        elif "raw" in token:
            # Inline tokens of a plugin that stand among blocks.
            lines.append(inline([token]))


def _paragraphs(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        kind = token["type"]
        if kind in ("paragraph", "block_text"):
            yield token
        elif kind not in ("heading", "table", "footnotes") and "children" in token:
            yield from _paragraphs(token["children"])
