"""Outside edits: noticed, taken in, never lost (storage specification, section 6)."""

from __future__ import annotations

import os
import time

import pytest

from wiki.errors import Conflict, Gone, NameTaken, NotFound
from wiki.model.page import NEW, Put, Redirect
from wiki.store.scanning import INCOMPLETE


@pytest.fixture
def page(instance):
    page = instance.new("Guides/A", "# One\n")
    assert instance.store.settle() == 0
    return page


def test_an_edit_is_a_revision_at_the_next_read(instance, page):
    instance.write("Guides/A.md", "# Two\n[[B]]\n")
    found = instance.store.get("Guides/A")
    assert (found.text, found.title, found.n) == ("# Two\n[[B]]\n", "Two", 2)
    assert (found.author, found.author_id) == ("(edited outside)", None)
    assert abs(found.ts - (time.time() - 60) * 1000) < 2000
    change = instance.store.recent()[0]
    assert (change.origin, change.ts) == ("outside", found.ts)
    assert instance.store.wanted() == [("b", 1)]
    assert instance.texts(page) == ["# Two\n[[B]]\n", "# One\n"]
    assert instance.store.counts()["pending"] == 0


def test_a_young_edit_is_taken_in_at_a_later_look(instance, page):
    instance.write("Guides/A.md", "# Two\n", age=0)
    assert instance.store.get("Guides/A").text == "# One\n"
    instance.age("Guides/A.md", 2)
    assert instance.store.get("Guides/A").text == "# Two\n"


def test_a_scan_waits_for_what_is_young(instance, page):
    instance.write("Guides/A.md", "# Two\n", age=0)
    instance.write("B.md", "new\n", age=0)
    report = instance.store.scan()
    assert (report.changed, report.added) == (1, 1)
    assert instance.store.get("B").text == "new\n"


def test_a_touched_file_makes_no_revision(instance, page):
    before = instance.store.last_seq()
    instance.age("Guides/A.md", 5)
    assert instance.store.get("Guides/A").n == 1
    instance.age("Guides/A.md", 9)
    assert instance.store.scan().changed == 0
    assert instance.store.last_seq() == before
    stamp = instance.store.file_stamp(page.id)
    assert stamp[1] == instance.file("Guides/A.md").stat().st_mtime_ns


def test_other_line_ends_are_no_edit(instance, page):
    file = instance.write("Guides/A.md", b"\xef\xbb\xbf# One\r\n")
    assert instance.store.get("Guides/A").n == 1
    assert instance.store.scan().changed == 0
    assert file.read_bytes() == b"\xef\xbb\xbf# One\r\n"


def test_a_save_on_an_edited_file_is_a_conflict_with_both_texts(instance, page):
    instance.write("Guides/A.md", "theirs\n")
    with pytest.raises(Conflict) as found:
        instance.commit(Put(page.id, "yours\n", page.rev))
    conflict = found.value
    texts = (conflict.base_text, conflict.theirs, conflict.yours)
    assert texts == ("# One\n", "theirs\n", "yours\n")
    assert instance.read("Guides/A.md") == "theirs\n"
    assert instance.texts(page) == ["theirs\n", "# One\n"]


def test_a_save_on_a_young_edit_waits_and_loses_nothing(instance, page):
    instance.write("Guides/A.md", "theirs\n", age=0)
    with pytest.raises(Conflict):
        instance.commit(Put(page.id, "yours\n", page.rev))
    assert instance.texts(page) == ["theirs\n", "# One\n"]


def test_a_new_page_where_a_file_stands_is_taken(instance):
    instance.write("B.md", "theirs\n")
    with pytest.raises(NameTaken):
        instance.commit(Put("B", "yours\n", NEW))
    assert instance.store.get("B").text == "theirs\n"


def test_an_edit_between_commit_and_rename_is_not_written_over(
    instance, page, monkeypatch
):
    apply = type(instance.store._core).apply

    def commit_then_edit(*args):
        done = apply(*args)
        monkeypatch.undo()
        instance.write("Guides/A.md", "edited\n", age=0)
        return done

    monkeypatch.setattr(type(instance.store._core), "apply", commit_then_edit)
    result = instance.commit(Put(page.id, "yours\n", page.rev))
    assert result.notices
    assert instance.read("Guides/A.md") == "edited\n"
    instance.age("Guides/A.md")
    assert instance.store.settle() == 0
    assert instance.store.get("Guides/A").text == "yours\n"
    assert instance.kept()["proposed"] == ["edited\n"]


@pytest.mark.parametrize(
    ("content", "word"), [(b"\xff\xfe", "UTF-8"), (b"x" * 262_145, "256 kB")]
)
def test_what_cannot_be_a_page_is_listed_and_left_alone(instance, page, content, word):
    file = instance.write("Guides/A.md", content)
    assert instance.store.get("Guides/A").text == "# One\n"
    assert word in instance.store.problems()["Guides/A.md"]
    instance.write("Other.md", content)
    assert set(instance.store.scan().problems) == {"Guides/A.md", "Other.md"}
    with pytest.raises(NotFound):
        instance.store.get("Other")
    result = instance.put(page, "yours\n")
    assert result.text == "yours\n"
    assert file.read_bytes() == content
    instance.write("Guides/A.md", "good again\n")
    instance.file("Other.md").unlink()
    assert instance.store.settle() == 0
    assert "Other.md" not in instance.store.scan().problems


def test_a_scan_finds_new_changed_renamed_and_deleted_files(instance, page):
    for name in ("Changed", "Renamed", "Deleted"):
        instance.new(name, f"# {name}\nsome text\n")
    assert instance.store.settle() == 0
    renamed = instance.store.get("Renamed")
    instance.write("Changed.md", "changed\n")
    instance.write("New folder/New.markdown", "# New\n")
    instance.file("Renamed.md").rename(instance.file("Guides/Elsewhere.md"))
    instance.file("Deleted.md").unlink()
    report = instance.store.scan()
    assert (report.added, report.changed, report.renamed, report.deleted) == (
        1,
        1,
        1,
        1,
    )
    assert report.unchanged == 1
    assert not report.problems
    assert not report.stopped
    assert instance.store.get("New folder/New").title == "New"
    moved = instance.store.get("Guides/Elsewhere")
    assert (moved.id, moved.n) == (renamed.id, 1)
    assert instance.store.get("Renamed") == Redirect(moved.id, "Guides/Elsewhere")
    with pytest.raises(Gone):
        instance.store.get("Deleted")
    again = instance.store.scan()
    assert (again.added, again.changed, again.renamed, again.deleted) == (0, 0, 0, 0)
    assert again.unchanged == 4


def test_a_file_renamed_and_edited_keeps_its_history(instance):
    text = "# Long\n" + "".join(f"line {i}\n" for i in range(20))
    page = instance.new("A", text)
    assert instance.store.settle() == 0
    instance.file("A.md").rename(instance.file("B.md"))
    instance.write("B.md", text + "one more\n")
    assert instance.store.scan().renamed == 1
    assert instance.store.get("B").id == page.id
    assert instance.texts(page) == [text + "one more\n", text]


def test_a_reused_inode_is_not_a_rename(instance):
    page = instance.new("A", "# Long\n" + "x\n" * 20)
    assert instance.store.settle() == 0
    instance.file("A.md").rename(instance.file("B.md"))
    instance.write("B.md", "something else entirely\n")
    report = instance.store.scan()
    assert (report.renamed, report.deleted, report.added) == (0, 1, 1)
    assert instance.store.get("B").id != page.id


def test_a_renamed_folder_keeps_all_histories(instance):
    pages = [instance.new(f"Old/{i}", f"text {i}\n") for i in range(30)]
    assert instance.store.settle() == 0
    instance.file("Old").rename(instance.file("New"))
    report = instance.store.scan()
    assert (report.renamed, report.deleted, report.stopped) == (30, 0, "")
    assert instance.store.get("New/7").id == pages[7].id


def test_too_many_missing_files_delete_nothing(instance):
    for i in range(30):
        instance.new(f"Page {i}", f"text {i}\n")
    assert instance.store.settle() == 0
    for i in range(25):
        instance.file(f"Page {i}.md").unlink()
    report = instance.store.scan()
    assert report.stopped == INCOMPLETE
    assert instance.store.counts()["pages"] == 30
    assert instance.store.get("Page 3").text == "text 3\n"
    assert instance.store.scan(accept_missing=True).deleted == 25
    assert instance.store.counts()["pages"] == 5


def test_a_lost_folder_is_written_anew(instance, page):
    for i in range(25):
        instance.new(f"Page {i}", f"text {i}\n")
    assert instance.store.settle() == 0
    for file in instance.pages.rglob("*.md"):
        file.unlink()
    assert instance.store.scan().stopped
    assert instance.store.write_missing() == 26
    assert instance.read("Guides/A.md") == "# One\n"
    assert instance.store.counts()["pending"] == 0
    report = instance.store.scan()
    assert (report.unchanged, report.stopped) == (26, "")


def test_an_unmounted_folder_deletes_nothing(instance, page):
    for i in range(21):
        instance.new(f"Page {i}", "x\n")
    assert instance.store.settle() == 0
    instance.pages.rename(instance.pages.with_name("elsewhere"))
    assert instance.store.scan().stopped
    assert instance.store.get("Guides/A").text == "# One\n"


def test_a_deleted_page_starts_again_when_its_file_comes_back(instance, page):
    instance.delete(page)
    assert instance.store.settle() == 0
    assert not instance.file("Guides").exists()
    instance.write("Guides/A.md", "back\n")
    assert instance.store.scan().added == 1
    found = instance.store.get("Guides/A")
    assert (found.id, found.text, found.n) == (page.id, "back\n", 2)


def test_a_missing_file_is_served_and_written_by_the_next_save(instance, page):
    instance.file("Guides/A.md").unlink()
    assert instance.store.get("Guides/A").text == "# One\n"
    instance.put(page, "# Two\n")
    assert instance.read("Guides/A.md") == "# Two\n"


def test_two_files_with_one_name_the_first_is_the_page(instance):
    instance.write("Home.md", "first\n")
    instance.write("home.md", "second\n")
    instance.write("Home.markdown", "third\n")
    report = instance.store.scan()
    assert report.added == 1
    assert instance.store.get("Home").text == "third\n"
    assert set(report.problems) == {"Home.md", "home.md"}
    instance.file("Home.markdown").unlink()
    instance.store.scan()
    report = instance.store.scan()
    assert instance.store.get("Home").text == "first\n"
    assert set(report.problems) == {"home.md"}


def test_names_that_do_not_map_back_are_adopted_with_their_path(instance):
    instance.write("_posts/2020-01-01-hello.md", "hello\n")
    assert instance.store.scan().added == 1
    page = instance.store.get("_posts/2020-01-01-hello")
    instance.put(page, "edited here\n")
    assert instance.read("_posts/2020-01-01-hello.md") == "edited here\n"
    assert [path.name for path in instance.pages.iterdir()] == ["_posts"]


def test_what_a_scan_leaves_out(instance, tmp_path):
    outside = tmp_path / "outside.md"
    outside.write_text("secret\n")
    kept = [
        ".git/a.md",
        ".hidden.md",
        "a/.obsidian/b.md",
        "node_modules/x/readme.md",
        "plugins/p/readme.md",
        "var/x.md",
        "x.md~",
        ".~0123.tmp",
        "~lock.md",
        "notes.txt",
        "image.png",
    ]
    for path in kept:
        instance.write(path, "x\n")
    (instance.pages / "link.md").symlink_to(outside)
    (instance.pages / "dir").symlink_to(tmp_path)
    (instance.pages / "folder.md").mkdir()
    os.mkfifo(instance.pages / "pipe.md")
    report = instance.store.scan()
    assert (report.added, report.problems) == (0, {})
    # Only our own stale temporary file may go, after an hour.
    assert all(instance.file(path).exists() for path in kept)
    instance.age(".~0123.tmp", 4000)
    instance.store.scan()
    assert not instance.file(".~0123.tmp").exists()


def test_a_name_that_is_no_text_is_a_problem_and_not_an_error(instance):
    with open(os.fsencode(instance.pages) + b"/bad\xff.md", "wb") as file:
        file.write(b"x\n")
    instance.write("ok.md", "x\n")
    report = instance.store.scan()
    assert report.added == 1
    assert len(report.problems) == 1


def test_links_never_lead_out_of_the_folder(instance, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "pic.png").write_bytes(b"secret")
    (instance.pages / "out").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Exception, match="leads out"):
        instance.new("out/Page", "x\n")
    with pytest.raises(NotFound):
        instance.store.open_beside("out/Page", "pic.png")
    assert instance.store.beside("out/Page") == []
    assert os.listdir(tmp_path / "elsewhere") == ["pic.png"]


def test_a_scan_of_some_paths_looks_at_no_others(instance, page):
    instance.write("B.md", "b\n")
    instance.write("C.md", "c\n")
    instance.file("Guides/A.md").unlink()
    assert instance.store.scan(["C.md", "nothing.md"]).added == 1
    assert instance.store.get("Guides/A").n == 1
    assert instance.store.scan(["Guides/A.md"]).deleted == 1


def test_a_folder_of_its_owner_is_left_as_it_is(instance):
    files = {
        "README.md": b"# Read\r\nme\r\n",
        "docs/a b.md": b"---\ntitle: x\n---\n\n\n",
        "docs/pic.png": b"\x89PNG",
        "empty.md": b"",
    }
    for path, content in files.items():
        instance.write(path, content)
    stats = {path: instance.file(path).stat() for path in files}
    before = {path: (it.st_mtime_ns, it.st_ino) for path, it in stats.items()}
    assert instance.store.scan().added == 3
    assert instance.store.settle() == 0
    for path, content in files.items():
        assert instance.file(path).read_bytes() == content
        now = instance.file(path).stat()
        assert (now.st_mtime_ns, now.st_ino) == before[path]


def test_two_scans_at_once_do_the_work_once(instance):
    other = instance.another()
    with other._scan._lock.held():
        assert instance.store.scan().added == 0
    other.close()


def test_edits_are_seen_by_the_stamp(instance, page):
    path, *sig = instance.store.file_stamp(page.id)
    status = os.stat(path)
    assert sig == [status.st_mtime_ns, status.st_size, status.st_ino]
    assert instance.store.file_stamp(99) is None
    other = instance.another()
    instance.put(page, "# Two\n")
    assert instance.store.file_stamp(page.id)[1] == os.stat(path).st_mtime_ns
    # Another process knows after it has looked at the file once.
    assert other.get(page.id).text == "# Two\n"
    assert other.file_stamp(page.id)[1] == os.stat(path).st_mtime_ns
    other.close()


def test_case_only_rename_of_the_file(instance, page):
    instance.rename(page, "guides/a")
    assert instance.store.settle() == 0
    found = sorted(
        str(it.relative_to(instance.pages)) for it in instance.pages.rglob("*")
    )
    assert found == ["guides", "guides/a.md"]


def test_a_rename_moves_the_file_itself(instance, page):
    before = instance.file("Guides/A.md").stat().st_ino
    instance.rename(page, "Deep/er/B")
    assert instance.file("Deep/er/B.md").stat().st_ino == before
    assert not instance.file("Guides").exists()
    assert instance.store.settle() == 0
    assert instance.store.scan().unchanged == 1


def test_files_of_the_instance_itself_are_not_beside_a_page(instance):
    for path in ("wiki.toml", "plugins/p/setup.cfg", "var/x.bin", ".env", "pic.png"):
        instance.write(path, "x")
    assert [it.name for it in instance.store.beside("Home")] == ["pic.png"]
    for path in ("wiki.toml", "plugins/p/setup.cfg", "var/x.bin"):
        with pytest.raises(NotFound):
            instance.store.open_beside("Home", path)
    with pytest.raises(NotFound):
        instance.store.open_beside("plugins/p/Page", "setup.cfg")


def test_settling_nothing_writes_nothing(instance, page):
    instance.commit(Put("B", "b\n", NEW), idempotency_key="k")
    assert instance.store.settle() == 0
    mark = instance.store.change_mark()
    for _ in range(3):
        assert instance.store.settle() == 0
        instance.store.scan()
        instance.store.get("B")
    assert instance.store.change_mark() == mark
