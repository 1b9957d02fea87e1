"""What can go wrong with an archive, in sentences."""

from __future__ import annotations

from typing import ClassVar

from wiki.errors import WikiError


class ArchiveError(WikiError):
    """An archive that is not written, not whole, or not to be unpacked."""

    status: ClassVar[int] = 422
    slug: ClassVar[str] = "archive"
    sentence: ClassVar[str] = "The archive could not be verified. Nothing was removed."


class NotVerified(ArchiveError):
    """``reason`` says what was found, in a sentence."""

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.sentence} {self.reason}".rstrip()
