"""The form of a section of settings, made from their declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from wiki.config import Config
from wiki.plugin import Plugin
from wiki.sections import SECTION_WORDS
from wiki.settings import Misfit, Rule, Setting, checked, from_text
from wiki.sources import BROWSER, COMMAND_LINE, DEFAULT
from wiki.stored_settings import KNOWN, reason_fixed, shown

from ..language import gettext, own_name

SECRET_SET = "A secret, which is never shown. It is set, by the variable %(name)s."
SECRET_NOT_SET = (
    "A secret, which is never shown. It is not set; it comes by the variable %(name)s."
)

Typed = Mapping[str, str]


@dataclass(slots=True)
class Row:
    """A setting in the form. ``text`` is what stands in the field, ``was`` what stood.

    ``kind``: text, number, switch, choice or several (of ``options``: value, words).
    """

    key: str
    label: str
    help: str
    kind: str
    text: str
    was: str
    options: list[tuple[str, str]]
    where: str
    set_here: bool
    fixed: str
    restart: bool
    secret: bool
    least: float | None
    most: float | None
    problem: str = ""


def section_names(plugins: Mapping[str, type[Plugin]]) -> list[tuple[str, str]]:
    """Return (section, what it is about) of the core and of plugins with settings."""
    found = [(name, gettext(words)) for name, words in SECTION_WORDS]
    for name, cls in sorted(plugins.items()):
        if cls.settings:
            found.append((f"plugin.{name}", gettext(cls.title or name)))
    return found


def settings_of(section: str, plugins: Mapping[str, type[Plugin]]) -> list[Setting]:
    """Return the settings of a section, none for one that is not there."""
    if not section.startswith("plugin."):
        return [it for it in KNOWN.values() if it.key.startswith(f"{section}.")]
    cls = plugins.get(section.removeprefix("plugin."))
    return [] if cls is None else list(_of_plugin(section, cls))


def _of_plugin(section: str, cls: type[Plugin]) -> Iterator[Setting]:
    for one in cls.settings:
        default = tuple(one.default) if one.type is list else one.default
        rule = Rule(one.help, label=one.label, choices=one.choices)
        yield Setting(f"{section}.{one.name}", default, rule)


def value_of(config: Config, it: Setting) -> Any:
    if it.key in KNOWN:
        return config.value(it.key)
    _, name, setting = it.key.split(".", 2)
    return config.plugin.get(name, {}).get(setting, it.default)


def row_of(config: Config, it: Setting, typed: Typed) -> Row:
    """Return the row of a setting, with what was typed where something was."""
    rule, where = it.rule, config.where(it.key)
    current = "" if rule.secret else shown(value_of(config, it))
    return Row(
        it.key,
        gettext(rule.label),
        gettext(rule.help),
        _kind(it),
        typed.get(it.key, current),
        current,
        _options(it),
        where_words(where),
        where == BROWSER,
        _fixed(config, it),
        rule.restart,
        rule.secret,
        rule.least,
        rule.most,
    )


def _fixed(config: Config, it: Setting) -> str:
    """Return why a setting cannot be changed here, "" where it can."""
    if it.rule.secret:
        there = bool(config.value(it.key))
        text = SECRET_SET if there else SECRET_NOT_SET
        return gettext(text, name=it.variable)
    why = reason_fixed(config, it.key)
    places = {"where": where_words(config.where(it.key))}
    return gettext(why) % places if why else ""


def _kind(it: Setting) -> str:
    if it.type is bool:
        return "switch"
    if it.rule.choices:
        return "several" if it.type is tuple else "choice"
    return "number" if it.type in (int, float) else "text"


def _options(it: Setting) -> list[tuple[str, str]]:
    if it.key.startswith("site.language"):
        return [(tag, own_name(tag)) for tag in it.rule.choices]
    words = it.rule.words or it.rule.choices
    return [
        (value, gettext(word))
        for value, word in zip(it.rule.choices, words, strict=True)
    ]


def where_words(where: str) -> str:
    """Return where a value comes from, in words."""
    known = {
        DEFAULT: gettext("the default"),
        BROWSER: gettext("set here"),
        COMMAND_LINE: gettext("the command that started the wiki"),
    }
    if where in known:
        return known[where]
    file, found, line = where.rpartition(", line ")
    if found:
        return gettext("%(file)s, line %(line)s", file=file, line=line)
    return gettext("the variable %(name)s", name=where)


def typed_in(form: MultiDict[str, str], known: list[Setting]) -> dict[str, str]:
    """Return the fields that somebody changed, as typed; only those that were shown."""
    found = {}
    for it in known:
        if f"was.{it.key}" not in form:
            continue
        text = ", ".join(form.getlist(it.key)) if _kind(it) == "several" else ""
        text = text or form.get(it.key, "false" if it.type is bool else "")
        if text != form[f"was.{it.key}"]:
            found[it.key] = text[:2000]
    return found


def values_in(
    typed: Typed, known: list[Setting]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that typed texts stand for, and what is wrong with others."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for it in known:
        if it.key not in typed:
            continue
        try:
            value = checked(it, from_text(it, typed[it.key]))
        except Misfit as misfit:
            problems[it.key] = about(it, misfit.message, misfit.params)
            continue
        values[it.key] = list(value) if isinstance(value, tuple) else value
    return values, problems


def about(it: Setting, message: str, params: Mapping[str, Any]) -> str:
    """Return a sentence about a setting, called as in the form."""
    named = {"what": it.key, **params}
    places = {
        name: f"“{gettext(KNOWN[value].rule.label)}”" if value in KNOWN else value
        for name, value in named.items()
    }
    if it.key not in KNOWN:
        places["what"] = f"“{gettext(it.rule.label)}”"
    return gettext(message) % places if "%(" in message else gettext(message)
