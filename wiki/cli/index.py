"""``wiki index``: the search index, looked at and made anew."""

from __future__ import annotations

import threading
import time

import click

from wiki.build import follower
from wiki.errors import StartError
from wiki.search import rebuilding

from .context import Instance


@click.group()
def index() -> None:
    """Look at the search index, or make it anew."""


@index.command()
@click.pass_obj
def status(instance: Instance) -> None:
    """Say whether search is up to date."""
    with instance.open() as wiki:
        pages = wiki.store.counts()["pages"]
        click.echo(f"{wiki.search_health()[1]} {pages} pages.")


@index.command()
@click.option("--wait", default=600.0, help="Seconds to wait until it is done.")
@click.pass_obj
def rebuild(instance: Instance, wait: float) -> None:
    """Make the index anew; a wiki that is being served may go on meanwhile."""
    with instance.open() as wiki:
        rebuilding.want(wiki.config.var / "index")
        stop = threading.Event()
        worker = threading.Thread(target=follower(wiki).run, args=(stop,))
        worker.start()
        until = time.monotonic() + wait
        try:
            while time.monotonic() < until:
                time.sleep(0.2)
                asked = rebuilding.wanted(wiki.config.var / "index")
                if not asked and wiki.finder.lag() == 0:
                    click.echo("The index is up to date.")
                    return
        finally:
            stop.set()
            worker.join(30)
    raise StartError("The index is not ready yet. Look again: wiki index status", 1)
