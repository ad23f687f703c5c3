"""Where a command finds the student's files, and the course."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from minictx.learn.course import Course, Exercise
    from minictx.learn.state import State

__all__ = ["Place", "exercise_of", "placed", "say"]


@dataclass
class Place:
    """Where the student's files are, and which course."""

    folder: str = "."
    course: str | None = None

    @property
    def option(self) -> str:
        """What must follow a command that is run in the same current folder."""
        return "" if self.folder == "." else f" -C {shlex.quote(self.folder)}"

    def load_course(self) -> Course:
        """Load the course."""
        from minictx.learn.opening import load_course

        return load_course(self.course)

    def open(self) -> State:
        """Open the workspace, and say what had to be done for that."""
        from minictx.learn.opening import open_workspace

        return open_workspace(self.folder, self.course, say)

    def open_to_watch(self) -> tuple[State, list[str]]:
        """Open the workspace; return what was said, too: the watcher shows it again."""
        from minictx.learn.opening import open_workspace

        said: list[str] = []

        def say_and_keep(line: str) -> None:
            say(line)
            said.append(line)

        return open_workspace(self.folder, self.course, say_and_keep), said


def placed(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say where; they may stand before and after the command's name."""

    def keep(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
        place = ctx.ensure_object(Place)
        if value is not None:
            setattr(place, str(param.name), value)

    folder = click.option(
        "-C", "folder", metavar="DIR", callback=keep, expose_value=False,
        help="The workspace, if it is not the current folder.",
    )  # fmt: skip
    course = click.option(
        "--course", metavar="DIR", callback=keep, expose_value=False,
        help="The folder of another course.",
    )  # fmt: skip
    return folder(course(command))


def exercise_of(state: State, name: str | None) -> Exercise:
    """Return the exercise of this name, or the current one."""
    return state.current if name is None else state.course.find(name)


def say(line: str) -> None:
    """Say what is no result of a command."""
    click.echo(f"minictx: {line}", err=True)
