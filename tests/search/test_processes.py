"""Several processes: one follows, all search, any may die."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wiki.search.base import Document, Upsert, Word
from wiki.search.engines import make_engine
from wiki.search.finder import Finder
from wiki.search.follower import Follower

Doc = Callable[..., Document]
Wait = Callable[..., None]
ROUNDS = int(os.environ.get("WIKI_TEST_KILLS", "10"))


def test_a_save_is_found_by_the_next_search_of_another_process(
    feed: Any, other: Any, doc: Doc
) -> None:
    feed.save(doc(1, "Word"))
    other("follow")
    searchers = [other("answer"), other("answer")]
    dice = random.Random(2)
    for n in range(2, 150):
        feed.save(doc(n % 40 + 1, f"Word w{n}"))
        searcher = dice.choice(searchers)
        assert searcher.search(f"w{n}")[1] == [n % 40 + 1], n
        if n % 10 == 0:
            time.sleep(0.05)
    for quick in range(5):
        feed.save(doc(7, f"Quick q{quick}"))
    for searcher in searchers:
        assert searcher.search("q4")[1] == [7]
        assert searcher.search("quick")[0] == 1


def test_a_dead_follower_is_replaced(
    feed: Any, other: Any, doc: Doc, wait_until: Wait, tmp_path: Path
) -> None:
    feed.save(doc(1, "Word"))
    first = other("follow")
    finder = Finder(make_engine("whoosh"), feed, tmp_path / "index")
    wait_until(lambda: finder.lag() == 0)
    other("follow")
    first.kill()
    feed.save(doc(2, "Word"))
    wait_until(lambda: finder.lag() == 0)
    finder.close()


def test_killing_the_follower_loses_nothing(
    feed: Any, other: Any, doc: Doc, wait_until: Wait, tmp_path: Path
) -> None:
    feed.save(*(doc(n, f"Word w{n}") for n in range(1, 200)))
    finder = Finder(make_engine("whoosh"), feed, tmp_path / "index")
    dice = random.Random(4)
    number = 0
    for _ in range(ROUNDS):
        follower = other("follow")
        until = time.monotonic() + dice.uniform(0.2, 1.4)
        while time.monotonic() < until:
            number += 1
            feed.save(doc(number % 300 + 1, f"Word x{number}"))
            if number % 5 == 0:
                feed.delete(dice.randint(200, 300))
            time.sleep(0.01)
        follower.kill()
        assert finder.search(f"x{number}", None).total == 1
    other("follow")
    wait_until(lambda: finder.lag() == 0)
    live = feed.ids(0, 1000)
    assert finder.search("word", None).total == len(live)
    for id in live:
        title = feed.documents([id])[id].title
        found = [hit.id for hit in finder.search(title, None).hits]
        assert id in found, title
    finder.close()


def _descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors")
def test_many_commits_under_readers_leave_no_open_files(
    doc: Doc, tmp_path: Path
) -> None:
    engine = make_engine("whoosh")
    engine.open(tmp_path, "made for tests")
    engine.apply([Upsert(doc(n, "Word", seq=n)) for n in range(1, 50)], 49)
    before = _descriptors()
    faults: list[BaseException] = []
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set():
                with engine.snapshot() as snapshot:
                    assert snapshot.count(Word("word")) >= 49
                    assert len(snapshot.search(Word("word"), limit=5)) == 5
                done.wait(0.005)
        except BaseException as error:
            faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for n in range(50, 350):
        engine.apply([Upsert(doc(n % 60 + 1, f"Word {n}", seq=n))], n)
        if n % 20 == 0:
            while engine.upkeep():
                pass
    done.set()
    for reader in readers:
        reader.join()
    while engine.upkeep():
        pass
    with engine.snapshot() as snapshot:
        assert snapshot.count(Word("word")) == 60
    assert not faults
    assert _descriptors() - before <= 10
    engine.close()
    assert _descriptors() <= before


def test_the_follower_makes_few_commits_of_many_changes(
    feed: Any, doc: Doc, tmp_path: Path, wait_until: Wait
) -> None:
    made: list[int] = []

    class Counting(type(make_engine("memory"))):  # type: ignore[misc]
        def apply(self, batch: Any, seq: int) -> None:
            made.append(len(batch))
            super().apply(batch, seq)

    feed.save(doc(1, "Word"))
    engine = Counting()
    follower = Follower(lambda: engine, feed, tmp_path / "lock", tmp_path / "index")
    stop = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: engine.applied_seq() == 1)
        for n in range(2, 32):
            feed.save(doc(n % 10 + 1, f"Word {n}"))
        wait_until(lambda: engine.applied_seq() == 31)
        assert len(made) <= 3
        assert max(made) <= 10
        made.clear()
        feed.save(*(doc(n, "Word") for n in range(1, 1201)))
        feed.delete(5)
        wait_until(lambda: engine.applied_seq() == 1232)
        assert len(made) <= 4
        with engine.snapshot() as snapshot:
            assert snapshot.count(Word("word")) == 1199
    finally:
        stop.set()
        thread.join()


def test_a_follower_survives_faults_of_engine_and_store(
    feed: Any,
    doc: Doc,
    tmp_path: Path,
    wait_until: Wait,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = make_engine("memory")
    faults = iter([OSError("disk full"), RuntimeError("odd"), OSError("again")])
    real = engine.apply

    def apply(batch: Any, seq: int) -> None:
        for fault in faults:
            raise fault
        real(batch, seq)

    monkeypatch.setattr(engine, "apply", apply)
    feed.save(doc(1, "Word"))
    follower = Follower(lambda: engine, feed, tmp_path / "lock", tmp_path / "index")
    stop = threading.Event()
    thread = threading.Thread(target=follower.run, args=(stop,))
    thread.start()
    try:
        wait_until(lambda: engine.applied_seq() == 1)
        feed.save(doc(2, "Word"))
        wait_until(lambda: engine.applied_seq() == 2)
    finally:
        stop.set()
        thread.join()


def test_only_one_follows(
    feed: Any, doc: Doc, tmp_path: Path, wait_until: Wait
) -> None:
    made: list[int] = []

    def factory() -> Any:
        made.append(1)
        return make_engine("memory")

    feed.save(doc(1, "Word"))
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=Follower(factory, feed, tmp_path / "lock", tmp_path / "index").run,
            args=(stop,),
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    wait_until(lambda: bool(made))
    time.sleep(0.5)
    stop.set()
    for thread in threads:
        thread.join()
    assert len(made) == 1
