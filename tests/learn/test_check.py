from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from minictx.learn.check import START as START_OF_PYTHON
from minictx.learn.check import Checker, check, ended
from minictx.learn.course import OURS, Course
from minictx.learn.process import HAS_GUARD
from tests.learn.courses import SOLUTION, START, Bench, list_exercises, write, write_exercise

ROOT = Path(__file__).parent.parent.parent
needs_pidfd = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="needs a system that can wait for any process"
)
IN_CHECK = "def answer():\n    {}\n"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def impatient(tmp_path: Path) -> Bench:
    """A bench for what does not end."""
    return Bench(tmp_path, seconds=1.5)


def test_a_solution_passes(bench: Bench) -> None:
    result = bench.check(SOLUTION)
    assert (result.status, result.message, result.place) == ("passed", "", None)
    assert result.passed
    assert result.seconds > 0
    assert result.files == ("one/one_a.py",)


def test_a_wrong_answer_fails_with_the_message_of_the_check(bench: Bench) -> None:
    result = bench.check(START)
    assert result.status == "failed"
    assert result.message == "T1 got another answer, after step 1 of 'T1': look at answer()"
    assert result.check == "test_the_answer_is_42"


def test_an_error_in_a_check_names_the_line_of_the_student(bench: Bench) -> None:
    look = "table = {}\n\ndef look():\n    return table['x']\n"
    result = bench.check(f"{look}def answer():\n    return look()\n")
    assert (result.status, result.place) == ("failed", "one/one_a.py:4")
    assert result.message == "KeyError: 'x'\none/one_a.py:4: return table['x']"


def test_an_error_on_the_stage_names_the_step(tmp_path: Path) -> None:
    checks = (
        "import one_a\nfrom minictx.stage import run\n"
        "def test_one():\n"
        "    def t1():\n"
        "        yield\n"
        "        one_a.answer()\n"
        "    run('T1 T1', T1=t1)\n"
    )
    result = Bench(tmp_path, checks=checks).check(IN_CHECK.format("return nothing"))
    assert "NameError: name 'nothing' is not defined" in result.message
    assert "raised by T1 in its step 2, on threads; the order so far: 'T1 T1'" in result.message
    assert result.place == "one/one_a.py:2"


@pytest.mark.parametrize(
    ("source", "message", "place"),
    [
        ("def answer(:\n", "SyntaxError: invalid syntax\none/one_a.py:1: def answer(:", 1),
        ("import nothing_at_all\n", "No module named 'nothing_at_all'", 1),
        ("\nraise ValueError('oh')\n", "ValueError: oh\none/one_a.py:2: raise", 2),
        ("x = 1\nimport sys\nsys.exit(3)\n", "SystemExit: 3: it ends the whole program", 3),
        ("raise KeyboardInterrupt\n", "KeyboardInterrupt: it ends the whole program", 1),
        ("x = input()\n", "no input can be typed here: take out input()", 1),
    ],
)
def test_what_cannot_be_imported_says_why_and_where(
    bench: Bench, source: str, message: str, place: int
) -> None:
    result = bench.check(source)
    assert result.status == "error"
    assert message in result.message
    assert result.place == f"one/one_a.py:{place}"


def test_a_name_that_is_missing_is_named_without_the_path_of_the_workspace(
    bench: Bench,
) -> None:
    result = bench.check("x = 1\n")
    assert result.status == "error"
    name = os.path.join("one", "one_a.py")
    assert result.message == (
        f"ImportError: cannot import name 'answer' from 'one_a' ({name}): is it written there"
        " yet? An exercise before this one may ask for it"
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("import sys; sys.exit()", "it ends the whole program"),
        ("raise KeyboardInterrupt", "it ends the whole program"),
        ("return answer()", "the function calls itself again and again"),
        ("return bytearray(1 << 45)", "it uses all of the memory"),
        ("import pytest; pytest.skip()", "a check was skipped"),
        ("import pytest; pytest.exit('x')", "Exit: x"),
        ("return input()", "no input can be typed here"),
    ],
)
def test_what_ends_a_check_is_no_pass(bench: Bench, statement: str, message: str) -> None:
    result = bench.check(IN_CHECK.format(statement))
    assert not result.passed
    assert message in result.message


@pytest.mark.skipif(sys.platform != "linux", reason="needs a system that limits memory")
def test_what_uses_much_memory_fails_before_the_computer_does(bench: Bench) -> None:
    assert (
        "it uses all of the memory"
        in bench.check(IN_CHECK.format("bytearray(8 << 30)")).message
    )


def test_what_a_check_says_and_what_it_does_not(tmp_path: Path) -> None:
    """The first check that fails counts, whatever it fails by; a name is a message, too."""
    checks = (
        "import pytest\nfrom one_a import answer\n"
        "@pytest.mark.parametrize('number', [1, 2])\n"
        "def test_the_answer_is_a_number(number):\n"
        "    assert isinstance(answer(), int)\n"
        "def test_the_answer_is_not_small():\n"
        "    if answer() < 10:\n"
        "        pytest.fail('it is small')\n"
        "def test_the_answer_is_right():\n"
        "    assert answer() == 42, 'look again'\n"
    )
    bench = Bench(tmp_path, checks=checks)
    told = [bench.check(IN_CHECK.format(f"return {value}")) for value in ("''", "1", "41")]
    assert [(each.message, each.check) for each in told] == [
        ("not yet: the answer is a number", "test_the_answer_is_a_number"),
        ("it is small", "test_the_answer_is_not_small"),
        ("look again", "test_the_answer_is_right"),
    ]


def test_where_a_check_tells_an_error_in_its_own_words_the_line_is_the_students(
    tmp_path: Path,
) -> None:
    checks = (
        "from one_a import answer\n"
        "def test_a():\n"
        "    try:\n"
        "        answer()\n"
        "    except ZeroDivisionError as error:\n"
        "        raise AssertionError('what if there is nothing?') from error\n"
    )
    result = Bench(tmp_path, checks=checks).check(IN_CHECK.format("1 / 0"))
    assert (result.message, result.place) == ("what if there is nothing?", "one/one_a.py:2")


def test_an_error_that_cannot_be_told_does_not_stop_the_check(bench: Bench) -> None:
    error = "class E(Exception):\n    def __str__(self):\n        raise KeyError\n"
    result = bench.check(f"{error}raise E\n")
    assert result.message.startswith("E: an error whose str() fails\none/one_a.py:4: raise E")


@pytest.mark.parametrize("status", [0, 3])
def test_a_process_that_is_ended_by_the_student_is_no_pass(bench: Bench, status: int) -> None:
    result = bench.check(IN_CHECK.format(f"import os; os._exit({status})"))
    assert result.status == "error"
    assert f"Python was ended, with exit code {status}, before the checks" in result.message


def test_a_crash_says_where(bench: Bench) -> None:
    result = bench.check(IN_CHECK.format("import ctypes; return ctypes.string_at(0)"))
    assert result.status == "error"
    assert "Python broke down (SIGSEGV), at one/one_a.py:2, `import ctypes" in result.message
    assert result.place == "one/one_a.py:2"


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nwhile True: pass\n",
        "import threading\nthreading.Event().wait()\n",
        "import time\ntime.sleep(1000)\n",
        "x = 1\nx = 10 ** 10 ** 9\n",  # in C, where no Python code can stop it
    ],
)
def test_a_loop_without_end_is_ended_and_says_where(impatient: Bench, source: str) -> None:
    result = impatient.check(source)
    assert result.status == "timeout"
    line = source.splitlines()[1]
    where = f"it stands at one/one_a.py:2, `{line}`"
    assert f"not done after 1.5 s: {where}: is it" in result.message
    assert result.place == "one/one_a.py:2"


def test_a_check_that_calls_off_its_time_limit_is_ended(
    impatient: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minictx.learn.check.START", 10_000)
    monkeypatch.setattr("minictx.learn.check.GRACE", 0.1)
    result = impatient.check(
        "import faulthandler\nfaulthandler.cancel_dump_traceback_later()\nwhile True: pass\n"
    )
    assert result.status == "timeout"


@pytest.mark.parametrize(
    "missing",
    [
        "sys.modules['resource'] = None",
        "import resource; del resource.RLIMIT_AS",
        "import resource; resource.setrlimit = lambda *_: int('as macOS says')",
    ],
)
def test_where_memory_cannot_be_limited_the_rest_works_and_it_is_said(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    pytest.importorskip("resource")
    write(tmp_path / "site" / "sitecustomize.py", f"import sys\n{missing}\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"))
    result = bench.check(SOLUTION)
    assert (result.status, result.off) == ("passed", ("memory",))


def test_without_groups_of_processes_a_check_ends_all_the_same(
    impatient: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("minictx.learn.process.HAS_GUARD", False)
    assert impatient.check(SOLUTION).off == ("processes that leave their group that it starts",)
    monkeypatch.delattr(os, "killpg")
    assert impatient.check(SOLUTION).off == ("processes that it starts",)
    assert impatient.check("while True: pass\n").status == "timeout"


def test_the_line_where_it_stands_is_the_innermost(impatient: Bench) -> None:
    loop = "def loop():\n    while True: pass\n"
    result = impatient.check(f"{loop}def answer():\n    return loop()\n")
    assert "it stands at one/one_a.py:2, `while True: pass`: is it a loop" in result.message


def test_a_check_that_never_ends_without_a_line_of_the_student(tmp_path: Path) -> None:
    checks = "def test_a():\n    while True: pass\n"
    result = Bench(tmp_path, 1.5, checks=checks).check(SOLUTION)
    assert (result.status, result.place) == ("timeout", None)
    assert result.message == "not done after 1.5 s: is there a loop that does not end?"


def test_threads_that_wait_for_each_other_are_both_named(impatient: Bench) -> None:
    result = impatient.check(
        "import threading\n"
        "a, b, both = threading.Lock(), threading.Lock(), threading.Barrier(2)\n"
        "def take(first, second):\n"
        "    with first:\n"
        "        both.wait()\n"
        "        with second:\n"
        "            pass\n"
        "def answer():\n"
        "    thread = threading.Thread(target=take, args=(a, b))\n"
        "    thread.start()\n"
        "    take(b, a)\n"
    )
    assert result.status == "timeout"
    here = "one/one_a.py:6, `with second:`"
    assert f"threads stand at {here} and at {here}: do they wait" in result.message


def test_a_thread_that_goes_on_for_ever_does_not_hold_up_the_result(bench: Bench) -> None:
    thread = "import threading\nthreading.Thread(target=threading.Event().wait).start()\n"
    result = bench.check(thread + SOLUTION)
    assert result.passed
    assert result.seconds < START_OF_PYTHON  # or else it was waited for, as long as it may be


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_of_output_is_ended(bench: Bench, stream: str) -> None:
    write = f"import sys\nwhile True:\n    sys.{stream}.write('x' * 1000)\n"
    result = bench.check(write)
    assert result.status == "error"
    assert result.message == "more than 1000 kB were printed: is there a print() in a loop?"


def test_what_is_printed_is_kept(bench: Bench) -> None:
    result = bench.check("print('here \u00e9')\n" + SOLUTION)
    assert result.passed
    assert result.printed.strip() == "here \u00e9"


def test_closing_standard_output_changes_nothing(bench: Bench) -> None:
    assert bench.check("import sys\nsys.stdout.close()\nsys.stderr = None\n" + SOLUTION).passed


@needs_pidfd
@pytest.mark.parametrize("end", ["", "while True: pass\n", "import os; os._exit(1)\n"])
def test_processes_that_the_student_starts_are_ended(impatient: Bench, end: str) -> None:
    code = "import time; time.sleep(1000)"
    impatient.check(
        "import subprocess, sys, pathlib\n"
        f"process = subprocess.Popen([sys.executable, '-c', {code!r}])\n"
        f"pathlib.Path({str(impatient.workspace)!r}, 'pid').write_text(str(process.pid))\n{end}"
    )
    pid = int((impatient.workspace / "pid").read_text())
    assert ends(pid)


DAEMONS = {
    "in a session of its own": (
        "process = subprocess.Popen([sys.executable, '-c', code], start_new_session=True)\n"
        "note(process.pid)\n"
    ),
    "without an environment": (
        "command = [sys.executable, '-c', code]\n"
        "process = subprocess.Popen(command, start_new_session=True, env={})\n"
        "note(process.pid)\n"
    ),
    "forked twice": (
        "read, write = os.pipe()\n"
        "if not os.fork():\n"
        "    os.setsid()\n"
        "    if not os.fork():\n"
        "        note(os.getpid())\n"
        "        os.write(write, b'.')\n"
        "        exec(code)\n"
        "    os._exit(0)\n"
        "os.wait()\n"
        "os.read(read, 1)\n"
    ),
}


@pytest.mark.skipif(not HAS_GUARD, reason="needs a system that has subreapers")
@pytest.mark.parametrize("end", ["", "while True: pass\n", "os._exit(1)\n"])
@pytest.mark.parametrize("daemon", DAEMONS)
def test_a_process_that_leaves_the_group_is_ended_too(
    impatient: Bench, daemon: str, end: str
) -> None:
    file = impatient.workspace / "pid"
    impatient.check(
        "import os, pathlib, subprocess, sys\n"
        "code = 'import time; time.sleep(1000)'\n"
        f"def note(pid): pathlib.Path({str(file)!r}).write_text(str(pid))\n"
        f"{DAEMONS[daemon]}{end}{SOLUTION}"
    )
    assert ends(int(file.read_text()))


def ends(pid: int) -> bool:
    """Wait for the end of a process that is not ours."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([process], [], [], 60)[0])
    finally:
        os.close(process)


def test_a_missing_file_says_how_to_get_it_back(bench: Bench) -> None:
    result = check(bench.course, bench.exercise, bench.workspace)
    assert result.status == "error"
    assert "there is no one/one_a.py in the workspace: minictx learn reset one-a" in (
        result.message
    )


def test_the_module_is_the_one_of_the_workspace_whatever_is_installed(tmp_path: Path) -> None:
    write_exercise(tmp_path / "course", "one-a", file="rich.py", checks=IMPORTS_RICH)
    course = list_exercises(tmp_path / "course", "one-a")
    write(tmp_path / "workspace" / "rich.py", SOLUTION)
    assert check(course, course.exercises[0], tmp_path / "workspace").passed


IMPORTS_RICH = (
    "import rich\n"
    "def test_one():\n"
    "    assert rich.__file__.endswith('workspace/rich.py'), rich.__file__\n"
)


def test_a_file_of_the_student_does_not_hide_one_of_python(bench: Bench) -> None:
    write(bench.workspace / "one" / "colorsys.py", "1 / 0\n")
    assert bench.check("import colorsys\n" + SOLUTION).passed


def test_modules_of_the_workspace_import_each_other(bench: Bench) -> None:
    write(bench.workspace / "helper.py", "value = 42\n")
    result = bench.check("from helper import value\ndef answer():\n    return value\n")
    assert result.passed
    assert result.files == ("helper.py", "one/one_a.py")


def test_a_module_beside_the_file_comes_before_one_of_another_folder(tmp_path: Path) -> None:
    write_exercise(tmp_path / "course", "one-a")
    write_exercise(tmp_path / "course", "two-b", file="two/two_b.py")
    course = list_exercises(tmp_path / "course", "one-a", "two-b")
    workspace = tmp_path / "workspace"
    write(workspace / "one" / "helper.py", "value = 41\n")
    write(workspace / "two" / "helper.py", "value = 42\n")
    write(workspace / "two" / "two_b.py", "import helper\ndef answer(): return helper.value\n")
    assert check(course, course.exercises[1], workspace).passed


def test_what_checks_a_file_is_not_there_to_be_imported(bench: Bench) -> None:
    assert "No module named 'verify'" in bench.check("import verify\n" + SOLUTION).message


def test_a_signal_without_a_name_is_told_by_its_number(tmp_path: Path) -> None:
    assert "broke down (signal 99)" in ended(-99, "", tmp_path)[1]


def test_a_save_within_the_same_second_is_seen(bench: Bench) -> None:
    """Bytecode that Python has cached says which second it is of, and which size."""
    assert bench.check(SOLUTION).passed
    status = bench.file.stat()
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    command = [sys.executable, "-c", "import one_a"]
    subprocess.run(command, cwd=bench.file.parent, env=env, check=True)
    assert list(bench.file.parent.rglob("*.pyc"))
    bench.file.write_text(SOLUTION.replace("42", "41"))
    os.utime(bench.file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not check(bench.course, bench.exercise, bench.workspace).passed


def test_settings_of_pytest_around_the_course_change_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    write(bench.course.folder / "pytest.ini", "[pytest]\naddopts = --no-such-option\n")
    write(bench.workspace / "conftest.py", "1 / 0\n")
    write(bench.exercise.folder / "conftest.py", "1 / 0\n")
    assert bench.check(SOLUTION).passed


def test_an_exercise_without_a_check_is_broken(
    tmp_path: Path,
) -> None:
    result = Bench(tmp_path, checks="x = 1\n").check(SOLUTION)
    assert result.status == "error"
    assert "the exercise is broken: no check was run" in result.message


@pytest.fixture
def shared(tmp_path: Path) -> Course:
    """A course of two exercises in the same file."""
    write_exercise(tmp_path / "course", "one-a", file="one.py")
    more = "def more():\n    return 43\n"
    checks = (
        "from one import more\ndef test_b():\n    assert more() == 43, 'more is to be 43'\n"
    )
    write_exercise(
        tmp_path / "course", "one-b", file="one.py", start=None, solution=SOLUTION + more,
        checks=checks,
    )  # fmt: skip
    return list_exercises(tmp_path / "course", "one-a", "one-b")


def test_an_exercise_that_goes_on_with_a_file_checks_what_passed_before(
    shared: Course, tmp_path: Path
) -> None:
    first, second = shared.exercises
    write(tmp_path / "one.py", second.solution.read_text())
    assert check(shared, second, tmp_path).passed
    assert check(shared, first, tmp_path).passed
    write(tmp_path / "one.py", second.solution.read_text().replace("42", "41"))
    result = check(shared, second, tmp_path)
    assert result.message.startswith("one-a, which passed before: T1 got another answer")


def test_what_an_exercise_itself_asks_for_is_said_first(shared: Course, tmp_path: Path) -> None:
    write(tmp_path / "one.py", "def answer():\n    return 0\ndef more():\n    return 0\n")
    assert check(shared, shared.exercises[1], tmp_path).message == "more is to be 43"


def test_a_checker_that_prepares_answers_the_same_each_time(bench: Bench) -> None:
    ended = "import os; os._exit(3)\n"
    with Checker(bench.course, bench.workspace, prepare=True) as checker:
        for source in (SOLUTION, START, ended, SOLUTION):
            write(bench.file, source)
            status = checker.check(bench.exercise).status
            assert status == {SOLUTION: "passed", START: "failed"}.get(source, "error")


@needs_pidfd
def test_a_process_that_waits_ends_with_the_one_that_started_it() -> None:
    code = (
        "import os, signal\n"
        "from minictx.learn.check import Checker\n"
        "from minictx.learn.course import OURS, Course\n"
        "checker = Checker(Course.load(OURS), '.', prepare=True)\n"
        "print(checker.spare.process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT)
    assert run.returncode == -signal.SIGKILL
    assert ends(int(run.stdout))


# Ways to pass without writing it.


@pytest.mark.parametrize(
    ("source", "owner"),
    [
        ("from minictx import Local", "minictx's"),
        ("import minictx as m\nclass Local(m.LocalProxy): pass", "minictx's"),
        ("import minictx as m\nLocal = m.Local", "minictx's"),
        ("from minictx.contextual import Local", "minictx's"),
        ("from werkzeug.local import Local", "werkzeug's"),
        ("from flask import Flask as Local", "Flask's"),
        ("Local = __import__('minictx').Local", "minictx's"),
        ("import sys\nLocal = sys.modules['minictx.local'].Local", "minictx's"),
        ("class Local(__import__('minictx').Local): pass", "minictx's"),
        ("Local = __import__('minictx').LocalProxy(lambda: 1)", "minictx's"),
        ("class Local: __call__ = __import__('minictx').LocalStack.push", "minictx's"),
    ],
)
def test_what_is_taken_from_minictx_and_its_like_is_no_pass(
    tmp_path: Path, source: str, owner: str
) -> None:
    bench = Bench(tmp_path, checks="import one_a\ndef test_a():\n    assert one_a.Local\n")
    result = bench.check(f"{source}\n")
    assert (result.status, result.message) == (
        "failed",
        f"Local: these are {owner}; write your own",
    )


def test_a_helper_of_the_students_may_not_take_it_either(bench: Bench) -> None:
    write(
        bench.workspace / "helper.py",
        "from minictx import Local\nfrom minictx.stage import run",
    )
    result = bench.check(f"import helper\n{SOLUTION}")
    assert result.message == "minictx.Local: these are minictx's; write your own"


def test_what_the_solution_imports_the_student_may_import_too(tmp_path: Path) -> None:
    uses = f"from minictx import Local\n\nlocal = Local()\n{SOLUTION}"
    bench = Bench(tmp_path, solution=uses)
    assert bench.check(uses).passed


@pytest.mark.parametrize(
    "source",
    [
        "exec(open(path).read())",
        "import runpy; answer = runpy.run_path(path)['answer']",
        "import pathlib; exec(pathlib.Path(path).read_bytes())",
        "import importlib.util as i; s = i.spec_from_file_location('s', path);"
        " m = i.module_from_spec(s); s.loader.exec_module(m); answer = m.answer",
        "import os; os.chdir(os.path.dirname(path)); exec(open(b'solution.py').read())",
    ],
)
def test_the_solution_of_the_course_is_no_pass(bench: Bench, source: str) -> None:
    result = bench.check(f"path = {str(bench.exercise.solution)!r}\n{source}\n")
    assert (result.status, result.message) == (
        "failed",
        "the solution of one-a: these are the course's; write your own",
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "source",
    [
        "pytest.Function.runtest = lambda self: None",
        "pytest.Item.runtest = pytest.Function.runtest = lambda self: None",
        "import _pytest.runner as r; r.pytest_runtest_call = lambda item: None",
        "import _pytest.python as p; p.pytest_pyfunc_call = lambda pyfuncitem: True\n"
        "pytest.Function.runtest = lambda self: p.pytest_pyfunc_call(self)",
        "def run(self):\n"
        "    try: self.obj()\n"
        "    except BaseException: pass\n"
        "pytest.Function.runtest = run",
        "def make(item, call):\n"
        "    call.excinfo = None\n"
        "    return real(item, call)\n"
        "real = pytest.TestReport.from_item_and_call\n"
        "pytest.TestReport.from_item_and_call = make",
        "pytest.main = lambda *_, **__: 0",
        "pytest.Session.perform_collect = lambda self, *_, **__: []",
    ],
)
def test_a_pytest_that_was_changed_is_no_pass(bench: Bench, source: str) -> None:
    assert not bench.check(f"import pytest\n{source}\n{START}").passed


@pytest.mark.parametrize("facts", ["{}", "[]", "{", '{"outcome": "passed"}'])
def test_facts_that_something_else_wrote_are_no_pass(bench: Bench, facts: str) -> None:
    result = bench.check(
        "import gc, os\n"
        "job, = [each for each in gc.get_objects() if type(each).__name__ == 'Job']\n"
        f"open(job.facts, 'w').write({facts!r})\n"
        "os._exit(0)\n"
    )
    assert (result.status, result.message) == (
        "error",
        "the result of this check was not written by minictx: take out what writes it",
    )


def test_ours_fail_as_shipped_and_pass_when_solved(tmp_path: Path) -> None:
    course = Course.load(OURS)
    exercise = course.find("running-dict")
    file = tmp_path / exercise.file
    write(file, exercise.shipped.read_text())
    assert "T1 keeps its note under 'note'" in check(course, exercise, tmp_path).message
    write(file, exercise.solution.read_text())
    assert check(course, exercise, tmp_path).passed
