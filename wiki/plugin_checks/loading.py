"""Finds the plugin that is to be checked: a project, a single file, or a name."""

from __future__ import annotations

import configparser
import importlib
import sys
import tomllib
from pathlib import Path

from wiki.errors import StartError
from wiki.plugin import Plugin
from wiki.registry import GROUP, in_folder, installed, load_file

from .findings import Subject

NOT_FOUND = (
    "There is no plugin “%s”: neither a project or file at this path, nor a plugin "
    "that is installed. Name the folder of a project, a file, or a plugin."
)


class NotLoaded(Exception):
    """A plugin that is there and cannot be loaded; the text says why."""


def load(target: str, plugins_folder: Path) -> Subject:
    """Return the plugin at a path or of a name.

    ``plugins_folder`` holds the single files of a wiki. Raises StartError where there
    is none, NotLoaded where it cannot be loaded.
    """
    path = Path(target).expanduser().absolute()
    if path.suffix == ".py" and path.is_file():
        return _single(path)
    if path.is_dir():
        entries = entry_points_of(path)
        if len(entries) > 1:
            raise StartError(f"“{path}” holds several plugins. Name one of them.", 2)
        for name, value in entries.items():
            return _of_project(path, name, value)
    single = in_folder(plugins_folder).get(target)
    if single is not None:
        return _single(single)
    if target in installed():
        return _checked(target, *_class(installed()[target].value))
    raise StartError(NOT_FOUND % target, 2)


def entry_points_of(project: Path) -> dict[str, str]:
    """Return {name: module:class} of the plugins that a project declares."""
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(project / "setup.cfg", "utf-8")
        rows = settings.get("options.entry_points", GROUP, fallback="").split("\n")
        found = dict(row.split("=", 1) for row in rows if "=" in row)
        file = project / "pyproject.toml"
        text = file.read_text("utf-8") if file.is_file() else ""
        declared = tomllib.loads(text).get("project", {}).get("entry-points", {})
        found |= declared.get(GROUP, {})
    except (configparser.Error, tomllib.TOMLDecodeError, UnicodeError) as error:
        text = f"The settings of “{project}” cannot be read: {error}"
        raise StartError(text) from None
    return {name.strip(): value.strip() for name, value in found.items()}


def _of_project(project: Path, name: str, value: str) -> Subject:
    folders = [project, project / "src"]
    sys.path[:0] = [str(folder) for folder in folders if folder.is_dir()]
    try:
        subject = _checked(name, *_class(value))
    finally:
        sys.path[:] = [one for one in sys.path if Path(one) not in folders]
    if not subject.file.is_relative_to(project):
        raise NotLoaded(
            f"Its module was loaded from {subject.file}, not from the project. "
            "Uninstall the other one, or rename this one."
        )
    return subject


def _class(value: str) -> tuple[type[Plugin], Path]:
    module_name, _, class_name = value.partition(":")
    try:
        importlib.invalidate_caches()
        module = importlib.import_module(module_name.strip())
        cls = getattr(module, class_name.strip())
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # an import may raise anything
        raise NotLoaded(_cannot(error)) from error
    return cls, Path(module.__file__ or "").absolute()


def _single(path: Path) -> Subject:
    try:
        cls = load_file(path)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise NotLoaded(_cannot(error)) from error
    return _checked(path.stem, cls, path, single=True)


def _checked(name: str, cls: object, file: Path, *, single: bool = False) -> Subject:
    if not (isinstance(cls, type) and issubclass(cls, Plugin)):
        raise NotLoaded(f"{cls!r} is no class of wiki.Plugin. Make it one.")
    if cls.name != name:
        raise NotLoaded(
            f"Its name is “{cls.name}”, but it is installed as “{name}”. Make them one."
        )
    return Subject(cls, file, single)


def _cannot(error: BaseException) -> str:
    return f"It cannot be loaded: {type(error).__name__}: {error}"
