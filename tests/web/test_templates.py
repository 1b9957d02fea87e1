"""Templates, style sheet and script keep the rules that hold for every page."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import jinja2
import pytest

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
    r"wiki import FOLDER|tags: \[housing, meetings\]|organi\*|Ctrl|OR|tag:"
)

pytestmark = pytest.mark.filterwarnings("error")
each_template = pytest.mark.parametrize(
    "path", TEMPLATES, ids=lambda p: f"{p.parent.name}/{p.name}"
)


class Elements(HTMLParser):
    """Collects start tags and texts of a template whose Jinja parts are blanked."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.inside: list[str] = []
        self.feed(
            TAGS.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), path.read_text("utf-8"))
        )

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.inside:
            while self.inside.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not {"script", "kbd"} & set(self.inside[-3:]):
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
    for tag, attrs in Elements(path).tags:
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
    # Inside {% trans %} words are meant to stand in the template.
    text = re.sub(
        r"\{%-?\s*trans\b.*?\{%-?\s*endtrans\s*-?%\}", "", text, flags=re.DOTALL
    )
    blanked = Elements.__new__(Elements)
    HTMLParser.__init__(blanked, convert_charrefs=True)
    blanked.tags, blanked.texts, blanked.inside = [], [], []
    blanked.feed(TAGS.sub(" ", text))
    for words in blanked.texts:
        assert not re.search(r"[^\W\d_]{2,}", SAME.sub("", words)), words.strip()
    for tag, attrs in blanked.tags:
        for name in SHOWN_ATTRIBUTES & set(attrs):
            assert not re.search(r"[^\W\d_]{2,}", attrs[name] or ""), (tag, attrs)


@each_template
def test_one_heading_of_the_first_level(path: Path) -> None:
    text = path.read_text("utf-8")
    if "{% block main %}{% endblock %}" in text or "{% block main %}" not in text:
        return
    shown = re.sub(r"\{% else %\}.*?\{% endif %\}", "", text, flags=re.DOTALL)
    assert shown.count("<h1") == 1


def test_the_style_sheet_mirrors_by_itself() -> None:
    css = re.sub(r"/\*.*?\*/", "", CSS.read_text("utf-8"), flags=re.DOTALL)
    physical = re.findall(
        r"(?:^|[;{\s])((?:margin|padding|border|inset|scroll-margin|scroll-padding)-"
        r"(?:left|right)[\w-]*|left|right|float|clear)\s*:\s*(?!none)",
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
