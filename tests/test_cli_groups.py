"""Groups, blocking and removal from the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .commands import refused, run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a wiki with an administrator and two more people."""
    (tmp_path / "pages").mkdir()
    (tmp_path / "wiki.toml").write_text("")
    for name, role in (("chief", "admin"), ("Ana", "editor"), ("Bo", "member")):
        assert run("-C", tmp_path, "user", "add", name, "--role", role).returncode == 0
    return tmp_path


def test_groups_from_the_terminal(folder: Path) -> None:
    made = run("-C", folder, "group", "add", "Press", "--about", "Talks to papers.")
    assert (made.returncode, "“Press” is there" in made.stdout) == (0, True)
    run("-C", folder, "user", "groups", "Bo", "press", "Tenants")
    done = run("-C", folder, "group", "steward", "press", "Ana")
    assert done.stdout == "“Ana” is a steward of “press” now.\n"
    listed = run("-C", folder, "group", "list", "--json")
    assert json.loads(listed.stdout) == [
        {"name": "Press", "about": "Talks to papers.", "members": 2, "stewards": 1},
        {"name": "Tenants", "about": "", "members": 1, "stewards": 0},
    ]
    assert run("-C", folder, "group", "members", "Press").stdout == "Ana *\nBo\n"
    run("-C", folder, "group", "steward", "Press", "Ana", "--off")
    found = run("-C", folder, "group", "members", "Press", "--json")
    assert json.loads(found.stdout)[0] == {"name": "Ana", "steward": False}
    run("-C", folder, "group", "remove", "Press", "--yes")
    assert run("-C", folder, "group", "list").stdout == "Tenants\t1\t\n"


def test_mistakes_with_groups(folder: Path) -> None:
    run("-C", folder, "group", "add", "Press")
    refused(run("-C", folder, "group", "add", "PRESS"), 4, "named “Press”")
    refused(run("-C", folder, "group", "add", "a|b"), 4, "without :")
    refused(run("-C", folder, "group", "members", "none"), 4, "no group named")
    refused(run("-C", folder, "group", "steward", "Press", "nobody"), 4, "no account")
    asked = run("-C", folder, "group", "remove", "Press", stdin="no\n")
    refused(asked, 4, "Nothing was removed")


def test_blocking_and_closing(folder: Path) -> None:
    assert run("-C", folder, "user", "block", "ana").returncode == 0
    assert run("-C", folder, "user", "unblock", "ana").returncode == 0
    refused(run("-C", folder, "user", "block", "chief"), 4, "only administrator")
    assert run("-C", folder, "user", "close", "ana").returncode == 0
    refused(run("-C", folder, "user", "close", "ana"), 4, "closed")


def test_an_account_is_removed(folder: Path) -> None:
    asked = run("-C", folder, "user", "remove", "Bo", stdin="bo\n")
    refused(asked, 2, "Nothing was removed")
    done = run("-C", folder, "user", "remove", "Bo", stdin="Bo\n")
    assert (done.returncode, "account is gone" in done.stdout) == (0, True)
    refused(run("-C", folder, "user", "remove", "Bo", "--yes"), 4, "no account named")
    refused(run("-C", folder, "user", "remove", "chief", "--yes"), 4, "administrator")
