"""Each process of a recorded program leaves a trace of its own, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from minictx.trace import Trace
from tests.trace.test_trace_command import LOCAL, ROOT, Write, python, write

__all__ = ["write"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")

FORK = """\
import os, sys
child = os.fork()
if child == 0:
    local.user = "bob"
    {end}
os.waitpid(child, 0)
"""
POOL = """\
import multiprocessing
def work(name):
    local.user = name
    return name
if __name__ == "__main__":
    process = multiprocessing.get_context("fork").Process(target=work, args=("bob",))
    process.start()
    process.join()
"""
TERMINATED = """\
import multiprocessing, os, signal
def work(ready):
    local.user = "bob"
    ready.set()
    signal.pause()
if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=work, args=(ready,))
    process.start()
    ready.wait()
    process.terminate()
    process.join()
    print(process.exitcode)
"""
FORKING = {
    "sys.exit": FORK.format(end="sys.exit(0)"),
    "os._exit": FORK.format(end="os._exit(0)"),
    "a signal": FORK.format(end="os.kill(os.getpid(), 15)"),
    "exec": FORK.format(end="os.execlp('true', 'true')"),
    "multiprocessing": POOL,
    "terminate": TERMINATED,
}


def values_of(path: Path) -> list[str]:
    trace = Trace.load(path)
    assert trace.events[-1]["kind"] == "left"
    return [event["value"] for event in trace.events if event["kind"] == "set"]


def record(
    script: str, *arguments: str, cwd: Path
) -> tuple[subprocess.CompletedProcess[str], dict[str, list[str]]]:
    """Run a script in a folder of its own, and return the traces that are there then."""
    result = python("-m", "minictx", "trace", *arguments, script, cwd=cwd)
    return result, {path.name: values_of(path) for path in cwd.glob("*.json")}


@pytest.mark.parametrize("source", FORKING.values(), ids=FORKING)
def test_a_forked_process_writes_a_file_of_its_own(
    source: str, write: Write, tmp_path: Path
) -> None:
    result, traces = record(write(LOCAL + source), "--json", "t.json", cwd=tmp_path)
    assert result.returncode == 0
    assert traces.pop("t.json") == ["'alice'"]
    ((name, values),) = traces.items()
    assert values == ["'alice'", "'bob'"]
    number = name.removeprefix("t-").removesuffix(".json")
    assert f"minictx: process {number} writes 't-{number}.json'" in result.stderr
    lines = result.stderr.splitlines()
    assert len(lines) == (2 if "exec" in source else 1)
    if "terminate" in source:
        assert result.stdout == "-15\n"


def test_the_number_of_the_process_is_part_of_the_name_if_it_is_asked_for(
    write: Write, tmp_path: Path
) -> None:
    script = write(LOCAL + FORK.format(end="os._exit(0)"))
    result, traces = record(script, "--json", "t-%p.json", cwd=tmp_path)
    assert result.stderr == ""
    assert sorted(traces.values()) == [["'alice'"], ["'alice'", "'bob'"]]


def test_a_forked_process_prints_no_transcript(write: Write, tmp_path: Path) -> None:
    script = write(LOCAL + FORK.format(end="sys.exit(0)"))
    result, _ = record(script, cwd=tmp_path)
    assert result.stdout.count("the recording ends") == 1
    assert "is not printed: --json FILE writes one for each process" in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_command_that_runs_itself_again_writes_two_files(
    write: Write, tmp_path: Path
) -> None:
    # As werkzeug's reloader does.
    source = (
        "import os, subprocess, sys\n"
        "if 'AGAIN' not in os.environ:\n"
        "    command = [sys.executable, *sys.orig_argv[1:]]\n"
        "    subprocess.run(command, env={**os.environ, 'AGAIN': '1'})\n"
        "else:\n"
        "    local.user = 'bob'\n"
    )
    result, traces = record(write(LOCAL + source), "--json", "t.json", cwd=tmp_path)
    assert traces.pop("t.json") == ["'alice'"]
    assert list(traces.values()) == [["'alice'", "'bob'"]]
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "import subprocess, sys\n"
            "for _ in range(2): subprocess.run([sys.executable, '-c', ''])",
            "a Python process that this program starts is not recorded",
        ),
        (
            "import multiprocessing\n"
            "if __name__ == '__main__':\n"
            "    for _ in range(2):\n"
            "        p = multiprocessing.get_context('spawn').Process(target=print)\n"
            "        p.start()\n        p.join()",
            "processes that multiprocessing starts by 'spawn' are not recorded",
        ),
    ],
)
def test_what_is_not_followed_is_said_once(
    source: str, message: str, write: Write, tmp_path: Path
) -> None:
    result, traces = record(write(LOCAL + source), "--json", "t.json", cwd=tmp_path)
    assert result.stderr == f"minictx: {message}\n"
    assert list(traces) == ["t.json"]


def test_a_program_that_starts_others_is_not_told_of_them(write: Write, tmp_path: Path) -> None:
    result, _ = record(
        write("import subprocess\nsubprocess.run(['true'])"), "--json", "t.json", cwd=tmp_path
    )
    assert result.stderr == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_the_program_ends_it_as_ever_and_the_trace_is_written(
    number: signal.Signals, write: Write, tmp_path: Path
) -> None:
    script = write(LOCAL + "import signal\nprint('ready', flush=True)\nsignal.pause()")
    command = [sys.executable, "-m", "minictx", "trace", "--json", "t.json", script]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.wait() == -number
    assert values_of(tmp_path / "t.json") == ["'alice'"]


def test_a_signal_that_the_program_answers_itself_is_its_own(
    write: Write, tmp_path: Path
) -> None:
    source = (
        "import os, signal\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('mine'))\n"
        "os.kill(os.getpid(), signal.SIGTERM)\nprint('on')"
    )
    result, traces = record(write(LOCAL + source), "--json", "t.json", cwd=tmp_path)
    assert (result.stdout, result.returncode) == ("mine\non\n", 0)
    assert traces == {"t.json": ["'alice'"]}


def test_an_interrupt_while_a_file_is_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    Trace("old", events=[]).save(path)

    def events() -> object:
        yield {"kind": "line"}
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Trace("new", events=events()).save(path)  # type: ignore[arg-type]
    assert Trace.load(path).title == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("lines", [-1, 1], ids=["all but the last line", "the first line"])
def test_a_trace_whose_end_was_cut_off_is_recognised(
    lines: int, write: Write, tmp_path: Path
) -> None:
    record(write(LOCAL), "--json", "t.json", cwd=tmp_path)
    path = tmp_path / "t.json"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:lines]))
    result = python("-m", "minictx", "trace", "--from", str(path))
    assert "The end of the trace is missing" in result.stdout
    assert "Nothing was left behind" not in result.stdout


def test_without_rich_the_script_does_not_run_first(write: Write) -> None:
    code = (
        "import sys, runpy\n"
        "sys.modules['rich'] = None\n"
        f"sys.argv = ['minictx', 'trace', {write('print(1)')!r}]\n"
        "runpy.run_module('minictx', run_name='__main__')\n"
    )
    result = python("-c", code)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("minictx: to print a trace needs rich: pip install")
