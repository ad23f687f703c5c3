from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.peers import suites
from tests.peers.environment import ROOT, PeerError, python
from tests.peers.releases import PAIRS, SUITES, Differences, Suite
from tests.peers.suites import (
    FILES,
    Run,
    as_markdown,
    finish,
    main,
    problems,
    reasons_of,
    run_suite,
    smoke,
    try_miniflask,
    unequal,
)

VERSIONS = {"werkzeug": "3.1.9"}
OUTCOMES = {"test_push": "passed", "test_pop": "passed", "test_tls": "skipped"}
THEIRS = {name: ["/site-packages/werkzeug/local.py"] for name in FILES["ident"]}
CONTEXTUAL = FILES["contextvar"]
OURS = {name: [str(ROOT / "minictx" / file)] for name, file in FILES["ident"].items()}
WERKZEUG = Run(OUTCOMES, VERSIONS, THEIRS, THEIRS)
MINICTX = Run(OUTCOMES, VERSIONS, OURS, OURS)


def found(
    werkzeug: Run = WERKZEUG,
    minictx: Run = MINICTX,
    storage: str = "ident",
    minimum: int = 2,
    **known: str,
) -> list[str]:
    return list(problems(werkzeug, minictx, storage, minimum, known))


def but(run: Run, **outcomes: str) -> Run:
    return replace(run, outcomes=run.outcomes | outcomes)


def without(run: Run, test: str) -> Run:
    return replace(run, outcomes={id: each for id, each in run.outcomes.items() if id != test})


def placed(run: Run, when: str, name: str, files: list[str]) -> Run:
    """Return a run that found a class in other files, at its start or at its end."""
    if when == "start":
        return replace(run, start=run.start | {name: files})
    return replace(run, end=run.end | {name: files})


def test_nothing_is_wrong_with_two_equal_runs() -> None:
    assert found() == []


def test_a_test_that_passes_on_werkzeug_only_is_found() -> None:
    for outcome in ("failed", "skipped", "xskipped"):
        line = f"test_pop: passed on werkzeug, {outcome} here"
        assert found(minictx=but(MINICTX, test_pop=outcome)) == [line]


def test_a_test_that_passes_on_minictx_only_is_found() -> None:
    line = "test_tls: skipped on werkzeug, passed here"
    assert found(minictx=but(MINICTX, test_tls="passed")) == [line]


def test_equal_numbers_of_other_tests_are_not_equal() -> None:
    minictx = but(MINICTX, test_pop="failed", test_tls="passed")
    assert len(minictx.passed) == len(WERKZEUG.passed)
    assert unequal(WERKZEUG, minictx) == {"test_pop", "test_tls"}
    assert len(found(minictx=minictx)) == 2


def test_a_test_that_passes_nowhere_is_no_difference() -> None:
    assert found(but(WERKZEUG, test_tls="failed")) == []


def test_a_test_that_was_not_run_is_found() -> None:
    assert found(minictx=without(MINICTX, "test_tls")) == [
        "test_tls: skipped on werkzeug, not run here"
    ]
    assert found(without(WERKZEUG, "test_tls")) == [
        "test_tls: not run on werkzeug, skipped here"
    ]


def test_an_empty_run_is_no_success() -> None:
    empty = replace(WERKZEUG, outcomes={}), replace(MINICTX, outcomes={})
    assert found(*empty) == ["only 0 tests pass on werkzeug: at least 2 must"]


def test_what_is_skipped_does_not_count() -> None:
    assert found(minimum=3) == ["only 2 tests pass on werkzeug: at least 3 must"]


def test_two_versions_are_not_compared() -> None:
    other = {"werkzeug": "3.0.6"}
    assert found(minictx=replace(MINICTX, versions=other)) == [
        f"{VERSIONS} was compared with {other}"
    ]


@pytest.mark.parametrize("when", ["start", "end"])
@pytest.mark.parametrize("name", ["Local", "LocalStack", "LocalProxy"])
def test_a_class_of_werkzeug_in_the_run_on_minictx_is_found(when: str, name: str) -> None:
    for files in (THEIRS[name], OURS[name] + THEIRS[name], []):
        assert found(minictx=placed(MINICTX, when, name, files)) == [
            f"{name} at the {when} of the run on minictx, there was {files or 'nothing'}"
        ]


@pytest.mark.parametrize("when", ["start", "end"])
@pytest.mark.parametrize("name", ["Local", "LocalStack", "LocalProxy"])
def test_a_class_of_minictx_in_the_run_on_werkzeug_is_found(when: str, name: str) -> None:
    for files in (OURS[name], THEIRS[name] + OURS[name], []):
        assert found(placed(WERKZEUG, when, name, files)) == [
            f"{name} at the {when} of the run on werkzeug, there was {files or 'nothing'}"
        ]


def test_the_other_storage_is_found() -> None:
    assert [line.partition(" ")[0] for line in found(storage="contextvar")] == [
        *("Local", "LocalStack"),  # at the start
        *("Local", "LocalStack"),  # at the end
    ]


def test_a_class_of_minictx_may_be_derived_from_another() -> None:
    derived = {
        name: [str(ROOT / "minictx/dropin/werkzeug_local.py"), *OURS[name]] for name in OURS
    }
    assert found(minictx=replace(MINICTX, start=derived, end=derived)) == []


def test_a_known_difference_is_none() -> None:
    minictx = but(MINICTX, test_pop="failed")
    assert found(minictx=minictx, test_pop="on purpose") == []
    assert len(found(minictx=but(minictx, test_push="failed"), test_pop="on purpose")) == 1


def test_a_known_difference_must_differ() -> None:
    line = "test_pop: no longer differs; take it out of the table"
    assert found(test_pop="on purpose") == [line]


def test_a_suite_is_compared_on_each_of_its_storages() -> None:
    contextual = {name: [str(ROOT / "minictx" / file)] for name, file in CONTEXTUAL.items()}
    runs = {
        None: WERKZEUG,
        "ident": but(MINICTX, test_push="failed"),
        "contextvar": replace(MINICTX, start=contextual, end=contextual),
    }
    known: dict[str, Differences] = {"ident": {}, "contextvar": {"test_pop": "on purpose"}}
    suite = Suite("werkzeug", "3.1.9", "tests", 2, "", known)
    assert list(run_suite(suite, lambda _, storage, folder: runs[storage])) == [
        "werkzeug-3.1.9, ident: test_push: passed on werkzeug, failed here",
        "werkzeug-3.1.9, contextvar: test_pop: no longer differs; take it out of the table",
    ]


def test_the_exit_status_says_whether_something_is_wrong() -> None:
    assert finish([]) == 0
    assert finish(["something"]) == 1


def test_a_suite_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["werkzeug-1.0.1", "werkzeug-9"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("there is no suite 'werkzeug-9': choose of werkzeug-1.0.1, ")
    assert err.count("\n") == 1


def test_every_suite_has_a_name_of_its_own_and_something_to_pass() -> None:
    names = [suite.name for suite in SUITES]
    assert sorted(set(names)) == sorted(names)
    for suite in SUITES:
        assert suite.minimum > 0
        assert suite.storages
        assert suite.storages.keys() <= FILES.keys()


def test_every_minor_release_of_werkzeug_is_tried_with_a_flask() -> None:
    minors = [version.rpartition(".")[0] for version in PAIRS]
    assert minors == ["1.0", "2.0", "2.1", "2.2", "2.3", "3.0", "3.1"]
    assert all(needs.startswith("flask==") for needs in PAIRS.values())


# Flask's tests on MiniFlask

FLASK = Run(
    {
        f"tests/test_{name}": "passed"
        for name in ("a.py::test_1", "a.py::test_2[x]", "a.py::test_2[y]", "b.py::test_3")
    },
    VERSIONS,
    THEIRS,
    THEIRS,
)
MINIFLASK = replace(
    FLASK,
    end=OURS,
    outcomes={
        "tests/test_a.py::test_1": "passed",
        "tests/test_a.py::test_2[x]": "failed",
        "tests/test_a.py::test_2[y]": "failed",
        "tests/test_b.py": "failed",  # it could not be imported
    },
    messages={
        "tests/test_a.py::test_2[x]": "TypeError: app.cli is left out of MiniFlask on purpose.",
        "tests/test_a.py::test_2[y]": "Failed: flask._x is a private name of Flask",
        "tests/test_b.py": "Failed: flask.View is left out of MiniFlask",
    },
)


def test_a_test_that_does_not_pass_on_miniflask_has_its_reason() -> None:
    reasons = reasons_of(FLASK, MINIFLASK, {})
    assert reasons == {
        "tests/test_a.py::test_2[x]": "left out: `app.cli`",
        "tests/test_a.py::test_2[y]": "private name: `flask._x`",
        "tests/test_b.py::test_3": "left out: `flask.View`",
    }
    known = {"tests/test_a.py::test_2": "text of a message"}
    reasons = reasons_of(FLASK, replace(MINIFLASK, messages={}), known)
    assert list(reasons.values()) == ["text of a message", "text of a message", "wrong"]
    assert as_markdown(4, 1, reasons).splitlines()[-2:] == [
        "| test_a.py | text of a message | test_2 (2) |",
        "| test_b.py | wrong | test_3 |",
    ]


def test_the_page_says_what_does_not_pass_on_miniflask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "miniflask.md"
    page.write_text("before\n<!-- list -->\nold\n<!-- end -->\nafter\n")
    monkeypatch.setattr(suites, "PAGE", page)
    monkeypatch.setattr(suites, "MINIFLASK", {})
    suite = Suite("flask", "3.1.3", "tests", 4, "")

    def found(mini: Run, write: bool = False) -> list[str]:
        runs = {None: FLASK, "miniflask": mini}
        return list(try_miniflask(suite, write, lambda _, storage, folder: runs[storage]))

    stale = ["miniflask.md lists other tests: see what changes, with --write"]
    assert found(MINIFLASK) == stale
    assert found(MINIFLASK, write=True) == found(MINIFLASK) == []
    text = page.read_text()
    assert text.startswith("before\n<!-- list -->\nOf the 4 tests that pass on Flask, 1 pass")
    assert text.endswith("|\n<!-- end -->\nafter\n")
    better = but(MINIFLASK, **{"tests/test_a.py::test_2[x]": "passed"})
    assert found(better) == stale
    worse = but(MINIFLASK, **{"tests/test_a.py::test_1": "failed"})
    assert found(worse)[0] == "tests/test_a.py::test_1: was not run"
    monkeypatch.setattr(suites, "MINIFLASK", {"tests/test_a.py::test_1": "text of a message"})
    assert found(MINIFLASK) == [
        "tests/test_a.py::test_1: passes, or was not run; take it out of the table"
    ]
    assert found(replace(MINIFLASK, end=THEIRS))[0] == "MiniFlask was not in the place of Flask"


# Environments

needs_uv = pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not installed")


@needs_uv
def test_only_the_packages_that_are_named_are_there(tmp_path: Path) -> None:
    code = "import importlib.util as u; print(u.find_spec('pytest'), u.find_spec('minictx'))"
    assert python([], ["-c", code], tmp_path).output == "None None\n"


@needs_uv
def test_what_is_meant_for_this_python_does_not_reach_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("PYTHONPATH", "PYTEST_ADDOPTS", "FLASK_APP", "HERE")
    for name in names:
        monkeypatch.setenv(name, "set")
    code = f"import os; print(*[os.environ.get(name) for name in {names}])"
    done = python([], ["-c", code], tmp_path, {"FLASK_APP": "shop"})
    assert done.output == "None None shop set\n"


@needs_uv
def test_the_exit_status_and_both_outputs_are_returned(tmp_path: Path) -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit(3)"
    done = python([], ["-c", code], tmp_path)
    assert (done.status, done.output) == (3, "out\nerr\n")


@needs_uv
def test_a_program_that_does_not_end_is_ended(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match=r"^-c .*: not ready after 0\.1 seconds$"):
        python([], ["-c", "import signal; signal.pause()"], tmp_path, timeout=0.1)


@needs_uv
def test_a_smoke_test_that_fails_says_why() -> None:
    (problem,) = smoke([], "ident")
    assert problem.startswith(", ident:\n")
    assert "werkzeug is not installed" in problem


@needs_uv
def test_a_project_in_the_folder_is_left_alone(tmp_path: Path) -> None:
    project = '[project]\nname = "suite"\nversion = "1"\nrequires-python = ">=4"\n'
    (tmp_path / "pyproject.toml").write_text(project)
    assert python([], ["-c", "print('run')"], tmp_path).output == "run\n"
