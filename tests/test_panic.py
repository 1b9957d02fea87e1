"""Panic: read-only and everybody out in every process; an archive; removing it all."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import sqlite3
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from wiki.archive import age, collect, unpack, verify, write_archive
from wiki.archive import writing as archive_writing
from wiki.archive.errors import ArchiveError, NotVerified
from wiki.archiving import Archiving, held_still
from wiki.build import build
from wiki.config import load
from wiki.errors import NoSpace, ReadOnlyForNow
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.model.rules import Rule
from wiki.service import Wiki
from wiki.store.base import Author

from .commands import QUIET, WIKI, refused, run
from .test_serve import Server, servers

__all__ = ["servers"]

TITLE, PASSWORD, PHRASE = (
    "Ours",
    "correct horse battery",
    "five words that fit together",
)
CONFIG = f'[site]\ntitle = "{TITLE}"\n'
KILLED = Path(__file__).with_name("panic_killpoints.py")


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
    (home / "pages/notes").mkdir(parents=True)
    (home / "wiki.toml").write_text(CONFIG)
    (home / "pages/home.md").write_text("# Home\n\nA lantern.\n")
    (home / "pages/notes/plan.md").write_text("# Plan\n")
    (home / "pages/notes/map.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(5000))
    for path in (home / "pages").rglob("*.*"):
        os.utime(path, (1_700_000_000, 1_700_000_000))
    with opened(home) as wiki:
        wiki.store.scan()
        wiki.accounts.create_user("ana", "admin", PASSWORD)
    return home


class Person:
    """A browser of one person, over HTTP; it keeps cookies and sends forms."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, dict[str, str]()

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        cookie = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        headers = {"Cookie": cookie, "Sec-Fetch-Site": "same-origin"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(connection):
            connection.request(method, path, urlencode(fields), headers)
            answer = connection.getresponse()
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie":
                    key, _, rest = value.partition("=")
                    self.cookies[key] = rest.partition(";")[0]
            return answer.status, answer.read().decode()

    def submit(self, path: str, to: str = "", **fields: str) -> tuple[int, str]:
        found = re.search(
            r'name="csrf_token" value="([^"]+)"', self.ask("GET", path)[1]
        )
        token = found.group(1) if found else ""
        return self.ask("POST", to or path, csrf_token=token, **fields)


# -- read-only


@pytest.mark.slow
def test_p15_read_only_in_every_process_and_everybody_is_out(
    folder: Path, servers: list[Server]
) -> None:  # P15
    server = Server(folder, "--workers", "2")
    servers.append(server)
    server.wait()
    people = [Person(server.port) for _ in range(4)]
    for one in people:
        assert one.submit("/-/sign-in", name="ana", password=PASSWORD)[0] == 303
        assert one.ask("GET", "/-/account")[0] == 200
    form = {"name": "home", "base": "1", "save": "1", "text": "# Home\n\nChanged.\n"}
    token = run("-C", folder, "user", "token", "ana", "--scope", "read").stdout.strip()
    done = subprocess.run(
        [str(WIKI), "-C", str(folder), "panic", "read-only"],
        capture_output=True,
        text=True,
        env=QUIET,
        check=True,
    )
    # From now on, not five seconds later; connections of their own, so that both
    # workers are asked.
    for one in people * 4:
        status, shown = one.submit("/-/new", "/-/edit/home", **form)
        assert status == 503, shown
        assert "read-only for now" in shown
        assert "Changed." in shown
        assert one.ask("GET", "/-/account")[0] == 401
    assert "4 sessions have ended" in done.stdout
    for one in people:
        status, shown = one.submit("/-/sign-in", name="ana", password=PASSWORD)
        assert (status, "read-only for now" in shown) == (503, True)
    answer = HTTPConnection("127.0.0.1", server.port)
    answer.request("GET", "/-/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.getresponse().status == 503
    answer.close()
    assert "A lantern." in server.get("/")
    # Edits on disk wait; nothing of them is lost.
    (folder / "pages/home.md").write_text("# Home\n\nFrom outside.\n")
    os.utime(folder / "pages/home.md", (1_700_000_100, 1_700_000_100))
    time.sleep(2.5)
    assert "A lantern." in server.get("/")
    assert "upkeep failed" not in server.log.read_text()
    assert server.stop() == 0

    # It survives a restart.
    again = Server(folder, "--workers", "1")
    servers.append(again)
    again.wait()
    assert "The wiki is read-only" in again.log.read_text()
    ana = Person(again.port)
    assert ana.submit("/-/sign-in", name="ana", password=PASSWORD)[0] == 503
    assert "can sign in and change" in run("-C", folder, "panic", "over").stdout
    assert ana.submit("/-/sign-in", name="ana", password=PASSWORD)[0] == 303
    for _ in range(100):
        if "From outside." in again.get("/"):
            break
        time.sleep(0.1)
    assert "From outside." in again.get("/")
    assert again.stop() == 0


def test_nothing_can_be_written_while_it_is_read_only(folder: Path) -> None:
    with opened(folder) as wiki, opened(folder) as other:
        session = wiki.accounts.sign_in("ana", PASSWORD)
        del session
        assert other.panic.begin(SYSTEM) >= 1
        calls: list[Callable[[], Any]] = [
            lambda: wiki.save(SYSTEM, Draft("home", "x\n"), 1),
            lambda: wiki.save(SYSTEM, Draft("new", "x\n"), 0),
            lambda: wiki.rename(SYSTEM, "home", "house"),
            lambda: wiki.delete(SYSTEM, "home"),
            lambda: wiki.store.put_beside("home", "a.png", io.BytesIO(b"x")),
            lambda: wiki.store.scan(),
            lambda: wiki.store.write_missing(),
            lambda: wiki.store.advance("x", 0, 1),
            lambda: wiki.store.set_rule("a/", Rule("a/", "admins"), Author(1, "x")),
            lambda: wiki.accounts.create_user("bob", "member"),
            lambda: wiki.accounts.set_role(1, "member"),
            lambda: wiki.accounts.sign_in("ana", PASSWORD),
            lambda: wiki.accounts.link_for(1),
            lambda: wiki.accounts.make_token(1, {"read"}),
            lambda: wiki.accounts.first_link(),
        ]
        for call in calls:
            with pytest.raises(ReadOnlyForNow):
                call()
        assert wiki.store.settle() == 0
        kinds = [act.kind for act in wiki.accounts.audit.acts()]
        assert kinds[0] == "panic.read_only"
        assert wiki.panic.end(SYSTEM)
        assert not wiki.panic.end(SYSTEM)
        wiki.save(SYSTEM, Draft("home", "x\n"), 1)


def test_a_save_on_its_way_is_in_or_refused(folder: Path) -> None:
    """No commit begins after the switch is thrown; none is lost that was said to be."""
    with opened(folder) as wiki, opened(folder) as other:
        saved: list[int] = []
        told: list[str] = []

        def write() -> None:
            try:
                while True:
                    n = wiki.page(SYSTEM, "home").n
                    text = f"{len(saved)}\n"
                    saved.append(wiki.save(SYSTEM, Draft("home", text), n).page.n)
            except ReadOnlyForNow as error:
                told.append(str(error))

        writer = threading.Thread(target=write)
        writer.start()
        while len(saved) < 5:
            time.sleep(0.005)
        other.panic.begin(SYSTEM)
        writer.join(10)
        assert told
        assert other.page(SYSTEM, "home").n == saved[-1]


def test_the_switch_works_when_the_rest_does_not(folder: Path) -> None:
    (folder / "var/wiki.db").write_bytes(b"damaged")
    assert run("-C", folder, "panic", "read-only").returncode == 0
    assert (folder / "var/read-only").exists()
    assert run("-C", folder, "panic", "over").returncode == 0
    (folder / "var/private.db").write_bytes(b"damaged")
    refused(run("-C", folder, "panic", "read-only"), 1, "private.db")
    refused(run("-C", folder.parent, "panic", "read-only"), 2, "There is no wiki")


# -- an archive


def whole(folder: Path) -> dict[str, str]:
    """Return what an instance holds: {name: hash}, of databases their rows."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        kept = name.startswith("pages/") or name in ("var/wiki.db", "var/private.db")
        if path.is_file() and kept and not name.endswith(".tmp"):
            raw = rows(path) if name.startswith("var/") else path.read_bytes()
            found[name] = hashlib.sha256(raw).hexdigest()
    return found


def rows(path: Path) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        lines = [it for it in connection.iterdump() if '"audit"' not in it]
        return "\n".join(it for it in lines if "sqlite_sequence" not in it).encode()


@pytest.mark.parametrize("phrase", [None, PHRASE])
def test_p15_an_archive_is_verified_and_makes_the_wiki_again(
    folder: Path, tmp_path: Path, phrase: str | None
) -> None:  # P15
    before, target = whole(folder), tmp_path / "ours.tar"
    lock = ["--passphrase-from-stdin"] if phrase else ["--plain"]
    stdin = f"{phrase}\n" if phrase else ""
    done = run("-C", folder, "panic", "archive", target, *lock, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert "written, read back and compared. 7 files" in done.stdout
    assert "Everything was kept." in done.stdout
    assert whole(folder) == before
    assert target.stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ours.tar", "wiki"]
    assert not list((folder / "var").glob("archive-*"))
    assert not (folder / "var/read-only").exists()
    raw = target.read_bytes()
    if phrase:
        assert b"lantern" not in raw
        assert phrase not in done.stdout + done.stderr
        with tarfile.open(target) as tar:
            assert tar.getnames() == ["key.age", "wiki.tar.age"]
        wrong = run(
            *("panic", "restore", target, tmp_path / "no", *lock), stdin="wrong\n"
        )
        refused(wrong, 4, "does not open this archive")
    assert b"var/index" not in raw
    back = tmp_path / "back"
    restored = run("panic", "restore", target, back, *lock[: bool(phrase)], stdin=stdin)
    assert restored.returncode == 0, restored.stderr
    assert whole(back) == before
    assert {path.stat().st_mode & 0o077 for path in back.rglob("*")} == {0}
    with opened(back) as wiki:
        assert wiki.page(SYSTEM, "home").text == "# Home\n\nA lantern.\n"
        assert wiki.store.scan().changed == 0
        assert wiki.accounts.sign_in("ana", PASSWORD)
        wiki.save(SYSTEM, Draft("home", "x\n"), 1)


def test_an_archive_while_people_write(folder: Path, tmp_path: Path) -> None:
    """Whatever was said to be saved is in it; the others are told to wait."""
    with opened(folder) as wiki:
        saved: list[int] = []
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                n = wiki.page(SYSTEM, "home").n
                try:
                    done = wiki.save(SYSTEM, Draft("home", f"{n}\n"), n)
                except ReadOnlyForNow:
                    time.sleep(0.01)
                    continue
                saved.append(done.page.n)

        writer = threading.Thread(target=write)
        writer.start()
        while len(saved) < 3:
            time.sleep(0.005)
        with held_still(wiki.config):
            time.sleep(0.3)
            known = len(saved)
            found = collect(wiki.config)
            write_archive(found, tmp_path / "a.tar", None, {})
            found.clean_up()
            assert len(saved) == known
        while len(saved) < known + 3:
            time.sleep(0.005)
        stop.set()
        writer.join()
    unpack(tmp_path / "a.tar", tmp_path / "back", None)
    (tmp_path / "back/wiki.toml").write_text(CONFIG)
    with opened(tmp_path / "back") as wiki:
        assert wiki.page(SYSTEM, "home").n == saved[known - 1]


def test_p15_the_wiki_is_removed_once_its_title_was_typed(
    folder: Path, tmp_path: Path
) -> None:  # P15
    target = tmp_path / "ours.tar"
    archive = ("-C", folder, "panic", "archive", target, "--plain", "--yes-remove")
    refused(run(*archive, "ours"), 4, "another title")
    assert not target.exists()
    before = whole(folder)
    (folder / "var/cache/render.db").touch()
    (folder / "pages/notes/.~0123456789abcdef.tmp").write_text("left")
    done = run(*archive, TITLE)
    assert done.returncode == 0, done.stderr
    assert "SSDs" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["wiki.toml"]
    unpack(target, tmp_path / "back", None)
    assert {
        k: v for k, v in whole(tmp_path / "back").items() if ".~" not in k
    } == before


def test_a_folder_of_notes_keeps_what_is_not_the_wikis(tmp_path: Path) -> None:
    home = tmp_path / "notes"
    (home / "src").mkdir(parents=True)
    (home / "wiki.toml").write_text(CONFIG + '[store]\npages = "."\n')
    (home / "README.md").write_text("# Read me\n")
    (home / "src/more.md").write_text("# More\n")
    (home / "src/main.py").write_text("print()\n")
    (home / "link.md").symlink_to("/etc/hostname")
    assert run("-C", home, "scan").returncode == 0
    target = tmp_path / "a.tar"
    done = run(
        *("-C", home, "panic", "archive", target, "--plain"), "--yes-remove", TITLE
    )
    assert done.returncode == 0, done.stderr
    assert "1 links to other places" in done.stderr
    there = sorted(p.relative_to(home).as_posix() for p in home.rglob("*"))
    assert there == ["link.md", "src", "src/main.py", "wiki.toml"]
    assert run("panic", "restore", target, tmp_path / "back").returncode == 0
    assert (tmp_path / "back/src/more.md").read_text() == "# More\n"


def test_a_wiki_that_is_served_is_not_removed(
    folder: Path, tmp_path: Path, servers: list[Server]
) -> None:
    server = Server(folder)
    servers.append(server)
    server.wait()
    archive = ("-C", folder, "panic", "archive", tmp_path / "a.tar", "--plain")
    done = run(*archive, "--yes-remove", TITLE)
    refused(done, 4, "Stop it")
    assert "A lantern." in server.get("/")
    assert verify(tmp_path / "a.tar", None).files
    assert server.stop() == 0


# -- what goes wrong


def test_places_where_no_archive_can_be(folder: Path, tmp_path: Path) -> None:
    def archive(target: Path) -> Any:
        return run("-C", folder, "panic", "archive", target, "--plain")

    (tmp_path / "there").write_text("x")
    refused(archive(tmp_path / "there"), 4, "is there already")
    assert (tmp_path / "there").read_text() == "x"
    refused(archive(tmp_path / "none/a.tar"), 4, "There is no folder")
    for inside in ("a.tar", "pages/a.tar", "var/a.tar"):
        refused(archive(folder / inside), 4, "folder of the wiki itself")
    (tmp_path / "link").symlink_to(folder / "pages")
    refused(archive(tmp_path / "link/a.tar"), 4, "folder of the wiki itself")


@pytest.mark.parametrize("phrase", ["", "short", "x" * 11])
def test_passphrases_that_lock_nothing(
    folder: Path, tmp_path: Path, phrase: str
) -> None:
    archive = ("-C", folder, "panic", "archive", tmp_path / "a")
    done = run(*archive, "--passphrase-from-stdin", stdin=phrase + "\n")
    refused(done, 4, "at least 12 characters")
    assert not (tmp_path / "a").exists()
    refused(run(*archive), 2, "--passphrase-from-stdin")


def test_without_the_library_it_says_what_to_install(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(age, "pyrage", None)
    archive = ("-C", folder, "panic", "archive", tmp_path / "a")
    done = run(*archive, "--passphrase-from-stdin", stdin=PHRASE + "\n")
    refused(done, 4, "commonground-wiki[archive]")


def test_a_disk_without_room(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = type("Usage", (), {"free": 1000})
    monkeypatch.setattr(archive_writing.shutil, "disk_usage", lambda _: usage)
    done = run("-C", folder, "panic", "archive", tmp_path / "a", "--plain")
    refused(done, 4, "not enough room")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize("phrase", [None, PHRASE])
def test_a_disk_that_is_full_leaves_no_half_archive(
    folder: Path, tmp_path: Path, phrase: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    found = collect(load(folder, {}))
    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(NoSpace):
        write_archive(found, tmp_path / "a", phrase and age.Lock(phrase), {})
    found.clean_up()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wiki"]


@pytest.mark.parametrize("phrase", [None, PHRASE])
def test_p15_a_damaged_archive_removes_nothing(
    folder: Path, tmp_path: Path, phrase: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:  # P15
    before = whole(folder)
    write = archive_writing._write

    def torn(found: Any, part: Path, *rest: Any) -> Any:
        manifest = write(found, part, *rest)
        raw = bytearray(part.read_bytes())
        raw[len(raw) // 2] ^= 1
        part.write_bytes(raw)
        return manifest

    monkeypatch.setattr(archive_writing, "_write", torn)
    lock = ["--passphrase-from-stdin"] if phrase else ["--plain"]
    done = run(
        *("-C", folder, "panic", "archive", tmp_path / "a", *lock),
        *("--yes-remove", TITLE),
        stdin=f"{phrase}\n",
    )
    refused(done, 4, "The archive could not be verified. Nothing was removed.")
    assert whole(folder) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["wiki"]


@pytest.mark.parametrize("phrase", [None, PHRASE])
def test_r19_every_damage_is_noticed(
    folder: Path, tmp_path: Path, phrase: str | None
) -> None:  # R19
    # One lock for all: it tries its passphrase once, which is slow on purpose.
    lock = age.Lock(phrase) if phrase else None
    found = collect(load(folder, {}))
    archive = tmp_path / "a"
    write_archive(found, archive, lock, {})
    found.clean_up()
    raw = archive.read_bytes()
    head = 1024 if phrase else 0
    places = range(head, len(raw), max(1, len(raw) // 60))
    damages = [raw[:at] for at in places]
    for at in places:
        torn = bytearray(raw)
        torn[at] ^= 0x20
        damages.append(bytes(torn))
    unnoticed = []
    for number, damage in enumerate(damages):
        archive.write_bytes(damage)
        try:
            manifest = verify(archive, lock)
        except ArchiveError:
            with pytest.raises(ArchiveError):
                unpack(archive, tmp_path / "back", lock)
            assert not (tmp_path / "back").exists()
        else:
            # What fills a tar file up holds nothing.
            unnoticed.append((number, manifest.files))
    assert all(files for _, files in unnoticed)
    good = json.dumps(sorted(files.items() for _, files in unnoticed), default=list)
    assert len({json.dumps(sorted(f.items())) for _, f in unnoticed}) <= 1, good[:200]


def member(name: str, data: bytes = b"x", **values: Any) -> tuple[tarfile.TarInfo, Any]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in values.items():
        setattr(info, key, value)
    return info, io.BytesIO(data)


@pytest.mark.parametrize(
    "hostile",
    [
        member("pages/../../out"),
        member("/etc/out"),
        member("pages//out"),
        member("pages/./out"),
        member("out"),
        member("var"),
        member("wiki.toml/../../out"),
        member("pages/link", b"", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("pages/link", b"", type=tarfile.LNKTYPE, linkname="wiki.toml"),
        member("pages/dev", b"", type=tarfile.CHRTYPE),
        member("pages/pipe", b"", type=tarfile.FIFOTYPE),
        member("pages/folder", b"", type=tarfile.DIRTYPE),
        member("pages/holes", b"", type=tarfile.GNUTYPE_SPARSE),
        member("pages/twice"),
    ],
    ids=lambda it: it[0].name.replace("/", "_") + str(it[0].type[:1]),
)
def test_r12_an_archive_of_somebody_else_reaches_nothing(
    tmp_path: Path, hostile: tuple[tarfile.TarInfo, Any]
) -> None:  # R12
    sha = hashlib.sha256(b"x").hexdigest()
    info, data = hostile
    files = {"pages/twice": [1, sha], info.name: [info.size, sha]}
    archive = tmp_path / "a.tar"
    with tarfile.open(archive, "w", format=tarfile.GNU_FORMAT) as tar:
        tar.addfile(*member("pages/twice"))
        data.seek(0)
        tar.addfile(info, data)
        tar.addfile(*member("manifest.json", json.dumps({"files": files}).encode()))
    with pytest.raises(NotVerified):
        unpack(archive, tmp_path / "in/back", None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar"]


def test_where_an_archive_can_be_unpacked(folder: Path, tmp_path: Path) -> None:
    archive = tmp_path / "a"
    found = collect(load(folder, {}))
    write_archive(found, archive, None, {"pages": "../out"})
    found.clean_up()
    refused(run("panic", "restore", archive, folder), 4, "is not empty")
    refused(run("panic", "restore", tmp_path / "none", tmp_path / "b"), 4, "no archive")
    (tmp_path / "text").write_text("no archive")
    refused(run("panic", "restore", tmp_path / "text", tmp_path / "b"), 4, "no archive")
    (tmp_path / "empty").mkdir()
    assert run("panic", "restore", archive, tmp_path / "empty").returncode == 0
    assert (tmp_path / "empty/pages/home.md").exists()
    assert not (tmp_path / "out").exists()


def test_files_that_change_meanwhile_are_not_removed(
    folder: Path, tmp_path: Path
) -> None:
    def edit_and_agree(*_args: object) -> bool:
        (folder / "pages/home.md").write_text("Edited just now.\n")
        return True

    job = Archiving(load(folder, {}), tmp_path / "a", edit_and_agree)
    with pytest.raises(ArchiveError, match="changed since"):
        job.run(None, "0")
    assert (folder / "pages/home.md").read_text() == "Edited just now.\n"
    assert not (folder / "var/read-only").exists()


@pytest.mark.slow
@pytest.mark.parametrize(("lock", "step"), [("plain", 3), ("locked", 20)])
def test_p15_killed_at_any_step_there_is_the_wiki_or_its_archive(
    tmp_path: Path, lock: str, step: int
) -> None:  # P15
    done = subprocess.run(
        [sys.executable, str(KILLED), str(tmp_path), lock, str(step)],
        capture_output=True,
        text=True,
        timeout=400,
        env=QUIET,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "neither" not in done.stdout
