"""R3: a parse can be stopped, and what was stopped costs nobody else anything."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from wiki.errors import Busy
from wiki.markup import child as child_module
from wiki.markup.child import ParserPool
from wiki.markup.parse import Parser
from wiki.markup.text import plain

HERE = Path(__file__).parent
RULES = ("spin", "eat", "leave", "sleep", "fail", "chatter", "odd")
LONG = "Some *words* of a page.\n\n" * 400


@pytest.fixture(autouse=True)
def rules_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(HERE)


@pytest.fixture
def bad_pool() -> Iterator[ParserPool]:
    pool = ParserPool([f"bad_rules:{rule}" for rule in RULES], cpu_seconds=0.5)
    yield pool
    pool.close()


def children() -> list[psutil.Process]:
    return [
        process
        for process in psutil.Process().children()
        if "wiki.markup.worker" in " ".join(process.cmdline())
        or process.status() == psutil.STATUS_ZOMBIE
    ]


def test_the_same_tree_as_without_a_child(pool: ParserPool) -> None:
    text = LONG + "# H\n\n- [x] a\n\n```python\nx = 1\n```\n\n[^1] b\n\n[^1]: c\n"
    assert pool.parse(text) == Parser().parse(text)


@pytest.mark.parametrize("word", ["SPIN", "EAT", "LEAVE", "SLEEP", "ODD"])
def test_what_breaks_a_limit_is_shown_as_text(
    bad_pool: ParserPool, word: str
) -> None:  # R3
    text = f"{word} <b>\n\n{LONG}"
    tree = bad_pool.parse(text)
    assert tree.problems[0].message.startswith("This page is too complicated")
    assert [token["type"] for token in tree.tokens] == ["source"]
    assert tree.tokens[0]["raw"] == text
    # The next page is read as ever, and nothing of the last child is left.
    assert bad_pool.parse(LONG).tokens[0]["type"] == "paragraph"
    assert len(children()) <= 2
    assert all(c.status() != psutil.STATUS_ZOMBIE for c in children())


def test_a_plugin_that_fails_is_left_out(bad_pool: ParserPool) -> None:
    for text in (f"FAIL\n\n{LONG}", "FAIL"):
        tree = bad_pool.parse(text)
        assert plain(tree.tokens)[0].startswith("FAIL")
        assert tree.problems[0].message.startswith("A plugin could not read")


def test_what_a_plugin_prints_does_no_harm(bad_pool: ParserPool) -> None:
    for _ in range(3):
        assert not bad_pool.parse(f"PRINT\n\n{LONG}").problems


def test_many_threads_get_their_own_pages() -> None:
    pool, wrong = ParserPool(size=2), []

    def read(number: int) -> None:
        for step in range(5):
            word = f"word{number}x{step}"
            if word not in plain(pool.parse(f"{word}\n\n{LONG}").tokens)[0]:
                wrong.append(word)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.close()
    assert wrong == []


def test_a_killed_child_is_replaced(pool: ParserPool) -> None:
    pool.parse(LONG)
    for process in children():
        os.kill(process.pid, signal.SIGKILL)
    time.sleep(0.1)
    assert pool.parse(LONG).tokens[0]["type"] == "paragraph"


def test_no_child_in_time_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "WAIT", 0.05)
    pool = ParserPool()
    taken = pool._free.get()
    with pytest.raises(Busy):
        pool.parse(LONG)
    pool._free.put(taken)
    assert pool.parse(LONG).tokens
    pool.close()


def test_closing_leaves_no_process() -> None:
    before = {process.pid for process in children()}
    pool = ParserPool(size=2)
    pool.parse(LONG)
    pool.close()
    assert {process.pid for process in children()} <= before
    assert pool.parse(LONG).tokens  # and it can be used again
    pool.close()


def test_short_texts_need_no_child() -> None:
    before = {process.pid for process in children()}
    pool = ParserPool()
    assert pool.parse("# Short\n\n*text*").tokens
    assert {process.pid for process in children()} <= before


def test_dies_with_its_parent() -> None:
    code = (
        "import os, psutil\n"
        "from wiki.markup.child import ParserPool\n"
        f"pool = ParserPool(); pool.parse({LONG!r})\n"
        "print(psutil.Process().children()[0].pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
        text=True,
        check=False,
    )
    number = int(done.stdout)
    for _ in range(100):
        if not psutil.pid_exists(number) or gone(number):
            return
        time.sleep(0.05)
    pytest.fail("the child outlived its parent")


def gone(number: int) -> bool:
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_after_a_fork_each_side_has_its_own(pool: ParserPool) -> None:
    pool.parse(LONG)
    number = os.fork()
    if number == 0:
        try:
            good = pool.parse(LONG).tokens[0]["type"] == "paragraph"
            pool.close()
        finally:
            os._exit(0 if good else 1)
    assert os.waitpid(number, 0)[1] == 0
    assert pool.parse(LONG).tokens[0]["type"] == "paragraph"
