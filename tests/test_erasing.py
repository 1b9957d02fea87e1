"""Erasing: a value planted everywhere is nowhere afterwards, and nothing else is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from wiki.build import build
from wiki.config import load
from wiki.errors import (
    BadRequest,
    Expunged,
    NoSpace,
    NotAllowed,
    NotErasable,
    NotFound,
    SignInNeeded,
)
from wiki.model.actor import SYSTEM, Actor, person
from wiki.model.page import Draft, Page
from wiki.model.redaction import MARK, Redaction
from wiki.model.rules import Rule
from wiki.service import Wiki
from wiki.store import private_erasing, private_tables, sql_erasing, tables
from wiki.store.base import Author
from wiki.store.files import Seen
from wiki.store.ready import hashed
from wiki.store.repair import Repair
from wiki.store.rows import PROPOSED, Sig

from .commands import QUIET, WIKI, refused, run
from .test_serve import Server, servers
from .traces import traces

__all__ = ["servers"]

WORD, SIMILAR = "Xochitlq77", "Xochitlq78"
VALUE, OTHER = f"{WORD}@canary.example", f"{SIMILAR}@canary.example"
CONFIG = '[site]\ntitle = "Ours"\n'


@contextmanager
def opened(folder: Path) -> Iterator[Wiki]:
    wiki = build(load(folder, {}))
    try:
        yield wiki
    finally:
        wiki.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    home = tmp_path / "wiki"
    (home / "pages").mkdir(parents=True)
    (home / "wiki.toml").write_text(CONFIG)
    return home


def put(wiki: Wiki, name: str, text: str, **how: str) -> Page:
    by = Actor(7, how.pop("author", "Ana"), "admin", sees=None)
    try:
        base = wiki.page(SYSTEM, name).n
    except NotFound:
        base = 0
    draft = Draft(name, text, how.pop("comment", ""))
    return wiki.save(by, draft, base, key=how.pop("key", None)).page


# -- planted everywhere


def plant(wiki: Wiki, value: str) -> None:
    """Put a value into every place of an instance where one can be."""
    _plant_pages(wiki, value)
    _plant_files(wiki, value)
    _plant_people(wiki, value)


def _plant_pages(wiki: Wiki, value: str) -> None:
    put(
        wiki,
        "contacts",
        f"---\ntitle: Write to {value}\ntags: ['{value}', zoning]\n"
        f"summary: Ask {value}.\ncity: '{value}'\n---\n"
        f"# About {value}\n\nWrite to [us](mailto:{value}), {value}, or "
        f"[[people/{value}]]. Not {OTHER}.\n",
    )
    put(wiki, "once", f"It was {value} once. {OTHER} stays.\n")
    put(wiki, "once", "It is gone from here.\n", comment=f"took {value} out")
    put(wiki, "by", "Nothing here.\n", author=value, key=f"request of {value}")
    put(wiki, f"people/{value}", f"# {value}\n\nA lantern.\n")
    put(wiki, f"was {value}", "Renamed.\n")
    wiki.rename(SYSTEM, f"was {value}", "now", f"not {value}")
    put(wiki, "deleted", f"---\ntags: ['{value}']\n---\n{value}\n")
    wiki.delete(SYSTEM, "deleted", f"because of {value}")
    store = wiki.store
    head = put(wiki, "proposed", "One.\n")
    rec = store._core.rec(head.id)  # type: ignore[attr-defined]
    raw = f"Somebody proposes {value}.\n".encode()
    core, files = store._core, store._folder  # type: ignore[attr-defined]
    Repair(core, files).keep(rec, Seen(Sig(0, 0, 0), raw, hashed(raw)), PROPOSED)


def _plant_files(wiki: Wiki, value: str) -> None:
    pages, var = wiki.config.pages, wiki.config.var
    (pages / "files").mkdir()
    (pages / "files/list.csv").write_text(f"name,mail\nAna,{value}\nBob,{OTHER}\n")
    (pages / f"files/{value}.txt").write_text("Nothing in it.\n")
    (pages / "files/map.png").write_bytes(b"\x89PNG\r\n\x1a\n\0" + value.encode())
    with zipfile.ZipFile(pages / "files/letter.docx", "w") as letter:
        cut = value[:5] + "</w:t><w:t>" + value[5:]
        text = f"<w:t>{cut}</w:t>" * 3
        letter.writestr("word/document.xml", text, zipfile.ZIP_DEFLATED)
    (pages / "wide.txt").write_bytes(value.encode("utf-16"))
    (pages / "too-long.md").write_text(f"{value}\n" + "long " * 60_000)
    (pages / "Once.md").write_text(f"Another file of one name: {value}\n")
    (pages / f"bad {value}.md").write_bytes(b"\xff\xfe")
    (pages / ".~0123456789abcdef.tmp").write_text(f"left by a kill: {value}")
    (var / "archive-killed").mkdir()
    (var / "archive-killed/0.db").write_text(value)
    old = time.time() - 60
    for path in pages.rglob("*"):
        os.utime(path, (old, old))


def _plant_people(wiki: Wiki, value: str) -> None:
    accounts = wiki.accounts
    ana = accounts.create_user("Ana", "admin", "correct horse battery")
    accounts.sign_in("Ana", "correct horse battery", label=f"phone {value}")
    accounts.make_token(ana, {"read"}, label=f"for {value}")
    accounts.invite(person(ana, "Ana", "admin"), "member", label=f"to {value}")
    accounts.groups.add("legal", f"Ask {value}")
    accounts.audit.note(SYSTEM, "account.made", value, role=f"a {value}")
    with wiki.panic._private.writing() as at:
        values = {"display": f"Ana {value}", "asked": f"I am {value}", "email": value}
        wiki.panic._private.change_user(at, ana, **values)
    closed = accounts.create_user("Old", "member")
    accounts.close_user(closed)
    with wiki.panic._private.writing() as at:
        wiki.panic._private.change_user(at, closed, name=value, name_key=value.lower())


PLANTED = (
    *("pages/contacts.md", "pages/files/list.csv", "pages/files/map.png"),
    *("pages/too-long.md", "pages/Once.md", "pages/wide.txt", "pages/.~0123"),
    *("var/archive-killed", "the name of pages/people", "the name of pages/bad"),
    *("a row of page", "a row of name", "a row of revision", "a row of txn"),
    *("a row of change", "a row of link", "a row of tag", "a row of problem"),
    *("a row of user", "a row of session", "a row of token", "a row of link"),
    *("a row of group", "a row of audit", "a row of rendered", "in the index"),
    *("var/wiki.db: packed", "var/index"),
)


def ask(server: Server, path: str) -> str:
    return server.get(path)


def until(check: object) -> None:
    """Wait until something is so; it may be asked often."""
    assert callable(check)
    for _ in range(300):
        if check():
            return
        time.sleep(0.1)
    raise AssertionError


@pytest.mark.slow
def test_p08_an_erased_value_is_nowhere(
    folder: Path, servers: list[Server]
) -> None:  # P8
    with opened(folder) as wiki:
        plant(wiki, VALUE)
        wiki.store.scan()
    server = Server(folder, "--workers", "2")
    servers.append(server)
    server.wait()
    # Rendered pages, answers in memory and the index hold it, too.
    for path in ("/contacts", f"/people/{VALUE}", "/by", "/once", "/-/recent"):
        ask(server, path)
        ask(server, path)
    until(lambda: "/contacts" in ask(server, f"/-/search?q={WORD}"))
    until(lambda: "/once" in ask(server, "/-/search?q=gone"))
    before = "\n".join(traces(folder, WORD))
    for place in PLANTED:
        assert place in before, (place, before)
    similar = len(traces(folder, SIMILAR))
    assert similar

    preview = run("-C", folder, "erase", "--dry-run", stdin=VALUE + "\n")
    assert "This cannot be undone." in preview.stdout
    assert VALUE not in preview.stdout
    # An open reader keeps the log of writes alive.
    with opened(folder) as other:
        other.store.last_seq()
        done = erase_as_a_person(folder, VALUE, "--files")
        assert done.returncode == 0, done.stdout + done.stderr
        assert VALUE not in done.stdout + done.stderr
    # What was searched for stands in the box; nothing else knows it.
    assert f"{WORD}@" not in ask(server, f"/-/search?q={WORD}")
    until(lambda: "/people/" in ask(server, "/-/search?q=lantern"))
    until(lambda: json.loads(ask(server, "/-/health"))["status"] == "degraded")
    for path in ("/contacts", "/by", "/once?rev=1", "/-/history/once", "/-/recent"):
        shown = ask(server, path)
        assert WORD.lower() not in shown.lower(), path
    assert MARK in ask(server, "/contacts")
    assert SIMILAR in ask(server, "/contacts")
    diff = ask(server, "/-/diff/once?a=1&b=2")
    assert MARK in diff
    assert server.stop() == 0
    server.log.unlink()  # what a terminal was told

    assert traces(folder, WORD) == []
    assert len(traces(folder, SIMILAR)) >= similar - 3
    check_whole(folder)


def erase_as_a_person(folder: Path, value: str, *options: str) -> object:
    command = [str(WIKI), "-C", str(folder), "erase", "--yes", *options]
    return subprocess.run(
        command,
        input=value + "\n",
        capture_output=True,
        text=True,
        timeout=120,
        env=QUIET,
    )


def check_whole(folder: Path) -> None:
    """Every text is as its hash says, every file as its page, every page is shown."""
    with opened(folder) as wiki:
        assert wiki.store.settle() == 0
        report = wiki.store.scan()
        assert (report.changed, report.renamed, report.deleted) == (0, 0, 0), report
        rows, _ = wiki.store.list(limit=500)
        assert len(rows) >= 6
        for row in rows:
            view = wiki.view(SYSTEM, row.name)
            assert view.rendered.html  # type: ignore[union-attr]
            page = wiki.page(SYSTEM, row.name)
            assert (wiki.config.pages / f"{row.name}.md").read_text() == page.text
            history = wiki.history(SYSTEM, page, limit=500)
            assert [it.n for it in history] == list(range(page.n, 0, -1))
            sizes = [len(wiki.store.revision_text(it.id).encode()) for it in history]
            assert sizes == [it.size for it in history]
            olds = [*sizes[1:], 0]
            assert [it.delta for it in history] == [
                new - old for new, old in zip(sizes, olds, strict=True)
            ]
        with wiki.store._database.reading() as at:  # type: ignore[attr-defined]
            for rev, kept in at.exec_driver_sql("SELECT id, text_hash FROM revision"):
                assert hashed(wiki.store.revision_text(rev).encode()) == kept
            seqs = [it.seq for it in wiki.store.changes(0, 500)]
            assert seqs == list(range(1, len(seqs) + 1))
        old = wiki.page(SYSTEM, "once", 1)
        wiki.restore(SYSTEM, "once", 1)
        assert wiki.page(SYSTEM, "once").text == old.text


# -- what is refused, what is left


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "too short"),
        ("ab", "too short"),
        ("  ab  ", "too short"),
        ("▇▇▇", "the mark"),
        ("x" * 2000, "too long"),
        ("one\ntwo", "one line"),
        ("nul\0nul", "one line"),
    ],
)
def test_values_that_cannot_be_erased(value: str, says: str) -> None:
    with pytest.raises(BadRequest, match=says):
        Redaction(value)


@pytest.mark.parametrize(
    "text",
    [
        "Ana López",
        "Ana Lo\u0301pez",
        "Ana\nLópez",
        "Ana\u00a0López",
        "people/Ana%20L%C3%B3pez.md",
        "Ana%20L%c3%b3pez",
        "Ana L&#243;pez",
        "Ana L&#xF3;pez",
        '{"name": "Ana L\\u00f3pez"}',
    ],
)
def test_a_value_is_found_in_every_spelling(text: str) -> None:
    redaction = Redaction("Ana López")
    assert redaction.count(text) == 1
    assert MARK in redaction.apply(text)
    assert not redaction.hits(redaction.apply(text))


def test_other_texts_are_other_values() -> None:
    redaction = Redaction("Ana López")
    for text in ("Ana Lopez", "ana lópez", "AnaLópez", "Ana\n\nLópez", "Ana, López"):
        assert redaction.apply(text) == text
    assert Redaction("Ana López", ignore_case=True).hits("ANA LÓPEZ")


def test_what_stands_around_a_mark_is_not_the_value_again() -> None:
    redaction = Redaction(f"x{MARK}y")
    assert redaction.apply(f"xx{MARK}yy") == MARK
    # With the short mark no text grows beyond its limit.
    assert Redaction("abc").apply("abc" * 10, 30) == "▇" * 10


def test_every_column_with_text_has_its_place() -> None:
    """A new column is private until it is said what erasing does with it."""
    for module, metadata in (
        (sql_erasing, tables.metadata),
        (private_erasing, private_tables.metadata),
    ):
        lists = [
            getattr(module, name)
            for name in ("WORDS", "DERIVED", "TOLD", "FIXED")
            if hasattr(module, name)
        ]
        known = {(t, c) for one in lists for t, columns in one.items() for c in columns}
        there = {
            (table.name, column.name)
            for table in metadata.tables.values()
            for column in table.columns
            if str(column.type) == "TEXT"
        }
        assert there == known


def test_only_administrators_erase(folder: Path) -> None:
    with opened(folder) as wiki:
        for actor in (Actor(), person(5, "Ana", "moderator")):
            for call in (
                lambda who=actor: wiki.erasing.find(who, VALUE),
                lambda who=actor: wiki.erasing.erase(who, VALUE),
                lambda who=actor: wiki.erasing.expunge(who, "x", 1),
            ):
                with pytest.raises((NotAllowed, SignInNeeded)):
                    call()


def test_erasing_never_changes_who_reads_what(folder: Path) -> None:  # R10
    with opened(folder) as wiki:
        put(wiki, "legal/plan", "---\naudience: admins\n---\nA lantern.\n")
        wiki.store.set_rule("media/", Rule("media/", "group:press"), Author(1, "Ana"))
        put(wiki, "media/plan", "A lantern.\n")
        put(wiki, "own", "---\naudience: 'group: nobody'\n---\nA lantern.\n")
        wiki.accounts.groups.add("strike committee", "")
        last = wiki.store.last_seq()
        for value in ("audience", "admins", "media", "press", "committee"):
            with pytest.raises(NotErasable):
                wiki.erasing.erase(SYSTEM, value)
        assert wiki.store.last_seq() == last
        assert wiki.page(SYSTEM, "legal/plan").audience == "admins"
        wiki.erasing.erase(SYSTEM, "lantern")
        assert wiki.page(SYSTEM, "legal/plan").audience == "admins"
        assert wiki.page(SYSTEM, "media/plan").audience == "group:press"


def test_what_stays_is_said(folder: Path) -> None:
    (folder / "wiki.toml").write_text(CONFIG + f'license = "by {VALUE}"\n')
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
        wiki.accounts.create_user(WORD, "member")
    (folder / "pages/map.png").write_bytes(b"\x89PNG\0" + VALUE.encode())
    (folder / "pages/.git").mkdir()
    (folder / "var/notes.txt").write_text(VALUE)
    dry = run("-C", folder, "erase", VALUE, "--dry-run")
    assert dry.stdout.startswith("2 places in 1 pages. This cannot be undone.")
    assert "map.png" in dry.stdout
    done = run("-C", folder, "erase", "--yes", stdin=VALUE + "\n")
    assert done.returncode == 5
    assert "Erased 2 places in 1 pages." in done.stdout
    assert "map.png: It holds the value" in done.stdout
    for said in ("wiki.toml holds it", "var/notes.txt", "pages/.git"):
        assert said in done.stderr or said.removeprefix("pages/") in done.stderr
    named = run("-C", folder, "erase", WORD, "--yes")
    assert named.returncode == 5
    assert f"The account “{WORD}” is called so" in named.stderr


def test_an_archive_made_before_is_named(folder: Path, tmp_path: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
    assert run("-C", folder, "panic", "archive", tmp_path / "a.tar", "--plain")
    done = run("-C", folder, "erase", "--yes", stdin=VALUE + "\n")
    assert done.returncode == 5
    assert f"Archives were written on {time.strftime('%Y-')}" in done.stderr


def test_refusals_of_the_command(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
    refused(run("-C", folder, "erase", "ab", "--yes"), 4, "too short")
    refused(run("-C", folder, "erase", VALUE), 2, "--yes")
    refused(run("-C", folder, "erase", VALUE, "--in", "../x", "--yes"), 4, "..")
    refused(run("-C", folder, "erase", "--revision", "home", "1", "--yes"), 4, "newest")
    refused(run("-C", folder, "erase", "--revision", "none", "1", "--yes"), 4)
    assert "nothing to erase" in run("-C", folder, "erase", "qqzzxx", "--yes").stdout
    assert VALUE in (folder / "pages/home.md").read_text()


# -- how it is done


def test_one_area_only(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "notes/one", f"{VALUE}\n", comment=f"by {VALUE}")
        put(wiki, "else/two", f"{VALUE}\n", comment=f"by {VALUE}")
        (folder / "pages/notes/a.txt").write_text(VALUE)
        (folder / "pages/else/a.txt").write_text(VALUE)
        wiki.accounts.audit.note(SYSTEM, "account.made", VALUE, role="x")
        found = wiki.erasing.find(SYSTEM, VALUE, under="notes/")
        assert (found.places.count, len(found.places.pages)) == (3, 1)
        wiki.erasing.erase(SYSTEM, VALUE, under="notes/")
        assert wiki.page(SYSTEM, "notes/one").text == f"{MARK}\n"
        assert wiki.page(SYSTEM, "else/two").text == f"{VALUE}\n"
        assert (folder / "pages/notes/a.txt").read_text() == MARK
        assert (folder / "pages/else/a.txt").read_text() == VALUE
        comments = {it.name: it.comment for it in wiki.recent(SYSTEM)}
        assert comments == {"notes/one": f"by {MARK}", "else/two": f"by {VALUE}"}
        assert wiki.accounts.audit.acts()[-1].subject == VALUE


def test_other_capital_letters(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"{VALUE} and {VALUE.upper()}\n")
        found = wiki.erasing.find(SYSTEM, VALUE)
        assert (found.places.count, found.other_case) == (1, 1)
        wiki.erasing.erase(SYSTEM, VALUE, ignore_case=True)
        assert wiki.page(SYSTEM, "home").text == f"{MARK} and {MARK}\n"


def test_pages_that_would_get_one_name(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "Ana One", "[[Ana One]] and [[Bob One]]\n")
        put(wiki, "Bob One", "x\n")
        wiki.erasing.erase(SYSTEM, "Ana One")
        wiki.erasing.erase(SYSTEM, "Bob One")
        names = [row.name for row in wiki.store.list()[0]]
        assert names == [MARK, f"{MARK} 2"]
        assert wiki.page(SYSTEM, MARK).text == f"[[{MARK}]] and [[{MARK}]]\n"
    files = sorted(path.name for path in (folder / "pages").iterdir())
    assert files == [f"{MARK} 2.md", f"{MARK}.md"]


def test_an_edit_on_disk_that_nobody_saw_yet(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
        wiki.store.settle()
        (folder / "pages/home.md").write_text(f"Ask {VALUE}, please.\n")
        wiki.erasing.erase(SYSTEM, VALUE)
        assert wiki.page(SYSTEM, "home").text == f"Ask {MARK}, please.\n"
        assert wiki.page(SYSTEM, "home", 1).text == f"Ask {MARK}.\n"
    assert traces(folder, WORD) == []


def test_a_disk_that_refuses_leaves_everything(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
        wiki.store.settle()

        def full(*_args: object) -> None:
            raise NoSpace

        with monkeypatch.context() as patch:
            patch.setattr(sql_erasing.SqlErasing, "put_text", full)
            with pytest.raises(NoSpace):
                wiki.erasing.erase(SYSTEM, VALUE)
        assert (folder / "pages/home.md").read_text() == f"Ask {VALUE}.\n"
        assert wiki.page(SYSTEM, "home").text == f"Ask {VALUE}.\n"
        assert wiki.page(SYSTEM, "home").n == 1
        wiki.store.scan()
        wiki.erasing.erase(SYSTEM, VALUE)
        assert wiki.page(SYSTEM, "home").text == f"Ask {MARK}.\n"


@pytest.mark.parametrize("moment", ["put_text", "set_counter"])
def test_killed_in_between_nothing_comes_back(folder: Path, moment: str) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
        put(wiki, f"about {VALUE}", "x\n")
        wiki.store.settle()
    pid = os.fork()
    if not pid:
        with opened(folder) as wiki:

            def die(*_args: object) -> None:
                os.kill(os.getpid(), signal.SIGKILL)

            setattr(sql_erasing.SqlErasing, moment, die)
            wiki.erasing.erase(SYSTEM, VALUE)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    with opened(folder) as wiki:
        wiki.store.scan()
        assert wiki.page(SYSTEM, "home").text == f"Ask {MARK}.\n"
        wiki.erasing.erase(SYSTEM, VALUE)
        assert wiki.store.scan().problems == {}
        assert len(wiki.store.list()[0]) == 2
    assert traces(folder, WORD) == []


def test_erasing_goes_on_while_the_wiki_is_read_only(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n")
        wiki.panic.begin(SYSTEM)
        wiki.erasing.erase(SYSTEM, VALUE)
        assert wiki.page(SYSTEM, "home").text == f"Ask {MARK}.\n"
    assert traces(folder, WORD) == []


def test_people_write_meanwhile(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", "0\n")
        put(wiki, "mail", f"{VALUE}\n")
        saved: list[int] = []
        stop = threading.Event()

        def write() -> None:
            with opened(folder) as other:
                while not stop.is_set():
                    saved.append(put(other, "home", f"{len(saved) + 1}\n").n)

        writer = threading.Thread(target=write)
        writer.start()
        while len(saved) < 5:
            time.sleep(0.01)
        wiki.erasing.erase(SYSTEM, VALUE)
        at_end = len(saved)
        while len(saved) < at_end + 5:
            time.sleep(0.01)
        stop.set()
        writer.join()
        assert saved == list(range(2, len(saved) + 2))
        assert wiki.page(SYSTEM, "mail").text == f"{MARK}\n"
    assert traces(folder, WORD) == []


# -- one version


def test_the_text_of_one_version_is_gone_and_its_row_stays(folder: Path) -> None:
    with opened(folder) as wiki:
        put(wiki, "home", f"Ask {VALUE}.\n", comment=f"about {VALUE}")
        put(wiki, "home", "Ask nobody.\n")
        put(wiki, "home", "Ask us.\n")
        wiki.erasing.expunge(SYSTEM, "home", 1)
        page = wiki.page(SYSTEM, "home")
        first = wiki.history(SYSTEM, page)[-1]
        assert isinstance(page, Page)
        assert (first.n, first.hidden, first.comment) == (1, True, "")
        with pytest.raises(Expunged, match="removed for good"):
            wiki.page(SYSTEM, "home", 1)
        with pytest.raises(Expunged):
            wiki.restore(SYSTEM, "home", 1)
        with pytest.raises(NotErasable, match="newest"):
            wiki.erasing.expunge(SYSTEM, "home", 3)
        for name, n in (("home", 9), ("nothing", 1)):
            with pytest.raises(NotFound):
                wiki.erasing.expunge(SYSTEM, name, n)
        assert wiki.page(SYSTEM, "home", 2).text == "Ask nobody.\n"
        assert wiki.store.settle() == 0
        assert wiki.accounts.audit.acts()[0].kind == "expunged"
    assert traces(folder, WORD) == []
