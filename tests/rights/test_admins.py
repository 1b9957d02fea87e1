"""No rule locks administrators out: they read and change everything (bad input)."""

from __future__ import annotations

from pathlib import Path

import pytest

from wiki.model.actor import SYSTEM

from .site import Site, opened


def test_no_rule_locks_the_last_administrator_out(tmp_path: Path) -> None:
    with opened(tmp_path) as site:
        site.wiki.accounts.groups.add("nobody in it", by=site.admin)
        site.write("guides/one", "Text.\n")
        admin = site.viewer("admin")
        for area in ("guides/", "guides/one"):
            form = {
                "area": area,
                "read": "group:nobody in it",
                "edit": "group:nobody in it",
            }
            done = admin.send("POST", "/-/admin/areas", form)
            assert done.status_code == 303, done.text
        own = "---\naudience: group:nobody in it\n---\nText.\n"
        site.write("guides/one", own)
        assert admin.get("/guides/one").status_code == 200
        change = {"name": "guides/one", "text": own + "More.\n", "base": "2"}
        done = admin.send("POST", "/-/edit/guides/one", change)
        assert done.status_code == 303
        assert site.viewer("both").get("/guides/one").status_code == 404
        rule = {"area": "guides/", "widen": "1"}
        removed = admin.send("POST", "/-/admin/areas/remove", rule)
        assert removed.status_code == 303


@pytest.mark.parametrize("area", ["", "*", "/", "/*", "-/", "-/admin/", "-"])
def test_no_rule_reaches_the_pages_of_administrators(tmp_path: Path, area: str) -> None:
    with opened(tmp_path) as site:
        refused = rule(site, area)
        assert refused == 422 or 400 <= refused < 404
        assert site.wiki.areas.all(SYSTEM) == []
        assert site.viewer("admin").get("/-/admin/areas").status_code == 200


def rule(site: Site, area: str) -> int:
    form = {"area": area, "read": "group:tenants", "edit": "group:tenants"}
    return int(site.viewer("admin").send("POST", "/-/admin/areas", form).status_code)
