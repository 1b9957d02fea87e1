"""Running the wiki in the browser: settings, overview, plugins, pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from wiki import Plugin, hookimpl
from wiki.app import create_app
from wiki.config import load
from wiki.errors import Busy
from wiki.instance import prepare
from wiki.model.actor import SYSTEM
from wiki.model.page import Draft
from wiki.model.parts import NavItem
from wiki.plugin import Setting
from wiki.service import Wiki
from wiki.store.private_settings import SettingRows
from wiki.stored_settings import KNOWN
from wiki.testing import PASSWORD, submit
from wiki.web.admin.plugins import switched

from .forms import fields

SETTINGS = "/-/admin/settings"
Settings = dict[str, Any]


class Mood(Plugin):
    """Fails where it is told to."""

    name = "mood"
    title = "Mood"
    settings = (
        Setting("most", int, 3, "The most there is"),
        Setting("share", float, 0.5, "A share"),
        Setting("loud", bool, False, "Loud"),
        Setting("words", list, ["a"], "Words"),
        Setting("kind", str, "good", "Kind of mood", choices=("good", "bad")),
    )

    @hookimpl
    def nav_items(self, actor: Any) -> list[NavItem]:
        if self.options["kind"] == "bad":
            raise RuntimeError("in a bad mood")
        return []


class Site:
    """A wiki in a folder, and an administrator's browser."""

    def __init__(self, folder: Path, toml: str = "") -> None:
        self.folder = folder
        (folder / "wiki.toml").write_text(toml)
        self.app: Flask = create_app(folder, plugins=[Mood])
        self.wiki: Wiki = self.app.extensions["wiki"]
        self.wiki.save(SYSTEM, Draft("home", "# Home\n"), 0)
        self.wiki.accounts.create_user("Boss", "admin", PASSWORD)
        self.client: FlaskClient = self.app.test_client()
        done = submit(self.client, "/-/sign-in", name="Boss", password=PASSWORD)
        assert done.status_code == 303, done.text

    @property
    def now(self) -> Wiki:
        """The wiki that answers now."""
        self.get("/-/health")
        found: Wiki = self.app.extensions["wiki.reloading"].wiki
        return found

    def get(self, path: str) -> Any:
        self.app.extensions["wiki.reloading"].look_now()
        return self.client.get(path)

    def save(self, section: str, read: Any, **typed: str) -> Any:
        """Send a section's form with some fields typed anew."""
        page = read(self.get(f"{SETTINGS}/{section}"))
        form = fields(page.all("form", action=f"{SETTINGS}/{section}")[0])
        shown = {k.removeprefix("was."): v for k, v in form.items() if "was." in k}
        wanted = {k.replace("__", "."): v for k, v in typed.items()}
        assert wanted.keys() <= shown.keys()
        values = {k: v for k, v in (shown | wanted).items() if v != "false"}
        sent = {k: v for k, v in form.items() if k.startswith(("was.", "csrf"))}
        return submit(self.client, f"{SETTINGS}/{section}", **sent | values)

    def close(self) -> None:
        self.now.close()
        self.wiki.close()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"), '[site]\n\nlicense = "CC0"\n')
    yield site
    site.close()


@pytest.fixture
def site(kept: Site) -> Iterator[Site]:
    yield kept
    kept.wiki.settings.change(SYSTEM, {}, [*dict(kept.now.settings.state())], sure=True)


def told(read: Any, response: Any) -> list[str]:
    return [one.text for one in read(response).all("p", class_="problem")]


# -- the form


def test_every_setting_is_in_a_form(site: Site, read: Any) -> None:
    sections = [
        url
        for url in read(site.get(SETTINGS)).links()
        if url.startswith(f"{SETTINGS}/")
    ]
    pages = [read(site.get(url)) for url in sections]
    shown = {one["id"] for page in pages for one in page.all("p") if "id" in one.attrs}
    known = [*KNOWN, *(f"plugin.mood.{one.name}" for one in Mood.settings)]
    assert {f"state.{key}" for key in known} <= shown
    for page in pages:
        ids = {one["id"] for one in page.walk() if "id" in one.attrs}
        for control in page.all("input") + page.all("select"):
            if "aria-describedby" in control.attrs:
                assert set(control["aria-describedby"].split()) <= ids
                assert control["id"] in ids


def test_what_is_fixed_elsewhere_is_only_shown(site: Site, read: Any) -> None:
    page = read(site.get(f"{SETTINGS}/site"))
    license = page.one("input", id="site.license")
    assert license["value"] == "CC0"
    assert "disabled" in license.attrs
    assert "wiki.toml, line 3" in page.one("p", id="state.site.license").text
    assert not page.all("input", name="was.site.license")
    port = read(site.get(f"{SETTINGS}/server")).one("input", id="server.port")
    assert "disabled" in port.attrs


def test_a_setting_changes_at_once_and_is_set_back(site: Site, read: Any) -> None:
    assert site.save("site", read, site__title="River City").status_code == 303
    page = read(site.get(f"{SETTINGS}/site"))
    assert page.one("a", class_="wordmark").text == "River City"
    assert "Set here" in page.one("p", id="state.site.title").text
    assert "within two seconds" in page.one("p", role="status").text
    assert "Name of the wiki" in read(site.get(SETTINGS)).text
    assert site.now.config.site.title == "River City"
    back = submit(site.client, f"{SETTINGS}/site/back", key="site.title")
    assert back.status_code == 303
    assert site.now.config.site.title == "Common Ground"
    acts = [act.kind for act in site.wiki.accounts.audit.acts(limit=2)]
    assert acts == ["setting.reset", "setting.changed"]
    nothing = submit(site.client, f"{SETTINGS}/site/back", key="site.title")
    assert "Nothing was different" in read(site.client.get(nothing.location)).text


def test_all_kinds_of_fields(site: Site, read: Any) -> None:
    page = read(site.get(f"{SETTINGS}/site"))
    chosen = page.all("input", name="site.languages", type="checkbox")
    assert len([one for one in chosen if "checked" in one.attrs]) >= 3
    done = submit(
        site.client,
        f"{SETTINGS}/site",
        **{"was.site.languages": "en, es, fr, ar", "site.languages": ["en", "es"]},
    )
    assert done.status_code == 303
    assert site.now.config.site.languages == ("en", "es")
    site.save("store", read, store__watch_files="false")
    assert site.now.config.store.watch_files is False
    typed = {
        "plugin__mood__most": "7",
        "plugin__mood__share": "0.25",
        "plugin__mood__loud": "true",
        "plugin__mood__words": "b, c",
    }
    assert site.save("plugin.mood", read, **typed).status_code == 303
    assert site.now.registry.plugins["mood"].options == {
        "most": 7,
        "share": 0.25,
        "loud": True,
        "words": ["b", "c"],
        "kind": "good",
    }


def test_every_problem_stands_beside_its_field_and_nothing_is_lost(
    site: Site, read: Any
) -> None:
    refused = site.save(
        "limits",
        read,
        limits__page_kb="0",
        limits__file_mb="many",
        limits__writes_per_minute="70",
    )
    assert refused.status_code == 422
    assert told(read, refused) == [
        "“Largest page (kB)” must be from 1 to 256, not 0.",
        "“Largest file (MB)” must be a whole number, not “many”.",
    ]
    page = read(refused)
    for key, value in (
        ("limits.page_kb", "0"),
        ("limits.file_mb", "many"),
        ("limits.writes_per_minute", "70"),
    ):
        assert page.one("input", id=key)["value"] == value
    assert site.now.config.limits.writes_per_minute == 60
    together = submit(
        site.client,
        f"{SETTINGS}/site",
        **{
            "was.site.language": "en",
            "site.language": "es",
            "was.site.languages": "en, es, fr, ar",
            "site.languages": "en",
        },
    )
    assert together.status_code == 422
    assert len(told(read, together)) == 2
    assert site.now.settings.state() == ()


def test_two_people_at_once_overwrite_nothing_unseen(site: Site, read: Any) -> None:
    hers = {"was.site.title": "Common Ground", "site.title": "Hers"}
    assert submit(site.client, f"{SETTINGS}/site", **hers).status_code == 303
    mine = {"was.site.title": "Common Ground", "site.title": "Mine"}
    refused = submit(site.client, f"{SETTINGS}/site", **mine)
    assert refused.status_code == 422
    assert "Somebody else has set this to “Hers”" in told(read, refused)[0]
    page = read(refused)
    assert page.one("input", id="site.title")["value"] == "Mine"
    again = {"was.site.title": page.one("input", name="was.site.title")["value"]}
    sent = submit(site.client, f"{SETTINGS}/site", **again, **{"site.title": "Mine"})
    assert sent.status_code == 303
    assert site.now.config.site.title == "Mine"


def test_what_another_setting_needs_is_said_by_name(site: Site, read: Any) -> None:
    refused = site.save("mail", read, mail__url="smtp://mail.example.org")
    assert refused.status_code == 422
    assert any(
        "“Sender of the mail” must be set too" in one for one in told(read, refused)
    )


def test_fields_that_the_form_did_not_show_count_for_nothing(site: Site) -> None:
    for typed in (
        {"site.title": "x"},
        {"was.server.port": "8000", "server.port": "80", "site.title": "x"},
        {"was.site.title": "Common Ground", "site.title": "Common Ground"},
        {"access.join": "open", "was.access.join": "invite"},
    ):
        submit(site.client, f"{SETTINGS}/site", **typed)
    assert site.now.settings.state() == ()
    fixed = {"was.site.license": "CC0", "site.license": "x"}
    assert submit(site.client, f"{SETTINGS}/site", **fixed).status_code == 422
    for path in (f"{SETTINGS}/nothing", f"{SETTINGS}/plugin.nothing"):
        assert site.client.get(path).status_code == 404
        sent = submit(site.client, f"{SETTINGS}/site", path, x="1")
        assert sent.status_code == 404
    assert submit(site.client, f"{SETTINGS}/site/back", key="x").status_code == 404


@pytest.mark.parametrize(
    ("section", "typed", "words"),
    [
        ("access", {"access__join": "open"}, "make an account by themselves"),
        ("security", {"security__allow_http": "true"}, "without encryption"),
    ],
)
def test_what_is_dangerous_is_said_before_it_is_true(
    site: Site, read: Any, section: str, typed: dict[str, str], words: str
) -> None:
    asked = site.save(section, read, **typed)
    assert asked.status_code == 409
    page = read(asked)
    assert words in page.one("div", role="alert").text
    assert site.now.settings.state() == ()
    form = page.one("form", action=f"{SETTINGS}/{section}")
    sent = fields(form)
    again = read(submit(site.client, f"{SETTINGS}/{section}", **sent, edit="1"))
    key = next(iter(typed)).replace("__", ".")
    assert (
        again.one(id=key).get("checked") == ""
        or "selected" in again.text
        or (again.one("option", value=typed[next(iter(typed))]))
    )
    assert submit(site.client, f"{SETTINGS}/{section}", **sent, sure="1").status_code
    assert dict(site.now.settings.state())[key]


def test_opening_what_was_closed_needs_a_look_when_set_back_too(
    site: Site, read: Any
) -> None:
    assert site.save("access", read, access__read="members").status_code == 303
    back = submit(site.client, f"{SETTINGS}/access/back", key="access.read")
    assert back.status_code == 409
    assert site.now.config.access.read == "members"
    sent = fields(read(back).one("form", action=f"{SETTINGS}/access/back"))
    assert submit(site.client, f"{SETTINGS}/access/back", **sent, sure="1")
    assert site.now.config.access.read == "public"


def test_an_address_that_leads_elsewhere_needs_a_look(site: Site, read: Any) -> None:
    asked = submit(
        site.client,
        f"{SETTINGS}/site",
        **{"was.site.url": "", "site.url": "https://wiki.example.org"},
    )
    # From this machine itself there is always a way back.
    assert asked.status_code == 303
    assert site.now.config.site.url == "https://wiki.example.org"


def test_the_last_way_in_cannot_be_closed(site: Site, read: Any) -> None:  # R14
    refused = site.save("access", read, access__password="false")
    assert refused.status_code == 422
    assert len(told(read, refused)) == 1
    assert site.now.config.access.password


def test_secrets_are_never_shown(
    tmp_path: Path, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIKI_MAIL_PASSWORD", "the-canary")
    site = Site(tmp_path)
    text = site.get(f"{SETTINGS}/mail").text
    assert "the-canary" not in text
    assert "It is set, by the variable WIKI_MAIL_PASSWORD" in text
    assert "disabled" in read(text).one("input", id="mail.url").attrs
    site.close()


def test_nobody_else_sees_or_changes_settings(
    people: Callable[[str], FlaskClient],
) -> None:
    for role in ("visitor", "member", "editor", "moderator"):
        client = people(role)
        for path in (SETTINGS, f"{SETTINGS}/site", "/-/admin/plugins", "/-/admin/"):
            assert client.get(path).status_code in (401, 403, 404)
        for path in (f"{SETTINGS}/site", f"{SETTINGS}/site/back", "/-/admin/plugins"):
            refused = submit(client, "/-/sign-in", path, key="x")
            assert refused.status_code in (401, 403, 404)


# -- taking it into effect


def test_settings_that_cannot_be_taken_leave_the_old_ones_running(
    site: Site, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        (site.folder / "wiki.toml").rename(site.folder / "kept.toml")
        (site.folder / "wiki.toml").write_text("[site\n")
        site.wiki.settings.begin_anew(SYSTEM, "mood")
        page = site.get("/-/admin/")
        assert page.status_code == 200
        state = read(page).all("li", class_="danger")
        assert "The newest settings are not in effect" in state[0].text
        assert "wiki.toml, line 1" in state[0].text
        assert "wiki.toml needs a look first" in site.get(f"{SETTINGS}/site").text
        (site.folder / "kept.toml").replace(site.folder / "wiki.toml")
        patch.setattr("wiki.settings_watch.RETRY", 0.0)
    site.wiki.settings.begin_anew(SYSTEM, "mood")
    assert "not in effect" not in site.get("/-/admin/").text


def test_a_look_that_fails_once_is_forgotten(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    reloading = site.app.extensions["wiki.reloading"]
    with monkeypatch.context() as patch:

        def busy(_self: object) -> int:
            raise Busy

        patch.setattr("wiki.stored_settings.StoredSettings.mark", busy)
        assert site.get("/").status_code == 200
        assert "busy" in reloading.failure
    assert site.get("/").status_code == 200
    assert reloading.failure == ""


def test_the_old_application_is_closed_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiki.web.reloading.GRACE", 0.05)
    site = Site(tmp_path)
    closed: list[bool] = []
    monkeypatch.setattr(site.wiki, "close", lambda: closed.append(True))
    site.wiki.settings.change(SYSTEM, {"site.title": "New"})
    assert site.now.config.site.title == "New"
    for _ in range(100):
        if closed:
            break
        time.sleep(0.02)
    assert closed == [True]
    monkeypatch.undo()
    site.close()


# -- how it is


def states(read: Any, site: Site) -> dict[str, str]:
    """Return {sentence: how it is} of the overview."""
    page = read(site.get("/-/admin/"))
    found = {}
    for one in page.all("li", class_="state"):
        kind = one["class"].split()[1]
        found[one.text] = kind
    return found


def one_of(found: dict[str, str], words: str) -> str:
    kinds = [kind for text, kind in found.items() if words in text]
    assert kinds, (words, found)
    return kinds[0]


def test_the_overview_says_how_everything_is(site: Site, read: Any) -> None:
    (site.folder / "pages/bad.md").write_bytes(b"\xff\xfe")
    site.wiki.store.scan()
    found = states(read, site)
    assert one_of(found, "bad.md") == "warning"
    assert one_of(found, "The disk is") in ("ok", "warning", "danger")
    assert one_of(found, "Administrators without a passkey") == "warning"
    assert one_of(found, "whoever can read the pages folder") == "ok"
    assert one_of(found, "no backup by itself") == "warning"
    assert "Common Ground 0.1.0" in site.get("/-/admin/").text
    (site.folder / "pages/bad.md").unlink()
    site.wiki.store.scan()
    found = states(read, site)
    assert one_of(found, "Every file of the pages folder is taken in") == "ok"


def test_folders_that_others_may_read_are_told(
    site: Site, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (site.folder / "pages").stat().st_mode & 0o777 == 0o700
    assert (site.folder / "var").stat().st_mode & 0o777 == 0o700
    (site.folder / "pages").chmod(0o755)
    monkeypatch.setattr("wiki.web.admin.overview.ABOVE", 1)
    assert "chmod 700 pages" in site.get("/-/admin/").text
    (site.folder / "pages").chmod(0o700)
    assert "chmod 700" not in site.get("/-/admin/").text


@pytest.mark.parametrize("starter", [True, False])
def test_a_new_wiki_has_folders_for_its_owner_only(
    tmp_path: Path, starter: bool
) -> None:
    folder = prepare(tmp_path / "new", starter=starter)
    create_app(folder).extensions["wiki"].close()
    for name in ("pages", "var"):
        assert (folder / name).stat().st_mode & 0o777 == 0o700


def test_a_full_disk_is_told_in_time(
    site: Site, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:  # R4
    for free, kind in ((50, "ok"), (9, "warning"), (1, "danger")):
        disk = type("Disk", (), {"total": 100 * 10**9, "free": free * 10**9})
        monkeypatch.setattr("shutil.disk_usage", lambda _path, disk=disk: disk)
        assert one_of(states(read, site), "The disk is") == kind


def test_a_failing_plugin_is_named_and_tried_again(site: Site, read: Any) -> None:
    site.save("plugin.mood", read, plugin__mood__kind="bad")
    for _ in range(25):
        assert site.get("/-/search").status_code == 200
    text = site.get("/-/admin/").text
    assert "The plugin “mood” failed in “nav_items” 20 times" in text
    assert "in a bad mood" in text
    assert "It is left out there now" in text
    old = site.now
    again = submit(site.client, "/-/admin/plugins/again", plugin="mood")
    assert again.status_code == 303
    assert site.now is not old
    assert site.wiki.accounts.audit.acts(limit=1)[0].kind == "plugin.again"
    none = submit(site.client, "/-/admin/plugins/again", plugin="nothing")
    assert none.status_code == 404


def test_a_plugin_is_turned_off_and_on(site: Site, read: Any) -> None:
    assert "Mood" in site.get("/-/admin/plugins").text
    assert "does not say" not in site.get("/-/admin/plugins").text
    assert submit(site.client, "/-/admin/plugins", plugin="glossary").status_code == 303
    assert "glossary" not in site.now.registry.plugins
    assert site.get("/-/p/glossary/").status_code == 404
    on = submit(site.client, "/-/admin/plugins", plugin="glossary", on="1")
    assert on.status_code == 303
    assert "glossary" in site.now.registry.plugins
    assert site.get("/-/p/glossary/").status_code == 200
    assert submit(site.client, "/-/admin/plugins", plugin="x").status_code == 404


@pytest.mark.parametrize(
    ("enabled", "disabled", "on", "wanted"),
    [
        ([], [], False, {"plugins.disabled": ["a"]}),
        ([], ["a"], True, {"plugins.disabled": []}),
        (["a", "b"], [], False, {"plugins.enabled": ["b"]}),
        (["b"], [], True, {"plugins.enabled": ["b", "a"]}),
        # The last one off: an empty list alone would turn all the others on.
        (["a"], [], False, {"plugins.enabled": [], "plugins.disabled": ["a", "b"]}),
        (["a"], [], True, {}),
    ],
)
def test_lists_of_plugins(
    tmp_path: Path, enabled: list[str], disabled: list[str], on: bool, wanted: Settings
) -> None:
    config = load(
        tmp_path,
        {
            "WIKI_PLUGINS_ENABLED": ",".join(enabled),
            "WIKI_PLUGINS_DISABLED": ",".join(disabled),
        },
    )
    assert switched(config, "a", {"a", "b"}, on=on) == wanted


def test_a_list_of_plugins_that_is_fixed_says_where(tmp_path: Path, read: Any) -> None:
    site = Site(tmp_path, "[plugins]\ndisabled = []\n")
    refused = submit(site.client, "/-/admin/plugins", plugin="glossary")
    assert refused.status_code == 422
    assert "wiki.toml, line 2" in read(refused).one("p", role="alert").text
    site.close()


def test_pages_that_are_wanted_and_pages_nothing_links_to(
    site: Site, read: Any
) -> None:
    links = " ".join(f"[[missing {i:03}]]" for i in range(120))
    wiki = site.now
    wiki.save(SYSTEM, Draft("many links", f"# Many\n\n{links}\n"), 0)
    first = read(site.get("/-/admin/pages"))
    rows = first.one("ul", class_="list-rows").all("a", class_="name")
    assert len(rows) == 100
    more = first.one("a", rel="next")["href"]
    assert len(read(site.get(more)).one("ul", class_="list-rows").all("li")) == 20
    lonely = read(site.get("/-/admin/pages?orphans=1"))
    assert "Many" in lonely.one("ul", class_="list-rows").text
    assert site.get("/-/admin/pages?page=x").status_code == 404
    assert site.get("/-/admin/pages?page=999").status_code == 200


def test_a_value_of_another_section_that_fits_no_more_is_told(
    tmp_path: Path, read: Any
) -> None:
    site = Site(tmp_path)
    with site.wiki.settings.store.writing() as at:
        SettingRows(site.wiki.settings.store.database).put(
            at, {"limits.page_kb": 10**6}, 1
        )
    # It came by another hand or an older version: what ran goes on.
    assert "The newest settings are not in effect" in site.get("/-/admin/").text
    refused = submit(
        site.client,
        f"{SETTINGS}/site",
        **{"was.site.title": "Common Ground", "site.title": "x"},
    )
    assert refused.status_code == 422
    assert "limits.page_kb must be from 1 to 256" in refused.text
    back = submit(
        site.client,
        f"{SETTINGS}/limits",
        f"{SETTINGS}/limits/back",
        key="limits.page_kb",
    )
    assert back.status_code == 303
    assert "not in effect" not in site.get("/-/admin/").text
    site.close()
