"""Drawn in Chromium under the wiki's own policy: nothing refused, nothing active."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.serving import make_server

from wiki.testing import PASSWORD

pytestmark = pytest.mark.browser

HONEST = [
    "graph TD\n A[We talk<br/>first] --> B{Agree?}\n B -->|yes| C(Act)\n"
    " style C fill:#f9f,stroke:#333\n classDef big font-size:20px\n class A big",
    "graph LR\n أ[مجلس السكان] --> ب[اتفاق]",
    "sequenceDiagram\n participant A as Ana\n actor B as Ben\n A->>+B: Hello\n"
    " B-->>-A: Good\n Note over A,B: A talk\n alt if sick\n  B->>A: No\n end",
    "classDiagram\n Animal <|-- Duck\n class Duck{\n  +swim()\n }",
    "stateDiagram-v2\n [*] --> Still\n Still --> Moving : push",
    "erDiagram\n GROUP ||--o{ MEMBER : has",
    "gantt\n title A plan\n dateFormat YYYY-MM-DD\n section Spring\n"
    " Meet :a1, 2026-03-01, 30d\n Act :after a1, 20d",
    'pie title Who came\n "Neighbours" : 40\n "Friends" : 12',
    "journey\n title My day\n section Go\n  Walk: 5: Me\n  Talk: 3: Me, You",
    "timeline\n title History\n 2002 : Founded\n 2004 : Moved : Grown",
    "gitGraph\n commit\n branch dev\n commit",
    "quadrantChart\n title Reach\n x-axis Low --> High\n A: [0.3, 0.6]",
    "mindmap\n  root((Power))\n    People\n      Neighbours\n    Money",
    'xychart-beta\n x-axis [jan, feb]\n y-axis "Came" 0 --> 100\n bar [10, 50]',
    "kanban\n Todo\n  [Write]",
    "sankey-beta\n\nA,B,10\nA,C,5",
]
IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(1)</script>"
JS = "javascript:alert(1)"
EVIL = "https://evil.example/x"


def init(settings: str) -> str:
    return f"%%{{init: {settings}}}%%\ngraph TD\n A-->B"


HOSTILE = [
    f'graph TD\n A["{IMAGE}"] --> B["{SCRIPT}"]',
    f'graph TD\n A-->B\n click A "{JS}"',
    f'graph TD\n A-->B\n click A href "{JS}" _self\n click B call alert(1)',
    init('{"securityLevel":"loose","flowchart":{"htmlLabels":true}}')
    + f'\n C["{IMAGE}"]\n click C call alert(1)',
    "---\nconfig:\n  securityLevel: loose\n  htmlLabels: true\n  themeCSS: "
    f'"* {{ position: fixed; background: url({EVIL}) }}"\n---\n'
    'graph TD\n A["<b onclick=alert(1)>x</b>"]',
    init('{"themeCSS": "} body { display:none } .x {"}'),
    init(f'{{"themeCSS": "@import url({EVIL}); :host{{position:fixed}}"}}'),
    init('{"fontFamily": "x; } body { display:none } .y { a"}'),
    init(
        '{"theme":"base","themeVariables":{"primaryColor":"red} * {display:none} .z{"}}'
    ),
    init(
        '{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'
    ),
    f"graph TD\n A-->B\n style A fill:url({EVIL}),background:url({EVIL})",
    f"graph TD\n A-->B\n classDef x fill:url({EVIL}),position:fixed\n class A x",
    f'graph TD\n A@{{ img: "{EVIL}", label: "x", w: 60, h: 60 }}',
    f'graph TD\n A@{{ img: "{JS}", label: "x", w: 60, h: 60 }}',
    f'sequenceDiagram\n participant A\n links A: {{"x": "{JS}"}}\n'
    f" link A: y @ {JS}\n A->>A: {IMAGE}",
    'sequenceDiagram\n properties A: {"class": "x", "onclick": "alert(1)"}\n A->>A: x',
    f'classDiagram\n class A\n click A href "{JS}" "{IMAGE}"\n A : +x["{SCRIPT}"]',
    f'stateDiagram-v2\n a : {IMAGE}\n [*] --> a\n click a "{JS}"',
    f"gantt\n title {IMAGE}\n section {SCRIPT}\n a :x, 2026-01-01, 3d\n"
    f' click x href "{JS}"\n click x call alert(1)',
    f'pie title <svg onload=alert(1)>\n "{IMAGE}" : 3',
    f"journey\n title {IMAGE}\n section <b>\n {SCRIPT}: 3: {IMAGE}",
    f"timeline\n title {IMAGE}\n 2002 : {SCRIPT}",
    f'gitGraph\n commit id: "{IMAGE}" tag: "{SCRIPT}"',
    f'mindmap\n root(({IMAGE}))\n  ::icon(fa fa-book"onclick=alert(1))\n  {SCRIPT}',
    f'C4Context\n title {IMAGE}\n Person(a, "{SCRIPT}", "x", $link="{JS}")',
    f'block-beta\n a["{IMAGE}"]',
    f'kanban\n Todo\n  [{IMAGE}]@{{ ticket: "{JS}" }}',
    f'architecture-beta\n service db("{IMAGE}")[DB]',
    f'graph TD\n A["$$\\href{{{JS}}}{{x}}$$"] --> B["`**b** {IMAGE} [x]({JS})`"]',
    "graph TD\n A[#lt;img src=x onerror=alert#40;1#41;#gt;] --> B[&lt;script&gt;]",
    "graph TD\n location[x] --> body[y] --> __proto__[z] --> constructor[w]",
    init('{"maxEdges": 100000}')
    + "".join(f"\n n{i}-->n{i * 7 % 400}" for i in range(600)),
]
# Returns what is in the drawings of a page and should not be.
LOOK = """() => {
  const bad = ["script", "iframe", "img", "image", "foreignObject", "a", "set"];
  const found = [];
  for (const host of document.querySelectorAll(".p-diagrams-drawing")) {
    for (const one of host.shadowRoot.querySelectorAll("*")) {
      if (bad.includes(one.localName)) found.push(one.localName);
      for (const { name, value } of one.attributes) {
        if (/^on|javascript:|evil/i.test(`${name} ${value}`)) found.push(name);
      }
    }
    for (const sheet of host.shadowRoot.adoptedStyleSheets) {
      for (const rule of sheet.cssRules) {
        if (/evil|body/.test(rule.cssText)) found.push(rule.cssText);
      }
    }
  }
  if (document.adoptedStyleSheets.length) found.push("rules on the page");
  if (document.querySelector(".p-diagrams-scratch")) found.push("left over");
  if (getComputedStyle(document.body).display === "none") found.push("page hidden");
  if ({}.polluted) found.push("prototype");
  return found;
}"""
SHAPES = """(all) => all.map(
  (one) => one.shadowRoot.querySelectorAll("path, rect, line, text").length)"""
DONE = """() => [...document.querySelectorAll(".p-diagrams-figure")].every(
  (one) => one.matches(".p-diagrams-drawn, .p-diagrams-undrawn"))"""


@pytest.fixture
def address(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def chromium() -> Iterator[Any]:
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("chromium is not installed: apt-get install chromium")
        pytest.skip("chromium is not installed: apt-get install chromium")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


@pytest.fixture
def visit(chromium: Any, address: str) -> Callable[..., Any]:
    """Return ``visit(path, …)``: a page with all its diagrams settled, and complaints.

    These are what the browser said or asked, and requests to elsewhere.
    """

    def go(path: str, **options: Any) -> Any:
        tab = chromium.new_context(**options).new_page()
        heard: list[str] = []

        def hear(message: Any) -> None:
            # The browser says that it leaves an @import out.
            if message.type != "info" and "@import" not in message.text:
                heard.append(message.text)

        def see(request: Any) -> None:
            if not request.url.startswith(address):
                heard.append(request.url)

        def close(dialog: Any) -> None:
            heard.append(f"dialog {dialog.message}")
            dialog.dismiss()

        tab.on("console", hear)
        tab.on("pageerror", lambda error: heard.append(str(error)))
        tab.on("dialog", close)
        tab.on("request", see)
        tab.goto(address + path)
        settle(tab)
        return tab, heard

    return go


def settle(tab: Any) -> None:
    for _ in range(600):
        if tab.evaluate(DONE):
            return
        tab.wait_for_timeout(50)
    raise AssertionError("a diagram is neither drawn nor given up")


def fenced(*sources: str) -> str:
    return "\n\n".join(f"```mermaid\n{source}\n```" for source in sources)


def test_every_kind_is_drawn_and_nothing_is_refused(
    page: Callable[..., Any], visit: Callable[..., Any]
) -> None:  # R2
    page("all", fenced(*HONEST))
    for scheme in ("light", "dark"):
        tab, heard = visit("/all", color_scheme=scheme)
        assert tab.locator(".p-diagrams-drawn").count() == len(HONEST)
        assert tab.evaluate(LOOK) == []
        assert heard == []
        drawings = tab.locator(".p-diagrams-drawing")
        assert drawings.count() == len(HONEST) * (2 if scheme == "dark" else 1)
        for shapes in drawings.evaluate_all(SHAPES):
            assert shapes > 3
    assert tab.locator(".p-diagrams-drawing").get_by_text("مجلس").count() == 2


@pytest.mark.parametrize("policy", [True, False], ids=["with-policy", "without"])
def test_r01_nothing_active_comes_of_a_diagram(
    page: Callable[..., Any], visit: Callable[..., Any], policy: bool
) -> None:  # R1
    page("bad", fenced(*HOSTILE))
    tab, heard = visit("/bad", bypass_csp=not policy)
    tab.wait_for_timeout(300)
    assert tab.locator(".p-diagrams-drawn").count() > len(HOSTILE) // 2
    assert tab.evaluate(LOOK) == []
    assert heard == []


def test_it_can_be_read_without_scripts_and_by_ear(
    page: Callable[..., Any], visit: Callable[..., Any], chromium: Any, address: str
) -> None:
    page("one", "```{mermaid} Steps\n:alt: First A, then B.\n\ngraph TD\n A-->B\n```\n")
    plain = chromium.new_context(java_script_enabled=False).new_page()
    plain.goto(f"{address}/one")
    assert plain.locator("pre", has_text="A-->B").is_visible()
    assert plain.get_by_text("First A, then B.").is_visible()
    tab, _ = visit("/one")
    assert tab.get_by_role("img", name="First A, then B.").is_visible()


def test_what_is_no_diagram_shows_its_text_and_says_so(
    page: Callable[..., Any], visit: Callable[..., Any]
) -> None:
    page("one", fenced("graph TD\n A -->", HONEST[0]))
    tab, heard = visit("/one")
    wrong = tab.locator(".p-diagrams-undrawn")
    assert wrong.locator("pre").is_visible()
    assert wrong.get_by_text("This diagram cannot be drawn").is_visible()
    assert tab.locator(".p-diagrams-drawn").count() == 1
    assert heard == []


def test_colors_follow_the_reader_and_paper_is_white(
    page: Callable[..., Any], visit: Callable[..., Any]
) -> None:
    page("one", fenced(HONEST[0]))
    tab, _ = visit("/one", color_scheme="dark")
    light, dark = (
        tab.locator(f'.p-diagrams-drawing[data-ink="{ink}"]')
        for ink in ("neutral", "dark")
    )
    assert (light.is_visible(), dark.is_visible()) == (False, True)
    tab.emulate_media(media="print")
    assert (light.is_visible(), dark.is_visible()) == (True, False)
    tab.emulate_media(media="screen", color_scheme="light")
    light.wait_for(state="visible")
    dark.wait_for(state="hidden")
    tab.evaluate("document.documentElement.dataset.theme = 'dark'")
    dark.wait_for(state="visible")


def test_the_preview_draws_and_says_what_is_wrong(
    wiki: Any, chromium: Any, address: str
) -> None:
    wiki.accounts.create_user("ana", "editor", PASSWORD)
    tab = chromium.new_context(viewport={"width": 1300, "height": 900}).new_page()
    tab.goto(f"{address}/-/sign-in")
    tab.locator("[name=name]").fill("ana")
    tab.locator("[name=password]").fill(PASSWORD)
    tab.locator("[name=password]").press("Enter")
    tab.wait_for_url(lambda url: "sign-in" not in url)
    tab.goto(f"{address}/-/new")
    tab.locator("textarea").fill("```mermaid\ngraph TD\n A-->B\n```\n")
    tab.locator("[data-preview-html] .p-diagrams-drawn").wait_for()
    tab.locator("textarea").fill("```mermaid\ngraph TD\n A-->\n```\n")
    tab.locator("[data-preview-html] .p-diagrams-undrawn").wait_for()
    assert "Parse error" in tab.locator(".p-diagrams-failed").inner_text()
