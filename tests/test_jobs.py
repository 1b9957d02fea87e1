"""Jobs and commands of plugins: run when due, by one process, and never a danger."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from wiki import Job, Plugin, hookimpl
from wiki.app import create_app
from wiki.cli.plugins import groups_of
from wiki.config import load
from wiki.errors import StartError
from wiki.jobs import Jobs, jobs_of

RAN: list[str] = []


class Worker(Plugin):
    name, title = "worker", "Worker"

    @hookimpl
    def jobs(self) -> list[Job]:
        return [
            Job("often", 10, lambda: RAN.append("often")),
            Job("daily", 86400, lambda: RAN.append("daily")),
            Job("bad", 10, self.fail),
        ]

    def fail(self) -> None:
        raise ValueError("no")

    @hookimpl
    def commands(self) -> list[click.Command]:
        @click.command()
        def hello() -> None:
            """Say hello."""
            click.echo("hello from a plugin")

        return [hello, "no command"]


class Twice(Plugin):
    name, title = "twice", "Twice"

    @hookimpl
    def jobs(self) -> list[Job]:
        return [Job("one", 10, print), Job("one", 20, print)]


@pytest.fixture
def door(tmp_path: Path):
    RAN.clear()
    config = load(tmp_path, {}, {"plugins.disabled": ("webhooks",)})
    app = create_app(config=config, plugins=[Worker], memory=True)
    yield app.extensions["wiki"].door
    app.extensions["wiki"].close()


def test_what_is_due_is_run_and_the_rest_waits(door, tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    jobs = Jobs(door, var)
    assert jobs.run_due(1000.0) == ["worker.often", "worker.daily", "worker.bad"]
    assert jobs.run_due(1005.0) == []
    assert jobs.run_due(1011.0) == ["worker.often", "worker.bad"]
    # Another process, or the same one after a restart, knows when they ran.
    again = Jobs(door, var)
    assert again.run_due(1012.0) == []
    assert RAN == ["often", "daily", "often"]


def test_a_failing_job_is_off_in_the_end_and_told(door, tmp_path: Path) -> None:
    jobs = Jobs(door, tmp_path)
    for n in range(25):
        jobs.run_due(1000.0 + 11 * n)
    fault = door.faults["worker", "job bad"]
    assert (fault.count, fault.off) == (20, True)
    assert RAN.count("often") == 25


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"worker.daily": "x"}', "\x00"])
def test_a_damaged_file_runs_them_now(door, tmp_path: Path, kept: str) -> None:
    (tmp_path / "jobs.json").write_text(kept)
    assert "worker.daily" in Jobs(door, tmp_path).run_due(1000.0)
    assert json.loads((tmp_path / "jobs.json").read_text())["worker.daily"] == 1000.0


def test_a_clock_that_was_set_back(door, tmp_path: Path) -> None:
    jobs = Jobs(door, tmp_path)
    jobs.run_due(10_000_000.0)
    assert "worker.daily" in jobs.run_due(1000.0)


def test_two_processes_share_the_work(door, tmp_path: Path) -> None:
    stop = threading.Event()
    both = [Jobs(door, tmp_path), Jobs(door, tmp_path)]
    threads = [threading.Thread(target=one.run, args=(stop,)) for one in both]
    for thread in threads:
        thread.start()
    stop.wait(1.0)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert RAN.count("daily") == 1


def test_two_jobs_of_one_name(tmp_path: Path) -> None:
    app = create_app(config=load(tmp_path, {}), plugins=[Twice], memory=True)
    with pytest.raises(StartError, match="two jobs “one”"):
        jobs_of(app.extensions["wiki"].door)
    app.extensions["wiki"].close()


def test_a_plugin_adds_commands(door) -> None:
    groups = groups_of(door)
    assert list(groups) == ["worker"]
    done = CliRunner().invoke(groups["worker"], ["hello"])
    assert done.output == "hello from a plugin\n"
