"""``wiki import``: a folder of Markdown becomes pages."""

from __future__ import annotations

from pathlib import Path

import click

from wiki.importing import FolderImport, ImportReport, found_in
from wiki.model.actor import ADMIN, Actor

from .context import Instance


@click.command("import")
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--into", default="", help="Folder of the wiki to put the pages under.")
@click.option("--author", default="import", help="Name that the history shows.")
@click.option("--replace", is_flag=True, help="Overwrite pages whose text differs.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.pass_obj
def import_(
    instance: Instance,
    source: Path,
    into: str,
    author: str,
    replace: bool,
    dry_run: bool,
) -> None:
    """Bring in a folder of Markdown with the pictures beside its pages."""
    with instance.open() as wiki:
        files = found_in(source)
        actor = Actor(None, author, ADMIN, sees=None)
        job = FolderImport(wiki, actor, source, into, replace=replace)
        steps = job.run(files, dry_run=dry_run)
        with click.progressbar(steps, len(files), label="Importing") as bar:
            for _path in bar:
                pass
        wiki.store.settle()
    tell(job.report, dry_run=dry_run)
    if job.report.refused:
        raise click.exceptions.Exit(5)


def tell(report: ImportReport, *, dry_run: bool) -> None:
    would = "Would be: " if dry_run else ""
    click.echo(
        f"{would}{report.new} new pages, {report.changed} changed, "
        f"{report.same} the same, {report.files} files."
    )
    if report.kept:
        click.echo(
            f"{report.kept} pages or files are different here and were left alone; "
            "--replace overwrites them. The old text of a page stays in its history."
        )
    for place, reason in report.refused.items():
        click.echo(f"{place}: {reason}", err=True)
