"""Runs in a process of its own: saves that are killed, saves that race.

Called with ``kill FOLDER ROUNDS`` or ``race FOLDER SAVERS``; prints what it did and
ends with 0 when everything held. Writers are forked, so that a round is cheap.
"""

from __future__ import annotations

import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from plain import ANN, Hand, describe, merge

from wiki.errors import Conflict, NoSpace, ReadOnly
from wiki.model.page import Delete, Page, Put, Rename
from wiki.store.sql import SqlStore

PAGES = 6


def open_store(folder: Path) -> SqlStore:
    return SqlStore(folder / "var", folder / "pages", describe, merge)


def forked(work: Callable[[], int]) -> int:
    """Run work in a child process; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        code = work()
    finally:
        sys.stdout.flush()
        os._exit(code)


def joined(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def write_until_killed(folder: Path, journal: int, seed: int) -> int:
    """Save, and write down what was acknowledged, as fast as it goes."""
    chance = random.Random(seed)
    store = open_store(folder)
    for step in range(100_000):
        page = chance.randrange(PAGES)
        text = f"# P{page}\nsaved by {seed} step {step}\n" + "line\n" * 50
        try:
            name, rev = save(store, chance, page, text)
        except Conflict:
            continue
        os.write(journal, f"{name} {rev} {seed} {step}\n".encode())
    return 0


def save(
    store: SqlStore, chance: random.Random, page: int, text: str
) -> tuple[int, int]:
    head = store.head(f"P{page}")
    if head is None:
        raise AssertionError("a page was lost")
    ops = [Put(head[0], text, head[1])]
    if chance.random() < 0.2:
        # Two files of one commit: both or none.
        other = store.head(f"P{(page + 1) % PAGES}")
        assert other is not None
        ops.append(Put(other[0], text, other[1]))
    result = store.commit(ops, ANN)
    return head[0], result.revs[0]


def kill_rounds(folder: Path, rounds: int) -> int:
    journal_path = folder / "journal"
    chance = random.Random(50)
    assert joined(forked(lambda: make_pages(folder))) == 0
    for number in range(rounds):
        with open(journal_path, "ab", buffering=0) as journal:
            size = journal_path.stat().st_size
            writers = [
                forked(lambda it=seed: write_until_killed(folder, journal.fileno(), it))
                for seed in (2 * number, 2 * number + 1)
            ]
            enough = size + chance.randrange(1, 120)
            while journal_path.stat().st_size < enough:
                time.sleep(0.0005)
            time.sleep(chance.random() * 0.005)
            for pid in writers:
                os.kill(pid, signal.SIGKILL)
            for pid in writers:
                assert joined(pid) == -signal.SIGKILL
        code = joined(forked(lambda: verify(folder, journal_path)))
        if code:
            print("round", number, "failed")
            return code
    saves = len(journal_path.read_bytes().splitlines())
    print(rounds, "rounds,", saves, "acknowledged saves, none lost")
    return 0


def make_pages(folder: Path) -> int:
    store = open_store(folder)
    for page in range(PAGES):
        Hand(store).new(f"P{page}")
    store.close()
    return 0


def verify(folder: Path, journal_path: Path) -> int:
    """Open as after any start: nothing acknowledged is lost, nothing is torn."""
    store = open_store(folder)
    assert store.settle() == 0
    acknowledged = journal_path.read_bytes().splitlines()[-400:]
    for line in acknowledged:
        page, rev, seed, step = map(int, line.split())
        text = store.revision_text(rev)
        assert f"saved by {seed} step {step}\n" in text, (page, rev)
    for row in store.list()[0]:
        page = store.get(row.id)
        file = folder / "pages" / f"{row.name}.md"
        assert file.read_bytes().decode() == page.text, row.name
        history = store.history(row.id, limit=500)
        numbers = [it.n for it in history]
        assert numbers == list(range(numbers[0], numbers[-1] - 1, -1)), row.name
    last = store.last_seq()
    seqs = [it.seq for it in store.changes(max(0, last - 400))]
    assert seqs == list(range(seqs[0], last + 1))
    assert len(store.list()[0]) == PAGES
    assert store.problems() == {}
    report = store.scan()
    assert (report.added, report.changed, report.deleted) == (0, 0, 0), report
    store.close()
    return 0


def race(folder: Path, savers: int) -> int:
    """Let several processes save one page on one base: exactly one may win."""
    store = open_store(folder)
    page = Hand(store).new("P0")
    store.close()
    start, go = os.pipe()
    base = (page.id, page.rev)
    pids = [
        forked(lambda it=i: one_saver(folder, start, base, it)) for i in range(savers)
    ]
    time.sleep(0.3)
    os.write(go, b"x" * savers)
    codes = sorted(joined(pid) for pid in pids)
    print("codes", codes)
    return int(codes != [0] + [3] * (savers - 1))


def one_saver(folder: Path, start: int, base: tuple[int, int], number: int) -> int:
    store = open_store(folder)
    os.read(start, 1)
    try:
        store.commit([Put(base[0], f"by {number}\n", base[1])], ANN)
    except Conflict as conflict:
        both = conflict.yours == f"by {number}\n" and conflict.theirs.startswith("by ")
        return 3 if both else 4
    finally:
        store.close()
    return 0


def first_starts(folder: Path, starters: int) -> int:
    """Let several processes open a folder that is not an instance yet."""
    start, go = os.pipe()

    def first() -> int:
        os.read(start, 1)
        store = open_store(folder)
        store.last_seq()
        store.close()
        return 0

    pids = [forked(first) for _ in range(starters)]
    os.write(go, b"x" * starters)
    codes = [joined(pid) for pid in pids]
    print("codes", codes)
    return int(any(codes))


def mixed_writers(folder: Path, writers: int) -> int:
    """Let several processes create, rename, save and delete; then compare it all."""
    pids = [forked(lambda it=i: mixed(folder, it)) for i in range(writers)]
    codes = [joined(pid) for pid in pids]
    print("codes", codes)
    return int(any(codes)) or joined(forked(lambda: compare(folder)))


def mixed(folder: Path, number: int) -> int:
    store = open_store(folder)
    hand = Hand(store)
    for step in range(25):
        page = hand.new(f"w{number}/{step}", f"{number} {step}\n")
        page = hand.put(page, f"{number} {step} again\n")
        if step % 3 == 0:
            store.commit([Rename(page.id, f"w{number}/r{step}", page.rev)], ANN)
        if step % 5 == 0:
            store.commit([Delete(page.id, page.rev)], ANN)
    store.close()
    return 0


def compare(folder: Path) -> int:
    store = open_store(folder)
    assert store.settle() == 0
    rows = store.list(limit=500)[0]
    files = {
        str(path.relative_to(folder / "pages")): path.read_text()
        for path in (folder / "pages").rglob("*.md")
    }
    assert files == {f"{row.name}.md": store.get(row.id).text for row in rows}
    seqs = [change.seq for change in store.changes(0)]
    assert seqs == list(range(1, store.last_seq() + 1))[:500]
    print(len(rows), "pages,", store.last_seq(), "changes")
    store.close()
    return 0


def file_size_limit(folder: Path, limit: int) -> int:
    """Save until the limit on file sizes refuses; go on when it is lifted."""
    store = open_store(folder)
    hand = Hand(store)
    page = hand.new("First", "one\n")
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    refused = 0
    good: dict[str, str] = {}
    for number in range(60):
        name, text = f"P{number}", os.urandom(10_000 + 1000 * number).hex()
        try:
            hand.new(name, text)
            good[name] = text
        except (NoSpace, ReadOnly):
            refused += 1
    assert refused, "nothing was refused"
    assert hand.store.get("First").text == "one\n"
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    assert hand.put(page, "two\n").text == "two\n"
    assert store.settle() == 0
    for name, text in good.items():
        found = store.get(name)
        assert isinstance(found, Page)
        assert found.text == text
        assert (folder / "pages" / f"{name}.md").read_text() == text
    assert store.counts()["pages"] == len(good) + 1
    print(len(good), "saved,", refused, "refused")
    store.close()
    return 0


TASKS = {
    "limit": file_size_limit,
    "kill": kill_rounds,
    "race": race,
    "start": first_starts,
    "mixed": mixed_writers,
}

if __name__ == "__main__":
    sys.exit(TASKS[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3])))
