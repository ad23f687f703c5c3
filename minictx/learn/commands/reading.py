"""Commands that show an exercise: its task, its hints, its solution, and the list of all."""

from __future__ import annotations

import sys

import click

from minictx.errors import MinictxError
from minictx.learn.commands.place import Place, exercise_of, placed
from minictx.learn.parts import GAP, Code, Line, Prose

__all__ = ["hint", "list_", "show", "solution"]


@click.command()
@click.argument("name", required=False)
@placed
@click.pass_obj
def show(place: Place, name: str | None) -> None:
    """Show what an exercise is about: the current one, or NAME."""
    state = place.open()
    exercise = exercise_of(state, name)
    text = state.course.text(exercise)
    title = Line(f"{exercise.key}: {text.title}", "bold")
    file = Line(f"Your file: {state.workspace / exercise.file}")
    _print(title, GAP, Prose(text.text), GAP, file, Line(f"It {_MARKS[state.mark(exercise)]}."))


@click.command()
@click.argument("name", required=False)
@placed
@click.pass_obj
def hint(place: Place, name: str | None) -> None:
    """Give a hint; the next time, a clearer one."""
    state = place.open()
    exercise = exercise_of(state, name)
    hints = state.course.text(exercise).hints
    if not hints:
        raise MinictxError(f"{exercise.key} has no hints")
    level = state.next_hint(exercise)
    title = Line(f"Hint {level} of {len(hints)} for {exercise.key}", "bold")
    _print(title, GAP, Prose(hints[level - 1]))


@click.command()
@click.argument("name", required=False)
@click.option("--anyway", is_flag=True, help="Show it even if yours does not pass yet.")
@placed
@click.pass_obj
def solution(place: Place, name: str | None, anyway: bool) -> None:
    """Show the solution of an exercise that you have passed, and why it is so."""
    state = place.open()
    exercise = exercise_of(state, name)
    if not state.mark(exercise) and not anyway:
        raise MinictxError(
            f"{exercise.key} did not pass yet: `minictx learn hint` helps;"
            " with --anyway the solution is shown all the same"
        )
    code = exercise.solution.read_text(encoding="utf-8").rstrip()
    _print(Code(code), GAP, Prose(state.course.text(exercise).after))


@click.command("list")
@placed
@click.pass_obj
def list_(place: Place) -> None:
    """List the exercises, and which have passed."""
    state = place.open()
    marks, current = state.marks(), state.current
    for chapter in state.course.chapters:
        click.echo(state.course.chapter_title(chapter))
        for each in chapter.exercises:
            sign, title = ">" if each == current else " ", state.course.text(each).title
            click.echo(f"{sign} {marks[each.key]:8}{each.key:24}{title}".rstrip())
    done = sum(mark == "passed" for mark in marks.values())
    click.echo(f"{done} of {len(marks)} passed")


_MARKS = {
    "": "did not pass yet",
    "passed": "has passed",
    "changed": "has passed, and was changed since: it is to be checked again",
}


def _print(*parts: Prose | Line | Code) -> None:
    """Print as the watcher does; in a pipe, as it was written."""
    if not sys.stdout.isatty():
        for part in parts:
            click.echo(part.text)
        return
    from minictx.learn.rendering import new_console, put, render

    console = new_console()
    put(console, render(console, parts))
