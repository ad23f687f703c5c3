"""The house rules: what may import what, and how much is loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A module may import only from modules above it in this list.
ORDER = [
    "minictx.ident",
    "minictx.proxy",
    "minictx.local",
    "minictx.stack",
    "minictx.manager",
    "minictx",
    "minictx.contextual",
    "minictx.dropin.versions",
    "minictx.dropin.names",
    "minictx.dropin.code",
    "minictx.dropin.replacement",
    "minictx.dropin",
    "minictx.dropin.__main__",
    "minictx.web.globals",
    "minictx.web.signals",
    "minictx.web.wrappers",
    "minictx.web.json",
    "minictx.web.config",
    "minictx.web.logging",
    "minictx.web.loopback",
    "minictx.web.sessions",
    "minictx.web.stored_sessions",
    "minictx.web.appglobals",
    "minictx.web.errors",
    "minictx.web.ctx",
    "minictx.web.streams",
    "minictx.web.helpers",
    "minictx.web.templating",
    "minictx.web.testing",
    "minictx.web.responses",
    "minictx.web.scaffold",
    "minictx.web.app",
    "minictx.web",
    "minictx.stage.errors",
    "minictx.stage.outcome",
    "minictx.stage.actor",
    "minictx.stage.casting",
    "minictx.stage.crew",
    "minictx.stage.threads",
    "minictx.stage.greenlets",
    "minictx.stage.tasks",
    "minictx.stage.kinds",
    "minictx.stage.where",
    "minictx.stage.closing",
    "minictx.stage.result",
    "minictx.stage.play",
    "minictx.stage.written",
    "minictx.stage.scene",
    "minictx.stage.orders",
    "minictx.stage.tree",
    "minictx.stage.explore",
    "minictx.stage",
    "minictx.trace.state",
    "minictx.trace.words",
    "minictx.trace.fold",
    "minictx.trace.rows",
    "minictx.trace.summary",
    "minictx.trace.notebook",
    "minictx.trace.trace",
    "minictx.trace.lanes",
    "minictx.trace.transcript",
    "minictx.trace.slices",
    "minictx.trace.chrome",
    "minictx.trace.page",
    "minictx.trace.values",
    "minictx.trace.places",
    "minictx.trace.events",
    "minictx.trace.objects",
    "minictx.trace.runners",
    "minictx.trace.patch",
    "minictx.trace.core",
    "minictx.trace.inherited",
    "minictx.trace.spawn",
    "minictx.trace.web",
    "minictx.trace.install",
    "minictx.trace.lines",
    "minictx.trace.recorder",
    "minictx.trace.script",
    "minictx.trace.command",
    "minictx.trace",
    "minictx.compare.kit",
    "minictx.compare.adapter",
    "minictx.compare.implementations",
    "minictx.compare.behaviours.catalogue",
    "minictx.compare.behaviours.answers",
    "minictx.compare.behaviours.isolation",
    "minictx.compare.behaviours.tasks",
    "minictx.compare.behaviours.memory",
    "minictx.compare.behaviours.interface",
    "minictx.compare.behaviours.stacks",
    "minictx.compare.behaviours.proxies",
    "minictx.compare.behaviours.pretending",
    "minictx.compare.behaviours",
    "minictx.compare.names",
    "minictx.compare.probe",
    "minictx.compare.record",
    "minictx.compare.results",
    "minictx.compare.table",
    "minictx.compare.markdown",
    "minictx.compare.page",
    "minictx.compare.telling",
    "minictx.compare.one",
    "minictx.compare.command",
    "minictx.compare",
    "minictx.compare.flask.app",
    "minictx.compare.flask.kit",
    "minictx.compare.flask.scenarios",
    "minictx.compare.flask.story",
    "minictx.compare.flask.live",
    "minictx.compare.flask.recordings",
    "minictx.compare.flask.record",
    "minictx.compare.flask.diff",
    "minictx.compare.flask.facts",
    "minictx.compare.flask.data",
    "minictx.compare.flask.show",
    "minictx.compare.flask.page",
    "minictx.compare.flask.command",
    "minictx.compare.flask",
    "minictx.lessons",
    "minictx.lessons.example",
    "minictx.lessons.command",
    "minictx.failure",
    "minictx.learn",
    "minictx.learn.tables",
    "minictx.learn.texts",
    "minictx.learn.course",
    "minictx.learn.prediction",
    "minictx.learn.report",
    "minictx.learn.messages",
    "minictx.learn.process",
    "minictx.learn.check",
    "minictx.learn.tracing",
    "minictx.learn.state",
    "minictx.learn.workspace",
    "minictx.learn.verify",
    "minictx.learn.opening",
    "minictx.learn.check_course",
    "minictx.learn.new_exercise",
    "minictx.learn.carry",
    "minictx.learn.flask_app",
    "minictx.learn.finale",
    "minictx.learn.lock",
    "minictx.learn.watch",
    "minictx.learn.keys",
    "minictx.learn.events",
    "minictx.learn.position",
    "minictx.learn.parts",
    "minictx.learn.rendering",
    "minictx.learn.screen",
    "minictx.learn.views",
    "minictx.learn.session",
    "minictx.learn.commands",
    "minictx.learn.commands.place",
    "minictx.learn.commands.moving",
    "minictx.learn.commands.reading",
    "minictx.learn.commands.checking",
    "minictx.learn.commands.teaching",
    "minictx.learn.command",
    "minictx.demo",
    "minictx.serve",
    "minictx.cli",
    "minictx.__main__",
]
CORE = ORDER[: ORDER.index("minictx")]


def path_of(module: str) -> Path:
    path = ROOT / module.replace(".", "/")
    package = path / "__init__.py"
    return package if package.is_file() else path.with_suffix(".py")


def imports_of(node: ast.AST) -> Iterator[str]:
    """Yield the modules of ours that a module imports, not those for type checkers only."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.ImportFrom():
                raise AssertionError("a relative import does not say what it imports")
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case _:
                yield from imports_of(child)


def test_every_module_has_its_place_in_the_order() -> None:
    files = set((ROOT / "minictx").rglob("*.py"))
    files -= set((ROOT / "minictx" / "learn" / "course").rglob("*.py"))  # the exercises
    assert {path_of(module) for module in ORDER} == files


@pytest.mark.parametrize("module", ORDER)
def test_a_module_imports_only_what_is_below_it(module: str) -> None:
    below = ORDER[: ORDER.index(module)]
    tree = ast.parse(path_of(module).read_text())
    ours = {name for name in imports_of(tree) if name.partition(".")[0] == "minictx"}
    assert ours <= set(below)


def loaded_by(code: str) -> set[str]:
    """Return the names of the modules that are loaded after running ``code``."""
    code += "\nimport sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(run.stdout.splitlines()[-1].split())


def test_import_minictx_loads_the_core_only() -> None:
    loaded = loaded_by("import minictx")
    assert {name for name in loaded if name.startswith("minictx")} == {*CORE, "minictx"}
    packages = {name.partition(".")[0] for name in loaded - loaded_by("")}
    foreign = packages - set(sys.stdlib_module_names) - {"minictx"}
    # `__mp_main__` and the like are no packages; greenlet brings its C module along.
    assert {name for name in foreign if not name.startswith("_")} <= {"greenlet"}


def test_werkzeug_local_is_never_imported() -> None:
    loaded = loaded_by(
        "import minictx.cli, minictx.demo, rich.console\n"
        "assert minictx.demo.run(rich.console.Console(quiet=True)) == 0"
    )
    assert "minictx.web.app" in loaded
    assert "werkzeug.serving" in loaded
    assert "werkzeug.local" not in loaded


def lines_of_code(module: str) -> int:
    """Count the lines that are neither blank, nor comment, nor docstring."""
    source = path_of(module).read_text()
    docstrings = {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    }
    return sum(
        1
        for number, line in enumerate(source.splitlines(), 1)
        if number not in docstrings and line.strip() and not line.strip().startswith("#")
    )


def test_the_core_can_be_read_in_one_sitting() -> None:
    lines = {module: lines_of_code(module) for module in CORE}
    table = lines.pop("minictx.proxy")  # most of it is the table of what is forwarded
    assert max(lines.values()) <= 100
    assert sum(lines.values()) + table <= 450


@pytest.mark.parametrize("module", CORE)
def test_functions_of_the_core_are_short(module: str) -> None:
    for node in ast.walk(ast.parse(path_of(module).read_text())):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
            assert (node.end_lineno or 0) - start.lineno < 20, node.name
