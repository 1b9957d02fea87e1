"""One wiki a file of tests, with everything hidden in it that there can be."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .objects import Hidden, hide_all, write_public
from .site import Site, opened


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a wiki with what everybody may read, and nothing else."""
    with opened(tmp_path_factory.mktemp("rights")) as site:
        write_public(site)
        site.index()
        yield site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a wiki with things that not everybody may know of: see ``hidden``."""
    with opened(tmp_path_factory.mktemp("rights")) as made:
        write_public(made)
        made.things = hide_all(made)
        made.index()
        yield made


@pytest.fixture(scope="module")
def hidden(site: Site) -> list[Hidden]:
    return site.things
