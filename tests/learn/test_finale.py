from __future__ import annotations

import importlib.machinery
import inspect
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("flask")
pytest.importorskip("greenlet")

import minictx
from minictx.learn.finale import ROOT, WITH_STORAGE, FinaleError, carry, run_finale
from tests.learn.courses import write

# Ours in the place of a student's: they import each other by their bare names.
FILES = {
    "local.py": minictx.Local,
    "stack.py": minictx.LocalStack,
    "proxy.py": minictx.LocalProxy,
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for name, cls in FILES.items():
        source = Path(inspect.getsourcefile(cls) or "").read_text()
        for module in FILES:
            stem = module.removesuffix(".py")
            source = source.replace(f"from minictx.{stem} import", f"from {stem} import")
        write(tmp_path / "workspace" / name, source)
    return tmp_path / "workspace"


@pytest.fixture
def few_tests(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Only some of MiniFlask's tests: the others run in the finale itself."""
    root = tmp_path / "root"
    names = ("__init__.py", "conftest.py", "actors.py", "web/__init__.py", "web/conftest.py")
    for name in (*names, "web/harness.py", "web/test_globals.py"):
        (root / "tests" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / "tests" / name, root / "tests" / name)
    monkeypatch.setattr("minictx.learn.finale.ROOT", root)
    return root


def finale(workspace: Path) -> tuple[bool, str]:
    said: list[str] = []
    done = run_finale(workspace, workspace / "finale.html", said.append)
    return done, "\n".join(said)


@pytest.mark.usefixtures("few_tests")
def test_miniflask_and_flask_run_on_the_students_files(workspace: Path) -> None:
    done, said = finale(workspace)
    assert done, said
    assert " passed" in said
    assert f"Flask's request is a LocalProxy of {workspace / 'proxy.py'}" in said
    assert (
        "bob, in one of the greenlets: request, g, session, current_app are: /bob bob" in said
    )
    assert f"The trace of it, to step through: {workspace / 'finale.html'}" in said
    assert "alice" in (workspace / "finale.html").read_text()


@pytest.mark.usefixtures("few_tests")
@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("stack.py", "return top if get is None else get(top)", "return top", "failed"),
        (
            "proxy.py",
            "__setattr__       = _call(setattr)",
            "__setattr__ = None",
            "no __setattr__",
        ),
        ("local.py", "class Local:", "class Local(", "line {line}: '(' was never closed"),
    ],
)
def test_what_does_not_carry_miniflask_is_said(
    workspace: Path, file: str, old: str, new: str, message: str
) -> None:
    source = (workspace / file).read_text()
    assert old in source
    write(workspace / file, source.replace(old, new))
    done, said = finale(workspace)
    assert not done
    line = source[: source.index(old)].count("\n") + 1
    assert message.format(line=line) in said
    assert "Traceback" not in said
    assert "A real Flask app" not in said


@pytest.mark.usefixtures("few_tests")
def test_a_real_app_that_does_not_run_is_no_end_of_the_course(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minictx.learn.finale.HERE", workspace)  # where there is no app
    done, said = finale(workspace)
    assert not done
    assert "A real Flask app, on the same files:\nminictx: cannot read" in said
    assert "The trace of it" not in said


IMPORTED = """\
import sys, minictx.manager
from minictx.learn.finale import carry
carry(sys.argv[1])
for name in ("minictx", "minictx.local", "minictx.stack", "minictx.proxy", "minictx.manager"):
    for value in vars(sys.modules[name]).values():
        print(name, getattr(value, "__module__", ""), getattr(value, "__name__", ""))
"""


def test_the_students_classes_are_in_the_place_of_ours_wherever_those_are(
    workspace: Path,
) -> None:
    command = [sys.executable, "-c", IMPORTED, str(workspace)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = {tuple(line.split(" ")) for line in run.stdout.splitlines()}
    classes = {"Local", "LocalStack", "LocalProxy", "release_local"}
    assert {name for name, module, cls in found if cls in classes and "." in module} == set()
    assert {name for name, module, _ in found if module in ("local", "stack", "proxy")} == {
        *("minictx", "minictx.local", "minictx.stack", "minictx.proxy", "minictx.manager")
    }


def test_a_workspace_without_the_files_is_told_which_are_missing(workspace: Path) -> None:
    (workspace / "proxy.py").unlink()
    with pytest.raises(
        FinaleError, match=r"has no proxy\.py: they are written in the chapters"
    ):
        finale(workspace)


@pytest.mark.usefixtures("few_tests")
def test_what_is_not_installed_is_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def find_all_but(absent: str) -> None:
        def find(name: str) -> object:
            return None if name == absent else importlib.machinery.PathFinder.find_spec(name)

        monkeypatch.setattr("importlib.util.find_spec", find)

    find_all_but("werkzeug")
    with pytest.raises(ModuleNotFoundError, match="'werkzeug'"):
        finale(workspace)
    find_all_but("flask")
    with pytest.raises(FinaleError, match="real Flask is not installed: pip install flask"):
        finale(workspace)


@pytest.mark.usefixtures("few_tests")
def test_tests_that_do_not_end_are_ended(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minictx.learn.finale.SECONDS", 0.1)
    done, said = finale(workspace)
    assert not done
    assert (
        "not done after 0.1 s: check all exercises again, with `minictx learn verify`" in said
    )


def test_the_classes_are_carried_before_miniflask_is_there(workspace: Path) -> None:
    pytest.importorskip("minictx.web")
    with pytest.raises(AssertionError, match="is imported already"):
        carry(str(workspace))


@pytest.mark.parametrize("has_storage", [True, False])
def test_tests_of_the_storage_are_for_stacks_that_have_one(
    workspace: Path, has_storage: bool
) -> None:
    if not has_storage:
        source = (workspace / "stack.py").read_text()
        write(workspace / "stack.py", source.replace("__storage__", "_storage"))
    command = [sys.executable, "-m", "minictx.learn.finale", str(workspace)]
    options = ["--collect-only", "-q", "-c", os.devnull, "--rootdir", str(ROOT)]
    run = subprocess.run(
        [*command, *options, "tests/web/test_threads.py"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert all((f"::{name}" in run.stdout) == has_storage for name in WITH_STORAGE)
    assert "::test_" in run.stdout


def test_the_tests_that_are_left_out_without_a_storage_are_there() -> None:
    source = (ROOT / "tests" / "web" / "test_threads.py").read_text()
    for name in WITH_STORAGE:
        assert f"def {name}(" in source
    assert (ROOT / "tests" / "web" / "test_json.py").is_file()
