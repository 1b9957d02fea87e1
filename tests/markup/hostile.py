"""Hostile texts that cost: families of security.md 7, each at any size.

Every generator returns about ``size`` characters within the caps: no line over 10 kB,
and no blank line where the family does not need one, so that paragraphs are as long
as they can get.
"""

from __future__ import annotations

from collections.abc import Callable

LINE = 9000


def fill(unit: str, size: int, line: int = LINE, join: str = "\n") -> str:
    """Repeat a unit up to a size, broken into lines."""
    row = unit * max(line // len(unit), 1)
    return (join.join([row] * max(size // (len(row) + len(join)), 1)))[:size]


def rows(unit: str, size: int) -> str:
    """Repeat a unit as lines of its own."""
    return (unit + "\n") * max(size // (len(unit) + 1), 1)


def numbered(pattern: str, size: int) -> str:
    """Repeat a pattern with a running number in it, as lines of its own."""
    made, length, number = [], 0, 0
    while length < size:
        made.append(pattern.replace("#", str(number)))
        length += len(made[-1]) + 1
        number += 1
    return "\n".join(made)


def stairs(step: str, text: str, size: int, deepest: int = 4000) -> str:
    """Nest deeper line by line, then start again."""
    made, length, level = [], 0, 0
    while length < size:
        made.append(step * level + text)
        length += len(made[-1]) + 1
        level = level + 1 if len(step) * level < deepest else 0
    return "\n".join(made)


def halves(first: str, then: str, size: int) -> str:
    """Return many of one thing, then many of another."""
    return fill(first, size // 2) + "\n" + fill(then, size // 2)


def long_definition(definition: str, use: str, size: int) -> str:
    """Use one long definition many times."""
    text = definition.replace("{}", "x" * min(size // 4, LINE)) + "\n\n"
    return text + fill(use, size - len(text))


def wide_head(size: int) -> str:
    """Return the head of a table with as many columns as a line holds."""
    columns = min(size // 16, 4000)
    return "|a" * columns + "|\n" + "|-" * columns + "|\n"


Family = Callable[[int], str]

DELIMITERS: dict[str, Family] = {
    "stars": lambda n: fill("*", n),
    "stars and letters": lambda n: fill("*a", n),
    "star openers": lambda n: fill("*a ", n),
    "star closers": lambda n: fill("a* ", n),
    "double stars": lambda n: fill("**a ", n),
    "stars of growing length": lambda n: fill("*a **a ***a ", n),
    "open then close": lambda n: halves("*a ", "b* ", n),
    "open two then close one": lambda n: halves("**a ", "b* ", n),
    "underscores": lambda n: fill("_", n),
    "underscore openers": lambda n: fill("_a ", n),
    "stars and underscores": lambda n: fill("*_a ", n),
    "crossed": lambda n: fill("*a _b* c_ ", n),
    "tildes": lambda n: fill("~", n),
    "tilde openers": lambda n: fill("~~a ", n),
    "tildes of both lengths": lambda n: fill("~a ~~b ", n),
    "backticks": lambda n: fill("`", n),
    "backticks of growing length": lambda n: " ".join(
        "`" * (k % 300 + 1) + "a" for k in range(n // 150)
    )[:n].replace("a `", "a\n`"),
    "backticks and letters": lambda n: fill("`a``b", n),
    "three and stars": lambda n: fill("***a** b* ", n),
    "cjk stars": lambda n: fill("**「あ」**い", n, 3000),
}
BRACKETS: dict[str, Family] = {
    "open brackets": lambda n: fill("[", n),
    "open pictures": lambda n: fill("![", n),
    "close brackets": lambda n: fill("]", n),
    "open then close brackets": lambda n: halves("[", "]", n),
    "brackets as lines": lambda n: rows("[", n),
    "pairs": lambda n: fill("[]", n),
    "links without end": lambda n: fill("[a](", n),
    "links with an open title": lambda n: fill('[a](b "c', n),
    "links with an open angle": lambda n: fill("[a](<b", n),
    "links of parentheses": lambda n: fill("[a](" + "(" * 30, n),
    "nested links": lambda n: halves("[a", "](b)", n),
    "nested pictures": lambda n: halves("![a", "](b)", n),
    "link in link": lambda n: fill("[a [b](c) ", n),
    "wiki links without end": lambda n: fill("[[a", n),
    "wiki links": lambda n: fill("[[a|b]] ", n),
    "wiki link bars": lambda n: fill("[[a|", n),
    "escaped brackets": lambda n: fill("\\[", n),
    "labels": lambda n: "[x]: /u\n\n" + fill("[a][", n),
    "labels without end": lambda n: "[x]: /u\n\n" + fill("[x [x ", n),
    "long labels": lambda n: "[x]: /u\n\n" + fill("[" + "a" * 900 + "]", n),
    "references as lines": lambda n: rows("[a", n),
    "definitions without end": lambda n: rows("[a]:", n),
    "definitions with an open title": lambda n: rows('[a]: b "c', n),
}
ANGLES: dict[str, Family] = {
    "angles": lambda n: fill("<", n),
    "angle letters": lambda n: fill("<a", n),
    "tags without end": lambda n: fill("<a b=", n),
    "tags with an open quote": lambda n: fill('<kbd title="', n),
    "tags": lambda n: fill("<kbd>", n),
    "tags open and close": lambda n: halves("<kbd>", "</kbd>", n),
    "tags crossed": lambda n: fill("<sub><sup></sub></sup>", n),
    "tag spaces": lambda n: fill("<kbd" + " " * 200, n),
    "tags and stars": lambda n: fill("<sub>*a", n),
    "comments": lambda n: fill("<!--", n),
    "comment lines": lambda n: rows("<!--", n),
    "comments after one that ends": lambda n: "<!-- -->\n" + rows("a <!--", n),
    "declarations": lambda n: fill("<!A ", n),
    "processing": lambda n: fill("<?", n),
    "sections": lambda n: fill("<![CDATA[", n),
    "details": lambda n: rows("<details>", n),
    "details close": lambda n: rows("</details>", n),
    "details summary": lambda n: rows("<details><summary>", n),
    "autolinks": lambda n: fill("<a:b", n),
    "mail angles": lambda n: fill("<a@", n),
}
NESTED: dict[str, Family] = {
    "quotes": lambda n: fill(">", n),
    "quote lines": lambda n: rows("> " * 60 + "a", n),
    "quote stairs": lambda n: stairs("> ", "a", n),
    "lists in a line": lambda n: fill("- ", n),
    "list stairs": lambda n: stairs("  ", "- a", n),
    "list stairs to 60": lambda n: stairs("  ", "- a", n, 120),
    "ordered stairs": lambda n: stairs("   ", "1. a", n),
    "list and quote": lambda n: fill("- > ", n),
    "quote and list lines": lambda n: rows("> - " * 30 + "a", n),
    "list with long rest": lambda n: "- " * 49 + "a\n" + rows(" " * 98 + "b", n),
    "empty items": lambda n: rows("-", n),
    "items": lambda n: rows("- a", n),
    "items of changing kind": lambda n: "- a\n+ b\n* c\n1. d\n2) e\n" * (n // 26),
    "lazy": lambda n: "> a\n" + rows("b", n),
    "lazy in lists": lambda n: "- > - a\n" + rows("b", n),
    "loose items": lambda n: "- a\n\n" * (n // 5),
    "indented": lambda n: rows(" " * 4 + "a", n),
    "indented and blank": lambda n: "    a\n\n" * (n // 7),
    "definitions nested": lambda n: "a\n" + stairs("  ", ": a", n),
    "definition lines": lambda n: "a\n" + rows(": b", n),
    "terms and definitions": lambda n: "a\n: b\n\n" * (n // 8),
    "fences": lambda n: rows("```", n),
    "open fence": lambda n: "```\n" + rows("a", n),
    "fences in quotes": lambda n: rows("> ```", n),
    "fences of growing length": lambda n: "\n".join(
        "`" * (3 + k % 500) for k in range(n // 250)
    ),
    "alerts": lambda n: "> [!NOTE]\n> a\n\n" * (n // 16),
}
AMPLIFIED: dict[str, Family] = {
    "one long reference": lambda n: long_definition("[a]: /{}", "[a]", n),
    "one long title": lambda n: long_definition('[a]: / "{}"', "[a] ", n),
    "one long picture": lambda n: long_definition("[a]: /{}", "![a]", n),
    "many references": lambda n: (
        numbered("[a#]: /b", n // 2) + "\n\n" + numbered("[a#]", n // 2)
    ),
    "the same definition": lambda n: rows("[a]: /b", n),
    "notes": lambda n: numbered("[^#]: a", n // 2) + "\n\n" + numbered("[^#]", n // 2),
    "one note often": lambda n: "[^a]: b\n\n" + fill("[^a]", n),
    "notes in notes": lambda n: "[^0]\n\n" + numbered("[^#]: [^#][^1#][^2#]", n),
    "note heads": lambda n: rows("[^a]:", n),
    "notes of one long text": lambda n: "[^a]\n\n[^a]:\n" + rows("    b", n),
    "nested notes": lambda n: "[^a]\n\n[^a]: " + fill("> ", n),
    "entities": lambda n: fill("&amp;", n),
    "entities without end": lambda n: fill("&a", n),
    "long entities": lambda n: fill("&CounterClockwiseContourIntegral;", n),
    "quotes to escape": lambda n: fill('"<>&', n),
    "headings": lambda n: rows("# a", n),
    "the same headings": lambda n: numbered("# a", n),
    "heading hashes": lambda n: rows("# " + "#" * 480, n),
    "heading of spaces": lambda n: rows("#" + " " * 8000 + "a", n),
    "underlined": lambda n: "a\n=\n" * (n // 4),
    "long paragraph underlined": lambda n: rows("a", n) + "=",
    "rules": lambda n: rows("- - - - - a", n),
    "addresses": lambda n: fill("http://a.b ", n),
    "address starts": lambda n: fill("http://", n),
    "www": lambda n: fill("www.", n),
    "address of parentheses": lambda n: fill("http://a.b/" + ")" * 8000 + " ", n),
    "address of dots": lambda n: fill("http://a.b/" + "." * 8000 + " ", n),
    "address of entities": lambda n: fill("http://a.b/" + "&a;" * 2000 + " ", n),
    "at signs": lambda n: fill("@", n),
    "mail": lambda n: fill("a@b.c ", n),
    "mail without host": lambda n: fill("a.b@c", n),
    "mail of underscores": lambda n: fill("a_" * 40 + "@b.c ", n),
    "spaces before breaks": lambda n: rows("a" + " " * 5000, n),
    "backslashes": lambda n: fill("\\", n),
    "blank lines": lambda n: "\n" * n,
    "blank lines with spaces": lambda n: rows(" " * 100, n),
    "tabs": lambda n: rows("\t" * 100, n),
    "combining marks": lambda n: fill("a" + "\u0301" * 50, n, 4500),
    "one word": lambda n: fill("a", n),
}
# Parsed with the directives "text" and "box" known; "box" holds Markdown.
DIRECTIVES: dict[str, Family] = {
    "openers": lambda n: rows(":::{box}", n),
    "openers of growing length": lambda n: "\n".join(
        ":" * (3 + k % 57) + "{box}" for k in range(n // 40)
    ),
    "openers of falling length": lambda n: "\n".join(
        ":" * (60 - k % 57) + "{box}" for k in range(n // 40)
    ),
    "nested and closed": lambda n: (
        "".join(":" * (59 - k) + "{box}\n" for k in range(48))
        + rows("a", n)
        + "".join(":" * (12 + k) + "\n" for k in range(48))
    ),
    "closers": lambda n: ":::::{box}\n" + rows(":::", n),
    "openers of texts": lambda n: rows(":::{text}", n),
    "pairs of texts": lambda n: ":::{text}\na\n:::\n" * (n // 16),
    "unknown openers": lambda n: numbered(":::{u#}", n),
    "fences": lambda n: rows("```{box}", n),
    "fences in fences": lambda n: (
        "".join("`" * (59 - k) + "{box}\n" for k in range(50)) + rows("a", n)
    ),
    "unknown fences": lambda n: numbered("```{u#}\n```", n),
    "options": lambda n: ":::{text}\n" + rows(":a: b", n),
    "options without end": lambda n: ":::{text}\n" + rows(":a", n),
    "spaces in options": lambda n: ":::{text}\n" + rows(":a:" + " " * 5000 + "b", n),
    "braces": lambda n: rows(":::{" + "a" * 5000, n),
    "in quotes": lambda n: rows("> :::{box}", n),
    "in lists": lambda n: stairs("  ", "- :::{box}", n),
    "colons": lambda n: fill(":", n),
}
TABLES: dict[str, Family] = {
    "wide": lambda n: wide_head(n) + rows("|", n // 2),
    "wide heads only": lambda n: (wide_head(n) + "\n") * 4,
    "many small": lambda n: "|a|\n|-|\n|b|\n\n" * (n // 13),
    "pipes": lambda n: fill("|", n),
    "pipe lines": lambda n: rows("|", n),
    "heads without delimiters": lambda n: rows("a|b", n),
    "delimiters only": lambda n: rows("|-|", n),
    "unequal delimiters": lambda n: rows("|a|b|\n|-|", n),
    "long delimiters": lambda n: rows("|a|\n|" + "-" * 8000 + "x", n),
    "many delimiter cells": lambda n: rows("a\n" + "|-" * 4000 + "x", n),
    "escaped pipes": lambda n: "a|b\n-|-\n" + fill("\\|", n),
    "backslashes in cells": lambda n: "a|b\n-|-\n" + fill("\\\\|", n),
    "rows": lambda n: "a|b\n-|-\n" + rows("c|d", n),
    "rows without pipes": lambda n: "a|b\n-|-\n" + rows("c", n),
    "stars in cells": lambda n: "a|b\n-|-\n" + rows("*c|d*", n),
    "in quotes": lambda n: rows("> a|b\n> -|-\n> c|d", n),
    "in lists": lambda n: rows("- a|b\n  -|-\n  c|d\n", n),
}
FAMILIES: dict[str, dict[str, Family]] = {
    "delimiters": DELIMITERS,
    "brackets": BRACKETS,
    "angles": ANGLES,
    "nested": NESTED,
    "amplified": AMPLIFIED,
    "tables": TABLES,
    "directives": DIRECTIVES,
}
