from __future__ import annotations

import inspect
import shutil
from pathlib import Path

import pytest

pytest.importorskip("flask")
pytest.importorskip("greenlet")

import minictx
from minictx.learn.carry import WITH_STORAGE
from minictx.learn.finale import ROOT, FinaleError, run_finale
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
        ("local.py", "class Local:", "class Local(", "line 22: '(' was never closed"),
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
    assert message in said
    assert "A real Flask app" not in said


def test_a_workspace_without_the_files_is_told_which_are_missing(workspace: Path) -> None:
    (workspace / "proxy.py").unlink()
    with pytest.raises(
        FinaleError, match=r"has no proxy\.py: they are written in the chapters"
    ):
        finale(workspace)


def test_the_tests_that_are_left_out_without_a_storage_are_there() -> None:
    source = (ROOT / "tests" / "web" / "test_threads.py").read_text()
    for name in WITH_STORAGE:
        assert f"def {name}(" in source
    assert (ROOT / "tests" / "web" / "test_json.py").is_file()
