"""Where settings come from: the browser, wiki.toml, the environment, the command line.

Collects the values and every problem; the settings are declared in ``sections``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from .errors import StartError
from .settings import Misfit, Setting, attribute, checked, from_text, nearest

_SETTINGS_WRONG = 3
_PREFIX, _PLUGIN, _FILE = "WIKI_", "WIKI_PLUGIN_", "_FILE"
_SECRET_LIMIT = 64 * 1024
DEFAULT, BROWSER, COMMAND_LINE = "the default", "the browser", "the command line"
_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$")
_ENTRY = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")


class SettingsWrong(StartError):
    """Settings do not fit; ``flaws`` are the keys of the browser's, and why."""

    def __init__(self, text: str, flaws: Sequence[tuple[str, Misfit]]) -> None:
        super().__init__(text, _SETTINGS_WRONG)
        self.flaws = flaws


class Sources:
    """Values by key as they are read; later sources replace earlier ones."""

    def __init__(self, known: Mapping[str, Setting], sections: Iterable[str]) -> None:
        self._known, self._sections = known, frozenset(sections)
        self._values = {key: it.default for key, it in known.items()}
        self.plugin: dict[str, dict[str, Any]] = {}
        self.origins: dict[str, str] = {}
        self._problems: list[str] = []
        self._flaws: list[tuple[str, Misfit]] = []

    def get(self, key: str) -> Any:
        return self._values[key]

    def section(self, name: str) -> dict[str, Any]:
        """Return the values of a section by the names of its fields."""
        start = f"{name}."
        return {
            attribute(key.removeprefix(start)): value
            for key, value in self._values.items()
            if key.startswith(start)
        }

    def problem(self, key: str, message: str, *beside: str, **params: Any) -> None:
        """Note that a value does not fit to those of the keys ``beside``.

        The message begins with ``%(what)s``, which stands for the key.
        """
        # Beside whichever key it is told, it is about the first one.
        misfit = Misfit(message, what=key, **params)
        keys = (key, *beside)
        chosen = [one for one in keys if self.origins.get(one) == BROWSER]
        for one in chosen or [key]:
            self._misfits(one, misfit, self.origins.get(one, DEFAULT))

    def _misfits(self, key: str, misfit: Misfit, origin: str) -> None:
        remedy = ""
        if origin == BROWSER:
            self._flaws.append((key, misfit))
            remedy = f" Take it back with: wiki config unset {key}"
        self._problems.append(f"{origin}: {misfit.about(key)}{remedy}")

    def raise_problems(self) -> None:
        """Raise SettingsWrong with all problems, if there are any."""
        if not self._problems:
            return
        lines = "".join(f"\n  - {problem}" for problem in self._problems)
        raise SettingsWrong(
            f"The wiki did not start, because its settings need a look. Correct "
            f"this and start again; nothing was changed.{lines}",
            self._flaws,
        )

    def _take(self, key: str, value: object, origin: str) -> None:
        try:
            self._values[key] = checked(self._known[key], value)
        except Misfit as misfit:
            self._misfits(key, misfit, origin)
        self.origins[key] = origin

    def _take_text(self, key: str, text: str, origin: str) -> None:
        try:
            value = from_text(self._known[key], text)
        except Misfit as misfit:
            self._misfits(key, misfit, origin)
            return
        self._take(key, value, origin)

    # -- the browser

    def read_stored(self, rows: Mapping[str, Any]) -> None:
        """Read what administrators set in the browser, by key."""
        for key, value in rows.items():
            plugin, _, name = key.removeprefix("plugin.").partition(".")
            if key in self._known and self._known[key].rule.in_browser:
                self._take(key, value, BROWSER)
            elif key.startswith("plugin.") and plugin and name:
                self._take_plugin(plugin, name, value, BROWSER)
            else:
                misfit = Misfit("%(what)s is no setting of the browser.")
                self._misfits(key, misfit, BROWSER)

    # -- wiki.toml

    def read_file(self, path: Path, *, required: bool = False) -> None:
        """Read a settings file; a missing one is no problem unless ``required``."""
        try:
            text = path.read_bytes().decode("utf-8-sig")
            data = tomllib.loads(text)
        except FileNotFoundError:
            if required:
                self._problems.append(f"{path}: there is no such file.")
            return
        except OSError as error:
            self._problems.append(f"{path}: it cannot be read ({error.strerror}).")
            return
        except UnicodeDecodeError:
            self._problems.append(f"{path}: it is not text in UTF-8.")
            return
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            self._problems.append(_syntax(path.name, text, str(error)))
            return
        lines = _lines_of(text)
        for section, content in data.items():
            self._read_section(section, content, lines, path.name)

    def _read_section(
        self, section: str, content: object, lines: Mapping[str, int], file: str
    ) -> None:
        at = _origin(file, lines, section)
        if section != "plugin" and section not in self._sections:
            near = nearest(section, dict.fromkeys([*self._sections, "plugin"]))
            self._problems.append(f"{at}: there is no section “{section}”.{near}")
        elif not isinstance(content, dict):
            self._problems.append(
                f"{at}: “{section}” is a section; write it as [{section}]."
            )
        elif section == "plugin":
            self._read_plugins(content, lines, file)
        else:
            for name, value in content.items():
                self._read_entry(f"{section}.{name}", value, lines, file)

    def _read_entry(
        self, key: str, value: object, lines: Mapping[str, int], file: str
    ) -> None:
        at = _origin(file, lines, key)
        if key in self._known and self._known[key].rule.secret:
            variable = self._known[key].variable
            self._problems.append(
                f"{at}: {key} is a secret and does not belong in this file. Set "
                f"{variable}, or {variable}_FILE to the name of a file that holds it."
            )
        elif key in self._known:
            self._take(key, value, at)
        else:
            near = nearest(key, self._known)
            self._problems.append(f"{at}: there is no setting “{key}”.{near}")

    def _read_plugins(
        self, content: Mapping[str, Any], lines: Mapping[str, int], file: str
    ) -> None:
        for name, options in content.items():
            at = _origin(file, lines, f"plugin.{name}")
            if not isinstance(options, dict):
                self._problems.append(
                    f"{at}: write the settings of a plugin below [plugin.{name}]."
                )
                continue
            for key, value in options.items():
                self._take_plugin(
                    name, key, value, _origin(file, lines, f"plugin.{name}.{key}")
                )

    def _take_plugin(self, name: str, key: str, value: object, origin: str) -> None:
        self.plugin.setdefault(name, {})[key] = value
        self.origins[f"plugin.{name}.{key}"] = origin

    # -- environment and command line

    def read_environment(self, environ: Mapping[str, str]) -> None:
        """Read ``WIKI_…`` variables; ``WIKI_…_FILE`` names a file with the value."""
        keys = {it.variable: key for key, it in self._known.items()}
        for variable in sorted(environ):
            if not variable.startswith(_PREFIX):
                continue
            named, text = variable, environ[variable]
            if variable not in keys and variable.endswith(_FILE):
                named = variable.removesuffix(_FILE)
                if not (named in keys or named.startswith(_PLUGIN)):
                    named = variable
                else:
                    read = self._read_secret(variable, named, environ)
                    if read is None:
                        continue
                    text = read
            if named in keys:
                self._take_text(keys[named], text, variable)
            elif named.startswith(_PLUGIN):
                self._read_plugin_variable(named, text, variable)
            else:
                self._unknown_variable(variable, keys)

    def _read_secret(
        self, variable: str, named: str, environ: Mapping[str, str]
    ) -> str | None:
        """Return what the file named by a variable holds, without its line end."""
        if named in environ:
            self._problems.append(f"{variable}: {named} is set too; unset one of them.")
            return None
        try:
            with Path(environ[variable]).open("rb") as file:
                return file.read(_SECRET_LIMIT).decode().rstrip("\r\n")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", "") or "it is not text in UTF-8"
            self._problems.append(f"{variable}: its file cannot be read ({reason}).")
            return None

    def _read_plugin_variable(self, named: str, text: str, variable: str) -> None:
        """Take ``WIKI_PLUGIN_<NAME>_<KEY>``; a name known before may hold a _."""
        rest = named.removeprefix(_PLUGIN).lower()
        known = [*self.plugin, *self._values["plugins.enabled"]]
        fitting = [
            name
            for name in known
            if rest.startswith(name.lower().replace("-", "_") + "_")
        ]
        name = max(fitting, key=len) if fitting else rest.partition("_")[0]
        key = rest[len(name) + 1 :]
        if not name or not key:
            self._problems.append(f"{variable}: write it as {_PLUGIN}<name>_<setting>.")
            return
        self._take_plugin(name, key, guessed(text), variable)

    def _unknown_variable(self, variable: str, keys: Mapping[str, str]) -> None:
        """Complain of a slip; a variable that names no section is someone else's."""
        section = variable.removeprefix(_PREFIX).partition("_")[0].lower()
        found = get_close_matches(variable[:200], keys, n=1, cutoff=0.85)
        if section in self._sections or found:
            near = f" Did you mean {found[0]}?" if found else nearest(variable, keys)
            self._problems.append(f"{variable}: there is no such setting.{near}")

    def read_overrides(self, overrides: Mapping[str, object]) -> None:
        """Read values by key; None stands for not given, text is read as such."""
        for key, value in overrides.items():
            if value is None:
                continue
            if key not in self._known:
                near = nearest(key, self._known)
                self._problems.append(
                    f"{COMMAND_LINE}: there is no setting “{key}”.{near}"
                )
            elif isinstance(value, str):
                self._take_text(key, value, COMMAND_LINE)
            else:
                self._take(key, value, COMMAND_LINE)


def guessed(text: str) -> Any:
    """Return the value a plugin's variable stands for: written as in wiki.toml.

    What is no TOML value is taken as text; ``"5"`` in quotes is text too.
    """
    if "\n" not in text and "\r" not in text:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (tomllib.TOMLDecodeError, RecursionError):
            pass
    return text


def _syntax(file: str, text: str, error: str) -> str:
    """Say where a file cannot be read; the parser names no line for what is double."""
    found = _AT_LINE.search(error)
    seen: set[str] = set()
    for number, key in _keys_of(text):
        if key in seen and not found:
            return f"{file}, line {number}: “{key}” is set twice. Take one out."
        seen.add(key)
    where = f"{file}, line {found[1]}" if found else file
    reason = _AT_LINE.sub("", error).strip().rstrip(".")
    return f'{where}: this line cannot be read ({reason}). Write it as: name = "value"'


def _origin(file: str, lines: Mapping[str, int], key: str) -> str:
    return f"{file}, line {lines[key]}" if key in lines else file


def _lines_of(text: str) -> dict[str, int]:
    """Return the first line of each key and section."""
    lines: dict[str, int] = {}
    for number, key in _keys_of(text):
        lines.setdefault(key, number)
        lines.setdefault(key.partition(".")[0], number)
    return lines


def _keys_of(text: str) -> Iterator[tuple[int, str]]:
    """Give each section and key with its line, as far as a plain look finds them."""
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        header, entry = _HEADER.match(line), _ENTRY.match(line)
        if header:
            section = _plain(header[1])
            yield number, section
        elif entry:
            key = _plain(entry[1])
            yield number, f"{section}.{key}" if section else key


def _plain(key: str) -> str:
    return ".".join(part.strip().strip("\"'") for part in key.split("."))
