"""What is recorded, and the command that records it.

A script stands in for uv: it asks what is installed here.
"""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from minictx.compare import record
from minictx.compare.flask_versions.recordings import PINS
from minictx.compare.locals.behaviours import BEHAVIOURS
from minictx.compare.locals.implementations import IMPLEMENTATIONS, PACKAGES
from minictx.compare.record import SUBJECTS

ROOT = Path(__file__).parent.parent.parent
REMAKE = "record them anew: uv run python -m minictx.compare.record"

RECORDED = {
    name: json.loads(subject.path.read_text("utf-8")) for name, subject in SUBJECTS.items()
}


def test_what_cannot_be_installed_beside_the_rest_is_recorded() -> None:
    recorded = {each.key for each in IMPLEMENTATIONS.values() if each.load is None}
    assert set(PACKAGES) == recorded
    assert set(SUBJECTS) == {*PACKAGES, *(f"flask-{key}" for key in PINS)}


@pytest.mark.parametrize("key", PACKAGES)
def test_a_recording_has_an_answer_to_every_behaviour(key: str) -> None:
    assert list(RECORDED[key]["answers"]) == list(BEHAVIOURS), REMAKE


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_recording_says_with_which_versions_it_was_made_and_when(name: str) -> None:
    versions, packages = RECORDED[name]["versions"], SUBJECTS[name].packages
    for package in versions.keys() & {"flask", "werkzeug"}:
        assert f"{package}=={versions[package]}" in packages
    if name in PACKAGES:
        assert ("greenlet" in versions) == ("greenlet" in packages)
    assert versions["Python"].startswith("3.11.")
    assert date.fromisoformat(RECORDED[name]["recorded"]) <= date.today()


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_file_is_as_the_command_writes_it_and_its_lines_are_filled(name: str) -> None:
    text = SUBJECTS[name].path.read_text("utf-8")
    assert "\n".join([*record.lines_of(RECORDED[name]), ""]) == text
    assert max(map(len, text.splitlines())) < 160


def test_it_runs_where_there_is_nothing_but_werkzeug() -> None:
    pytest.importorskip("werkzeug")
    others = ("click", "rich", "flask", "jinja2", "blinker", "gevent", "asgiref", "greenlet")
    hide = "".join(f"sys.modules[{package!r}] = None\n" for package in others)
    code = (
        f"import sys\n{hide}from minictx.compare.record import main\n"
        "raise SystemExit(main(['--here', 'werkzeug']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["versions"]["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["answers"]["threads-isolated"] == "yes"
    assert found["answers"]["greenlets-isolated"] == "-"
    assert list(found["answers"]) == list(BEHAVIOURS)


# The command


@pytest.fixture
def installed() -> str:
    """The name of the Flask that is installed, if that is one of those that are recorded."""
    pytest.importorskip("flask")
    pytest.importorskip("greenlet")
    name = f"flask-{version('flask')}"
    if name not in SUBJECTS:
        pytest.skip(f"{name} is not recorded")
    return name


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for recordings, and a uv that installs nothing."""
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    command = f'exec {sys.executable} -m minictx.compare.record --here "$last"'
    uv.write_text(f'#!/bin/sh\necho "$@" >{tmp_path}/asked\nfor last; do :; done\n{command}\n')
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
    monkeypatch.setattr(record, "HERE", tmp_path)
    for part in ("flask_versions", "locals"):
        (tmp_path / part / "golden").mkdir(parents=True)
    return tmp_path


@pytest.mark.slow
def test_a_recording_is_written_and_then_is_the_same(
    folder: Path, installed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record.main([installed]) == 0
    found = json.loads(SUBJECTS[installed].path.read_text("utf-8"))
    assert found["stories"] == RECORDED[installed]["stories"]
    assert record.main([installed]) == record.main(["--check", installed]) == 0
    said = [f"{installed}: changed", *[f"{installed}: the same"] * 2]
    assert capsys.readouterr().out.splitlines() == said
    asked = (folder / "asked").read_text()
    assert all(f"--with {package}" in asked for package in SUBJECTS[installed].packages)
    assert "--isolated --no-project --python 3.11" in asked


def change(installed: str, **new: Any) -> str:
    versions = {**RECORDED[installed]["versions"], "werkzeug": version("werkzeug")}
    recording = {"recorded": "2001-01-01", "versions": versions, **new}
    SUBJECTS[installed].path.write_text(json.dumps(recording), "utf-8")
    return SUBJECTS[installed].path.read_text("utf-8")


def test_a_check_shows_what_has_changed_and_leaves_the_file(
    folder: Path, installed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = RECORDED[installed]["stories"]
    wrong = {**stories, "404": [*stories["404"], "something else"]}
    before = change(installed, stories=wrong)
    assert record.main(["--check", installed]) == 1
    first, _, _, place, *lines = capsys.readouterr().out.splitlines()
    assert first == f"{installed}: changed"
    assert place.startswith("@@ ")
    assert [line for line in lines if line[0] != " "] == ["-404: something else"]
    assert SUBJECTS[installed].path.read_text("utf-8") == before


def test_a_changed_or_missing_answer_is_a_change() -> None:
    found = RECORDED["werkzeug-2.0"]
    lines = set(record.what_matters(found))
    other = record.what_matters({**found, "answers": {**found["answers"], "copied": "yes"}})
    assert lines - set(other) == {"copied: RecursionError"}
    assert set(other) - lines == {"copied: yes"}
    few = {key: value for key, value in found["answers"].items() if key != "pickled"}
    assert lines - set(record.what_matters({**found, "answers": few})) == {"pickled: TypeError"}


def test_a_file_whose_stories_are_the_same_keeps_its_day(folder: Path, installed: str) -> None:
    before = change(installed, stories=RECORDED[installed]["stories"])
    assert record.main([installed]) == 0
    assert SUBJECTS[installed].path.read_text("utf-8") == before


def test_a_changed_version_of_werkzeug_is_a_change(folder: Path, installed: str) -> None:
    versions = {**RECORDED[installed]["versions"], "werkzeug": "0.1"}
    change(installed, versions=versions, stories=RECORDED[installed]["stories"])
    assert record.main(["--check", installed]) == 1


def fail(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        record.main(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_a_name_that_is_not_recorded_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    error = fail(["flask-2.2.5"], capsys)
    assert error.endswith(f"flask-2.2.5 is not recorded; there are {', '.join(SUBJECTS)}")
    assert "unrecognized arguments: --chek" in fail(["--chek"], capsys)


def test_without_uv_an_error_says_how_to_get_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bin" / "uv").unlink()
    assert fail(["werkzeug-1.0"], capsys).endswith("is not here: pip install uv")


def test_what_does_not_run_is_an_error_and_writes_nothing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "bin" / "uv").write_text("#!/bin/sh\nexit 3\n")
    error = fail(["flask-1.1.4"], capsys)
    assert error.endswith("flask 1.1.4 cannot be recorded, for the reason above")
    assert not SUBJECTS["flask-1.1.4"].path.exists()


def test_a_version_that_answers_in_the_place_of_another_is_an_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("werkzeug")
    error = fail(["werkzeug-1.0"], capsys)
    assert error.endswith(f"werkzeug {version('werkzeug')} answered in the place of 1.0.1")
    assert not SUBJECTS["werkzeug-1.0"].path.exists()
