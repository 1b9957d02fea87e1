"""Settings that administrators change while the wiki runs: checked, kept, noted.

They stand between the defaults and wiki.toml. Nothing changes within a running
application: every process makes a new one (``wiki.web.reloading``, ``background``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .accounts.checks import need
from .audit import Audit
from .config import Config, Given, settings
from .errors import LooksTwice, NotValid
from .model.actor import ADMIN, Actor
from .model.page import ERROR, Problem
from .plugin import Plugin
from .sources import BROWSER, DEFAULT, SettingsWrong
from .store.private import PrivateStore
from .store.private_settings import SettingRows, State, values_of

FIXED = "This is fixed by %(where)s. Change it there."
FILE_ONLY = "This belongs to the machine. Change it in wiki.toml, then start again."
WITH_SECRET = (
    "A secret that is set where the wiki runs is sent to this address. Change the "
    "address there too, in wiki.toml."
)
FILE_WRONG = (
    "Nothing was changed: the file wiki.toml needs a look first. On the machine, "
    "“wiki config check” lists what."
)

Rows = Mapping[str, Any]
KNOWN = {it.key: it for it in settings()}


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """The settings of the browser; ``now`` gives milliseconds UTC.

    ``plugins`` are the classes whose own settings may be changed too. ``lockout``
    says what is wrong where nobody could run the wiki with other settings.
    """

    store: PrivateStore
    given: Given
    audit: Audit
    now: Callable[[], int]
    plugins: Mapping[str, type[Plugin]]
    lockout: Callable[[Config], str]

    @property
    def _rows(self) -> SettingRows:
        return SettingRows(self.store.database)

    def mark(self) -> int:
        """Return a number that changes when anything in the private database did."""
        return self.store.mark()

    def state(self) -> State:
        """Return what a process must begin anew for when it differs."""
        return self._rows.state()

    def config(self) -> Config:
        """Return the settings as they are stored now; raises SettingsWrong."""
        return self.given.read(values_of(self.state()))

    def change(
        self,
        by: Actor,
        put: Rows,
        drop: Collection[str] = (),
        *,
        sure: bool = False,
        also: Collection[str] = (),
    ) -> list[str]:
        """Keep values by key and forget others; return the keys that changed.

        All or none. Raises NotAllowed, NotValid with every problem, and LooksTwice
        for what is dangerous unless ``sure``; ``also`` are dangers that the caller
        knows of.
        """
        need(by, ADMIN)
        with self.store.writing() as at:
            before = values_of(self._rows.state(at))
            put = {k: v for k, v in put.items() if k not in before or before[k] != v}
            drop = [key for key in drop if key in before and key not in put]
            after = {k: v for k, v in before.items() if k not in drop} | put
            found = self._dangers(before, after, put)
            if (found or also) and not sure:
                raise LooksTwice([*found, *also])
            self._rows.drop(at, drop)
            self._rows.put(at, put, self.now())
            for key, value in put.items():
                self.audit.note(by, "setting.changed", key, at=at, value=shown(value))
            for key in drop:
                self.audit.note(by, "setting.reset", key, at=at)
        return [*put, *drop]

    def begin_anew(self, by: Actor, plugin: str) -> None:
        """Have every process load its plugins again, among them a failing one."""
        need(by, ADMIN)
        with self.store.writing() as at:
            self._rows.begin_anew(at, self.now())
            self.audit.note(by, "plugin.again", plugin, at=at)

    # -- what is refused

    def _dangers(self, before: Rows, after: Rows, put: Rows) -> list[str]:
        """Return what becomes true and is dangerous; raises NotValid."""
        try:
            old = self.given.read(before)
        except SettingsWrong:
            if not put:
                return []  # taking values out is the way to mend what is wrong
            old = self._read({}, {})
        if put:
            self._refuse_fixed(old, put)
        new = self._read(after, put)
        problem = self.lockout(new)
        if problem:
            chosen = [key for key in put if key.startswith("access.")]
            raise NotValid([Problem(ERROR, key, problem) for key in chosen or [""]])
        return dangers(old, new)

    def _refuse_fixed(self, old: Config, put: Rows) -> None:
        problems = [
            Problem(ERROR, key, why, params={"where": old.where(key)})
            for key in put
            if (why := reason_fixed(old, key))
        ]
        if problems:
            raise NotValid(problems)

    def _read(self, after: Rows, put: Rows) -> Config:
        """Return the settings with these values; raises NotValid."""
        try:
            config = self.given.read(after)
        except SettingsWrong as wrong:
            flaws = [
                Problem(ERROR, key, flaw.message, params={"what": key, **flaw.params})
                for key, flaw in wrong.flaws
            ]
            raise NotValid(flaws or [Problem(ERROR, "", FILE_WRONG)]) from None
        problems = [
            Problem(ERROR, key, "%(why)s", params={"why": text})
            for key, value in put.items()
            if key not in KNOWN and (text := self._of_plugin(key, value))
        ]
        if problems:
            raise NotValid(problems)
        return config

    def _of_plugin(self, key: str, value: Any) -> str:
        """Return what is wrong with the value of a plugin's own setting."""
        _, name, setting = key.split(".", 2)
        declared = self.plugins[name].settings if name in self.plugins else ()
        for one in declared:
            if one.name == setting:
                return one.problem(value)
        return "No plugin here has this setting. Set it back."


def reason_fixed(config: Config, key: str) -> str:
    """Return why a setting cannot be changed in the browser, "" where it can.

    The place ``where`` in it is that of ``config.where(key)``.
    """
    if config.where(key) not in (DEFAULT, BROWSER):
        return FIXED
    if key not in KNOWN:
        return ""
    rule = KNOWN[key].rule
    if not rule.in_browser:
        return FILE_ONLY
    if rule.with_secret and config.value(rule.with_secret):
        return WITH_SECRET
    return ""


def dangers(old: Config, new: Config) -> list[str]:
    """Return what becomes true, in sentences, with settings that are dangerous."""
    found = []
    for it in KNOWN.values():
        before, after = old.value(it.key), new.value(it.key)
        if it.rule.look_twice and before != after and after in it.rule.look_twice:
            found.append(it.rule.look_twice[after])
    return found


def shown(value: Any) -> str:
    """Return a value as people write it."""
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
