"""The ``wiki`` command: one file a subcommand.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 settings wrong, 4 refused, 5 partly
done, 130 interrupted.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from wiki.errors import StartError, WikiError

from . import (
    config,
    erase,
    group,
    importing,
    index,
    panic,
    plugin,
    rule,
    scan,
    serve,
    user,
)
from .context import Instance
from .plugins import WithPlugins


@click.group(cls=WithPlugins, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-C",
    "folder",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Folder of the wiki; the present one where none is given.",
)
@click.pass_context
def wiki(context: click.Context, folder: Path) -> None:
    """Run Common Ground, a wiki for people who organize."""
    context.obj = Instance(folder)


wiki.add_command(serve.serve)
wiki.add_command(importing.import_)
wiki.add_command(index.index)
wiki.add_command(user.user)
wiki.add_command(group.group)
wiki.add_command(plugin.plugin)
wiki.add_command(config.config)
wiki.add_command(scan.scan)
wiki.add_command(rule.rule)
wiki.add_command(panic.panic)
wiki.add_command(erase.erase)


def main() -> None:
    """Run the command; every refusal is a sentence and an exit code."""
    try:
        sys.exit(wiki.main(standalone_mode=False) or 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except StartError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except WikiError as error:
        click.echo(str(error), err=True)
        sys.exit(1 if error.status >= 500 else 4)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
