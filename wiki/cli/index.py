"""``wiki index``: the search index, looked at and made anew."""

from __future__ import annotations

import threading
import time

import click

from wiki.build import follower
from wiki.errors import StartError

from .context import Instance


@click.group()
def index() -> None:
    """Look at the search index, or make it anew."""


@index.command()
@click.pass_obj
def status(instance: Instance) -> None:
    """Say whether search is up to date."""
    with instance.open() as wiki:
        state, reason = wiki.finder.health()
        click.echo(f"{state}: {reason}" if reason else state)


@index.command()
@click.option("--wait", default=600.0, help="Seconds to wait until it is done.")
@click.pass_obj
def rebuild(instance: Instance, wait: float) -> None:
    """Make the index anew; a wiki that is being served may go on meanwhile."""
    with instance.open() as wiki:
        follower(wiki).ask_rebuild()
        stop = threading.Event()
        worker = threading.Thread(target=follower(wiki).run, args=(stop,))
        worker.start()
        until = time.monotonic() + wait
        try:
            while time.monotonic() < until:
                time.sleep(0.2)
                if wiki.finder.health()[0] == "ok":
                    click.echo("The index is up to date.")
                    return
        finally:
            stop.set()
            worker.join(30)
    raise StartError("The index is not ready yet. Look again: wiki index status", 1)
