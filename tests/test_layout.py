"""The house rules: what may import what, and how much is loaded."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# The sitting: each file imports only from those before it.
CORE = [
    "minictx.ident",
    "minictx.proxy",
    "minictx.local",
    "minictx.stack",
    "minictx.manager",
    "minictx.contextual",
]
# What is imported by name from `import minictx`; the second design is only read beside it.
IMPORTED = [name for name in CORE if name != "minictx.contextual"]

# A part of the house may import only from the parts that it names here, and theirs. A part is
# a folder with all that is below it, or a file; the nearest one counts.
PARTS = {
    "minictx": [],
    "minictx.errors": [],
    "minictx.files": ["minictx.errors"],
    "minictx.stage": ["minictx"],
    "minictx.web": ["minictx"],
    "minictx.dropin": ["minictx", "minictx.errors"],
    "minictx.trace": ["minictx.files", "minictx.web"],
    "minictx.compare": ["minictx.errors"],
    "minictx.compare.locals": ["minictx.compare", "minictx.stage", "minictx.trace"],
    "minictx.compare.flask_versions": ["minictx.compare", "minictx.trace"],
    "minictx.compare.record": ["minictx.compare.flask_versions", "minictx.compare.locals"],
    "minictx.compare.command": ["minictx.compare.flask_versions", "minictx.compare.locals"],
    "minictx.examples": ["minictx.trace"],
    "minictx.learn": [
        "minictx.dropin",
        "minictx.examples",
        "minictx.stage",
        "minictx.trace",
    ],
    "minictx.demo": ["minictx.stage", "minictx.trace"],
    "minictx.serve": ["minictx.errors", "minictx.web"],
    "minictx.cli": [
        "minictx.compare.command",
        "minictx.demo",
        "minictx.learn",
        "minictx.serve",
    ],
    "minictx.__main__": ["minictx.cli"],
}
COURSE = ROOT / "minictx" / "learn" / "course"  # what students write, right and wrong
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "minictx").rglob("*.py")
    if COURSE not in path.parents
)


def part_of(module: str) -> str:
    """Return the part that a module belongs to; the core's files belong to "minictx"."""
    if module in CORE:
        return "minictx"
    part = module
    while part not in PARTS:
        part = part.rpartition(".")[0]
    return part


def below(part: str) -> set[str]:
    """Return the parts that ``part`` may import from, itself among them."""
    return {part}.union(*(below(other) for other in PARTS[part]))


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
            case ast.ImportFrom(module=str(module), names=names, level=0):
                for alias in names:
                    yield f"{module}.{alias.name}"
            case ast.ImportFrom():
                raise AssertionError("a relative import does not say what it imports")
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case _:
                yield from imports_of(child)


def imports_in(module: str) -> set[str]:
    """Return our modules that ``module`` imports: ``from a import b`` may name a.b."""
    found = set()
    for name in imports_of(ast.parse(path_of(module).read_text())):
        if name.partition(".")[0] == "minictx":
            while name not in MODULES:
                name = name.rpartition(".")[0]
            found.add(name)
    return found - {module}


def test_there_is_no_part_without_a_module() -> None:
    assert {part_of(module) for module in MODULES} == set(PARTS)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_the_parts_below_its_own(module: str) -> None:
    assert {part_of(name) for name in imports_in(module)} <= below(part_of(module))


@pytest.mark.parametrize("module", CORE)
def test_a_module_of_the_core_imports_only_what_is_read_before_it(module: str) -> None:
    assert imports_in(module) <= set(CORE[: CORE.index(module)])


def test_no_two_modules_import_each_other() -> None:
    # Deeper imports, in functions, count as well: a circle hides what belongs together.
    graph = {module: imports_in(module) for module in MODULES}
    TopologicalSorter(graph).prepare()  # raises CycleError, which names the circle


def loaded_by(code: str) -> set[str]:
    """Return the names of the modules that are loaded after running ``code``."""
    code += "\nimport sys; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT
    )
    return set(run.stdout.splitlines()[-1].split())


def test_import_minictx_loads_the_core_only() -> None:
    loaded = loaded_by("import minictx")
    assert {name for name in loaded if name.startswith("minictx")} == {*IMPORTED, "minictx"}
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
    lines = {module: lines_of_code(module) for module in IMPORTED}
    table = lines.pop("minictx.proxy")  # most of it is the table of what is forwarded
    assert max(lines.values()) <= 100
    assert sum(lines.values()) + table <= 450


@pytest.mark.parametrize("module", IMPORTED)
def test_functions_of_the_core_are_short(module: str) -> None:
    for node in ast.walk(ast.parse(path_of(module).read_text())):
        if isinstance(node, ast.FunctionDef):
            start = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
            assert (node.end_lineno or 0) - start.lineno < 20, node.name


def test_every_module_can_be_imported_without_what_only_cpython_has() -> None:
    loaded_by(
        "import ctypes, gc, pkgutil, sys, importlib\n"
        "del ctypes.pythonapi, sys.getrefcount, gc.freeze\n"
        "import minictx\n"
        "for module in pkgutil.walk_packages(minictx.__path__, 'minictx.'):\n"
        "    if '.course' not in module.name and '__main__' not in module.name:\n"
        "        importlib.import_module(module.name)\n"
    )
