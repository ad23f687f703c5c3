"""A recording is written anew when what a Flask tells has changed; a check only says so.

A script stands in for uv: it runs what it is asked to run with the Flask that is installed.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from minictx.compare.flask import record
from minictx.compare.flask.recordings import PINS, load

pytest.importorskip("flask")
pytest.importorskip("greenlet")
INSTALLED = version("flask")

if INSTALLED not in PINS:
    pytest.skip(f"Flask {INSTALLED} is not recorded", allow_module_level=True)


@pytest.fixture
def golden(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for recordings, and a uv that installs nothing."""
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    command = (
        f'echo "$@" >{tmp_path}/asked; exec {sys.executable} -m minictx.compare.flask.live'
    )
    uv.write_text(f"#!/bin/sh\n{command}\n")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", f"{uv.parent}:/usr/bin:/bin")
    monkeypatch.setattr(record, "GOLDEN", tmp_path)
    return tmp_path


def test_a_recording_is_written_a_step_a_line_and_then_is_the_same(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert record.main([INSTALLED]) == 0
    text = (golden / f"{INSTALLED}.json").read_text("utf-8")
    assert json.loads(text)["stories"] == load(INSTALLED)["stories"]
    assert '\n   "    signal appcontext_pushed",\n' in text
    assert text.endswith("}\n")
    assert record.main([INSTALLED]) == record.main(["--check", INSTALLED]) == 0
    said = [f"Flask {INSTALLED}: changed", *[f"Flask {INSTALLED}: the same"] * 2]
    assert capsys.readouterr().out.splitlines() == said
    asked = (golden / "asked").read_text()
    assert all(f"--with {package}" in asked for package in PINS[INSTALLED])
    assert "--isolated --no-project --python 3.11" in asked


def change(file: Path, **new: Any) -> str:
    recording = {**load(INSTALLED), "werkzeug": version("werkzeug"), **new}
    file.write_text(json.dumps(recording), "utf-8")
    return file.read_text("utf-8")


def test_a_check_shows_what_has_changed_and_leaves_the_file(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stories = load(INSTALLED)["stories"]
    wrong = {**stories, "404": [*stories["404"], "something else"]}
    before = change(golden / f"{INSTALLED}.json", stories=wrong)
    assert record.main(["--check", INSTALLED]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"Flask {INSTALLED}: changed"
    changed = [line for line in lines[3:] if line.startswith(("-", "+"))]
    assert '-   "something else"' in changed
    assert len(changed) == 3  # and the comma of the line before it
    assert (golden / f"{INSTALLED}.json").read_text("utf-8") == before


def test_a_file_whose_stories_are_the_same_keeps_its_day(golden: Path) -> None:
    before = change(golden / f"{INSTALLED}.json", recorded="2001-01-01", python="3.11.0")
    assert record.main([INSTALLED]) == 0
    assert (golden / f"{INSTALLED}.json").read_text("utf-8") == before


def test_a_changed_version_of_werkzeug_is_a_change(golden: Path) -> None:
    change(golden / f"{INSTALLED}.json", werkzeug="0.1")
    assert record.main(["--check", INSTALLED]) == 1


def fail(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        record.main(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_a_version_that_nobody_records_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    error = fail(["2.2.5"], capsys)
    assert error.endswith(f"Flask 2.2.5 is not recorded; there are {', '.join(PINS)}")


def test_without_uv_an_error_says_how_to_get_it(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (golden / "bin" / "uv").unlink()
    assert fail([INSTALLED], capsys).endswith("is not here: pip install uv")


def test_a_flask_that_does_not_run_is_an_error_and_writes_nothing(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (golden / "bin" / "uv").write_text("#!/bin/sh\nexit 3\n")
    error = fail([INSTALLED], capsys)
    assert error.endswith(f"Flask {INSTALLED} cannot be recorded, for the reason above")
    assert not (golden / f"{INSTALLED}.json").exists()


def test_a_flask_that_answers_in_the_place_of_another_is_an_error(
    golden: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = fail(["1.1.4"], capsys)
    assert error.endswith(f"Flask {INSTALLED} answered in the place of 1.1.4")
    assert not (golden / "1.1.4.json").exists()
