"""The application as each worker process of ``wiki serve`` makes it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from flask import Flask

from wiki import background
from wiki.app import create_app
from wiki.config import load
from wiki.web import slow_bodies

# Not a setting of people's: what ``wiki serve`` hands to its workers.
SETTINGS = "COMMONGROUND_SERVE"


def app() -> Flask:
    """Return the application for the folder that ``wiki serve`` was given."""
    settings = json.loads(os.environ[SETTINGS])
    config = load(Path(settings["folder"]), os.environ, settings["overrides"])
    made = create_app(
        config=config, safe_mode=settings["safe_mode"], strict=settings["strict"]
    )
    # Stands by: the process behind the workers has the duties while it lives.
    duties = background.Duties(made.extensions["wiki"])
    made.extensions["wiki.reloading"].follow(duties.move)
    background.leave_with(os.getppid())
    slow_bodies.install(made)
    return made
