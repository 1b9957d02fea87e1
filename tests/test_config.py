"""Settings: where they come from, what is refused and in which words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from wiki.build import stored_settings
from wiki.config import Config, Given, available_languages, describe, load, settings
from wiki.errors import LooksTwice, NotAllowed, NotValid, StartError
from wiki.model.actor import SYSTEM, person
from wiki.plugin import Plugin
from wiki.plugin import Setting as PluginSetting
from wiki.settings import Setting
from wiki.settings_watch import SettingsWatch
from wiki.store.private import PrivateStore
from wiki.stored_settings import StoredSettings


def write(folder: Path, text: str) -> None:
    (folder / "wiki.toml").write_text(text, encoding="utf-8")


def problems(folder: Path, environ: dict[str, str], **overrides: object) -> list[str]:
    """Return the problems that stop a start, one a line."""
    with pytest.raises(StartError) as refused:
        load(folder, environ, {k.replace("__", "."): v for k, v in overrides.items()})
    assert refused.value.exit_code == 3
    first, *rest = str(refused.value).split("\n")
    assert "Correct this and start again" in first
    return [line.removeprefix("  - ") for line in rest]


def test_defaults_stand_alone(tmp_path: Path) -> None:
    config = load(tmp_path, {})
    assert (config.site.title, config.server.port) == ("Common Ground", 8000)
    assert config.where("site.title") == "the default"
    assert config.pages == tmp_path / "pages"
    assert config.var == tmp_path / "var"
    assert config.plugins_folder == tmp_path / "plugins"
    assert config.site.languages == available_languages()
    assert config.server.workers >= 1
    assert config.plugin == {}


def test_later_sources_win(tmp_path: Path) -> None:
    write(tmp_path, '[server]\nhost = "a"\nport = 1\nworkers = 1\n')
    environ = {"WIKI_SERVER_PORT": "2", "WIKI_SERVER_WORKERS": "2"}
    config = load(tmp_path, environ, {"server.workers": 3, "log.level": None})
    server = config.server
    assert (server.host, server.port, server.workers) == ("a", 2, 3)
    assert [config.where(f"server.{one}") for one in ("host", "port", "workers")] == [
        "wiki.toml, line 2",
        "WIKI_SERVER_PORT",
        "the command line",
    ]


def test_variables_are_read_in_the_type_of_the_setting(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        {
            "WIKI_STORE_WATCH_FILES": "Off",
            "WIKI_SERVER_TRUSTED_PROXIES": "127.0.0.1, ::1,",
            "WIKI_LIMITS_PAGE_KB": " 100 ",
            "WIKI_SITE_TITLE": "Río & Ångström",
            "WIKI_PLUGINS_DISABLED": "",
            "WIKI_FOLDER": "not a setting",
            "PATH": "/bin",
        },
    )
    assert config.store.watch_files is False
    assert config.server.trusted_proxies == ("127.0.0.1", "::1")
    assert config.limits.page_kb == 100
    assert config.site.title == "Río & Ångström"
    assert config.plugins.disabled == ()


def test_every_problem_is_told_at_once_with_line_and_nearest_key(
    tmp_path: Path,
) -> None:
    write(
        tmp_path,
        '[site]\ntitel = "x"\nlanguage = "xx"\n\n[serverr]\nport = 1\n\n'
        '[server]\nport = 99999\nworkers = "two"\ntrusted_proxies = ["x"]\n',
    )
    told = problems(tmp_path, {"WIKI_SERVER_PROT": "1", "WIKI_LIMITS_PAGE_KB": "no"})
    assert told == [
        "wiki.toml, line 2: there is no setting “site.titel”. "
        "Did you mean “site.title”?",
        f"wiki.toml, line 3: site.language must be one of "
        f"{', '.join(available_languages())}, not “xx”.",
        "wiki.toml, line 5: there is no section “serverr”. Did you mean “server”?",
        "wiki.toml, line 9: server.port must be from 1 to 65535, not 99999.",
        "wiki.toml, line 10: server.workers must be a whole number, not “two”.",
        "wiki.toml, line 11: server.trusted_proxies must hold addresses of machines, "
        "and “x” is none.",
        "WIKI_LIMITS_PAGE_KB: limits.page_kb must be a whole number, not “no”.",
        "WIKI_SERVER_PROT: there is no such setting. Did you mean WIKI_SERVER_PORT?",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[site]\ntitle = 5", "site.title must be text, not 5."),
        ("[site]\ntitle = true", "site.title must be text, not true."),
        ('[site]\ntitle = " "', "site.title must have 1 to 80 characters."),
        (
            "[site]\ntitle = 'a'\nurl = 'ftp://x'",
            "line 3: site.url must be the address",
        ),
        ("[site]\nurl = 'https://x/y'", "site.url must be the address of the wiki"),
        ("[site]\nurl = 'https://me@x'", "site.url must be the address of the wiki"),
        ("[site]\nurl = 'https://x:port'", "site.url must be the address of the wiki"),
        ("[site]\nhome = '../x'", "site.home must be the name of a page."),
        ("[access]\nread = 'all'", "must be one of public, members, not “all”."),
        (
            "[limits]\npage_kb = true",
            "limits.page_kb must be a whole number, not true.",
        ),
        ("[limits]\npage_kb = 1.5", "limits.page_kb must be a whole number, not 1.5."),
        ("[store]\nwatch_files = 'yes'", "store.watch_files must be true or false"),
        ("[plugins]\nenabled = 'x'", "plugins.enabled must be a list of texts"),
        ("[plugins]\nenabled = [1]", "plugins.enabled must be a list of texts, not a"),
        ('[server]\nhost = "a\\nb"', "server.host must be one line of at most 500"),
        ("site = 'x'", "“site” is a section; write it as [site]."),
        ("title = 'x'", "line 1: there is no section “title”."),
        ("[plugin]\nx = 1", "write the settings of a plugin below [plugin.x]."),
        ("[site\ntitle = 1", "wiki.toml, line 1: this line cannot be read"),
        ("[site]\ntitle = 'a'\ntitle = 'b'", "line 3: “site.title” is set twice."),
        ("x = " + "[" * 5000, "this line cannot be read"),
        (
            "[plugins]\nenabled = ['a']\ndisabled = ['a']",
            "wiki.toml, line 3: plugins.disabled cannot hold “a”, which is in "
            "plugins.enabled too. Take it out of one.",
        ),
        ("[site]\nlanguages = []\nlanguage = 'EN'", "must be one of en"),
    ],
)
def test_bad_values_are_told_in_plain_words(
    tmp_path: Path, text: str, told: str
) -> None:
    write(tmp_path, text)
    (one,) = problems(tmp_path, {})
    assert told in one


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "wiki.toml").write_bytes(b"\xff\xfe")
    assert problems(tmp_path, {}) == [
        f"{tmp_path / 'wiki.toml'}: it is not text in UTF-8."
    ]
    folder = tmp_path / "other"
    (folder / "wiki.toml").mkdir(parents=True)
    (one,) = problems(folder, {})
    assert "cannot be read" in one
    with pytest.raises(StartError, match="there is no such file"):
        load(tmp_path, {}, file=tmp_path / "missing.toml")


def test_a_named_file_takes_the_place_of_wiki_toml(tmp_path: Path) -> None:
    write(tmp_path, "[server]\nport = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("\ufeff[server]\nport = 2\n", encoding="utf-8")
    config = load(tmp_path, {}, file=other)
    assert config.server.port == 2
    assert config.where("server.port") == "other.toml, line 2"


def test_plugin_settings_are_handed_on_as_they_are(tmp_path: Path) -> None:
    write(
        tmp_path,
        "[plugin.glossary]\nmax = 3\n\n[plugin.my-map]\nkey = 'x'\n",
    )
    config = load(
        tmp_path,
        {
            "WIKI_PLUGIN_GLOSSARY_MARK_ALL": "true",
            "WIKI_PLUGIN_GLOSSARY_MAX": "5",
            "WIKI_PLUGIN_MY_MAP_TILE_SIZE": "256",
            "WIKI_PLUGIN_NEW_WORDS": '["a", "b"]',
            "WIKI_PLUGIN_NEW_TEXT": "plain text",
            "WIKI_PLUGIN_NEW_NUMBER": '"5"',
        },
    )
    assert config.plugin == {
        "glossary": {"max": 5, "mark_all": True},
        "my-map": {"key": "x", "tile_size": 256},
        "new": {"words": ["a", "b"], "text": "plain text", "number": "5"},
    }
    assert config.where("plugin.glossary.max") == "WIKI_PLUGIN_GLOSSARY_MAX"


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    config = load(tmp_path, {"WIKI_PLUGIN_MAP_KEY_FILE": str(secret)})
    assert config.plugin == {"map": {"key": "s3cret"}}
    told = problems(
        tmp_path,
        {
            "WIKI_SITE_TITLE": "a",
            "WIKI_SITE_TITLE_FILE": str(secret),
            "WIKI_SITE_LICENSE_FILE": str(tmp_path / "none"),
        },
    )
    assert told == [
        "WIKI_SITE_LICENSE_FILE: its file cannot be read (No such file or directory).",
        "WIKI_SITE_TITLE_FILE: WIKI_SITE_TITLE is set too; unset one of them.",
    ]


def test_wrong_options_of_the_command_line_are_told(tmp_path: Path) -> None:
    assert problems(tmp_path, {}, server__port=0, server__prot=1) == [
        "the command line: server.port must be from 1 to 65535, not 0.",
        "the command line: there is no setting “server.prot”. "
        "Did you mean “server.port”?",
    ]


@pytest.mark.parametrize("it", settings(), ids=lambda it: it.key)
def test_each_setting_is_declared_whole(tmp_path: Path, it: Setting) -> None:
    assert it.rule.help.endswith(".")
    assert it.rule.label
    assert not it.rule.words or len(it.rule.words) == len(it.rule.choices)
    assert load(tmp_path, {}).value(it.key) is not None
    if it.type is int:
        assert it.rule.least is not None
        assert it.rule.most is not None
        assert it.rule.least <= it.default <= it.rule.most


def test_reference_has_a_row_for_each_setting(tmp_path: Path) -> None:
    config = load(tmp_path, {"WIKI_LOG_LEVEL": "debug"})
    rows = {row["key"]: row for row in describe(config)}
    assert list(rows) == [it.key for it in settings()]
    assert rows["log.level"]["value"] == "debug"
    assert rows["log.level"]["where"] == "WIKI_LOG_LEVEL"
    assert rows["log.level"]["variable"] == "WIKI_LOG_LEVEL"
    with pytest.raises(KeyError):
        config.value("log.lvl")


def test_settings_cannot_be_changed_after_the_start() -> None:
    with pytest.raises(AttributeError):
        Config(Path()).server.port = 1  # type: ignore[misc]


# -- what was set in the browser


@pytest.fixture
def stored(tmp_path: Path) -> Iterator[StoredSettings]:
    """Return the settings of the browser for a folder with a wiki.toml."""
    write(tmp_path, '[site]\nlicense = "CC0"\n')
    private = PrivateStore(tmp_path / "var/private.db")
    given = Given(tmp_path, {"WIKI_LIMITS_PAGE_KB": "100"}, {"limits.file_mb": 3})
    yield stored_settings(private, given, {"mine": Mine})
    private.close()


class Mine(Plugin):
    name = "mine"
    settings = (PluginSetting("most", int, 3, "The most"),)


def refusals(error: NotValid) -> dict[str, str]:
    return {
        one.field: one.message % {"what": one.field, **one.params}
        for one in error.problems
    }


def test_the_browser_stands_between_the_defaults_and_the_file(
    tmp_path: Path, stored: StoredSettings
) -> None:
    changed = stored.change(SYSTEM, {"site.title": "Ours", "site.languages": ["en"]})
    assert changed == ["site.title", "site.languages"]
    config = load(tmp_path, {})
    assert (config.site.title, config.where("site.title")) == ("Ours", "the browser")
    assert config.site.languages == ("en",)
    write(tmp_path, '[site]\ntitle = "The file\'s"\n')
    config = load(tmp_path, {})
    assert config.site.title == "The file's"
    assert config.where("site.title") == "wiki.toml, line 2"
    assert load(tmp_path, {"WIKI_SITE_TITLE": "x"}).site.title == "x"
    assert stored.change(SYSTEM, {}, ["site.title", "site.url"]) == ["site.title"]
    acts = [(act.kind, act.subject, dict(act.detail)) for act in stored.audit.acts()]
    assert acts == [
        ("setting.reset", "site.title", {}),
        ("setting.changed", "site.languages", {"value": "en"}),
        ("setting.changed", "site.title", {"value": "Ours"}),
    ]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"site.license": "x"}, "This is fixed by wiki.toml, line 2."),
        ({"limits.page_kb": 5}, "This is fixed by WIKI_LIMITS_PAGE_KB."),
        ({"limits.file_mb": 5}, "This is fixed by the command line."),
        ({"store.pages": "/etc"}, "This belongs to the machine."),
        ({"mail.password": "x"}, "This belongs to the machine."),
        ({"site.title": ""}, "site.title must have 1 to 80 characters."),
        ({"site.title": 5}, "site.title must be text, not 5."),
        ({"site.home": "../x"}, "site.home must be the name of a page."),
        ({"server.workers": 65}, "server.workers must be from 0 to 64, not 65."),
        ({"access.read": "all"}, "access.read must be one of public, members"),
        ({"nothing.here": 1}, "nothing.here is no setting of the browser."),
        ({"plugin.mine.most": "x"}, "“most” must be int, not str."),
        ({"plugin.mine.least": 1}, "No plugin here has this setting."),
        ({"plugin.other.most": 1}, "No plugin here has this setting."),
        ({"site.language": "es", "site.languages": ["en"]}, "must hold the language"),
    ],
    ids=str,
)
def test_what_the_browser_may_not_set(
    stored: StoredSettings, wanted: dict[str, object], told: str
) -> None:
    with pytest.raises(NotValid) as refused:
        stored.change(SYSTEM, {**wanted, "site.title": wanted.get("site.title", "A")})
    reasons = refusals(refused.value)
    assert reasons.keys() == wanted.keys()
    assert all(told in reason for reason in reasons.values())
    assert stored.state() == ()
    assert list(stored.audit.acts()) == []


def test_only_administrators_change_settings(stored: StoredSettings) -> None:
    for role in ("visitor", "member", "editor", "moderator"):
        with pytest.raises(NotAllowed):
            stored.change(person(5, "x", role), {"site.title": "x"})
        with pytest.raises(NotAllowed):
            stored.begin_anew(person(5, "x", role), "mine")


def test_what_is_dangerous_needs_a_second_look(stored: StoredSettings) -> None:
    stored.change(SYSTEM, {"access.read": "members"})
    for put, drop in (
        ({"security.allow_http": True}, []),
        ({"access.join": "open"}, []),
        ({"access.read": "public"}, []),
        ({}, ["access.read"]),
    ):
        with pytest.raises(LooksTwice) as looks:
            stored.change(SYSTEM, put, drop)
        assert len(looks.value.sentences) == 1
        assert stored.config().access.read == "members"
        assert stored.config().access.join == "invite"
        assert stored.config().security.allow_http is False
    stored.change(SYSTEM, {"access.read": "public"}, sure=True)
    assert stored.config().access.read == "public"


def test_the_last_way_in_stays(tmp_path: Path, stored: StoredSettings) -> None:
    with pytest.raises(NotValid) as refused:
        stored.change(SYSTEM, {"access.password": False}, sure=True)
    assert "access.password" in refusals(refused.value)
    assert stored.config().access.password


def test_an_address_that_gets_a_secret_is_changed_beside_it(tmp_path: Path) -> None:
    private = PrivateStore(tmp_path / "var/private.db")
    given = Given(tmp_path, {"WIKI_MAIL_PASSWORD": "s3cret"}, {})
    stored = stored_settings(private, given, {})
    with pytest.raises(NotValid) as refused:
        stored.change(SYSTEM, {"mail.url": "smtp://mail.example.org"})
    assert "A secret" in refusals(refused.value)["mail.url"]
    assert "s3cret" not in repr(stored.config())
    private.close()


def test_a_stored_value_that_fits_no_more_stops_the_start_and_is_mended(
    tmp_path: Path, stored: StoredSettings
) -> None:
    stored.change(SYSTEM, {"plugins.disabled": ["a"]})
    write(tmp_path, '[plugins]\nenabled = ["a"]\n')
    (one,) = problems(tmp_path, {})
    assert one == (
        "the browser: plugins.disabled cannot hold “a”, which is in plugins.enabled "
        "too. Take it out of one. Take it back with: wiki config unset plugins.disabled"
    )
    with pytest.raises(NotValid):
        stored.change(SYSTEM, {"site.title": "x"})
    assert stored.change(SYSTEM, {}, ["plugins.disabled"]) == ["plugins.disabled"]
    assert load(tmp_path, {}).plugins.enabled == ("a",)


def test_a_broken_file_leaves_the_settings_of_the_browser(
    tmp_path: Path, stored: StoredSettings
) -> None:
    write(tmp_path, "[site\n")
    with pytest.raises(NotValid) as refused:
        stored.change(SYSTEM, {"site.title": "x"})
    assert "wiki.toml needs a look first" in refusals(refused.value)[""]
    assert stored.state() == ()


def test_accounts_that_cannot_be_read_stop_the_start(tmp_path: Path) -> None:
    # The defaults in their place could open what an administrator closed.
    (tmp_path / "var").mkdir()
    (tmp_path / "var/private.db").write_bytes(b"scrambled" * 1000)
    with pytest.raises(StartError, match=r"settings in .* cannot be read"):
        load(tmp_path, {})


def test_settings_of_the_next_start_wait_for_it(stored: StoredSettings) -> None:
    before = stored.config()
    stored.change(SYSTEM, {"server.workers": 9, "site.title": "New"})
    now = before.running(stored.given.begin(stored.state()))
    assert (now.site.title, now.server.workers) == ("New", before.server.workers)
    assert stored.config().server.workers == 9


def test_a_change_is_noticed_once(stored: StoredSettings) -> None:
    watch = SettingsWatch(stored, stored.given.begin(stored.state()))
    assert watch.newer() is None
    stored.change(SYSTEM, {"site.title": "New"})
    newer = watch.newer()
    assert newer is not None
    assert newer.site.title == "New"
    # Nothing could begin with it: not tried again at once, but something else is.
    assert watch.newer() is None
    stored.change(SYSTEM, {"site.title": "Newer"})
    assert watch.newer() is not None
    again = SettingsWatch(stored, newer := stored.given.begin(stored.state()))
    assert again.newer() is None
    stored.begin_anew(SYSTEM, "mine")
    assert again.newer() is not None
    assert newer.site.title == "Newer"
