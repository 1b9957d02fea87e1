"""The contract of a plugin, checked: what it declares, says, and does when it runs."""

from __future__ import annotations

from pathlib import Path

from . import declared, running, sources, templates
from .findings import Finding as Finding
from .findings import Subject
from .loading import NotLoaded, load


def check(target: str, plugins_folder: Path) -> tuple[str, list[Finding]]:
    """Return the name of the plugin at a path, or of a name, and what is wrong.

    ``plugins_folder`` holds the single files of a wiki. Raises StartError where there
    is no plugin.
    """
    before = running.functions()
    try:
        subject = load(target, plugins_folder)
    except NotLoaded as error:
        return target, [Finding(target, str(error))]
    return subject.name, check_subject(subject, before)


def check_subject(subject: Subject, before: running.Functions) -> list[Finding]:
    """Return what is wrong with a plugin that was loaded, in the order of its files."""
    wrong = declared.misshapen(subject)
    if wrong:
        return wrong
    found = {
        *declared.check(subject),
        *sources.check(subject),
        *templates.check(subject),
        *running.check(subject, before),
    }
    return sorted(found)
