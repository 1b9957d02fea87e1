"""``wiki panic``: for the day when the wiki, or a person of it, is in danger."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from wiki.archive import Manifest, is_locked, unpack
from wiki.archive.age import Lock, check_passphrase, check_there
from wiki.archive.errors import ArchiveError
from wiki.archive.writing import check_target
from wiki.archiving import Archiving
from wiki.audit import Audit
from wiki.build import release
from wiki.model.actor import SYSTEM
from wiki.panic import Panic
from wiki.store.core import now_ms
from wiki.store.private import PrivateStore

from .context import Instance

NOT_CERTAIN = (
    "What was deleted can sometimes be read again: from SSDs and memory cards, from "
    "snapshots and backups of this disk. Nobody can promise that it is gone."
)
OTHER_TITLE = "This wiki has another title. Nothing was done."
_MB = 1024 * 1024

_passphrase_option = click.option(
    "--passphrase-from-stdin",
    "from_stdin",
    is_flag=True,
    help="Read the passphrase as a line from standard input.",
)


@click.group()
def panic() -> None:
    """In an emergency: read-only, everybody out, an archive, remove everything."""


@contextmanager
def _switch(instance: Instance) -> Iterator[Panic]:
    """Lend the switch without opening the rest: it must work when that does not."""
    private = PrivateStore(instance.config().var / "private.db")
    try:
        yield Panic(private, Audit(private, now_ms))
    finally:
        private.close()


@panic.command("read-only")
@click.pass_obj
def read_only(instance: Instance) -> None:
    """Let nobody change anything, and sign everybody out, at once."""
    with _switch(instance) as switch:
        ended = switch.begin(SYSTEM)
    click.echo(
        f"The wiki is read-only, and {ended} sessions have ended. What visitors may "
        "read can still be read.\nNobody can sign in until: wiki panic over"
    )


@panic.command()
@click.pass_obj
def over(instance: Instance) -> None:
    """Let people sign in and change pages again."""
    with _switch(instance) as switch:
        was = switch.end(SYSTEM)
    if was:
        click.echo("People can sign in and change pages again.")
    else:
        click.echo("The wiki was not read-only; nothing was changed.")


@panic.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.option("--plain", is_flag=True, help="Do not lock the archive.")
@_passphrase_option
@click.option(
    "--yes-remove",
    "title",
    metavar="TITLE",
    help="Remove the wiki afterwards without asking; TITLE is the title of the wiki.",
)
@click.pass_obj
def archive(
    instance: Instance, archive: Path, plain: bool, from_stdin: bool, title: str | None
) -> None:
    """Write all of the wiki into one file, ARCHIVE; then, if you say so, remove it.

    The wiki is read-only meanwhile. Nothing is removed before the archive was read
    back, every file in it compared, and the title of the wiki typed.
    """
    config = instance.config()
    if title is not None and title != config.site.title:
        raise ArchiveError(OTHER_TITLE)
    archive = archive.expanduser().absolute()

    def confirm(manifest: Manifest, links: int) -> bool:
        _tell(archive, manifest, links)
        return title is not None or _typed_title(config.site.title)

    job = Archiving(config, archive, confirm)
    if job.goes_on:
        locked = archive.exists() and is_locked(archive)
        lock = _lock(from_stdin) if locked else None
    else:
        check_target(archive, config)
        lock = None if plain else _lock(from_stdin, new=True)
    left = job.run(lock, release())
    if left is None:
        click.echo("Everything was kept.")
        return
    click.echo(f"The wiki was removed from this machine. {NOT_CERTAIN}")
    for path in left:
        click.echo(f"{path}: It is not in the archive, so it was left.", err=True)


@panic.command()
@click.argument("archive", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@_passphrase_option
def restore(archive: Path, folder: Path, from_stdin: bool) -> None:
    """Make a wiki out of ARCHIVE again, in FOLDER, which must be new or empty."""
    lock = _lock(from_stdin) if is_locked(archive) else None
    manifest = unpack(archive, folder.expanduser().absolute(), lock)
    click.echo(
        f"“{manifest.about.get('title', '')}” of {manifest.about.get('made', '')} is "
        f"there again: {len(manifest.files)} files. Next: wiki serve {folder}"
    )


def _lock(from_stdin: bool, *, new: bool = False) -> Lock:
    """Ask for a passphrase; it is never taken from the command line."""
    check_there()
    if from_stdin:
        text = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        text = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new)
    else:
        raise click.UsageError(
            "Give the passphrase with --passphrase-from-stdin, or run this in a "
            "terminal. With --plain an archive is not locked."
        )
    if new:
        check_passphrase(text)
    return Lock(text)


def _tell(archive: Path, manifest: Manifest, links: int) -> None:
    size = -(-manifest.size // _MB)
    click.echo(
        f"{archive}: written, read back and compared. "
        f"{len(manifest.files)} files, {size} MB."
    )
    if links:
        click.echo(f"{links} links to other places are not in it.", err=True)


def _typed_title(title: str) -> bool:
    """Ask whether to remove the wiki; anything but its title keeps everything."""
    if not sys.stdin.isatty():
        return False
    click.echo(f"Remove the wiki from this machine now? {NOT_CERTAIN}")
    typed = click.prompt(
        f"Type the title of the wiki, “{title}”, to remove it; press Enter to keep it",
        default="",
        show_default=False,
    )
    return str(typed).strip() == title
