"""``wiki scan``: takes in what was changed on disk, without waiting for the server."""

from __future__ import annotations

import click

from .context import Instance


@click.command()
@click.pass_obj
def scan(instance: Instance) -> None:
    """Take in what was changed in the pages folder."""
    with instance.open() as wiki:
        report = wiki.store.scan()
        wiki.store.settle()
    click.echo(
        f"{report.added} new, {report.changed} changed, {report.renamed} renamed, "
        f"{report.deleted} deleted, {report.unchanged} unchanged."
    )
    if report.stopped:
        click.echo(report.stopped, err=True)
    for path, sentence in report.problems.items():
        click.echo(f"{path}: {sentence}", err=True)
    if report.problems or report.stopped:
        raise click.exceptions.Exit(5)
