"""The visible text of a tree."""

from __future__ import annotations

from wiki.markup.parse import Parser
from wiki.markup.text import first_heading, plain, summary

PAGE = """# The *title*

First **words** with `code`, [a link](https://a.example "t") and
a picture ![of a cat](cat.png).<br>Next <kbd>Ctrl</kbd> <!-- hidden --> &amp;
www.b.example

| head | x |
|------|---|
| cell | `y|

- [x] task
  - nested

> [!NOTE]
> noted

```python
code = 1
```

Term
: meaning

Note[^1]

[^1]: said below
"""


def test_plain(parser: Parser) -> None:
    body, headings = plain(parser.parse(PAGE).tokens)
    assert headings == ("The title",)
    assert body.split("\n") == [
        "The title",
        "First words with code, a link and a picture of a cat. Next Ctrl  & "
        "www.b.example",
        "head",
        "x",
        "cell",
        "`y",
        "task",
        "nested",
        "noted",
        "code = 1",
        "Term",
        "meaning",
        "Note",
        "said below",
    ]


def test_summary(parser: Parser) -> None:
    tokens = parser.parse(PAGE).tokens
    assert summary(tokens, 30) == "First words with code, a link…"
    assert len(summary(tokens)) <= 200
    assert summary(parser.parse("# Only\n\n```\ncode\n```").tokens) == ""
    assert summary(parser.parse("字" * 300).tokens) == "字" * 199 + "…"


def test_first_heading(parser: Parser) -> None:
    assert first_heading(parser.parse(PAGE).tokens) == "The title"
    assert first_heading(parser.parse("x\n\n# y").tokens) == ""
    assert first_heading(parser.parse("## y").tokens) == ""
    assert first_heading([]) == ""
