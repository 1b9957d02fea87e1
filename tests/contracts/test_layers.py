"""The layout of design: imports run one way, nothing hides, nothing grows too big."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WIKI = ROOT / "wiki"
PLUGINS = ROOT / "plugins"
MAX_FILE, MAX_FUNCTION = 400, 60

# Each room may import from the rooms before it, and from itself.
ROOMS = (
    {"errors", "model"},
    {"store", "markup", "search"},
    {
        "hookspecs",
        "hooks",
        "outgoing",
        "plugin",
        "plugin_data",
        "settings",
        "checks",
        "sources",
        "config",
        "sections",
        "sections_machine",
    },
    {
        "access",
        "accounts",
        "archive",
        "archiving",
        "describing",
        "directives",
        "erasing",
        "areas",
        "audit",
        "importing",
        "indexing",
        "instance",
        "mail",
        "panic",
        "plugin_switching",
        "moving",
        "newcomers",
        "reading",
        "records",
        "registry",
        "rendering",
        "reviewing",
        "saving",
        "scaffold",
        "service",
        "settings_watch",
        "stored_settings",
        "taking_back",
        "undoing",
        "upkeep",
    },
    {"build", "background", "jobs"},
    {"web"},
    {"app", "plugin_checks", "testing"},
    {"cli"},
    {"__init__"},
)
# Siblings that must not know each other.
APART = {"store", "markup", "search"}
FLASK = {"flask", "flask_wtf", "flask_babel", "werkzeug", "jinja2", "markupsafe"}
WEB = {"web", "app", "cli", "plugin_checks", "testing", "__init__"}
# The package's front door is loaded late, and the app factory finds plugins' folders.
HIDDEN_ALLOWED = {"cli", "app"}


def files() -> list[Path]:
    found = sorted(WIKI.rglob("*.py"))
    assert found
    return found


def room_of(path: Path) -> str:
    return path.relative_to(WIKI).parts[0].removesuffix(".py")


def level(room: str) -> int:
    for i, rooms in enumerate(ROOMS):
        if room in rooms:
            return i
    raise AssertionError(f"wiki/{room} has no place in the layout (tests/contracts)")


def type_checking_lines(tree: ast.AST) -> set[int]:
    """Return the lines that only type checkers read."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            lines.update(range(node.lineno, (node.end_lineno or 0) + 1))
    return lines


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Yield (module, line) of every import that runs."""
    tree = ast.parse(path.read_text())
    quiet = type_checking_lines(tree)
    package = path.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(tree):
        if getattr(node, "lineno", 0) in quiet:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: -node.level]) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            if module == "wiki" or (module and not node.module):
                for alias in node.names:
                    yield f"{module}.{alias.name}", node.lineno
            else:
                yield module, node.lineno


def own_rooms(path: Path) -> Iterator[tuple[str, int]]:
    for module, line in imports(path):
        parts = module.split(".")
        if parts[0] == "wiki" and len(parts) > 1:
            yield parts[1], line


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(WIKI)))
def test_imports_run_one_way(path: Path) -> None:
    here = room_of(path)
    for there, line in own_rooms(path):
        if not (WIKI / there).exists() and not (WIKI / f"{there}.py").exists():
            continue  # a name that the package itself offers
        assert level(there) <= level(here), f"{path}:{line} imports wiki.{there}"
        if here in APART:
            assert there == here or there not in APART, f"{path}:{line}: {there}"


@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(WIKI)))
def test_no_flask_below_web(path: Path) -> None:
    if room_of(path) in WEB:
        return
    used = {module.split(".")[0] for module, _ in imports(path)}
    assert not used & FLASK


def test_no_circles() -> None:
    """Modules import each other in no circle."""
    graph: dict[str, set[str]] = {}
    for path in files():
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        name = name.removesuffix(".__init__")
        graph[name] = {module for module, _ in imports(path) if module != name}
    done: set[str] = set()

    def walk(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail, name))
        if name in done or name not in graph:
            return
        for following in graph[name]:
            if following in graph and following != "wiki":
                walk(following, (*trail, name))
        done.add(name)

    for name in graph:
        walk(name, ())


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def sources() -> list[Path]:
    return files() + sorted(p for p in PLUGINS.rglob("*.py") if "tests" not in p.parts)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_sizes(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") <= MAX_FILE
    for function in functions(ast.parse(text)):
        length = (function.end_lineno or 0) - function.lineno
        assert length <= MAX_FUNCTION, f"{path}:{function.lineno}"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_import_hides_in_a_function(path: Path) -> None:
    if path.is_relative_to(WIKI) and room_of(path) in HIDDEN_ALLOWED:
        return
    for function in functions(ast.parse(path.read_text())):
        for node in ast.walk(function):
            assert not isinstance(node, ast.Import | ast.ImportFrom), (
                f"{path}:{node.lineno}"
            )


@pytest.mark.parametrize(
    "path",
    [p for p in sources() if p.is_relative_to(PLUGINS)],
    ids=lambda p: str(p.relative_to(PLUGINS)),
)
def test_plugins_use_the_public_interface_only(path: Path) -> None:
    own = path.relative_to(PLUGINS).parts[1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            if module.split(".")[0] == "wiki":
                assert module in {"wiki", "wiki.testing"}, f"{path}:{node.lineno}"
            if module.startswith("wiki_"):
                assert module.split(".")[0] == own, f"{path}:{node.lineno}"


def test_the_core_imports_no_plugin() -> None:
    for path in files():
        for module, line in imports(path):
            assert not module.startswith("wiki_"), f"{path}:{line}"


def test_plugins_is_no_package() -> None:
    assert not (PLUGINS / "__init__.py").exists()
