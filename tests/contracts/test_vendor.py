"""What comes from elsewhere is listed, licensed, and what it says it is (R20)."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).parents[2] / "wiki/static"
ENTRIES = json.loads((STATIC / "vendor/manifest.json").read_text("utf-8"))
KEYS = {"name", "version", "license", "file", "license_file", "changes", "sha256"}


def test_every_entry_is_complete_and_its_file_unchanged() -> None:  # R20
    for entry in ENTRIES:
        assert set(entry) == KEYS, entry["name"]
        digest = hashlib.sha256((STATIC / entry["file"]).read_bytes()).hexdigest()
        assert digest == entry["sha256"], entry["file"]
        assert (STATIC / entry["license_file"]).stat().st_size > 200


def test_every_vendored_file_is_listed() -> None:  # R20
    listed = {e[key] for e in ENTRIES for key in ("file", "license_file")}
    there = {
        path.relative_to(STATIC).as_posix()
        for path in (STATIC / "vendor").rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert there <= listed


def test_versions_stand_in_the_path() -> None:
    for entry in ENTRIES:
        if entry["file"].startswith("vendor/"):
            assert entry["file"].startswith(
                f"vendor/{entry['name']}/{entry['version']}/"
            )
