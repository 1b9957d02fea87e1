"""Makes our copy of Mermaid: ``python vendor.py mermaid.min.js OUTPUT``.

The published file (``npm pack mermaid``) writes HTML, style attributes and style
elements, which the wiki's content security policy refuses. In the copy, these few
names are others; ``diagrams.js`` gives them their meaning. Nothing else is changed: a
test puts the names back and compares the file with the published one.
"""

from __future__ import annotations

import sys
from pathlib import Path

CHANGES = (
    (".innerHTML=", ".drawnHTML="),
    (".setAttribute(", ".drawnAttribute("),
    ('createElement("style")', 'createElement("drawn-style")'),
    # DOMPurify reads HTML, and nothing here is HTML: what was drawn is copied by us.
    (".createHTMLDocument!==void 0", ".createHTMLDocument===0"),
    (".trustedTypes", ".drawnTypes"),
    ("new Image", "new DrawnImage"),
    ('globalThis["mermaid"] = globalThis.__esbuild', "export default __esbuild"),
)


def changed(published: str) -> str:
    for old, new in CHANGES:
        if old not in published or new in published:
            raise SystemExit(f"this release differs: {old}")
        published = published.replace(old, new)
    return published


def as_published(copy: str) -> str:
    for old, new in reversed(CHANGES):
        copy = copy.replace(new, old)
    return copy


if __name__ == "__main__":
    source, output = map(Path, sys.argv[1:])
    text = source.read_bytes().decode("utf-8")
    output.write_bytes(changed(text).encode("utf-8"))
