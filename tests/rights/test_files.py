"""Whose a file is, whoever links to it and whatever becomes of its pages (R10)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wiki.model.actor import SYSTEM

from .site import Site, opened

MAP = "/-/files/den/map.png"
OURS = "---\naudience: group:tenants\n---\n"


@pytest.fixture
def den(tmp_path: Path) -> Iterator[Site]:
    """Return a wiki with a hidden page, a file that it shows and one it does not."""
    with opened(tmp_path) as site:
        site.write("den/plan", f"{OURS}![map](map.png)\n")
        for name in ("map.png", "loose.png"):
            site.put_file("den/plan", name, b"canary")
        yield site


def status(site: Site, viewer: str, url: str = MAP) -> int:
    return int(site.viewer(viewer).get(url).status_code)


def test_r10_nobody_opens_a_file_by_a_link_from_elsewhere(den: Site) -> None:  # R10
    links = "![x](den/map.png) ![x](den/loose.png) [x](/-/files/den/map.png)"
    editor = den.viewer("editor")
    form = {"name": "mine", "text": links, "base": "0"}
    assert editor.send("POST", "/-/new", form).status_code == 303
    for viewer in ("visitor", "editor", "moderator"):
        assert status(den, viewer) == 404
        assert status(den, viewer, "/-/files/den/loose.png") == 404
    assert status(den, "insider") == 200
    assert status(den, "insider", "/-/files/den/loose.png") == 200


def test_r10_a_file_of_a_deleted_page_stays_closed(den: Site) -> None:  # R10
    den.wiki.delete(SYSTEM, "den/plan")
    for url in (MAP, "/-/files/den/loose.png"):
        assert status(den, "visitor", url) == 404
        assert status(den, "nobody", url) == 404


def test_r10_a_file_closes_with_its_page(den: Site) -> None:  # R10
    den.write("den/plan", "![map](map.png)\n")
    assert status(den, "visitor") == 200
    den.write("den/plan", f"{OURS}![map](map.png)\n")
    assert status(den, "visitor") == 404


def test_r10_pictures_of_no_page_go_with_those_that_show_them(
    den: Site,
) -> None:  # R10
    den.write("front", "![x](shared/logo.png)\n")
    den.put_file("shared/x", "logo.png", b"")
    assert status(den, "visitor", "/-/files/shared/logo.png") == 200
    den.write("front", f"{OURS}![x](shared/logo.png)\n")
    assert status(den, "visitor", "/-/files/shared/logo.png") == 404
