"""Paths that no page may have: refused before anything is written."""

from __future__ import annotations

import pytest

from wiki.errors import BadName, NotFound
from wiki.model.page import NEW, Put, Rename
from wiki.store.files import Folder


@pytest.fixture
def own_folder(instance):
    """Return an instance whose pages folder is the instance folder itself."""
    instance.pages = instance.pages.parent
    instance.open()
    return instance


@pytest.fixture
def leads_outside(instance, tmp_path):
    """Return an instance in which the folder ``out`` leads elsewhere."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    instance.file("out").symlink_to(elsewhere)
    return instance


def is_as_before(instance, page):
    assert instance.store.get("a").id == page.id
    assert [row.name for row in instance.store.list()[0]] == ["a"]
    assert instance.read("a.md") == "# A\n"
    assert not list(instance.pages.rglob(".~*"))
    instance.commit(Put("b", "# B\n", NEW))
    assert instance.store.settle() == 0


@pytest.mark.parametrize("name", ["var/a", "VAR/x/a", "plugins/a", "node_modules/a"])
def test_folders_of_the_instance_hold_no_pages(own_folder, name):
    page = own_folder.new("a", "# A\n")
    for op in (Rename(page.id, name, page.rev), Put(name, "# X\n", NEW)):
        with pytest.raises(BadName, match="holds files of the wiki itself"):
            own_folder.commit(op)
    is_as_before(own_folder, page)


def test_pages_may_be_called_like_these_folders(own_folder):
    for name in ("var", "plugins", "a/var/b"):
        assert own_folder.new(name).name == name
    assert own_folder.store.settle() == 0


def test_elsewhere_these_names_are_free(instance):
    assert instance.new("var/a").name == "var/a"
    assert instance.file("var/a.md").exists()


def test_a_link_that_leads_outside_is_refused_before_the_commit(leads_outside):
    page = leads_outside.new("a", "# A\n")
    for op in (Rename(page.id, "out/a", page.rev), Put("out/a", "# X\n", NEW)):
        with pytest.raises(BadName, match="leads out of the pages folder"):
            leads_outside.commit(op)
    is_as_before(leads_outside, page)


def test_a_page_that_got_stuck_stops_no_other(instance, monkeypatch, tmp_path):
    """As an earlier version left it: renamed in the database, not in the folder."""
    page, other = instance.new("a", "# A\n"), instance.new("b", "# B\n")
    assert instance.store.settle() == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    instance.file("out").symlink_to(elsewhere)
    monkeypatch.setattr(Folder, "check_target", lambda *args: None)
    assert instance.rename(page, "out/a").notices
    monkeypatch.undo()
    instance.put(other, "# B two\n")
    assert instance.store.settle() == 1
    assert instance.store.counts()["pending"] == 1
    assert instance.read("b.md") == "# B two\n"
    assert list(elsewhere.iterdir()) == []
    # The way out is another rename.
    instance.rename(instance.store.get("out/a"), "c")
    assert instance.store.settle() == 0
    assert instance.read("c.md") == "# A\n"


def test_nothing_is_removed_through_a_link_that_leads_outside(instance, tmp_path):
    page = instance.new("in/a", "# A\n")
    assert instance.store.settle() == 0
    elsewhere = tmp_path / "elsewhere"
    instance.file("in").rename(elsewhere)
    instance.file("in").symlink_to(elsewhere)
    instance.delete(page)
    instance.store.settle()
    assert (elsewhere / "a.md").read_text() == "# A\n"


def test_secrets_beside_pages_of_an_own_folder_are_not_served(own_folder):
    secret = ("id_rsa", "credentials.json", "x.kdbx", "VAR/x.txt", "Plugins/p/x.txt")
    for path in (*secret, "Wiki.toml", "pic.png"):
        own_folder.write(path, "x")
    own_folder.file("pic2.png").symlink_to(own_folder.file("id_rsa"))
    assert [it.name for it in own_folder.store.beside("Home")][:1] == ["pic.png"]
    for path in (*secret, "Wiki.toml", "pic2.png"):
        with pytest.raises(NotFound):
            own_folder.store.open_beside("Home", path)
