"""The types of files that the wiki keeps beside pages and hands out."""

from __future__ import annotations

from pathlib import PurePosixPath

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
OTHERS = frozenset({".pdf", ".txt", ".csv", ".odt", ".ods", ".odp", ".docx", ".xlsx"})


def may_be_beside(name: str) -> bool:
    """Tell whether a file is a picture or a document, by the end of its name."""
    return PurePosixPath(name).suffix.lower() in PICTURES | OTHERS
