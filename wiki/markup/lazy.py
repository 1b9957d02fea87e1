"""Lazy lines: those without a marker that still belong to a quote or an item.

Only while the innermost open block is a paragraph, and only if the line would not
begin a block of its own (CommonMark 5.1 and 5.2).
"""

from __future__ import annotations

import re

_LIST = r"(?:[-+*]|1[.)])[ \t]+\S"
_RULE = r"(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$"
_FENCE = r"(?:`{3,}[^`\n]*$|~{3,})"
_HEADING = r"#{1,6}(?:[ \t]|$)"
_HTML = r"<!--|</?(?i:details|summary|hr)\b"
INTERRUPTS = re.compile(
    rf" {{0,3}}(?:{_LIST}|{_RULE}|{_FENCE}|{_HEADING}|{_HTML}|>)", re.M
)

_CONTAINER = re.compile(r"[ ]{0,3}(?:>[ ]?|(?:[-+*]|\d{1,9}[.)])(?:[ \t]+|$))")
_OPENS = re.compile(r" {0,3}(`{3,}|~{3,})([^\n]*)$")
_ENDED = re.compile(rf" {{0,3}}(?:{_RULE}|{_HEADING}|<(?i:/?details|hr)\b)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)[ \t]*$")


class Leaf:
    """Follows lines to tell whether they leave a paragraph open.

    Lines are fed only when asked, as most containers have no lazy line at all.
    """

    def __init__(self, lines: list[str]) -> None:
        self.lines, self.fed = lines, 0
        self.paragraph = False
        self.fence = ""

    def open(self) -> bool:
        """Tell whether the lines so far end within a paragraph."""
        while self.fed < len(self.lines):
            self._feed(self.lines[self.fed].rstrip("\n"))
            self.fed += 1
        return self.paragraph

    def _feed(self, line: str) -> None:
        text = line.strip()
        if self.fence:
            if text.startswith(self.fence) and not text.strip(self.fence[0]):
                self.fence = ""
            return
        if not text:
            self.paragraph = False
            return
        if self.paragraph and (line.startswith("    ") or self._continues(line)):
            self.paragraph = not _UNDERLINE.match(line)
            return
        while found := _CONTAINER.match(line):
            self.paragraph = False
            if _ENDED.match(line):
                break
            line = line[found.end() :]
        opens = _OPENS.match(line)
        if opens and (opens.group(1)[0] == "~" or "`" not in opens.group(2)):
            self.fence = opens.group(1)
            self.paragraph = False
        elif not line.strip() or _ENDED.match(line):
            self.paragraph = False
        else:
            self.paragraph = self.paragraph or not line.startswith("    ")

    @staticmethod
    def _continues(line: str) -> bool:
        return not INTERRUPTS.match(line)
