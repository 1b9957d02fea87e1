"""``wiki serve``: makes the instance when new, then serves it."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import signal
import socket
from functools import partial
from pathlib import Path
from typing import Any

import click
from granian.constants import Interfaces
from granian.server import Server as Granian

from wiki.background import run_with_parent
from wiki.build import build
from wiki.config import Config, load
from wiki.errors import StartError
from wiki.instance import prepare
from wiki.registry import BROKEN
from wiki.service import Wiki

from .context import Instance
from .worker import SETTINGS

READ_ONLY = "The wiki is read-only and nobody can sign in. “wiki panic over” ends that."


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 64), help="Worker processes.")
@click.option("--safe-mode", is_flag=True, help="Start without plugins.")
@click.option("--strict", is_flag=True, help="Refuse to start with a broken plugin.")
@click.pass_obj
def serve(
    instance: Instance,
    folder: Path | None,
    host: str | None,
    port: int | None,
    workers: int | None,
    safe_mode: bool,
    strict: bool,
) -> None:
    """Serve the wiki in FOLDER, making one there when there is none."""
    given = {
        "server.host": host,
        "server.port": port,
        "server.workers": workers,
    }
    overrides = {key: value for key, value in given.items() if value is not None}
    where = prepare(folder or instance.folder)
    config = load(where, os.environ, overrides)
    check_port(config)
    wiki = build(config, safe_mode=safe_mode, strict=strict, serving=True)
    take_in(wiki)
    announce(wiki)
    wiki.close()
    settings = {
        "folder": str(where),
        "overrides": overrides,
        "safe_mode": safe_mode,
        "strict": strict,
    }
    run(config, settings)


def check_port(config: Config) -> None:
    """Raise StartError when the address cannot be listened on."""
    host, port = config.server.host, config.server.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Another program may be using it: stop that one, or start with "
                f"“wiki serve --port {port + 1}”."
            ) from error


def take_in(wiki: Wiki) -> None:
    """Take in the folder of a new wiki before anybody reads: they find its pages."""
    if wiki.store.counts()["pages"] or wiki.panic.on:
        return
    click.echo("Taking in the pages of the folder. This is done once.")
    report = wiki.store.scan()
    click.echo(f"{report.added} pages.")


def announce(wiki: Wiki) -> None:
    """Print the address, what is wrong, and the owner's link while it is needed."""
    server = wiki.config.server
    host = f"[{server.host}]" if ":" in server.host else server.host
    address = f"http://{host}:{server.port}"
    for state in wiki.registry.states.values():
        if state.state == BROKEN:
            click.echo(f"The plugin “{state.name}” is off. {state.reason}", err=True)
    for path, sentence in wiki.store.problems().items():
        click.echo(f"{path}: {sentence}", err=True)
    health, sentence = wiki.search_health()
    if health != "ok":
        click.echo(sentence, err=True)
    if not wiki.config.access.password and (needed := wiki.accounts.why_passwords()):
        click.echo(needed, err=True)
    click.echo(f"{wiki.config.site.title} is at {address}/")
    if wiki.panic.on:
        click.echo(READ_ONLY, err=True)
    elif link := wiki.accounts.first_link():
        click.echo("Follow this link to be its owner, in your browser, once:")
        click.echo(f"\n  {address}/-/setup?key={link}\n")
    click.echo("Press Ctrl+C to stop.")


def run(config: Config, settings: dict[str, Any]) -> None:
    """Serve until told to stop; the duties behind it have a process of their own.

    It is forked before the server starts any thread: what is loaded is shared.
    """
    os.environ[SETTINGS] = json.dumps(settings)
    logging.basicConfig(level=config.log.level.upper())
    behind = multiprocessing.get_context("fork").Process(
        target=follow, args=(settings, os.getpid()), daemon=True
    )
    behind.start()
    server = Granian(
        "wiki.cli.worker:app",
        address=config.server.host,
        port=config.server.port,
        interface=Interfaces.WSGI,
        workers=config.server.workers,
        # A slow phone holds a thread while it sends or reads: have plenty.
        blocking_threads=64,
        backpressure=256,
        backlog=1024,
        factory=True,
        log_access=False,
        log_level="error",  # type: ignore[arg-type]
        respawn_failed_workers=True,
        workers_kill_timeout=10,
    )
    try:
        server.serve()
    finally:
        behind.terminate()
        behind.join(10)


def follow(settings: dict[str, Any], parent: int) -> None:
    """Keep the index and the pages folder in step; the body of the process behind."""
    # Ctrl+C reaches the whole group; the first process ends this one in its turn.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    config = load(Path(settings["folder"]), os.environ, settings["overrides"])
    run_with_parent(config, partial(build, safe_mode=settings["safe_mode"]), parent)
