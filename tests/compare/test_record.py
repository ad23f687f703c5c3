"""The recorded columns, and what records them."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from minictx.compare.behaviours import BEHAVIOURS
from minictx.compare.implementations import IMPLEMENTATIONS
from minictx.compare.record import FILE, PACKAGES, changes, main

ROOT = Path(__file__).parent.parent.parent
REMAKE = "record them anew: uv run python -m minictx.compare.record"

RECORDED: dict[str, Any] = json.loads(FILE.read_text("utf-8"))


def test_what_is_recorded_is_what_cannot_be_installed_beside_the_rest() -> None:
    recorded = {each.key for each in IMPLEMENTATIONS.values() if each.load is None}
    assert set(RECORDED) == set(PACKAGES) == recorded


@pytest.mark.parametrize("key", PACKAGES)
def test_a_recording_has_an_answer_to_every_behaviour(key: str) -> None:
    assert list(RECORDED[key]["answers"]) == list(BEHAVIOURS), REMAKE


@pytest.mark.parametrize("key", PACKAGES)
def test_a_recording_says_with_which_versions_it_was_made_and_when(key: str) -> None:
    versions = RECORDED[key]["versions"]
    assert f"werkzeug=={versions['werkzeug']}" in PACKAGES[key]
    assert ("greenlet" in versions) == ("greenlet" in PACKAGES[key])
    assert versions["Python"].startswith("3.11.")
    assert date.fromisoformat(RECORDED[key]["date"]) <= date.today()


def test_a_changed_answer_is_shown() -> None:
    found = copy.deepcopy(RECORDED)
    assert changes(RECORDED, found) == []
    found["werkzeug-2.0"]["answers"]["copied"] = "yes"
    found["werkzeug-2.0"]["date"] = "1999-12-31"  # is no answer
    _, _, place, *shown = changes(RECORDED, found)
    assert place.startswith("@@ ")
    assert shown == ["-werkzeug-2.0: copied: RecursionError", "+werkzeug-2.0: copied: yes"]


def test_an_answer_that_is_missing_or_new_is_shown() -> None:
    found = copy.deepcopy(RECORDED)
    del found["werkzeug-1.0"]["answers"]["pickled"]
    assert "-werkzeug-1.0: pickled: TypeError" in changes(RECORDED, found)
    assert "+werkzeug-1.0: pickled: TypeError" in changes(found, RECORDED)


def test_other_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    before = FILE.read_bytes()
    assert main(["--chek"]) == 2
    assert capsys.readouterr().err == "usage: python -m minictx.compare.record [--check]\n"
    assert FILE.read_bytes() == before


def test_it_runs_where_there_is_nothing_but_werkzeug() -> None:
    pytest.importorskip("werkzeug")
    others = ("click", "rich", "flask", "jinja2", "blinker", "gevent", "asgiref", "greenlet")
    hide = "".join(f"sys.modules[{package!r}] = None\n" for package in others)
    code = (
        f"import sys\n{hide}from minictx.compare.record import main\n"
        "raise SystemExit(main(['--here']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert found["versions"]["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert found["answers"]["threads-isolated"] == "yes"
    assert found["answers"]["greenlets-isolated"] == "-"
    assert list(found["answers"]) == list(BEHAVIOURS)
