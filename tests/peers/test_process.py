from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.peers.process import PeerError, python
from tests.peers.suites import smoke

pytestmark = pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")


def test_only_the_packages_that_are_named_are_there(tmp_path: Path) -> None:
    code = "import importlib.util as u; print(u.find_spec('pytest'), u.find_spec('minictx'))"
    assert python([], ["-c", code], tmp_path).output == "None None\n"


def test_what_is_meant_for_this_python_does_not_reach_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("PYTHONPATH", "PYTEST_ADDOPTS", "FLASK_APP", "HERE")
    for name in names:
        monkeypatch.setenv(name, "set")
    code = f"import os; print(*[os.environ.get(name) for name in {names}])"
    done = python([], ["-c", code], tmp_path, {"FLASK_APP": "shop"})
    assert done.output == "None None shop set\n"


def test_the_exit_status_and_both_outputs_are_returned(tmp_path: Path) -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    done = python([], ["-c", code], tmp_path)
    assert (done.status, done.output) == (3, "out\nerr\n")


def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=r"^-c .*: not ready after 0\.1 seconds$"):
        python([], ["-c", "import signal; signal.pause()"], tmp_path, timeout=0.1)


def test_a_smoke_test_that_fails_says_why() -> None:
    (problem,) = smoke([], "ident")
    assert problem.startswith(", ident:\n")
    assert "werkzeug is not installed" in problem


def test_a_project_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    project = '[project]\nname = "suite"\nversion = "1"\nrequires-python = ">=4"\n'
    (tmp_path / "pyproject.toml").write_text(project)
    assert python([], ["-c", "print('run')"], tmp_path).output == "run\n"
