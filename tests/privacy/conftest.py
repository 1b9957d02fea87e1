"""One wiki on disk a file of tests, with everything in it that is hidden anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..rights.objects import hide_all, write_public
from ..rights.site import Site, opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a wiki with public and hidden pages and an index."""
    with opened(tmp_path_factory.mktemp("privacy")) as made:
        write_public(made)
        hide_all(made)
        made.index()
        yield made
