"""The three-hash rule, row by row (storage specification, section 5)."""

from __future__ import annotations

import pytest

from wiki.errors import Gone
from wiki.model.page import Put, Rename
from wiki.store.base import Author
from wiki.store.core import NEEDS_DECISION
from wiki.store.files import Seen
from wiki.store.repair import Verdict, judge
from wiki.store.rows import Sig

SIG = Sig(1, 1, 1)
H, S, BETWEEN, OTHER = b"head", b"last", b"between", b"other"


def seen(found: bytes, raw: bytes = b"text", reason: str = "") -> Seen:
    return Seen(SIG, raw, found, reason)


@pytest.mark.parametrize(
    ("pending", "found", "verdict"),
    [
        (True, seen(H), Verdict.CURRENT),
        (False, seen(H), Verdict.CURRENT),
        (True, seen(H, b""), Verdict.CURRENT),
        (True, seen(S), Verdict.LAGGING),
        (True, seen(BETWEEN), Verdict.LAGGING),
        (True, None, Verdict.INTERRUPTED),
        (True, seen(OTHER, b""), Verdict.INTERRUPTED),
        (True, seen(OTHER, b"\0\0\0", "not text"), Verdict.INTERRUPTED),
        (True, seen(OTHER), Verdict.GAP),
        (True, seen(OTHER, b"\xff", "not text"), Verdict.UNUSABLE),
        (False, seen(OTHER), Verdict.OUTSIDE),
        (False, seen(S), Verdict.OUTSIDE),
        (False, seen(OTHER, b""), Verdict.OUTSIDE),
        (False, seen(OTHER, b"\xff", "not text"), Verdict.UNUSABLE),
        (False, None, Verdict.MISSING),
    ],
)
def test_the_table(pending, found, verdict):
    assert judge(pending, found, H, S, lambda it: it == BETWEEN) is verdict


AUTHOR = Author(1, "Ann")
OLD, NEW_TEXT = "# A\none\ntwo\n", "# A\none\nTWO\n"


@pytest.fixture
def lagging(instance, killed_after_commit):
    """Return a page whose second text is committed but not yet in its file."""
    page = instance.new("a/A", OLD)
    assert instance.store.settle() == 0
    killed_after_commit()
    result = instance.commit(Put(page.id, NEW_TEXT, page.rev))
    killed_after_commit(False)
    assert "pages folder" in result.notices[0]
    assert instance.read("a/A.md") == OLD
    return page


def test_a_lagging_file_is_written(instance, lagging):
    assert instance.open().settle() == 0
    assert instance.read("a/A.md") == NEW_TEXT
    assert instance.texts(lagging) == [NEW_TEXT, OLD]
    assert instance.store.counts()["pending"] == 0


def test_reading_meanwhile_answers_the_newest_text(instance, lagging):
    assert instance.open().get("a/A").text == NEW_TEXT


@pytest.mark.parametrize("content", [None, b"", b"\0" * 12])
def test_an_interrupted_write_is_done_again(instance, lagging, content):
    if content is None:
        instance.file("a/A.md").unlink()
    else:
        instance.write("a/A.md", content)
    assert instance.open().settle() == 0
    assert instance.read("a/A.md") == NEW_TEXT
    assert instance.texts(lagging) == [NEW_TEXT, OLD]


def test_a_file_already_there_is_only_confirmed(instance, lagging):
    file = instance.write("a/A.md", NEW_TEXT)
    before = file.stat()
    assert instance.open().settle() == 0
    assert file.stat().st_ino == before.st_ino
    assert instance.texts(lagging) == [NEW_TEXT, OLD]


def test_an_edit_in_the_gap_is_merged(instance, lagging):
    instance.write("a/A.md", "# A\nONE\ntwo\n")
    assert instance.open().settle() == 0
    merged = "# A\nONE\nTWO\n"
    assert instance.read("a/A.md") == merged
    assert instance.store.get("a/A").text == merged
    assert instance.store.get("a/A").author == "(edited outside)"
    assert instance.kept()["merged"] == ["# A\nONE\ntwo\n"]
    assert instance.store.problems() == {}


def test_an_overlapping_edit_in_the_gap_waits_for_a_decision(instance, lagging):
    instance.write("a/A.md", "# A\none\nother\n")
    assert instance.open().settle() == 0
    assert instance.read("a/A.md") == NEW_TEXT
    assert instance.store.get("a/A").text == NEW_TEXT
    assert instance.kept()["proposed"] == ["# A\none\nother\n"]
    assert instance.store.problems() == {"a/A.md": NEEDS_DECISION}
    # The numbers of later versions go on behind it.
    assert instance.put(lagging, "third").n == 4


def test_an_edit_in_the_gap_that_is_no_text_is_left_alone(instance, lagging):
    file = instance.write("a/A.md", b"\xff\xfe binary")
    assert instance.open().settle() == 1
    assert file.read_bytes() == b"\xff\xfe binary"
    assert instance.store.get("a/A").text == NEW_TEXT
    assert "UTF-8" in instance.store.problems()["a/A.md"]
    result = instance.commit(Put(lagging.id, "newer\n", instance.head(lagging)))
    assert result.notices
    assert file.read_bytes() == b"\xff\xfe binary"
    file.unlink()
    assert instance.store.settle() == 0
    assert instance.read("a/A.md") == "newer\n"


def test_a_young_edit_in_the_gap_is_waited_for(instance, lagging):
    instance.write("a/A.md", "# A\nONE\ntwo\n", age=0)
    assert instance.open().settle() == 1
    assert instance.read("a/A.md") == "# A\nONE\ntwo\n"
    instance.age("a/A.md")
    assert instance.store.settle() == 0
    assert instance.read("a/A.md") == "# A\nONE\nTWO\n"


def test_a_save_first_repairs_what_is_pending(instance, lagging):
    instance.open()
    page = instance.put(lagging, "third\n")
    assert instance.read("a/A.md") == "third\n"
    assert page.n == 3


@pytest.fixture
def half_renamed(instance, killed_after_commit):
    page = instance.new("Old", OLD)
    assert instance.store.settle() == 0
    killed_after_commit()
    instance.commit(Rename(page.id, "New", page.rev))
    killed_after_commit(False)
    assert instance.file("Old.md").exists()
    return page


def test_a_rename_is_finished(instance, half_renamed):
    assert instance.open().settle() == 0
    assert not instance.file("Old.md").exists()
    assert instance.read("New.md") == OLD


def test_a_file_at_the_old_path_with_another_text_is_kept(instance, half_renamed):
    instance.write("Old.md", "edited\n")
    assert instance.open().settle() == 0
    assert not instance.file("Old.md").exists()
    assert instance.read("New.md") == OLD
    assert instance.kept()["proposed"] == ["edited\n"]
    assert instance.store.problems() == {"Old.md": NEEDS_DECISION}


def test_a_file_at_the_old_path_that_is_no_text_stays(instance, half_renamed):
    file = instance.write("Old.md", b"\xff")
    assert instance.open().settle() == 0
    assert file.read_bytes() == b"\xff"
    assert list(instance.store.problems()) == ["Old.md"]


def test_several_renames_before_repair_leave_no_file_behind(
    instance, half_renamed, killed_after_commit
):
    killed_after_commit()
    instance.rename(half_renamed, "Newer")
    killed_after_commit(False)
    assert instance.open().settle() == 0
    found = [path.name for path in instance.pages.iterdir()]
    assert found == ["Newer.md"]


def test_half_done_swaps_are_finished(instance, killed_after_commit):
    a, b = instance.new("A", "a\n"), instance.new("B", "b\n")
    assert instance.store.settle() == 0
    killed_after_commit()
    instance.commit(Rename(a.id, "B", a.rev), Rename(b.id, "A", b.rev))
    killed_after_commit(False)
    assert instance.open().settle() == 0
    assert (instance.read("A.md"), instance.read("B.md")) == ("b\n", "a\n")
    assert "proposed" not in instance.kept()


@pytest.mark.parametrize("edited", [False, True])
def test_a_delete_is_finished(instance, killed_after_commit, edited):
    page = instance.new("A", OLD)
    assert instance.store.settle() == 0
    killed_after_commit()
    instance.delete(page)
    killed_after_commit(False)
    if edited:
        instance.write("A.md", "edited\n")
    assert instance.open().settle() == 0
    assert not instance.file("A.md").exists()
    assert instance.kept().get("proposed", []) == (["edited\n"] if edited else [])
    with pytest.raises(Gone):
        instance.store.get("A")


def test_an_edit_soon_after_a_save_builds_upon_it(instance):
    """Not a gap: this process knows that its text was in the file."""
    page = instance.new("A", OLD)
    instance.put(page, NEW_TEXT)
    instance.write("A.md", "# A\none\nTWO and more\n")
    assert instance.store.get("A").text == "# A\none\nTWO and more\n"
    assert instance.texts(page) == ["# A\none\nTWO and more\n", NEW_TEXT, OLD]
    assert set(instance.kept()) == {"published"}
    assert instance.store.settle() == 0


def test_pages_of_one_commit_are_repaired_together(instance, killed_after_commit):
    a, b = instance.new("A", "a1\n"), instance.new("B", "b1\n")
    assert instance.store.settle() == 0
    killed_after_commit()
    instance.commit(Put(a.id, "a2\n", a.rev), Put(b.id, "b2\n", b.rev))
    killed_after_commit(False)
    assert instance.open().settle() == 0
    assert (instance.read("A.md"), instance.read("B.md")) == ("a2\n", "b2\n")


def test_the_background_settles_by_itself(instance, monkeypatch):
    monkeypatch.setattr("wiki.store.settling.DELAY_SECONDS", 0.01)
    instance.new("A", OLD)
    for _ in range(500):
        if instance.store.counts()["pending"] == 0:
            break
        instance.store.wait(10**9, 0.02)
    assert instance.store.counts()["pending"] == 0


def test_an_edit_upon_what_another_process_saved_is_taken_in(instance):
    page = instance.new("A", OLD)
    assert instance.store.settle() == 0
    other = instance.another()
    new = "# A\none\nTWO\nthree\nfour\n"
    other.commit([Put(page.id, new, page.rev)], AUTHOR)
    other.close()
    edited = new.replace("TWO", "two again")
    instance.write("A.md", edited)
    assert instance.store.settle() == 0
    assert instance.store.get("A").text == instance.read("A.md") == edited
    assert instance.texts(page) == [edited, new, OLD]
