from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("click")

from minictx.trace import Trace

ROOT = Path(__file__).parent.parent.parent

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(source: str, name: str = "script.py") -> str:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source)
        return str(path)

    return write


def python(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1"},
        timeout=60,
    )


def trace(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return python("-m", "minictx", "trace", *arguments, cwd=cwd)


LOCAL = "from minictx import Local\nlocal = Local()\nlocal.user = 'alice'\n"

# Scripts that must not notice that they are traced.
SCRIPTS = {
    "it prints": "print('hello')",
    "it sees its arguments": "import sys; print(sys.argv[1:], __name__, __file__)",
    "it exits": "import sys; print('bye'); sys.exit(3)",
    "it exits with a text": "import sys; sys.exit('wrong')",
    "it exits without a code": "raise SystemExit",
    "it fails": "def work():\n    return 1 / 0\nwork()",
    "it fails with a cause": (
        "try:\n    1 / 0\nexcept Exception as error:\n    raise KeyError from error"
    ),
    "it fails with a group": "raise ExceptionGroup('two', [ValueError(), KeyError()])",
    "it is no Python": "print('never')\nx = (",
    "it imports what is not there": "import nothing_here",
    "its thread fails": "import threading\nthreading.Thread(target=lambda: 1 / 0).start()",
    "its thread outlives it": (
        "import threading\n"
        "def work():\n    threading.main_thread().join()\n    print('from the thread')\n"
        "threading.Thread(target=work).start()\nprint('end of the script')"
    ),
    "its pool is never shut down": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "print(ThreadPoolExecutor(1).submit(len, 'abc').result())"
    ),
    "it has an excepthook": (
        "import sys\nsys.excepthook = lambda *error: print('hook', error[0])\n1 / 0"
    ),
    "it says goodbye": "import atexit\natexit.register(print, 'goodbye')",
    "it closes its output": "import sys\nprint('a')\nsys.stdout.flush()\nsys.stdout.close()",
    "it pickles itself": (
        "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)"
    ),
    "it imports its neighbour": "import neighbour",
    "it reads from its input": "import sys\nprint(repr(sys.stdin.read()))",
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_runs_as_without_the_trace(source: str, write: Write, tmp_path: Path) -> None:
    path = write(source)
    write("print('I am', __name__)", "neighbour.py")
    out = str(tmp_path / "out.jsonl")
    wanted, got = python(path, "a", "--b"), trace("--json", out, path, "a", "--b")
    assert got.stdout == wanted.stdout
    assert got.stderr == wanted.stderr
    assert got.returncode == wanted.returncode
    assert Trace.load(out).events[-1]["kind"] == "left"


def test_a_module_runs_as_without_the_trace(write: Write, tmp_path: Path) -> None:
    write("print('package', __name__)", "shop/__init__.py")
    source = "import sys, shop\nprint(sys.argv, __name__, __package__, __spec__.name)\n1 / 0"
    write(source, "shop/__main__.py")
    write(source, "shop/cart.py")
    for module in ("shop", "shop.cart"):
        wanted = python("-m", module, "a", "--b", cwd=tmp_path)
        got = trace("--json", "out.jsonl", "-m", module, "a", "--b", cwd=tmp_path)
        assert got.stdout == wanted.stdout
        assert got.returncode == wanted.returncode == 1
        # `python -m` shows the frames of runpy; here, there are none.
        assert got.stderr.splitlines()[-3:] == wanted.stderr.splitlines()[-3:]
        assert "minictx" not in got.stderr


def test_the_transcript_follows_the_output_of_the_script(write: Write) -> None:
    result = trace(write(LOCAL + "print('hello')"))
    assert result.returncode == 0
    assert result.stderr == ""
    assert result.stdout.startswith("hello\n")
    assert "alice" in result.stdout


def test_a_plain_list_can_be_asked_for_instead_of_the_columns(write: Write) -> None:
    script = write("from minictx import Local; local = Local(); local.user = 'alice'")
    columns, plain = trace(str(script)), trace("--plain", str(script))
    assert columns.returncode == plain.returncode == 0
    assert "\u2503" in columns.stdout
    assert "\u2503" not in plain.stdout
    assert "user = 'alice'" in plain.stdout


def test_the_trace_is_written_when_the_script_fails(write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    result = trace("--json", str(out), write(LOCAL + "1 / 0"))
    assert result.returncode == 1
    assert "minictx" not in result.stderr
    kinds = [event["kind"] for event in Trace.load(out).events]
    assert kinds == ["begin", "set", "left"]


def test_the_trace_goes_to_standard_output_after_the_scripts_own(write: Write) -> None:
    result = trace("--json", "-", write(LOCAL + "print('hello')"))
    first, header, *_ = result.stdout.splitlines()
    assert first == "hello"
    assert json.loads(header)["format"] == "minictx-trace"


def test_the_threads_that_outlive_the_script_are_in_the_trace(write: Write) -> None:
    source = (
        "import threading\nready = threading.Event()\n"
        "def work():\n    ready.wait()\n    local.user = 'bob'\n"
        "threading.Thread(target=work, name='bob').start()\nready.set()"
    )
    result = trace("--json", "-", write(LOCAL + source))
    loaded = Trace.read(result.stdout.splitlines())
    assert [event["value"] for event in loaded.events if event["kind"] == "set"] == [
        "'alice'",
        "'bob'",
    ]


def test_the_places_are_those_of_the_script(write: Write, tmp_path: Path) -> None:
    write(LOCAL)
    result = trace("--json", "-", "script.py", cwd=tmp_path)
    loaded = Trace.read(result.stdout.splitlines())
    event = next(event for event in loaded.events if event["kind"] == "set")
    assert (event["file"], event["line"], event["function"]) == ("script.py", 3, "<module>")
    assert loaded.title == "script.py"
    assert [source.lines[2] for source in loaded.sources] == ["local.user = 'alice'"]


def test_lines_and_the_limit_can_be_asked_for(write: Write) -> None:
    result = trace(
        "--json", "-", "--lines", "--limit", "4", write("a = 1\nb = 2\nc = 3\nd = 4")
    )
    events = Trace.read(result.stdout.splitlines()).events
    assert [(event["kind"], event["line"]) for event in events[1:]] == [
        ("line", 1),
        ("line", 2),
        ("line", 3),
        ("limit", 4),
    ]


def test_a_saved_trace_is_drawn_without_the_script(write: Write, tmp_path: Path) -> None:
    out = str(tmp_path / "out.jsonl")
    path = write(LOCAL)
    drawn = trace(path).stdout
    trace("--json", out, path)
    os.remove(path)
    assert trace("--from", out).stdout == drawn
    again = trace("--from", out, "--json", "-")
    assert again.stdout == Path(out).read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name a script to run, or a saved trace with --from"),
        (["nothing.py"], "cannot read 'nothing.py': No such file or directory"),
        (["minictx"], "'minictx' is a folder: name a Python file, or use -m"),
        (["-m", "nothing"], "there is no module 'nothing' that can be run"),
        (["-m", "json.nothing"], "there is no module 'json.nothing' that can be run"),
        (["-m", "minictx.web"], "there is no module 'minictx.web' that can be run"),
        (["--json", "minictx", "x.py"], "cannot write 'minictx': it is a folder"),
        (
            ["--page", "nowhere/x.html", "x.py"],
            "cannot write 'nowhere/x.html': there is no folder 'nowhere'",
        ),
        (["--from", "nothing.jsonl"], "cannot read 'nothing.jsonl': No such file or directory"),
        (["--from", "README.md"], "README.md, line 1: this is not JSON: Expecting value"),
        (["--from", "x", "y"], "--from draws a saved trace: leave out the script"),
        (["--json", "/dev/full", "examples/19_offline_script.py"], "cannot write"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(arguments: list[str], message: str) -> None:
    result = trace(*arguments)
    assert result.returncode == 2
    assert result.stderr.startswith(f"minictx: {message}")
    assert result.stderr.count("\n") == 1


def test_what_cannot_be_written_is_said_before_the_script_runs(write: Write) -> None:
    result = trace("--json", "nowhere/x.jsonl", write("print('hello')"))
    assert result.stdout == ""


def test_a_missing_package_of_the_script_is_not_taken_for_one_of_ours(write: Write) -> None:
    source = "import sys\nsys.modules['jinja2'] = None\nimport jinja2"
    result = trace("--json", "-", write(source))
    assert result.returncode == 1
    assert "ModuleNotFoundError" in result.stderr


def test_a_transcript_needs_an_output_that_is_open(write: Write) -> None:
    result = trace(write("import sys\nsys.stdout.close()"))
    assert result.returncode == 2
    assert result.stderr == (
        "minictx: cannot write to standard output: the script has closed it\n"
    )


def test_a_reader_that_has_seen_enough_is_no_error(write: Write) -> None:
    path = write(
        "from minictx import Local\nlocal = Local()\nfor n in range(20_000): local.n = n"
    )
    command = [sys.executable, "-m", "minictx", "trace", "--json", "-", path]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 0


@pytest.mark.parametrize("option", ["--page", "--chrome"])
def test_the_other_pictures_are_written(option: str, write: Write, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = trace(option, str(out), write(LOCAL))
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert "alice" in out.read_text()


def test_no_output_takes_the_place_of_the_script_or_of_another(
    write: Write, tmp_path: Path
) -> None:
    script = write("x = 1")
    out = str(tmp_path / "out")
    for arguments in (["--page", str(script)], ["--json", out, "--page", out]):
        result = trace(*arguments, str(script))
        assert result.returncode == 2
        assert "that would overwrite another file" in result.stderr
    assert Path(script).read_text() == "x = 1"
