"""Finds plugins, checks them, puts them in order and reports on them."""

from __future__ import annotations

import importlib.util
import inspect
import logging
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from . import hookspecs
from .directives import Known, declared_wrong
from .errors import StartError
from .hooks import Door, HookInfo, Implementation
from .markup.directives import Form
from .markup.parse import Parser
from .markup.worker import load_plugins
from .model.parts import PageType
from .plugin import API, Plugin, Setting

if TYPE_CHECKING:
    from .config import Config

log = logging.getLogger("wiki.plugins")

GROUP = "wiki.plugins"
ON, OFF, BROKEN = "on", "off", "broken"


@dataclass(slots=True)
class PluginState:
    """A plugin as the list shows it; ``reason`` says why it is not on."""

    name: str
    title: str = ""
    description: str = ""
    version: str = ""
    uses: frozenset[str] = frozenset()
    state: str = ON
    reason: str = ""


def hooks_of(module: Any = hookspecs) -> dict[str, HookInfo]:
    """Return {name: HookInfo} of a module of hook specifications."""
    return {
        name: HookInfo(name, vars(item)["wiki_kind"], vars(item)["wiki_answer"])
        for name, item in vars(module).items()
        if inspect.isfunction(item) and "wiki_kind" in vars(item)
    }


def installed() -> dict[str, Any]:
    """Return {name: entry point} of the plugins installed in this environment."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def in_folder(folder: Path) -> dict[str, Path]:
    """Return {name: file} of single-file plugins in an instance's plugins folder."""
    if not folder.is_dir():
        return {}
    return {p.stem: p for p in sorted(folder.glob("*.py")) if p.stem.isidentifier()}


def load_file(path: Path) -> type[Plugin]:
    """Return the one Plugin class of a file; raises ImportError."""
    module_name = f"wiki_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    classes = [
        item
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Plugin) and item is not Plugin
    ]
    if len(classes) != 1:
        raise ImportError(f"{path.name} must hold one Plugin class, not {len(classes)}")
    return classes[0]


class Registry:
    """The plugins of one app. ``door`` calls them; ``states`` tells of each.

    ``extra`` are plugin classes given by a test. ``safe_mode`` loads none;
    ``strict`` raises StartError for the first plugin that cannot be used.
    """

    def __init__(
        self,
        config: Config,
        *,
        extra: Iterable[type[Plugin]] = (),
        safe_mode: bool = False,
        strict: bool = False,
    ) -> None:
        self._config = config
        self._strict = strict
        self._pm = pluggy.PluginManager(hookspecs.PROJECT)
        self._pm.add_hookspecs(hookspecs)
        self.hooks = hooks_of()
        self.door = Door(
            self.hooks,
            budget=config.plugins.budget_ms / 1000,
            max_failures=config.plugins.max_failures,
            strict=strict,
        )
        self.states: dict[str, PluginState] = {}
        self.plugins: dict[str, Plugin] = {}
        self.page_types: dict[str, PageType] = {}
        self.directives: dict[str, Known] = {}
        self.classes: dict[str, type[Plugin]] = {}
        if not safe_mode:
            self._find(extra)

    # -- finding

    def _find(self, extra: Iterable[type[Plugin]]) -> None:
        found: dict[str, Any] = {
            **installed(),
            **self._in_own_folder(),
        }
        found |= {cls.name: cls for cls in extra}
        for name in sorted(found):
            if self._wanted(name):
                self._load(name, found[name])
            else:
                self.states[name] = PluginState(
                    name, state=OFF, reason="Switched off in the settings."
                )
        for name in self._config.plugins.enabled:
            if name not in found:
                self._broken(name, "It is enabled in wiki.toml but not installed.")

    def _in_own_folder(self) -> dict[str, Path]:
        """Return the instance's single-file plugins.

        Where somebody's own folder of notes is served, only those that are named in
        plugins.enabled: what lies in such a folder is not there to be run.
        """
        found = in_folder(self._config.plugins_folder)
        if self._config.pages != self._config.folder:
            return found
        named = self._config.plugins.enabled
        return {name: path for name, path in found.items() if name in named}

    def _wanted(self, name: str) -> bool:
        chosen = self._config.plugins
        if name in chosen.disabled:
            return False
        return not chosen.enabled or name in chosen.enabled

    def _load(self, name: str, found: Any) -> None:
        try:
            if isinstance(found, Path):
                cls = load_file(found)
            else:
                cls = found if isinstance(found, type) else found.load()
            self._check_class(name, cls)
        except (KeyboardInterrupt, StartError):
            raise
        except BaseException as error:  # a plugin's import may raise anything
            self._broken(name, f"It could not be loaded ({_short(error)}).", error)
            return
        self.classes[name] = cls
        self.states[name] = PluginState(
            name, cls.title or name, cls.description, cls.version, cls.uses
        )

    @staticmethod
    def _check_class(name: str, cls: Any) -> None:
        if not (inspect.isclass(cls) and issubclass(cls, Plugin)):
            raise TypeError(f"{cls!r} is not a wiki.Plugin class")
        if cls.name != name:
            raise ValueError(
                f"its name is “{cls.name}” but it is installed as “{name}”"
            )
        if not all(isinstance(one, Setting) for one in cls.settings):
            raise TypeError("its settings must be a tuple of wiki.Setting")
        pairs = dict(cls.addresses).items()
        if not all(isinstance(text, str) for pair in pairs for text in pair):
            raise TypeError("its addresses must map texts to texts")
        if cls.api[0] != API[0] or cls.api[1] > API[1]:
            raise ValueError(f"it was written for API {cls.api}, this is {API}")

    # -- starting

    def start(self, wiki: Any) -> None:
        """Make the instances, register and set up each; the broken ones are off."""
        for name in sorted(self.classes):
            self._start_one(name, self.classes[name], wiki)
        self._mount()
        for name in list(self.plugins):
            if not self.door.call_one("setup", name, wiki=wiki):
                fault = self.door.faults.get((name, "setup"))
                self._drop(name, f"Its setup failed ({fault.text if fault else ''}).")
        self._gather_page_types()
        self._gather_directives()
        self._try_markdown_plugins()

    def _start_one(self, name: str, cls: type[Plugin], wiki: Any) -> None:
        options, problems = self._options(cls)
        if problems:
            self._broken(name, " ".join(problems) + " Correct wiki.toml.")
            return
        try:
            plugin = cls(wiki, options)
            self._refuse_unknown_hooks(plugin)
            self._pm.register(plugin, name)
            self._pm.check_pending()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            if self._pm.has_plugin(name):
                self._pm.unregister(name=name)
            self._broken(name, f"It could not be registered ({_short(error)}).", error)
            return
        self.plugins[name] = plugin

    def _options(self, cls: type[Plugin]) -> tuple[dict[str, Any], list[str]]:
        given: Mapping[str, Any] = self._config.plugin.get(cls.name, {})
        known = {setting.name: setting for setting in cls.settings}
        options = {setting.name: setting.default for setting in cls.settings}
        problems = [
            f"Unknown setting “{key}” in [plugin.{cls.name}]."
            for key in given
            if key not in known
        ]
        for key in given.keys() & known.keys():
            problem = known[key].problem(given[key])
            if problem:
                problems.append(f"[plugin.{cls.name}] {problem}")
            options[key] = given[key]
        return options, problems

    def _refuse_unknown_hooks(self, plugin: Plugin) -> None:
        for name, method in inspect.getmembers(type(plugin), inspect.isfunction):
            marked = getattr(method, f"{hookspecs.PROJECT}_impl", None)
            if marked is None:
                continue
            if name not in self.hooks:
                raise ValueError(f"there is no hook “{name}”")
            if marked.get("wrapper") or marked.get("hookwrapper"):
                raise ValueError(f"“{name}”: wrappers are not supported")

    def _mount(self) -> None:
        for hook in self.hooks:
            found = getattr(self._pm.hook, hook).get_hookimpls()
            order = sorted(
                found,
                key=lambda one: (not one.tryfirst, one.trylast, one.plugin_name),
            )
            self.door.mount(
                hook,
                [
                    Implementation(one.plugin_name, one.function, tuple(one.argnames))
                    for one in order
                ],
            )

    def _gather_page_types(self) -> None:
        def wrong(page_type: PageType) -> str:
            if not page_type.template or self._has_template(page_type.template):
                return ""
            return f"has a template that is not there: {page_type.template}"

        found = self._gather("page_types", "page type", wrong)
        self.page_types.update({name: one for name, (_, one) in found.items()})

    def _gather_directives(self) -> None:
        found = self._gather("directives", "directive", declared_wrong)
        self.directives.update({name: Known(*one) for name, one in found.items()})

    def _gather(
        self, hook: str, what: str, wrong: Callable[[Any], str]
    ) -> dict[str, tuple[str, Any]]:
        """Return {name: (plugin, item)} of things that can be there only once.

        A plugin with one that is taken, or of which ``wrong`` says something, is off.
        """
        found: dict[str, tuple[str, Any]] = {}
        for plugin, item in self.door.collect(hook):
            if plugin not in self.plugins:
                continue  # dropped for another of its items
            its, fault = f"Its {what} “{item.name}”", wrong(item)
            taken = found[item.name][0] if item.name in found else ""
            taken = taken if taken in self.plugins else ""
            if taken == plugin:
                reason = f"It has two {what}s “{item.name}”. Update or disable it."
            elif taken:
                reason = f"{its} is already taken by the plugin “{taken}”. "
                reason += "Disable one of them."
            elif fault:
                reason = f"{its} {fault}. Update or disable it."
            else:
                found[item.name] = (plugin, item)
                continue
            self._drop(plugin, reason)
        return {name: one for name, one in found.items() if one[0] in self.plugins}

    def _has_template(self, template: str) -> bool:
        names = (type(one).__module__ for one in self.plugins.values())
        modules = [sys.modules.get(name) for name in names]
        files = [__file__, *(getattr(one, "__file__", None) for one in modules)]
        homes = [self._config.folder, *(Path(file).parent for file in files if file)]
        return any((home / "templates" / template).is_file() for home in homes)

    def _try_markdown_plugins(self) -> None:
        """Drop plugins whose additions to Markdown cannot be loaded.

        The parser's own process would end at once, and with it every page.
        """
        for plugin, path in self.door.collect("markdown_plugins"):
            if plugin not in self.plugins:
                continue
            try:
                Parser(load_plugins([path]))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # an import may raise anything
                self._drop(
                    plugin,
                    f"Its addition to Markdown “{path[:100]}” cannot be used "
                    f"({_short(error)}). Update or disable it.",
                )

    # -- when one cannot be used

    def _drop(self, name: str, reason: str) -> None:
        if self._pm.has_plugin(name):
            self._pm.unregister(name=name)
        self.plugins.pop(name, None)
        for one in [k for k, v in self.directives.items() if v.plugin == name]:
            del self.directives[one]
        self._mount()
        self._broken(name, reason)

    def drop(self, name: str, reason: str) -> None:
        """Switch a plugin off after its start, saying why."""
        self._drop(name, reason)

    def _broken(
        self, name: str, reason: str, error: BaseException | None = None
    ) -> None:
        text = f"The plugin “{name}” is off. {reason}"
        if self._strict:
            raise StartError(text) from error
        log.error("%s", text)
        state = self.states.setdefault(name, PluginState(name, name))
        state.state, state.reason = BROKEN, reason

    def forms(self) -> dict[str, Form]:
        """Return what the parser has to know of the directives."""
        return {
            name: Form(one.directive.body, one.directive.search, one.directive.fence)
            for name, one in self.directives.items()
        }

    def fingerprint(self) -> str:
        """Return a text that changes when a plugin or its settings change."""
        return ";".join(
            f"{name}={plugin.version}:{sorted(plugin.options.items())!r}"
            for name, plugin in sorted(self.plugins.items())
        )


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:300]
