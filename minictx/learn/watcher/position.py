"""Where the student is, and what each key, each save and each result changes about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from minictx.learn.check import Result
from minictx.learn.course import Course, CourseError, Exercise
from minictx.learn.state import State
from minictx.learn.watcher.input import END
from minictx.learn.workspace import reset

__all__ = [
    "KEYS",
    "WORDS",
    "Check",
    "Checked",
    "Event",
    "Position",
    "Press",
    "Quit",
    "Resized",
    "Said",
    "Saved",
    "Task",
    "Trace",
    "Wait",
]


# What happens to the watcher


@dataclass(frozen=True)
class Saved:
    """Files of the workspace were saved: "running/running_dict.py"."""

    files: frozenset[str]


@dataclass(frozen=True)
class Press:
    """A key was pressed, or a line was typed."""

    what: str


@dataclass(frozen=True)
class Checked:
    """A check ended."""

    exercise: Exercise
    result: Result


@dataclass(frozen=True)
class Said:
    """A line for the student to read."""

    text: str


@dataclass(frozen=True)
class Resized:
    """The terminal has another size."""


# What it does next


@dataclass(frozen=True)
class Wait:
    """Wait for what happens next."""


@dataclass(frozen=True)
class Check:
    """Check an exercise."""

    exercise: Exercise


@dataclass(frozen=True)
class Trace:
    """Write the trace page of an exercise; a `Said` follows."""

    exercise: Exercise


@dataclass(frozen=True)
class Quit:
    """End."""


Event = Saved | Press | Checked | Said | Resized
Task = Wait | Check | Trace | Quit


KEYS = {
    "n": "next",
    "h": "hint",
    "l": "list",
    "a": "check all",
    "s": "solution",
    "t": "trace",
    "b": "back",
    "q": "quit",
}
# Other names for the same, some of them those of the commands of `minictx learn`.
SAME = {"space": "more", "task": "back", "show": "back", "verify": "check all", END: "quit"}


class Position:
    """Takes what happened, and says what to do next.

    It knows nothing of terminals, threads and processes.
    """

    def __init__(
        self,
        course: Course,
        state: State,
        *,
        auto_advance: bool = False,
        has_keys: bool = True,
        said: Sequence[str] = (),
    ) -> None:
        self.course, self.state = course, state
        self.auto_advance, self.has_keys = auto_advance, has_keys
        self.to_check: list[Exercise] = []  # the rest, while all are checked
        self.results: dict[Exercise, Result] = {}  # of the last check of all
        self.result: Result | None = None  # of this exercise
        self.saved = False  # since the student came to it
        self.level = 0  # of the hints that are shown
        self.note = ""
        self.go_to(state.current)
        self.said = tuple(said)  # to be read first, until the student goes on

    def take(self, event: Event) -> Task:
        """Note what happened, and return what to do next."""
        if not isinstance(event, Checked):  # the reason for a check stays readable
            self.note = ""
        match event:
            case Press(what):
                return self.press(SAME.get(what, KEYS.get(what, what)))
            case Saved(files):
                return self.save(files)
            case Checked(exercise, result):
                return self.check(exercise, result)
            case Said(text):
                self.note = text
        return Wait()

    def press(self, what: str) -> Task:
        """Do what a key or a line says."""
        if what in COMMANDS:
            self.said = self.said if what == "more" else ()
            return COMMANDS[what](self)
        if what.startswith("go "):
            return self.go(what.removeprefix("go ").strip())
        if not self.has_keys:
            self.note = f"there is no {what!r}: type {', '.join(WORDS)}"
        return Wait()

    def save(self, files: frozenset[str]) -> Task:
        """Check the exercise again: any other file may be one that it imports."""
        self.saved, self.said = True, ()
        if self.exercise.file in files:
            return Check(self.exercise)
        self.note = f"saved: {', '.join(sorted(files))}; you are still at {self.exercise.key}"
        # If several were saved at once, it is unclear which one the student means.
        return Check(self.reached(*files) if len(files) == 1 else self.exercise)

    def reached(self, file: str) -> Exercise:
        """Return the last exercise of a file that ever passed, or the first one of it."""
        there = [each for each in self.course.exercises if each.file == file]
        return next((each for each in reversed(there) if self.state.mark(each)), there[0])

    def check(self, exercise: Exercise, result: Result) -> Task:
        """Keep a result; if all are being checked, go on with the next one."""
        if exercise != self.exercise and not self.to_check:
            return self.check_other(exercise, result)
        self.state.record(exercise, result)
        if exercise == self.exercise:
            self.result = result
        if self.to_check:
            self.results[exercise] = result
            self.to_check.remove(exercise)
            return Check(self.to_check[0]) if self.to_check else Wait()
        if self.saved:
            self.turn_to("task")
        return self.advance() if self.auto_advance and result.passed else Wait()

    def check_other(self, exercise: Exercise, result: Result) -> Task:
        """Say whether the exercise whose file was saved passes, and go on with this one."""
        if result.passed:  # else it stays as it was: the student did not ask for this check
            self.state.record(exercise, result)
        verdict = "passes" if result.passed else "does not pass"
        self.note = (
            f"saved: {exercise.file}; {exercise.key} {verdict};"
            f" you are still at {self.exercise.key}"
        )
        return Check(self.exercise)

    def advance(self) -> Task:
        """Move on without being asked, unless this was the last."""
        following = self.following()
        if following is None:
            return Wait()
        self.note = f"{self.exercise.key} passed: this is the next"
        return self.go_to(following)

    def go_to(self, exercise: Exercise) -> Task:
        """Move to an exercise."""
        self.state.go_to(exercise)
        self.exercise, self.chosen = exercise, exercise
        self.result, self.saved, self.level = None, False, 0
        self.turn_to("task")
        return Check(exercise)

    def turn_to(self, shown: str) -> Task:
        """Show something else, from its beginning."""
        self.shown, self.page = shown, 0
        return Wait()

    # What the keys do

    def go_on(self) -> Task:
        """Move to the next exercise that has not passed; if all have, check all again."""
        if not self.state.has_passed(self.exercise):
            leave = "choose another in the list: press l" if self.has_keys else "type go NAME"
            self.note = f"{self.exercise.key} does not pass yet; to leave it, {leave}"
            return Wait()
        following = self.following()
        return self.check_all() if following is None else self.go_to(following)

    def following(self) -> Exercise | None:
        """Return the next exercise that has not passed: after the last come the first."""
        others = self.course.after(self.exercise)
        return next((each for each in others if not self.state.has_passed(each)), None)

    def give_hint(self) -> Task:
        """Show one more hint."""
        self.level = self.state.next_hint(self.exercise)
        return self.turn_to("hints")

    def open_list(self) -> Task:
        """Show all exercises."""
        self.chosen = self.exercise
        return self.turn_to("list")

    def check_all(self) -> Task:
        """Check all exercises, one after the other."""
        self.to_check, self.results = [*self.course.exercises], {}
        self.turn_to("results")
        return Check(self.to_check[0])

    def show_solution(self) -> Task:
        """Show the solution, if the exercise has passed."""
        if self.state.mark(self.exercise):
            return self.turn_to("solution")
        self.note = f"the solution is shown when it passes; for a hint: {self.how('hint')}"
        return Wait()

    def reset(self) -> Task:
        """Bring the file back as it was at first; the student's own is kept."""
        copy = reset(self.state, self.exercise)
        kept = "" if copy is None else f"; yours is kept as {copy.parent.name}/{copy.name}"
        self.note = f"{self.exercise.file} is as it was at first{kept}"
        return Check(self.exercise)

    def trace(self) -> Task:
        """Have the check that failed written down, line by line."""
        return Trace(self.exercise)

    def show_task(self) -> Task:
        """Show the exercise again."""
        return self.turn_to("task")

    def turn_page(self) -> Task:
        """Show the next page of what does not fit on the screen."""
        self.page += 1
        return Wait()

    def choose(self, step: int) -> Task:
        """Move up or down in the list."""
        exercises = self.course.exercises
        at = exercises.index(self.chosen) + step
        self.chosen = exercises[min(max(at, 0), len(exercises) - 1)]
        return Wait()

    def enter(self) -> Task:
        """Move to what is chosen in the list; from anything else, return to the exercise."""
        return self.go_to(self.chosen) if self.shown == "list" else self.show_task()

    def go(self, name: str) -> Task:
        """Move to the exercise of this name."""
        try:
            return self.go_to(self.course.find(name))
        except CourseError as error:
            self.note = str(error)
            return Wait()

    def how(self, word: str) -> str:
        """Return what to press or to type."""
        return f"press {word[0]}" if self.has_keys else f"type {word}"


COMMANDS: dict[str, Callable[[Position], Task]] = {
    "next": Position.go_on,
    "hint": Position.give_hint,
    "list": Position.open_list,
    "check all": Position.check_all,
    "solution": Position.show_solution,
    "trace": Position.trace,
    "back": Position.show_task,
    "more": Position.turn_page,
    "up": lambda position: position.choose(-1),
    "down": lambda position: position.choose(1),
    "enter": Position.enter,
    "reset": Position.reset,
    "quit": lambda _: Quit(),
}
# What can be typed. There is no key for what must not happen by accident.
WORDS = (*KEYS.values(), "go NAME", "reset")
