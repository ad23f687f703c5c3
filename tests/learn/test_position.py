from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rich")

from minictx.learn.check import Result
from minictx.learn.course import Course
from minictx.learn.state import State
from minictx.learn.watcher.input import END
from minictx.learn.watcher.position import (
    Check,
    Checked,
    Position,
    Press,
    Quit,
    Resized,
    Said,
    Saved,
    Task,
    Trace,
    Wait,
)
from minictx.learn.watcher.screen import Code, Line, Prose, Rows, View
from minictx.learn.watcher.views import look
from minictx.learn.workspace import init
from tests.learn.courses import SOLVED, new_course

ONE, TWO, THREE = "first-one", "first-two", "second-three"
FILES = {
    ONE: "first/first_one.py",
    TWO: "first/first_two.py",
    THREE: "second/second_three.py",
}
PASSED = Result("passed")
FAILED = Result("failed", "T2 read what T1 stored\nlook again", "first/first_one.py:7")


class Student:
    """Sits at the watcher: does something, and sees what is then done and shown."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.course = Course.load(folder / "course")
        self.workspace = folder / "workspace"
        self.position = Position(
            self.course, State.load(self.workspace, self.course), **options
        )
        self.task: Task = Check(self.position.exercise)

    def press(self, *keys: str) -> Task:
        for key in keys:
            self.task = self.position.take(Press(key))
        return self.task

    def save(self, key: str) -> Task:
        self.task = self.position.take(Saved(frozenset({FILES[key]})))
        return self.task

    def get(self, result: Result) -> Task:
        """Have the check that is asked for end with this result."""
        assert isinstance(self.task, Check)
        self.task = self.position.take(Checked(self.task.exercise, result))
        return self.task

    def solve(self, key: str) -> None:
        """Come to an exercise, and pass it."""
        self.press(f"go {key}")
        (self.workspace / FILES[key]).write_text(SOLVED)
        self.get(PASSED)

    @property
    def checks(self) -> str | None:
        """Return which exercise is being checked."""
        return self.task.exercise.key if isinstance(self.task, Check) else None

    @property
    def at(self) -> str:
        return self.position.exercise.key

    @property
    def view(self) -> View:
        return look(self.position, self.task)

    @property
    def reads(self) -> list[str]:
        """Return the paragraphs, lines and rows of the screen, without the empty ones."""
        parts: list[str] = []
        for part in self.view.body:
            parts += part.rows if isinstance(part, Rows) else [part.text]
        return [text for text in parts if text]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    course = Course.load(new_course(tmp_path / "course"))
    init(course, tmp_path / "workspace", None)
    return tmp_path


@pytest.fixture
def student(folder: Path) -> Student:
    return Student(folder)


# What is shown


def test_at_first_the_first_exercise_is_shown_and_checked(student: Student) -> None:
    assert (student.at, student.checks) == (ONE, ONE)
    view = student.view
    assert view.title == "First things / first-one: Title of one"
    assert (view.done, view.total) == (0, 3)
    assert view.status == "checking first-one ..."
    assert view.passing
    assert student.reads == ["Task of one."]


def test_who_comes_to_an_exercise_reads_the_task_before_what_failed(student: Student) -> None:
    assert student.get(FAILED) == Wait()
    assert student.reads == ["Task of one.", FAILED.message]


def test_who_saved_reads_what_failed_before_the_task(student: Student) -> None:
    student.get(FAILED)
    assert student.save(ONE) == Check(student.position.exercise)
    student.get(FAILED)
    assert student.reads == [FAILED.message, "Task of one."]
    assert student.view.status == "NOT YET first/first_one.py:7: save it to check it again"
    assert not student.view.passing


def test_what_the_code_printed_is_shown(student: Student) -> None:
    student.get(Result("failed", "no", printed="T1 is here\n"))
    assert student.reads[1:] == ["no", "What your code printed:", "T1 is here"]


def test_who_passes_reads_why_and_how_to_go_on(student: Student) -> None:
    student.get(FAILED)
    student.save(ONE)
    assert student.get(PASSED) == Wait()
    assert student.reads[0] == "Why one is so."
    assert student.view.status == "PASSED first-one. To go on: press n"
    assert student.view.done == 1


def test_what_says_why_not_yet_is_known_to_the_screen(student: Student) -> None:
    assert student.view.reason is None
    student.get(FAILED)
    assert student.view.reason == Line(FAILED.message)
    assert student.view.ahead == "NOT YET; why: press space"
    assert student.press("t") == Trace(student.position.exercise)
    assert student.view.reason is None
    student.task = student.position.take(Said("the trace is in trace.html"))
    assert student.view.reason is None  # the status says something else
    student.press("h")
    assert student.view.reason is None
    student.solve(ONE)
    assert student.view.reason is None


@pytest.mark.parametrize("shown", ["h", "l", "s", "a"])
def test_who_saves_sees_the_result_whatever_was_shown(student: Student, shown: str) -> None:
    student.solve(ONE)
    student.press(shown)
    while student.checks:
        student.get(PASSED)
    student.save(ONE)
    student.get(FAILED)
    assert student.reads == [FAILED.message, "Task of one."]


def test_what_was_said_at_the_start_is_read_first_until_the_student_goes_on(
    folder: Path,
) -> None:
    said = ["first/first_one.py is new in the course", "something else"]
    student = Student(folder, said=said)
    assert student.reads == [*said, "Task of one."]
    student.get(FAILED)
    assert student.reads == [*said, "Task of one.", FAILED.message]
    student.press("space")
    assert student.reads[:2] == said
    student.press("h", "b")
    assert student.reads == ["Task of one.", FAILED.message]


def test_what_was_said_at_the_start_is_gone_after_a_save(folder: Path) -> None:
    student = Student(folder, said=["something"])
    student.get(FAILED)
    student.save(ONE)
    assert student.reads[0] != "something"


# Moving


def test_passing_does_not_move_the_student(student: Student) -> None:
    student.save(ONE)
    student.get(PASSED)
    assert student.at == ONE


def test_next_leads_to_the_next_exercise_and_checks_it(student: Student) -> None:
    student.save(ONE)
    student.get(PASSED)
    student.press("n")
    assert (student.at, student.checks) == (TWO, TWO)
    assert student.reads == ["Task of two."]
    student.get(FAILED)
    assert student.reads == ["Task of two.", FAILED.message]


def test_next_is_not_for_who_has_not_passed(student: Student) -> None:
    student.get(FAILED)
    assert student.press("n") == Wait()
    assert student.at == ONE
    assert "does not pass yet" in student.view.status
    assert "press l" in student.view.status


def test_next_leaves_out_what_has_passed_and_comes_back_to_what_has_not(
    student: Student,
) -> None:
    student.solve(TWO)
    student.solve(ONE)
    student.press("n")
    assert student.at == THREE
    student.solve(THREE)
    (student.workspace / FILES[ONE]).write_text("answer = 1\n")
    student.press("n")
    assert student.at == ONE


def test_next_leads_to_one_that_comes_after_before_one_that_comes_before(
    student: Student,
) -> None:
    student.solve(TWO)
    student.press("n")
    assert student.at == THREE
    student.solve(THREE)
    student.press("n")
    assert student.at == ONE


def test_after_the_last_exercise_all_are_checked_again(student: Student) -> None:
    for key in FILES:
        student.solve(key)
    student.press("n")
    for key in FILES:
        assert student.checks == key
        student.get(PASSED)
    assert student.task == Wait()
    assert student.reads[0] == "3 of 3 pass."
    assert "minictx learn finale" in student.reads[1]


def test_saving_another_exercise_does_not_move_the_student(student: Student) -> None:
    student.get(FAILED)
    student.save(THREE)
    student.get(PASSED)
    assert (student.at, student.checks) == (ONE, ONE)
    student.get(FAILED)
    assert student.at == ONE
    student.save(ONE)
    student.get(FAILED)
    assert student.view.status.startswith("NOT YET")


@pytest.mark.parametrize("result, verdict", [(PASSED, "passes"), (FAILED, "does not pass")])
def test_who_saves_another_exercise_reads_whether_it_passes(
    student: Student, result: Result, verdict: str
) -> None:
    student.get(FAILED)
    student.save(THREE)
    assert student.checks == THREE
    student.get(result)
    assert student.checks == ONE  # it may import the file that was saved
    student.get(FAILED)
    assert student.view.status == (
        f"saved: second/second_three.py; second-three {verdict}; you are still at first-one"
    )
    assert student.reads == [FAILED.message, "Task of one."]
    assert student.view.done == (result == PASSED)


def test_another_exercise_that_was_saved_and_fails_stays_one_that_has_passed(
    student: Student,
) -> None:
    student.solve(THREE)
    student.press(f"go {ONE}")
    student.get(FAILED)
    (student.workspace / FILES[THREE]).write_text("answer = 1\n")
    student.save(THREE)
    student.get(FAILED)
    student.get(FAILED)
    assert student.position.state.marks()[THREE] == "changed"


def test_of_a_file_of_several_exercises_the_last_that_has_passed_is_checked(
    folder: Path,
) -> None:
    for key in (TWO, THREE):
        toml = f'kind = "build"\nfile = "{FILES[TWO]}"\n'
        (folder / "course" / "exercises" / key / "exercise.toml").write_text(toml)
    student = Student(folder)
    student.get(FAILED)
    student.save(TWO)
    assert student.checks == TWO
    student.get(FAILED)
    student.get(FAILED)
    student.solve(TWO)
    student.press(f"go {THREE}")
    student.get(PASSED)
    student.press(f"go {ONE}")
    student.get(FAILED)
    student.save(TWO)
    assert student.checks == THREE


def test_where_several_files_are_saved_at_once_this_exercise_is_checked(
    student: Student,
) -> None:
    student.get(FAILED)
    student.task = student.position.take(Saved(frozenset({FILES[TWO], FILES[THREE]})))
    assert student.checks == ONE
    student.get(FAILED)
    assert student.view.status == (
        "saved: first/first_two.py, second/second_three.py; you are still at first-one"
    )


def test_auto_advance_moves_on_as_soon_as_an_exercise_passes(folder: Path) -> None:
    student = Student(folder, auto_advance=True)
    student.get(FAILED)
    assert student.at == ONE
    student.save(ONE)
    student.get(PASSED)
    assert (student.at, student.checks) == (TWO, TWO)
    student.get(FAILED)
    assert student.view.status == "first-one passed: this is the next"


def test_auto_advance_stays_at_the_last(folder: Path) -> None:
    student = Student(folder, auto_advance=True)
    for key in FILES:
        student.solve(key)
    assert student.task == Wait()
    assert student.at == THREE


def test_the_student_comes_back_to_the_same_exercise(folder: Path) -> None:
    Student(folder).press(f"go {TWO}")
    assert Student(folder).at == TWO


# The keys


def test_each_hint_key_gives_one_hint_more_the_newest_first(student: Student) -> None:
    student.get(FAILED)
    student.press("h")
    assert student.reads == ["Hint 1 of 3", "Nudge."]
    student.press("h")
    assert student.reads == ["Hint 2 of 3", "Push.", "Hint 1 of 3", "Nudge."]
    student.press("h", "h", "h")
    assert student.reads[:2] == ["Hint 3 of 3", "Shove."]
    assert len(student.reads) == 6


def test_a_hint_is_of_the_exercise_where_the_student_is(student: Student) -> None:
    student.get(FAILED)
    student.press("h", "h", f"go {TWO}")
    student.get(FAILED)
    student.press("h")
    assert student.reads == ["Hint 1 of 3", "Nudge."]


def test_the_solution_is_shown_to_who_has_one(student: Student) -> None:
    student.get(FAILED)
    student.press("s")
    assert student.reads == ["Task of one.", FAILED.message]
    assert student.view.status == ("the solution is shown when it passes; for a hint: press h")
    student.save(ONE)
    student.get(PASSED)
    student.press("s")
    assert student.view.body[0] == Code(SOLVED)
    assert student.view.body[-1] == Prose("Why one is so.")


def test_the_list_says_what_passed_and_what_changed_since(student: Student) -> None:
    student.solve(ONE)
    student.solve(TWO)
    (student.workspace / FILES[ONE]).write_text("answer = 1\n")
    student.press("l")
    assert student.view.done == 1
    assert [row.split() for row in student.reads] == [
        ["First", "things"],
        ["changed", ONE, "Title", "of", "one"],
        [">", "passed", TWO, "Title", "of", "two"],
        ["Second", "things"],
        [THREE, "Title", "of", "three"],
    ]


def test_in_the_list_the_arrows_choose_and_enter_goes_there(student: Student) -> None:
    student.get(FAILED)
    student.press("l", "down", "down", "down", "up", "down")
    rows = student.view.body[0]
    assert isinstance(rows, Rows)
    assert rows.chosen is not None
    assert rows.rows[rows.chosen].split()[:2] == [">", THREE]
    assert student.at == ONE
    assert "enter go there" in student.view.keys.replace("\xa0", " ")
    student.press("up", "up", "up", "down", "enter")
    assert (student.at, student.checks) == (TWO, TWO)


def test_the_list_opens_where_the_student_is(student: Student) -> None:
    student.get(FAILED)
    student.press("l", "down", "b", "down", "l", "enter")
    assert student.at == ONE


def test_the_arrows_choose_nothing_outside_of_the_list(student: Student) -> None:
    student.get(FAILED)
    student.press("down", "enter")
    assert student.at == ONE
    assert student.task == Wait()


def test_check_all_checks_one_after_the_other_and_says_what_fails(student: Student) -> None:
    student.get(FAILED)
    student.press("a")
    assert student.view.status == "checking first-one (1 of 3; Ctrl-C quits) ..."
    assert student.reads == []  # nothing was checked yet
    student.get(PASSED)
    assert student.view.status == "checking first-two (2 of 3; Ctrl-C quits) ..."
    student.get(FAILED)
    student.get(PASSED)
    assert student.task == Wait()
    assert student.at == ONE
    assert student.reads == ["2 of 3 pass.", "first-two: T2 read what T1 stored"]
    assert student.view.done == 2
    student.press("b")
    assert student.reads == ["Why one is so.", "This was the task:", "Task of one."]


def test_check_all_tells_the_results_of_the_exercises_apart(student: Student) -> None:
    student.get(FAILED)
    student.press("a")
    for result in (FAILED, PASSED, PASSED):
        student.get(result)
    student.press("b")
    assert student.reads == ["Task of one.", FAILED.message]


def test_the_trace_is_of_the_exercise_where_the_student_is(student: Student) -> None:
    student.solve(ONE)
    student.press("n")
    student.get(FAILED)
    assert student.press("t") == Trace(student.position.exercise)
    assert student.view.status == "writing the trace of first-two ..."
    student.task = student.position.take(Said("the trace is in trace.html"))
    assert student.task == Wait()
    assert student.view.status == "the trace is in trace.html"
    assert student.reads == ["Task of two.", FAILED.message]


@pytest.mark.parametrize("key", ["b", "enter"])
def test_the_task_comes_back(student: Student, key: str) -> None:
    student.get(FAILED)
    student.press("h", key)
    assert student.reads == ["Task of one.", FAILED.message]


def test_space_turns_the_page_and_something_else_begins_at_its_first(student: Student) -> None:
    student.get(FAILED)
    student.press("space", "space")
    assert student.view.page == 2
    student.press("h")
    assert student.view.page == 0


@pytest.mark.parametrize("key", ["q", "quit", END])
def test_the_student_may_quit(student: Student, key: str) -> None:
    student.get(FAILED)
    assert student.press(key) == Quit()


def test_another_key_does_nothing(student: Student) -> None:
    student.get(FAILED)
    before = student.view
    student.press("x")
    assert student.view == before


def test_a_new_size_changes_nothing_but_the_size(student: Student) -> None:
    student.get(FAILED)
    before = student.view
    student.task = student.position.take(Resized())
    assert student.view == before


def test_what_the_watcher_says_is_shown_until_the_next_key(student: Student) -> None:
    student.get(FAILED)
    student.task = student.position.take(Said("looking at the files every 0.2 s"))
    assert student.view.status == "looking at the files every 0.2 s"
    student.press("b")
    assert student.view.status.startswith("NOT YET")


# Without single keys


@pytest.fixture
def typist(folder: Path) -> Student:
    student = Student(folder, has_keys=False)
    student.get(FAILED)
    return student


def test_words_do_what_keys_do(typist: Student) -> None:
    typist.press("hint")
    assert typist.reads == ["Hint 1 of 3", "Nudge."]
    for word in ("show", "task", "back"):
        typist.press("list")
        typist.press(word)
        assert typist.reads[0] == "Task of one."
    typist.press("list")
    assert typist.reads[0] == "First things"
    typist.press("verify")
    assert typist.checks == ONE


def test_words_are_named_where_keys_would_be(typist: Student) -> None:
    assert typist.view.ahead == "NOT YET; why: type more"
    assert typist.view.keys == (
        "type next, hint, list, check all, solution, trace, back, quit, go NAME, reset"
    )
    typist.press("next")
    assert typist.view.status == "first-one does not pass yet; to leave it, type go NAME"


def test_go_leads_to_an_exercise(typist: Student) -> None:
    typist.press(f"go {THREE}")
    assert (typist.at, typist.checks) == (THREE, THREE)


def test_an_unknown_exercise_or_word_is_said(typist: Student) -> None:
    typist.press("go nowhere")
    assert typist.view.status.startswith("there is no exercise 'nowhere'")
    typist.press("hnit")
    assert typist.view.status.startswith("there is no 'hnit': type next, hint")
    assert typist.at == ONE


def test_reset_brings_the_file_back_and_keeps_the_students_own(typist: Student) -> None:
    file = typist.workspace / FILES[ONE]
    file.write_text("answer = 41\n")
    typist.press("reset")
    assert typist.checks == ONE
    assert file.read_text() == "answer = 0\n"
    typist.get(FAILED)
    assert typist.view.status == (
        f"{FILES[ONE]} is as it was at first; yours is kept as kept/first_one-1.py"
    )
    assert (typist.workspace / "kept" / "first_one-1.py").read_text() == "answer = 41\n"


def test_no_key_resets_by_accident(student: Student) -> None:
    student.get(FAILED)
    student.press("r")
    assert student.task == Wait()
