"""``wiki erase``: a value is gone from everything the wiki keeps, history included."""

from __future__ import annotations

import fcntl
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from wiki.erasing import NO_READING_IN, Found
from wiki.model.actor import SYSTEM
from wiki.model.page import Problem
from wiki.model.redaction import MARK, Places
from wiki.service import Wiki

from .context import Instance

OTHER_CASE = (
    "It stands in %d more places with other capital letters. --ignore-case erases "
    "those, too."
)
OUT_OF_REACH = (
    "Out of reach are copies that people made, backups, and what a disk keeps of "
    "deleted files (SSDs, snapshots)."
)


@click.command()
@click.argument("value", required=False)
@click.option("--in", "under", default="", metavar="PREFIX", help="Only these pages.")
@click.option("--ignore-case", is_flag=True, help="Capital letters make no difference.")
@click.option(
    "--files", is_flag=True, help="Also remove files that hold it and are no text."
)
@click.option("--dry-run", is_flag=True, help="Say where it is; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--revision",
    nargs=2,
    type=(str, click.IntRange(1)),
    metavar="NAME N",
    help="Remove the text of one older version instead of a value.",
)
@click.pass_obj
def erase(
    instance: Instance,
    value: str | None,
    under: str,
    ignore_case: bool,
    files: bool,
    dry_run: bool,
    yes: bool,
    revision: tuple[str, int] | None,
) -> None:
    """Erase VALUE everywhere: in texts and old versions, names, files, the search.

    Without VALUE it is asked for, or read as a line from standard input, so that it
    is not in the history of your shell. In its place stands ▇▇▇.
    """
    with instance.open() as wiki:
        if revision is not None:
            _expunge(wiki, *revision, yes=yes)
            return
        # Read before anything is asked: the answer may come from standard input, too.
        value = value or _read_value()
        found = wiki.erasing.find(SYSTEM, value, ignore_case=ignore_case, under=under)
        _preview(found)
        if dry_run:
            return
        if not found.places.count:
            click.echo("There is nothing to erase.")
            return
        if not yes and not _typed(f"Type {MARK_WORD} to erase it", MARK_WORD):
            click.echo("Nothing was erased.")
            return
        done = wiki.erasing.erase(
            SYSTEM, value, ignore_case=ignore_case, under=under, files=files
        )
        wiki.erasing.forget_late(wait=_is_served(wiki))
    _tell(done)


MARK_WORD = "erase"


def _read_value() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Value to erase"))
    return sys.stdin.readline().rstrip("\r\n")


def _preview(found: Found) -> None:
    pages = len(found.places.pages)
    click.echo(f"{found.places.count} places in {pages} pages. This cannot be undone.")
    if found.other_case:
        click.echo(OTHER_CASE % found.other_case)
    for path in found.places.files:
        click.echo(f"{path}: It is no text; it can only be removed whole (--files).")
    _say(found.places.left)


def _typed(question: str, word: str) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("Say --yes to erase without being asked.")
    answer = click.prompt(question, default="", show_default=False)
    return str(answer).strip().casefold() == word


def _tell(done: Places) -> None:
    click.echo(
        f"Erased {done.count} places in {len(done.pages)} pages. In their place stands "
        f"{MARK}. The search index is made anew. {OUT_OF_REACH}"
    )
    click.echo(NO_READING_IN)
    for path in done.files:
        click.echo(f"{path}: It holds the value and is no text. --files removes it.")
    _say(done.left)
    if done.files or done.left:
        raise click.exceptions.Exit(5)


def _say(problems: Iterable[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def _expunge(wiki: Wiki, name: str, n: int, *, yes: bool) -> None:
    click.echo(f"Version {n} of “{name}”: its text will be gone for good.")
    if not yes and not _typed(f"Type {MARK_WORD} to remove it", MARK_WORD):
        click.echo("Nothing was removed.")
        return
    wiki.erasing.expunge(SYSTEM, name, n)
    click.echo(f"The text of this version was removed for good. {OUT_OF_REACH}")


def _is_served(wiki: Wiki) -> bool:
    """Tell whether other processes may be rendering pages as they were."""
    path = Path(wiki.config.var / "lock" / "upkeep.lock")
    try:
        with path.open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
