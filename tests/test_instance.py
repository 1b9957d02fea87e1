"""The folder of a wiki, and what a new one begins with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from wiki import instance


def test_the_manifest_names_the_pages_as_they_are_shipped() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.md"],
        cwd=instance.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this is no clone; git knows which pages are shipped")
    shipped = [name for name in listed.stdout.split("\0") if name]
    found = {name: instance.digest(instance.CHECKOUT / name) for name in shipped}
    assert instance.manifest() == found, "run: make starter"


def test_own_pages_of_a_checkout_do_not_travel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    (checkout / "home.md").write_text("Shipped")
    (checkout / "private.md").write_text("Ours")
    (checkout / "guide.md").write_text("Shipped, and changed since")
    sha = instance.digest(checkout / "home.md")
    rows = tmp_path / "starter.sha256"
    rows.write_text(f"{sha}  home.md\n{'0' * 64}  guide.md\n")
    monkeypatch.setattr(instance, "CHECKOUT", checkout)
    monkeypatch.setattr(instance, "MANIFEST", rows)
    folder = instance.prepare(tmp_path / "new")
    there = [path.name for path in (folder / "pages").rglob("*.md")]
    assert there == ["home.md"]
