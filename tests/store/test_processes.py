"""Several processes at once, and processes that are killed (section 16)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("crash.py")
CHECKOUT = Path(__file__).parents[2]


def run(task: str, folder: Path, number: int) -> str:
    return run_script(SCRIPT, task, str(folder), str(number))


def run_script(script: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, str(script), *arguments],
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return done.stdout


def test_nothing_confirmed_is_lost_when_writers_are_killed(tmp_path):
    rounds = 500 if os.environ.get("WIKI_LONG") else 50
    assert "none lost" in run("kill", tmp_path, rounds)


def test_a_save_killed_at_any_call_leaves_the_old_or_the_new_state(tmp_path):
    step = 1 if os.environ.get("WIKI_LONG") else 9
    out = run_script(SCRIPT.with_name("killpoints.py"), str(tmp_path), str(step))
    assert " old, " in out


@pytest.mark.parametrize("savers", [2, 8])
def test_of_processes_saving_one_page_exactly_one_wins(tmp_path, savers):
    run("race", tmp_path, savers)


def test_two_first_starts_make_one_database(tmp_path):
    run("start", tmp_path / "new", 4)


def test_writers_in_several_processes_leave_files_like_the_database(tmp_path):
    run("mixed", tmp_path, 3)


@pytest.mark.parametrize("limit", [16_384, 65_536, 300_000, 1_000_000])
def test_a_limit_on_file_sizes_refuses_cleanly_and_can_be_lifted(tmp_path, limit):
    assert "refused" in run("limit", tmp_path, limit)
