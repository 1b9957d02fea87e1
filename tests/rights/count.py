"""Cells tried and leaks found, told at the end."""

from __future__ import annotations

from typing import Any

import pytest

from .objects import Hidden
from .site import Viewer


class Count:
    """Gathers what went wrong, so that one run shows all of it."""

    def __init__(self) -> None:
        self.cells = 0
        self.leaks: list[str] = []
        self.broken: list[str] = []

    def answered(self, viewer: Viewer, where: str, response: Any) -> None:
        """Note an answer; a fault of the wiki is as bad as a leak."""
        self.cells += 1
        if response.status_code >= 500:
            self.broken.append(f"{viewer.name} at {where}: {response.status_code}")

    def leak(self, viewer: Viewer, where: str, thing: Hidden, what: str) -> None:
        self.leaks.append(f"{viewer.name} at {where}: {thing.label}: {what}")

    def judge(self) -> None:
        """Fail where anything came out, or an answer was a fault of the wiki's."""
        if self.leaks:
            pytest.fail("\n".join([f"{len(self.leaks)} leaks", *self.leaks[:20]]))
        if self.broken:
            pytest.fail("\n".join(self.broken[:20]))


def difference(one: Any, other: Any) -> str:
    """Return where two answers differ, with a little around it."""
    if one[0] != other[0]:
        return f"status {one[0]}, of a missing one {other[0]}"
    if one[1] != other[1]:
        return f"headers {set(one[1]) ^ set(other[1])}"
    at = next(
        (i for i, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b),
        min(len(one[2]), len(other[2])),
    )
    near = slice(max(0, at - 120), at + 120)
    return f"body {one[2][near]!r}, of a missing one {other[2][near]!r}"
