from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from minictx.learn.check import Result
from minictx.learn.course import Course, Exercise
from minictx.learn.state import (
    PROGRESS,
    TURN,
    BrokenStateError,
    BusyError,
    State,
    StateError,
    alone,
)
from tests.learn.courses import course_of, list_exercises, write, write_exercise

FAILED = Result("failed", "not yet")


def passed(*files: str) -> Result:
    return Result("passed", files=files)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return course_of(tmp_path / "course", "one-a", "one-b")


@pytest.fixture
def state(tmp_path: Path, course: Course) -> State:
    for exercise in course.exercises:
        write(tmp_path / "workspace" / exercise.file, "x = 1\n")
    return State.load(tmp_path / "workspace", course)


def test_where_there_is_no_file_nothing_has_passed(state: State) -> None:
    assert state.marks() == {"one-a": "", "one-b": ""}
    assert state.current.key == "one-a"
    assert not (state.workspace / PROGRESS).exists()


def test_what_passed_is_there_after_loading_again(state: State, course: Course) -> None:
    a, b = course.exercises
    state.record(a, passed(a.file))
    state.record(b, FAILED)
    state.go_to(b)
    again = State.load(state.workspace, course)
    assert again.marks() == {"one-a": "passed", "one-b": ""}
    assert again.current == b
    assert again.has_passed(a)
    assert not again.has_passed(b)


def test_an_exercise_that_was_edited_since_it_passed_is_to_be_checked_again(
    state: State, course: Course
) -> None:
    a, _ = course.exercises
    state.record(a, passed(a.file))
    write(state.workspace / a.file, "x = 2\n")
    assert state.mark(a) == "changed"
    assert not state.has_passed(a)
    write(state.workspace / a.file, "x = 1\n")
    assert state.mark(a) == "passed"
    (state.workspace / a.file).unlink()
    assert state.mark(a) == "changed"


def test_editing_a_file_that_the_exercise_imported_counts_too(
    state: State, course: Course
) -> None:
    a, _ = course.exercises
    helper = write(state.workspace / "helper.py", "y = 1\n")
    state.record(a, passed(a.file, "helper.py"))
    write(helper, "y = 2\n")
    assert state.mark(a) == "changed"


def test_new_checks_are_to_be_passed_anew(state: State, course: Course) -> None:
    a, _ = course.exercises
    state.record(a, passed(a.file))
    write(a.checks, "def test_more(): pass\n")
    assert state.mark(a) == "changed"


def test_what_no_longer_passes_is_open_again(state: State, course: Course) -> None:
    a, _ = course.exercises
    state.record(a, passed(a.file))
    state.record(a, FAILED)
    assert state.mark(a) == ""


@pytest.fixture
def shared(tmp_path: Path) -> tuple[State, Exercise, Exercise]:
    """Two exercises in one file, the first passed, and the second the current one."""
    write_exercise(tmp_path / "course", "one-a", file="one.py")
    write_exercise(tmp_path / "course", "one-b", file="one.py", start=None)
    course = list_exercises(tmp_path / "course", "one-a", "one-b")
    write(tmp_path / "workspace" / "one.py", "x = 1\n")
    state = State.load(tmp_path / "workspace", course)
    a, b = course.exercises
    state.record(a, passed("one.py"))
    state.go_to(b)
    return state, a, b


def test_working_on_with_a_file_does_not_undo_what_passed_before(
    shared: tuple[State, Exercise, Exercise],
) -> None:
    state, a, _ = shared
    write(state.workspace / "one.py", "x = 2\n")
    assert state.mark(a) == "passed"
    state.go_to(a)
    assert state.mark(a) == "changed"


def test_what_passed_before_is_passed_together_with_what_goes_on(
    shared: tuple[State, Exercise, Exercise],
) -> None:
    state, a, b = shared
    write(state.workspace / "one.py", "x = 2\n")
    state.record(b, passed("one.py"))
    state.go_to(a)
    assert state.marks() == {"one-a": "passed", "one-b": "passed"}


def test_what_did_not_pass_before_does_not_pass_with_what_goes_on(
    shared: tuple[State, Exercise, Exercise],
) -> None:
    state, a, b = shared
    state.record(a, FAILED)
    state.record(b, passed("one.py"))
    assert state.marks() == {"one-a": "", "one-b": "passed"}


def test_hints_are_counted_up_to_the_last(state: State, course: Course) -> None:
    a, b = course.exercises
    assert [state.next_hint(a) for _ in range(4)] == [1, 2, 3, 3]
    assert State.load(state.workspace, course).next_hint(b) == 1


def test_two_commands_at_a_time_do_not_undo_each_other(state: State, course: Course) -> None:
    a, b = course.exercises
    other = State.load(state.workspace, course)
    state.record(a, passed(a.file))
    other.record(b, passed(b.file))
    state.next_hint(a)
    other.go_to(b)
    again = State.load(state.workspace, course)
    assert set(again.marks().values()) == {"passed"}
    assert again.data["hints"] == {"one-a": 1}


def test_two_processes_that_record_at_the_same_time_both_leave_all_of_it(
    tmp_path: Path,
) -> None:
    keys = [f"one-{letter}" for letter in "abcdefghijklmnopqrst"]
    course = course_of(tmp_path / "course", *keys)
    for exercise in course.exercises:
        write(tmp_path / "workspace" / exercise.file, "x = 1\n")
    code = (
        "import sys\n"
        "from minictx.learn.check import Result\n"
        "from minictx.learn.course import Course\n"
        "from minictx.learn.state import State\n"
        "course = Course.load(sys.argv[1])\n"
        "state = State.load(sys.argv[2], course)\n"
        "print('ready', flush=True)\n"
        "input()\n"
        "for exercise in course.exercises[int(sys.argv[3])::2]:\n"
        "    state.record(exercise, Result('passed', files=(exercise.file,)))\n"
        "    state.next_hint(exercise)\n"
    )
    folders = [str(tmp_path / "course"), str(tmp_path / "workspace")]
    commands = [[sys.executable, "-c", code, *folders, number] for number in "01"]
    both = [
        subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) for command in commands
    ]
    for process in both:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    for process in both:
        process.communicate()
        assert process.returncode == 0
    state = State.load(tmp_path / "workspace", course)
    assert set(state.marks().values()) == {"passed"}
    assert state.data["hints"] == dict.fromkeys(keys, 1)


def test_while_one_changes_it_no_other_can(state: State) -> None:
    turn = state.workspace / TURN
    with state.changing(), pytest.raises(BusyError), alone(turn):
        pass
    with alone(turn):
        pass


def test_a_change_that_fails_writes_nothing(state: State, course: Course) -> None:
    state.go_to(course.exercises[0])
    with pytest.raises(ZeroDivisionError), state.changing() as data:
        data["current"] = "one-b"
        1 / 0  # noqa: B018
    assert State.load(state.workspace, course).current.key == "one-a"
    state.go_to(course.exercises[1])


def test_a_current_exercise_that_the_course_no_longer_has_is_the_first_open_one(
    state: State, course: Course
) -> None:
    a, b = course.exercises
    state.record(a, passed(a.file))
    state.data["current"] = "one-gone"
    assert state.current == b
    state.record(b, passed(b.file))
    state.data["current"] = "one-gone"
    assert state.current == a


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "",
        lambda text: "[]",
        lambda text: "{}",
        lambda text: text.replace('"passed": {', '"failed": {'),
        lambda text: text.replace('"passed": {', '"passed": {"one-b": 3, '),
        lambda text: text.replace('"hints": {', '"hints": {"one-b": "x"'),
        lambda text: text.replace('"current": "one-a"', '"current": 3'),
        lambda text: text.replace("one-a", "\udcff"),
    ],
)
def test_a_damaged_file_is_said_to_be_damaged(
    state: State, course: Course, damage: Callable[[str], str]
) -> None:
    state.record(course.exercises[0], passed(course.exercises[0].file))
    state.go_to(course.exercises[0])
    file = state.workspace / PROGRESS
    text = damage(file.read_text())
    file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(BrokenStateError, match="is damaged"):
        State.load(state.workspace, course)


def test_a_file_of_a_newer_version_is_not_called_damaged(state: State, course: Course) -> None:
    write(state.workspace / PROGRESS, json.dumps({"version": 2, "other": 1}))
    with pytest.raises(StateError, match="written by a newer minictx") as caught:
        State.load(state.workspace, course)
    assert not isinstance(caught.value, BrokenStateError)


def test_a_new_state_takes_the_place_of_the_old_one_at_once(
    state: State, course: Course
) -> None:
    state.go_to(course.exercises[0])
    file, old = state.workspace / PROGRESS, state.workspace / "old"
    before = file.read_text()
    os.link(file, old)  # another name for what is there now
    state.go_to(course.exercises[1])
    assert old.read_text() == before != file.read_text()


def test_a_state_that_cannot_be_written_leaves_the_old_one_whole(
    state: State, course: Course
) -> None:
    state.go_to(course.exercises[1])
    before = (state.workspace / PROGRESS).read_text()
    state.data["hints"] = {"one-a": object()}
    with pytest.raises(TypeError):
        state.save()
    assert (state.workspace / PROGRESS).read_text() == before
    (state.workspace / PROGRESS).unlink()
    (state.workspace / PROGRESS).mkdir()
    with pytest.raises(StateError, match="cannot write"):
        State(state.workspace, course, {}).save()
    assert not list(state.workspace.glob(f".{PROGRESS}*"))


# the lock of a workspace

HOLD = """\
import sys
from pathlib import Path
from minictx.learn.state import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that holds the lock of a workspace."""
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_of_two_is_told_who_the_first_is(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(BusyError) as told, alone(tmp_path / "lock"):
        raise AssertionError("two have the workspace")
    assert f"(process {holder.pid})" in str(told.value)
    assert "go on there, or end it first" in str(told.value)


def test_a_killed_watcher_holds_up_no_other(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    holder.kill()
    holder.wait()
    with alone(tmp_path / "lock"):
        pass
