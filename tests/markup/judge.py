"""A judge of HTML, written apart from the code it judges: only what R1 lists."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = set(
    """
    p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote pre code kbd samp table thead
    tbody tr th td caption a img em strong del ins mark sub sup abbr dfn bdi bdo br
    wbr hr details summary section figure figcaption input span div time small ruby
    rt rp
    """.split()  # noqa: SIM905
)
ATTRIBUTES = set(
    """
    id class href src alt title lang dir width height start colspan rowspan scope
    datetime open rel type checked disabled role tabindex aria-label
    aria-describedby
    """.split()  # noqa: SIM905
)
VALUES = {
    "dir": r"ltr|rtl|auto",
    "rel": r"noopener noreferrer nofollow ugc",
    "type": r"checkbox",
    "role": r"region",
    "tabindex": r"0",
    "id": r"(?:h|fn|fnref|t|x)-\S+",
    "href": r"(?:(?i:https?)://[^\s/\\]|mailto:|tel:|/(?![/\\])|#)[^\s\"<>]*",
    "src": r"/(?![/\\])[^\s\"<>]*",
    "class": r"[a-z0-9 -]*",
}
_VOID = {"br", "hr", "img", "input", "wbr"}


class Judge(HTMLParser):
    """Collects what is wrong with HTML, and the text a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.text: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"element {tag}")
        if tag not in _VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name not in ATTRIBUTES:
                self.faults.append(f"attribute {name} of {tag}")
            elif name in VALUES and not re.fullmatch(VALUES[name], value or ""):
                self.faults.append(f"{name}={value!r} of {tag}")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults.append(f"self-closing {tag}")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"unbalanced {tag}")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append(f"comment {data!r}")

    def handle_decl(self, decl: str) -> None:
        self.faults.append(f"declaration {decl!r}")

    def handle_pi(self, data: str) -> None:
        self.faults.append(f"instruction {data!r}")

    def unknown_decl(self, data: str) -> None:
        self.faults.append(f"declaration {data!r}")


def judge(html: str) -> tuple[list[str], str]:
    """Return what is wrong with HTML, and its text."""
    reader = Judge()
    reader.feed(html)
    reader.close()
    faults = reader.faults + [f"left open {tag}" for tag in reader.open]
    return faults, "".join(reader.text)
