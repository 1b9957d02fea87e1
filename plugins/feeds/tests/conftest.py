"""A wiki with feeds."""

from __future__ import annotations

from typing import Any

import pytest
from wiki_feeds import Feeds


@pytest.fixture(autouse=True)
def installed(plugin: Any) -> None:
    plugin(Feeds)
