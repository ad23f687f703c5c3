from __future__ import annotations

import contextlib
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("click")

from tests.learn.courses import SOLUTION, START, course_of, write

ROOT = Path(__file__).parent.parent.parent
Learn = Callable[..., subprocess.CompletedProcess[str]]


def learn(
    *arguments: object, folder: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "minictx", "learn", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder or ROOT,
        timeout=60,
        env=os.environ | {"LC_ALL": "C.UTF-8", **environment},
    )


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return course_of(tmp_path / "course", "one-a", "one-b").folder


@pytest.fixture
def workspace(tmp_path: Path, course: Path) -> Path:
    """A workspace where the first of two exercises is solved."""
    run = learn("init", tmp_path / "workspace", "--course", course)
    assert (run.returncode, run.stderr) == (0, "")
    write(tmp_path / "workspace" / "one" / "one_a.py", SOLUTION)
    return tmp_path / "workspace"


def test_learn_is_a_command_that_says_what_it_can_do() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "minictx", "-h"], capture_output=True, text=True, cwd=ROOT
    )
    assert "learn" in run.stdout
    help = learn("--help").stdout
    for name in (
        "init",
        "verify",
        "hint",
        "list",
        "next",
        "reset",
        "solution",
        "show",
        "finale",
    ):
        assert f"  {name}  " in help


def test_init_says_what_to_do_next_and_refuses_to_do_it_again(tmp_path: Path) -> None:
    run = learn("init", "here", folder=tmp_path)
    assert run.returncode == 0
    assert "Next: cd here, open it in your editor, and start `minictx learn`" in run.stdout
    assert (tmp_path / "here" / "running" / "running_dict.py").is_file()
    run = learn("init", "here", folder=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "is a workspace already" in run.stderr


@pytest.mark.parametrize(
    "command",
    ["", "verify", "list", "show", "hint", "next", "reset one-a", "solution", "finale"],
)
def test_outside_of_a_workspace_a_command_says_how_to_make_one(
    tmp_path: Path, command: str
) -> None:
    run = learn(*command.split(), folder=tmp_path)
    assert run.returncode == 2
    assert run.stderr.startswith(
        f"minictx: {tmp_path} is no workspace: `minictx learn init DIR`"
    )
    assert run.stderr.count("\n") == 1


def test_the_pipe_form_leads_through_the_exercises(workspace: Path) -> None:
    run = learn("next", folder=workspace)
    assert run.returncode == 2
    assert "one-a does not pass yet: `minictx learn verify one-a` checks it" in run.stderr
    assert learn("verify", "one-a", folder=workspace).returncode == 0
    run = learn("next", folder=workspace / "one")
    assert run.stdout.startswith("one-b: Title of one-b\n")
    assert learn("list", folder=workspace).stdout == (
        "One\n"
        "  passed  one-a                   Title of one-a\n"
        ">         one-b                   Title of one-b\n"
        "1 of 2 passed\n"
    )
    assert "What to do." in learn("show", folder=workspace).stdout
    assert "Hint 1 of 3 for one-b\n\nfirst\n" in learn("hint", folder=workspace).stdout
    assert "Hint 2 of 3 for one-b\n\nsecond\n" in learn("hint", folder=workspace).stdout


def test_naming_another_exercise_does_not_move_the_student(workspace: Path) -> None:
    assert "Hint 1 of 3 for one-b" in learn("hint", "one-b", folder=workspace).stdout
    assert "one-b: Title" in learn("show", "one-b", folder=workspace).stdout
    assert learn("verify", "one-b", folder=workspace).returncode == 1
    assert learn("show", folder=workspace).stdout.startswith("one-a: Title of one-a")
    learn("next", "one-b", folder=workspace)
    assert learn("show", folder=workspace).stdout.startswith("one-b: Title of one-b")


def on_terminal(*arguments: object, folder: Path, width: int) -> str:
    """Run a command on a terminal, and return what it shows there."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    screen, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    names = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")
    ours = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-m", "minictx", "learn", *map(str, arguments)]
    env = ours | {"TERM": "xterm", "LC_ALL": "C.UTF-8", "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdout=slave, cwd=folder, env=env) as process:
        os.close(slave)
        shown = b""
        with contextlib.suppress(OSError):  # this is how the end of a terminal is told
            while part := os.read(screen, 65536):
                shown += part
    os.close(screen)
    assert process.returncode == 0
    return shown.decode().replace("\r\n", "\n")


def test_on_a_terminal_texts_are_rendered_and_wrapped(workspace: Path) -> None:
    long = "**Do** `answer` " + " ".join(f"w{number}" for number in range(40))
    texts = workspace.parent / "course" / "texts" / "en.toml"
    for old in ("What to do.", "first", "Why it is so."):
        write(texts, texts.read_text().replace(old, long))
    for command, width in (("show", 80), ("hint", 40), ("solution --anyway", 40)):
        shown = on_terminal(*command.split(), folder=workspace, width=width)
        assert "\x1b[1mDo\x1b[0m \x1b[1;36manswer\x1b[0m w0 w1" in shown
        text = re.sub(r"\x1b\[[0-9;]*m", "", shown).partition("Do answer")[2].splitlines()
        assert " w39" not in text[0]
        assert width - 4 < max(map(len, text[1:3])) <= width
    assert long in learn("show", folder=workspace).stdout


def test_another_language_needs_a_file_of_texts_only(workspace: Path) -> None:
    german = '[one]\ntitle = "Eins"\n["one-a"]\ntitle = "Titel"\nhints = ["erstens \u00fc"]\n'
    write(workspace.parent / "course" / "texts" / "de.toml", german)
    german_student = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": "de_DE.UTF-8"}
    assert learn("list", folder=workspace, **german_student).stdout.splitlines()[:3] == [
        "Eins",
        ">         one-a                   Titel",
        "          one-b                   Title of one-b",
    ]
    run = learn("hint", folder=workspace, **german_student, PYTHONUTF8="1")
    assert run.stdout == "Hint 1 of 1 for one-a\n\nerstens \u00fc\n"
    assert "What to do." in learn("show", folder=workspace, **german_student).stdout


def test_show_says_that_a_passed_exercise_was_changed(workspace: Path) -> None:
    learn("verify", folder=workspace)
    assert "It has passed." in learn("show", folder=workspace).stdout
    write(workspace / "one" / "one_a.py", SOLUTION + "\n")
    assert "was changed since: check it again" in learn("show", folder=workspace).stdout


def test_the_solution_is_shown_after_passing(workspace: Path) -> None:
    run = learn("solution", folder=workspace)
    assert (run.returncode, run.stdout) == (2, "")
    assert "one-a did not pass yet: `minictx learn hint` helps" in run.stderr
    assert SOLUTION in learn("solution", "--anyway", folder=workspace).stdout
    learn("verify", folder=workspace)
    run = learn("solution", folder=workspace)
    assert run.stdout == f"{SOLUTION}\nWhy it is so.\n"


def test_reset_needs_a_name_and_says_where_the_copy_is(workspace: Path) -> None:
    assert learn("reset", folder=workspace).returncode == 2
    run = learn("reset", "one-a", folder=workspace)
    assert run.stdout.splitlines() == [
        "one/one_a.py is as it was at first",
        f"yours is kept as {Path('kept', 'one_a-1.py')}",
    ]
    assert (workspace / "one" / "one_a.py").read_text() == START
    assert (workspace / "kept" / "one_a-1.py").read_text() == SOLUTION


def test_when_all_have_passed_next_leads_to_the_finale(workspace: Path) -> None:
    write(workspace / "one" / "one_b.py", SOLUTION)
    run = learn("verify", folder=workspace)
    assert run.returncode == 0
    assert run.stdout == "passed   one-a\npassed   one-b\n2 of 2 passed\n"
    assert "minictx learn finale" in learn("next", folder=workspace).stdout
    run = learn("finale", folder=workspace)
    assert run.returncode == 2
    assert "has no local.py, no stack.py, no proxy.py: they are written" in run.stderr


def test_the_check_that_fails_can_be_stepped_through(workspace: Path) -> None:
    write(workspace / "one" / "one_b.py", START)
    run = learn("trace", "one-b", folder=workspace)
    assert run.returncode == 0
    assert f"The trace, to step through: {workspace / 'trace.html'}" in run.stdout
    page = (workspace / "trace.html").read_text()
    assert "the answer is 42" in page
    assert "one_b.py" in page
    write(workspace / "one" / "one_b.py", "1 / 0\n")
    run = learn("trace", "one-b", folder=workspace)
    assert run.returncode == 2
    assert "there is no trace" in run.stderr
    assert not (workspace / "trace.html").exists()


@pytest.mark.parametrize(
    "command", ["trace one-b --page {}", "verify one-a --junit {}", "finale --page {}"]
)
def test_no_output_option_takes_a_file_of_the_students(workspace: Path, command: str) -> None:
    for file in ("one/one_b.py", "progress.json", "notes.html"):
        path = workspace / file
        before = path.read_text() if path.exists() else "<!doctype html>\nmine\n"
        write(path, before)
        run = learn(*command.format(file).split(), folder=workspace)
        assert run.returncode == 2
        assert f"{file}': it is there already, and is not a" in run.stderr
        assert path.read_text() == before


def test_a_page_that_was_named_outlives_a_check_without_a_trace(workspace: Path) -> None:
    assert learn("trace", "one-b", "--page", "b.html", folder=workspace).returncode == 0
    before = (workspace / "b.html").read_text()
    write(workspace / "one" / "one_b.py", "1 / 0\n")
    run = learn("trace", "one-b", "--page", "b.html", folder=workspace)
    assert run.returncode == 2
    assert "there is no trace" in run.stderr
    assert (workspace / "b.html").read_text() == before
    junit = ["verify", "--junit", "results.xml"]
    for _ in range(2):
        assert learn(*junit, folder=workspace).returncode == 1


def test_verify_is_for_machines_too(workspace: Path, tmp_path: Path) -> None:
    run = learn("verify", "--json", "--junit", tmp_path / "junit.xml", "-C", workspace)
    assert run.returncode == 1
    table = json.loads(run.stdout)
    assert [(each["name"], each["status"]) for each in table["exercises"]] == [
        ("one-a", "passed"),
        ("one-b", "failed"),
    ]
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert learn("verify", "one-a", "--json", "-C", workspace).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="needs a shell that closes streams")
@pytest.mark.parametrize("command", ["", "verify one-a", "trace one-a", "list"])
def test_a_closed_input_is_an_input_at_its_end(workspace: Path, command: str) -> None:
    run, closed = (
        subprocess.run(
            [
                "sh",
                "-c",
                f"exec {sys.executable} -m minictx learn {command} -C {workspace} {form}",
            ],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        for form in ("</dev/null", "<&-")
    )
    assert (closed.returncode, closed.stdout, closed.stderr) == (0, run.stdout, "")


def test_without_the_modules_that_windows_lacks_it_works_and_says_what_is_off(
    workspace: Path, tmp_path: Path
) -> None:
    hide = "".join(f"sys.modules[{name!r}] = None\n" for name in UNIX_ONLY)
    no_group = "import os\ndel os.killpg, os.pidfd_open\n"
    write(tmp_path / "site" / "sitecustomize.py", f"import sys\n{hide}{no_group}")
    run = learn("verify", folder=workspace, PYTHONPATH=f"{tmp_path / 'site'}:{ROOT}")
    assert (run.returncode, run.stdout.splitlines()[0]) == (1, "passed   one-a")
    assert run.stderr == (
        "minictx: not limited on this system: memory, processes that it starts\n"
    )
    run = learn(folder=workspace, PYTHONPATH=f"{tmp_path / 'site'}:{ROOT}")
    assert run.returncode == 0
    assert "not limited on this system: memory" in run.stdout


UNIX_ONLY = ("fcntl", "grp", "pwd", "resource", "termios", "tty")


@pytest.mark.parametrize(
    "arguments",
    [
        "verify nothing",
        "verify --junit no/such/folder.xml",
        "verify --course nowhere",
        "verify -x",
    ],
)
def test_verify_exits_with_2_if_it_is_used_wrongly(workspace: Path, arguments: str) -> None:
    run = learn("verify", *arguments.split(), folder=workspace)
    assert run.returncode == 2
    assert "Traceback" not in run.stderr


def test_verify_grades_files_without_a_state(workspace: Path, course: Path) -> None:
    (workspace / "progress.json").unlink()
    run = learn("verify", "-C", workspace, "--course", course, "--json")
    assert run.returncode == 1
    assert json.loads(run.stdout)["passed"] == 1
    assert "is made again" in run.stderr


def test_the_course_is_found_where_it_was_and_can_be_named_anew(
    workspace: Path, course: Path
) -> None:
    moved = course.rename(course.with_name("moved"))
    run = learn("list", folder=workspace)
    assert run.returncode == 2
    assert f"there is no course in {course}: say where it is with --course DIR" in run.stderr
    assert learn("--course", moved, "list", folder=workspace).returncode == 0
    assert learn("list", folder=workspace).returncode == 0


def test_options_may_stand_before_and_after_the_command(workspace: Path) -> None:
    assert learn("-C", workspace, "list").stdout == learn("list", "-C", workspace).stdout != ""


def test_what_the_terminal_cannot_show_does_not_stop_a_command(workspace: Path) -> None:
    write(workspace / "one" / "one_b.py", "raise ValueError('\u2603')\n")
    run = learn("verify", folder=workspace, PYTHONIOENCODING="latin-1")
    assert run.returncode == 1
    assert "ValueError: ?" in run.stdout


def test_a_broken_state_is_said_and_mended(workspace: Path) -> None:
    write(workspace / "progress.json", "{")
    run = learn("list", folder=workspace)  # of our course, which it is not
    assert run.returncode == 2
    assert "say which course it is for, with --course DIR" in run.stderr
    run = learn("list", "--course", workspace.parent / "course", folder=workspace)
    assert "1 of 2 passed" in run.stdout
    assert "is kept as progress.json.broken-1" in run.stderr


def test_another_course_does_not_come_into_a_workspace(workspace: Path, tmp_path: Path) -> None:
    other = course_of(tmp_path / "other", "other-a").folder
    write(other / "exercises" / "other-a" / "exercise.toml", 'kind = "build"\nfile = "b.py"\n')
    run = learn("list", "--course", other, folder=workspace)
    assert run.returncode == 2
    assert "has no file of the course 'A course'" in run.stderr
    assert not (workspace / "b.py").exists()


@pytest.mark.slow
def test_check_course_and_new_exercise_lead_to_each_other(tmp_path: Path) -> None:
    course = tmp_path / "mine"
    run = learn("new-exercise", "two-a", "--kind", "predict", "--course", course)
    assert run.returncode == 0
    assert f"Next: minictx learn check-course --course {course} two-a" in run.stdout
    run = learn("check-course", "--times", 1, "--course", course, "two-a")
    assert run.returncode == 0, run.stdout
    assert run.stdout.startswith("two-a: well; 2 wrong, slowest ")
    assert learn("new-exercise", "two-b", "--course", course).returncode == 0
    run = learn("check-course", "--times", 1, "--course", course)
    assert run.returncode == 1
    assert "two-b: 2 wrong solutions: write 5 or more" in run.stdout


def test_new_exercise_needs_to_know_the_course() -> None:
    run = learn("new-exercise", "two-a")
    assert run.returncode == 2
    assert "say which course it is for: --course DIR" in run.stderr


def test_without_pytest_it_says_what_to_install(workspace: Path) -> None:
    code = (
        "import sys, importlib.util\n"
        "find = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'pytest' else find(name)\n"
        f"sys.argv[1:] = ['learn', 'verify', '-C', {str(workspace)!r}]\n"
        "from minictx.__main__ import main; main()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == 2
    assert "minictx: pytest is not installed: pip install 'minictx[all]'" in run.stderr
