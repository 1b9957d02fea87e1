"""``wiki plugin new``: the project of a new plugin."""

from __future__ import annotations

from pathlib import Path

import click

from wiki.registry import installed
from wiki.scaffold import KINDS, USUAL, new_project


@click.command()
@click.argument("name")
@click.option(
    "--hook",
    "kinds",
    type=click.Choice(KINDS),
    multiple=True,
    default=USUAL,
    help="Kind of a hook to begin with; can be given several times.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    help="Folder to make the project in; the present one where none is given.",
)
@click.pass_context
def new(context: click.Context, name: str, kinds: tuple[str, ...], into: Path) -> None:
    """Write the project of a plugin NAME: it installs and passes its own tests."""
    root = context.find_root().command
    own = root.commands if isinstance(root, click.Group) else {}
    taken = {command: f"“wiki {command}” is a command of the wiki" for command in own}
    taken["wiki"] = "it is the wiki itself"
    taken |= {one: "a plugin of this name is installed" for one in installed()}
    folder = new_project(name, kinds, into, taken)
    click.echo(
        f"The plugin “{name}” is in {folder}. Next:\n"
        f"  cd {folder}\n"
        '  pip install -e ".[test,check]"\n'
        "  pytest\n"
        "  wiki plugin check ."
    )
