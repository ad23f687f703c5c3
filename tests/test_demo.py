from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rich")

from rich.console import Console

from minictx import demo
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from tests.actors import needs_greenlet

ROOT = Path(__file__).parent.parent
ESCAPE = "\x1b["


def run_command(**environ: str) -> subprocess.CompletedProcess[str]:
    names = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"}
    clean = {name: value for name, value in os.environ.items() if name not in names}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "minictx", "demo"],
        capture_output=True,
        text=True,
        env=clean | environ,
        cwd=ROOT,
    )


def run_here() -> tuple[int, str]:
    output = io.StringIO()
    status = demo.run(Console(file=output, width=80, highlight=False))
    return status, output.getvalue()


@needs_greenlet
def test_the_demo_ends_with_the_turns_of_its_two_requests_and_a_page(tmp_path: Path) -> None:
    output, page = io.StringIO(), tmp_path / "demo.html"
    status = demo.run(Console(file=output, width=80, highlight=False), page)
    shown = output.getvalue().partition("The turns that the two greenlets took")[2]
    assert status == 0
    assert "missing" not in shown  # it is a part of a trace, and not one that was cut off
    assert re.search(r"^ +alice +bob$", shown, re.MULTILINE)
    assert shown.count("push <AppContext of demo>") == 2
    assert shown.count("view hello begins") == 2
    assert f"\n   {page}\n" in shown
    assert "the two requests of minictx demo" in page.read_text()


def test_the_demo_shows_all_four_parts_and_says_that_all_is_as_it_says() -> None:
    result = run_command()
    assert (result.returncode, result.stderr) == (0, "")
    assert re.findall(r"^(\d)  ", result.stdout, re.MULTILINE) == ["1", "2", "3", "4"]
    assert "NOT SO" not in result.stdout
    assert result.stdout.count("ok ") >= 6
    assert "Where to go next" in result.stdout


@needs_greenlet
def test_the_demo_shows_both_storages_for_threads_and_for_greenlets() -> None:
    _, shown = run_here()
    for kind in ("thread", "greenlet"):
        for user in ("alice", "bob"):
            request = f"{{'stack': [<RequestContext '/hello/{user}' of demo>]}}"
            assert re.search(rf"{user}'s {kind}: +{re.escape(request)}", shown)
            assert re.search(
                rf"{user}'s {kind}: +\{{'stack': \[<AppContext of demo>\]}}", shown
            )


def test_the_demo_shows_the_cookie_and_that_g_does_not_survive() -> None:
    _, shown = run_here()
    assert 'visit 1: session["visits"] = 1   g.visits = 1' in shown
    assert 'visit 2: session["visits"] = 2   g.visits = 1' in shown
    assert re.search(r"the cookie:\s+session=\S+\.\S+\.\S+", shown)


def test_the_demo_ends_with_the_error_of_a_thread_without_context() -> None:
    _, shown = run_here()
    assert "Working outside of request context." in shown
    assert "copy_current_request_context" in shown


def test_the_demo_fits_in_80_columns_in_a_pipe_and_has_no_colour_there() -> None:
    result = run_command(COLUMNS="80")
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert ESCAPE not in result.stdout


def test_no_color_is_obeyed() -> None:
    coloured = run_command(FORCE_COLOR="1", TERM="xterm-256color").stdout
    plain = run_command(FORCE_COLOR="1", TERM="xterm-256color", NO_COLOR="1").stdout
    colours = re.compile(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m")
    assert colours.search(coloured)
    assert not colours.search(plain)


def test_the_demo_works_where_the_terminal_knows_only_ascii() -> None:
    result = run_command(PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (result.returncode, result.stderr) == (0, "")


def test_the_demo_leaves_nothing_running_and_nothing_on_the_stacks() -> None:
    before = threading.enumerate()
    status, _ = run_here()
    assert status == 0
    assert threading.enumerate() == before
    assert _request_ctx_stack.__storage__ == {} == _app_ctx_stack.__storage__


def test_the_demo_fails_if_all_share_one_stack() -> None:
    # What it would be like without a Local: both requests have the same ident. It is run
    # in a process of its own, since it leaves greenlets that cannot end well.
    code = """
from rich.console import Console
from minictx import demo
for stack in demo.STACKS.values():
    stack.__ident_func__ = lambda: 0
raise SystemExit(demo.run(Console()))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert result.returncode == 1
    assert "NOT SO: each view saw its own request" in result.stdout
    assert "NOT SO: each had a stack of its own" in result.stdout


@pytest.mark.parametrize(
    ("function", "result", "claim"),
    [
        ("visit_twice", ([[1, 1], [2, 2]], "session=e30.x.y"), "g was empty again"),
        ("visit_twice", ([[1, 1], [1, 1]], "session=e30.x.y"), "the session came back"),
        ("ask_in_a_thread_without_context", ("", None), "stack is empty"),
    ],
)
def test_the_demo_fails_if_something_is_not_as_it_says(
    monkeypatch: pytest.MonkeyPatch, function: str, result: Any, claim: str
) -> None:
    monkeypatch.setattr(demo, function, lambda: result)
    status, shown = run_here()
    assert status == 1
    assert re.search(f"NOT SO: .*{claim}", shown)


def test_without_greenlet_the_demo_says_what_it_leaves_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(demo, "greenlet", None)
    status, shown = run_here()
    assert status == 0
    assert "left out: greenlet is not installed" in shown
