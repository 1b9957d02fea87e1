"""Every form and body that could name something hidden."""

from __future__ import annotations

from collections.abc import Mapping

POSTS: Mapping[str, tuple[object, ...]] = {}
ELSEWHERE: Mapping[str, str] = {}
