"""Templates, style sheet and script keep the rules that hold for every page."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest
from flask.testing import FlaskClient

ROOT = Path(__file__).parents[2]
TEMPLATES = [
    *sorted((ROOT / "wiki/templates").rglob("*.html")),
    *sorted((ROOT / "plugins").glob("*/wiki_*/templates/**/*.html")),
]
CSS = ROOT / "wiki/static/css/common-ground.css"
PICO = ROOT / "wiki/static/vendor/pico/2.1.1/pico.min.css"
SCRIPTS = sorted((ROOT / "wiki/static/js").glob("*.js"))
SPRITE = ROOT / "wiki/static/icons/sprite.svg"

TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SHOWN_ATTRIBUTES = {"aria-label", "alt", "placeholder", "title"}
# Words that are the same in every language.
SAME = re.compile(
    r"wiki import FOLDER|tags: \[housing, meetings\]|organi\*|Ctrl|Alt|OR|tag:"
    r"|\[\[guides/first meeting\]\]|\[!WARNING\]|\(https://example.org\)"
)
WORD = re.compile(r"[^\W\d_]{2,}")
# What is not shown, and what stands in the template to be translated.
LEFT_OUT = (
    re.compile(r"\{%-?\s*block (?:robots|frame).*?endblock\s*-?%\}", re.DOTALL),
    re.compile(r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", re.DOTALL),
)

pytestmark = pytest.mark.filterwarnings("error")
each_template = pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda p: f"{p.parent.name}/{p.name}"
)


class Elements(HTMLParser):
    """Collects start tags and texts of a template whose Jinja parts are blanked."""

    def __init__(self, template: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(TAGS.sub(" ", template))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def environment() -> jinja2.Environment:
    return jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@each_template
def test_template_parses(path: Path) -> None:
    names = ("when", "day", "sentence", "audience_words", "direction")
    env = environment()
    env.filters.update(dict.fromkeys(names, str))
    env.parse(path.read_text("utf-8"))


@each_template
def test_nothing_inline(path: Path) -> None:  # R2
    for tag, attrs in Elements(path.read_text("utf-8")).tags:
        assert tag != "style"
        assert tag != "script" or "src" in attrs
        for name, value in attrs.items():
            assert name != "style", (tag, attrs)
            assert not name.startswith("on"), (tag, name)
            assert not (value or "").lstrip().startswith(("javascript:", "data:"))


@each_template
def test_every_posting_form_has_a_token(path: Path) -> None:  # R13
    text = path.read_text("utf-8")
    for form in re.findall(r"<form\b.*?</form>", text, re.DOTALL):
        if re.search(r"""method=["']?post""", form, re.IGNORECASE):
            assert "token()" in form, form[:120]
        else:
            assert "csrf_token" not in form, form[:120]


@each_template
def test_every_word_is_translated(path: Path) -> None:
    text = path.read_text("utf-8")
    for part in LEFT_OUT:
        text = part.sub(" ", text)
    found = Elements(text)
    for words in found.texts:
        assert not WORD.search(SAME.sub("", words)), words.strip()
    for tag, attrs in found.tags:
        for name in SHOWN_ATTRIBUTES & set(attrs):
            assert not WORD.search(SAME.sub("", attrs[name] or "")), (tag, attrs)


@each_template
def test_one_heading_of_the_first_level(path: Path) -> None:
    text = path.read_text("utf-8")
    if "{% block main %}{% endblock %}" in text or "{% block main %}" not in text:
        return
    if "slots.main" in text:
        return  # the frame alone: the heading is the page's
    shown = re.sub(r"\{%-? else -?%\}.*?\{%-? endif -?%\}", "", text, flags=re.DOTALL)
    assert shown.count("<h1") == 1


def test_the_style_sheet_mirrors_by_itself() -> None:
    css = re.sub(r"/\*.*?\*/", "", CSS.read_text("utf-8"), flags=re.DOTALL)
    physical = re.findall(
        r"(?:^|[;{\s])((?:margin|padding|border|inset|scroll-margin|scroll-padding)-"
        r"(?:left|right)[\w-]*|left|right|float|clear)\s*:(?!\s*none)",
        css,
    )
    assert physical == []
    assert not re.search(r"text-align\s*:\s*(?:left|right)", css)


def test_the_style_sheet_names_its_layers_and_no_foreign_host() -> None:
    css = CSS.read_text("utf-8")
    assert "@layer base, tokens, components, utilities;" in css
    assert re.findall(r"url\(\"(?!\.\./)[^)]*\)", css) == []
    assert "data:" not in re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


def test_every_icon_of_pico_is_overridden() -> None:  # R2
    names = set(re.findall(r"--pico-icon-[a-z]+(?=:url)", PICO.read_text("utf-8")))
    css = CSS.read_text("utf-8")
    assert names
    assert all(f"{name}: none;" in css for name in names)


def test_every_icon_used_is_in_the_sprite() -> None:
    ids = set(re.findall(r'<symbol id="([^"]+)"', SPRITE.read_text("utf-8")))
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        used = re.findall(r'\bicon\("([^"]+)"\)', text)
        used += re.findall(r'sprite\.svg"\) \}\}#([\w-]+)', text)
        assert set(used) <= ids, path.name


def test_weight() -> None:
    def packed(*paths: Path) -> int:
        return sum(len(gzip.compress(path.read_bytes(), 9)) for path in paths)

    assert packed(CSS, PICO) <= 25 * 1024
    assert packed(*SCRIPTS) <= 15 * 1024


def test_html_is_set_through_the_one_policy_only() -> None:  # R2
    for path in SCRIPTS:
        script = path.read_text("utf-8")
        assert set(re.findall(r"createPolicy\(\"(\w+)\"", script)) <= {"wiki"}
        sinks = re.findall(r"\.(?:innerHTML|outerHTML)\s*=\s*(\w+)", script)
        assert set(sinks) <= {"trusted"}
        assert not re.search(
            r"insertAdjacentHTML|document\.write|\beval\(|setTimeout\(\"", script
        )


def test_what_a_page_puts_into_its_head_is_not_escaped(admin: FlaskClient) -> None:
    head = admin.get("/-/admin/").text.partition("</head>")[0]
    assert "&lt;" not in head
    page = admin.get("/-/account/sign-in", base_url="http://localhost").text
    assert '<script type="module" src="/-/static/' in page.partition("</head>")[0]
