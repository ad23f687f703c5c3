"""What a student reads when a check did not pass."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from pathlib import Path

from minictx.learn.course import Exercise
from minictx.learn.report import Facts

__all__ = ["ended", "flooded", "forged", "missing", "of_facts", "out_of_time", "sentence"]

Told = tuple[str, str, str | None]  # status, message, "file:line"

ADVICE = {
    "SystemExit": "it ends the whole program, the checks too: take out sys.exit()",
    "KeyboardInterrupt": "it ends the whole program, the checks too: take it out",
    "ImportError": "is it written there yet? An exercise before this one may ask for it",
    "RecursionError": "the function calls itself again and again, with no end",
    "MemoryError": "it uses all of the memory that it may: is there a loop with no end?",
    "EOFError": "nobody is at the keyboard: take out input()",
}


def sentence(check: str) -> str:
    """Return what the name of a check says.

    >>> sentence("test_two_threads_read_back_two_notes")
    'two threads read back two notes'
    """
    return check.removeprefix("test_").replace("_", " ")


def of_facts(facts: Facts, exercise: Exercise, workspace: Path) -> Told:
    """Say what came of checks that were run to their end, or to the first that failed."""
    if facts.outcome == "passed":
        return "passed", "", None
    if facts.outcome == "broken":
        return "error", f"the exercise is broken: {facts.text}: tell whoever wrote it", None
    if facts.outcome == "taken":
        return "failed", facts.text, None
    place = facts.places[-1] if facts.places else None
    status = "failed" if facts.check else "error"
    if facts.outcome == "failed":
        message = facts.text or f"not yet: {sentence(facts.check)}"
    else:
        message = _of_error(facts, place, workspace)
    if facts.exercise not in ("", exercise.key):
        message = f"{facts.exercise}, which passed before: {message}"
    return status, message, _name(place)


def _of_error(facts: Facts, place: tuple[str, int] | None, workspace: Path) -> str:
    message = f"{facts.type}: {facts.text}".strip(": \n")
    if advice := ADVICE.get(facts.type):
        message = f"{message}: {advice}"
    if line := _line(place, workspace):
        message = f"{message}\n{_name(place)}: {line}"
    return message


def out_of_time(stuck: str, seconds: float, workspace: Path) -> Told:
    """Say where the student's code stood when the time was over."""
    places = list(_standing(stuck, workspace))
    message = f"not done after {seconds:g} s"
    if not places:
        return "timeout", f"{message}: is there a loop that does not end?", None
    names = " and at ".join(_with_line(place, workspace) for place in places)
    if len(places) > 1:
        why = "do they wait for each other?"
        return "timeout", f"{message}: threads stand at {names}: {why}", _name(places[0])
    why = "is it a loop that does not end, or a wait for what never comes?"
    return "timeout", f"{message}: it stands at {names}: {why}", _name(places[0])


def ended(status: int, stuck: str, workspace: Path) -> Told:
    """Say how Python ended where it left no facts."""
    place = next(_standing(stuck, workspace), None)
    where = f", at {_with_line(place, workspace)}" if place else ""
    if status < 0:
        why = f"Python broke down ({_signal(-status)}){where}"
    else:
        why = f"Python was ended, with exit code {status}, before the checks were done{where}"
    return "error", f"{why}: undo what you changed last, or take out os._exit()", _name(place)


def forged() -> Told:
    """Say that what came of the checks was not written by minictx."""
    message = "the result of this check was not written by minictx: take out what writes it"
    return "error", message, None


def flooded(limit: int) -> Told:
    """Say that too much was printed."""
    message = f"more than {limit // 1000} kB were printed: is there a print() in a loop?"
    return "error", message, None


def missing(exercise: Exercise) -> Told:
    """Say that there is nothing to check."""
    advice = f"minictx learn reset {exercise.key} brings it back"
    return "error", f"there is no {exercise.file} in the workspace: {advice}", None


def _standing(stuck: str, workspace: Path) -> Iterator[tuple[str, int]]:
    """Yield the student's line that each thread runs, from what faulthandler wrote."""
    for thread in re.split(r"^(?:Current thread|Thread) ", stuck, flags=re.M):
        for file, line in re.findall(r'^  File "(.*)", line (\d+) in ', thread, flags=re.M):
            if Path(file).is_relative_to(workspace):
                yield Path(file).relative_to(workspace).as_posix(), int(line)
                break


def _name(place: tuple[str, int] | None) -> str | None:
    return f"{place[0]}:{place[1]}" if place else None


def _with_line(place: tuple[str, int], workspace: Path) -> str:
    # The line may end in a colon, as the text before and after it does.
    line = _line(place, workspace)
    return f"{_name(place)}, `{line}`" if line else f"{place[0]}:{place[1]}"


def _line(place: tuple[str, int] | None, workspace: Path) -> str:
    if place is None:
        return ""
    try:
        text = (workspace / place[0]).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    lines = text.splitlines()
    return lines[place[1] - 1].strip() if place[1] <= len(lines) else ""


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
