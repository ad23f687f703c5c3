"""What the watcher shows: the task, its hints, its solution, the list, the result of all."""

from __future__ import annotations

from collections.abc import Mapping

from minictx.learn.check import Result
from minictx.learn.course import Course, Exercise, Text
from minictx.learn.watcher.position import KEYS, WORDS, Check, Position, Task, Trace
from minictx.learn.watcher.screen import GAP, Code, Line, Part, Prose, Rows, View, side_by_side

__all__ = ["look"]

DONE = (
    "Your own files do all of it. `minictx learn finale` shows what they carry:"
    " MiniFlask's own tests, and a real Flask app."
)


def look(position: Position, task: Task) -> View:
    """Return what to show while a task is done."""
    course, exercise, marks = position.course, position.exercise, position.state.marks()
    chapter = next(each for each in course.chapters if exercise in each.exercises)
    where = f"{course.chapter_title(chapter)} / {exercise.key}"
    status, style = status_of(position, task)
    return View(
        title=f"{where}: {course.text(exercise).title}",
        done=sum(mark == "passed" for mark in marks.values()),
        total=len(course.exercises),
        body=body_of(position, marks),
        status=status,
        style=style,
        keys=keys_of(position),
        page=position.page,
        passing=isinstance(task, Check),
        reason=reason_of(position, task),
        ahead=f"NOT YET; why: {'press space' if position.has_keys else 'type more'}",
    )


def keys_of(position: Position) -> str:
    """Return what can be pressed, or typed."""
    if not position.has_keys:
        return f"type {', '.join(WORDS)}"
    if position.shown == "list":
        return side_by_side(["up, down choose", "enter go there", "b back", "q quit"])
    return side_by_side(f"{key} {word}" for key, word in KEYS.items())


def status_of(position: Position, task: Task) -> tuple[str, str]:
    """Return in one line how things stand, and its style."""
    exercise, result = position.exercise, position.result
    if isinstance(task, Check):
        return checking(position, task.exercise), "yellow"
    if isinstance(task, Trace):
        return f"writing the trace of {task.exercise.key} ...", "yellow"
    if position.note:
        return position.note, "yellow"
    if position.shown == "results":
        return f"checked: you are at {exercise.key}", ""
    if result is None:
        return f"save {exercise.file} to check it", ""
    if result.passed:
        return f"PASSED {exercise.key}. To go on: {position.how('next')}", "bold green"
    place = result.place or exercise.file
    return f"NOT YET {place}: save it to check it again", "bold red"


def reason_of(position: Position, task: Task) -> Part | None:
    """Return the part of the body that says why the status is NOT YET, if it is."""
    result = position.result
    if position.shown != "task" or position.note or isinstance(task, Check | Trace):
        return None
    return Line(result.message) if result and not result.passed else None


def checking(position: Position, exercise: Exercise) -> str:
    """Say which exercise is being checked."""
    if not position.to_check:
        return f"checking {exercise.key} ..."
    total = len(position.course.exercises)
    number = total - len(position.to_check) + 1
    return f"checking {exercise.key} ({number} of {total}; Ctrl-C quits) ..."


def body_of(position: Position, marks: Mapping[str, str]) -> tuple[Part, ...]:
    """Return what the student has asked for."""
    course, exercise = position.course, position.exercise
    text = course.text(exercise)
    match position.shown:
        case "hints":
            return hints(text, position.level)
        case "list":
            return overview(course, marks, position.chosen)
        case "solution":
            code = exercise.solution.read_text(encoding="utf-8")
            return Code(code), GAP, Prose(text.after)
        case "results":
            return all_results(course, position.results)
        case _:
            said = [Line(each, "yellow") for each in position.said]
            task = task_and_result(text, position.result, position.saved)
            return (*said, GAP, *task) if said else task


def task_and_result(text: Text, result: Result | None, saved: bool) -> tuple[Part, ...]:
    """Return the task and the result; after a save, the result comes first."""
    task = Prose(text.text)
    if result is None:
        return (task,)
    if result.passed:
        return Prose(text.after), GAP, Line("This was the task:", "dim"), task
    told = [Line(result.message)]
    if result.printed:
        told += [GAP, Line("What your code printed:", "dim"), Line(result.printed.rstrip())]
    return (*told, GAP, task) if saved else (task, GAP, *told)


def hints(text: Text, level: int) -> tuple[Part, ...]:
    """Return the hints up to a level, the newest first."""
    parts: list[Part] = []
    for number, hint in reversed([*enumerate(text.hints[:level], 1)]):
        parts += [Line(f"Hint {number} of {len(text.hints)}", "bold"), Prose(hint), GAP]
    return tuple(parts) or (Line("There are no hints for this one."),)


def overview(course: Course, marks: Mapping[str, str], chosen: Exercise) -> tuple[Part, ...]:
    """Return the list of all exercises; ``marks`` says what became of each."""
    rows, at = [], 0
    for chapter in course.chapters:
        rows.append(course.chapter_title(chapter))
        for exercise in chapter.exercises:
            at = len(rows) if exercise == chosen else at
            sign = ">" if exercise == chosen else " "
            mark, title = marks.get(exercise.key, ""), course.text(exercise).title
            rows.append(f"{sign} {mark:<8}{exercise.key:<24}{title}")
    return (Rows(tuple(rows), at),)


def all_results(course: Course, results: Mapping[Exercise, Result]) -> tuple[Part, ...]:
    """Return how many exercises pass, and what the others say."""
    if not results:  # the first check is not done yet
        return ()
    failed = {each: result for each, result in results.items() if not result.passed}
    parts = [Line(f"{len(results) - len(failed)} of {len(results)} pass.", "bold"), GAP]
    for exercise, result in failed.items():
        parts.append(Line(f"{exercise.key}: {result.message.partition(chr(10))[0]}"))
    if not failed and len(results) == len(course.exercises):
        parts.append(Line(DONE))
    return tuple(parts)
