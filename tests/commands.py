"""The ``wiki`` command run by tests, and what it answered."""

from __future__ import annotations

import contextlib
import io
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from wiki.cli import main

WIKI = Path(sys.executable).parent / "wiki"
QUIET = {k: v for k, v in os.environ.items() if not k.startswith("WIKI_")}


@dataclass(frozen=True)
class Done:
    """What became of a command."""

    returncode: int
    stdout: str
    stderr: str


def run(
    *arguments: str | Path, stdin: str = "", env: dict[str, str] | None = None
) -> Done:
    """Run a command; serving, which could go on for ever, in a process of its own."""
    given = [str(one) for one in arguments]
    if "serve" in given:
        return apart(given, QUIET | (env or {}))
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ.keys() - QUIET.keys():
            patch.delenv(name)
        for name, value in (env or {}).items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["wiki", *given])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                main()
            except SystemExit as end:
                code = int(end.code or 0)
    return Done(code, out.getvalue(), err.getvalue())


def apart(arguments: list[str], env: dict[str, str]) -> Done:
    done = subprocess.run(
        [str(WIKI), *arguments], capture_output=True, text=True, timeout=60, env=env
    )
    return Done(done.returncode, done.stdout, done.stderr)


def refused(done: Done, code: int, *says: str) -> None:
    """Check that a command refused: its code, its words, and no trace."""
    assert done.returncode == code, done.stdout + done.stderr
    for words in says:
        assert words in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
    assert "Follow this link" not in done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
