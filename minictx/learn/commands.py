"""``minictx learn``: the watcher, and the commands beside it."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from minictx.errors import MinictxError
from minictx.files import check_output, write_output

if TYPE_CHECKING:
    from minictx.learn.course import Course, Exercise
    from minictx.learn.state import State
    from minictx.learn.watcher.screen import Code, Line, Prose

__all__ = ["learn"]


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
        from minictx.learn.workspace import load_course

        return load_course(self.course)

    def open(self) -> State:
        """Open the workspace, and say what had to be done for that."""
        from minictx.learn.workspace import open_workspace

        return open_workspace(self.folder, self.course, say)

    def open_to_watch(self) -> tuple[State, list[str]]:
        """Open the workspace; return what was said, too: the watcher shows it again."""
        from minictx.learn.workspace import open_workspace

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
    """Print what is not the result of a command to standard error."""
    click.echo(f"minictx: {line}", err=True)


@click.group(invoke_without_command=True)
@click.option(
    "--auto-advance", is_flag=True, help="Go on as soon as an exercise passes, without asking."
)
@placed
@click.pass_context
def learn(ctx: click.Context, auto_advance: bool) -> None:
    """Rebuild it yourself: exercises, from red to green.

    Inside a workspace, without a command: check the exercise whenever you save it.
    """
    for stream in (sys.stdout, sys.stderr):
        # What a student's code says may have characters that the terminal does not.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if ctx.invoked_subcommand is None:
        from minictx.learn.watcher.session import watch_workspace

        place = ctx.ensure_object(Place)
        state, said = place.open_to_watch()
        again = f"minictx learn{place.option}"
        raise SystemExit(
            watch_workspace(state.workspace, state.course, auto_advance, said, again)
        )


@learn.command()
@click.argument("target", metavar="[DIR]", default="minictx-learn")
@placed
@click.pass_obj
def init(place: Place, target: str) -> None:
    """Make a workspace in DIR, which must be new or empty."""
    from minictx.learn.workspace import init

    course = place.load_course()
    own = str(course.folder) if place.course else None
    state = init(course, Path(place.folder) / target, own)
    click.echo(f"{len(course.exercises)} exercises are in {state.workspace}")
    click.echo(
        f"Next: cd {target}, open it in your editor, and start `minictx learn` beside it"
    )


@learn.command("next")
@click.argument("name", required=False)
@placed
@click.pass_obj
def next_(place: Place, name: str | None) -> None:
    """Move to the next exercise that has not passed, or to NAME.

    After the last exercise, the search goes on with the first.
    """
    state = place.open()
    if name is not None:
        following = state.course.find(name)
    elif not state.has_passed(here := state.current):
        raise MinictxError(
            f"{here.key} does not pass yet: `minictx learn verify {here.key}` checks it;"
            " to leave it, name the one to go to: minictx learn next NAME"
        )
    else:
        others = (each for each in state.course.after(here) if not state.has_passed(each))
        following = next(others, here)
        if following == here:
            click.echo(
                "All exercises have passed. To see what they carry: minictx learn finale"
            )
            return
    state.go_to(following)
    click.echo(f"{following.key}: {state.course.text(following).title}")
    click.echo(f"`minictx learn show` has its text; your file: {following.file}")


@learn.command()
@click.argument("name")
@placed
@click.pass_obj
def reset(place: Place, name: str) -> None:
    """Bring back the file of NAME as it was at first; a copy of yours is kept."""
    from minictx.learn.workspace import reset

    state = place.open()
    exercise = state.course.find(name)
    copy = reset(state, exercise)
    click.echo(f"{exercise.file} is as it was at first")
    if copy is not None:
        click.echo(f"yours is kept as {copy.relative_to(state.workspace)}")


@learn.command()
@click.argument("name", required=False)
@placed
@click.pass_obj
def show(place: Place, name: str | None) -> None:
    """Show what an exercise is about: the current one, or NAME."""
    from minictx.learn.watcher.screen import GAP, Line, Prose

    state = place.open()
    exercise = exercise_of(state, name)
    text = state.course.text(exercise)
    title = Line(f"{exercise.key}: {text.title}", "bold")
    file = Line(f"Your file: {state.workspace / exercise.file}")
    _print(title, GAP, Prose(text.text), GAP, file, Line(f"It {_MARKS[state.mark(exercise)]}."))


@learn.command()
@click.argument("name", required=False)
@placed
@click.pass_obj
def hint(place: Place, name: str | None) -> None:
    """Give a hint; the next time, a clearer one."""
    from minictx.learn.watcher.screen import GAP, Line, Prose

    state = place.open()
    exercise = exercise_of(state, name)
    hints = state.course.text(exercise).hints
    if not hints:
        raise MinictxError(f"{exercise.key} has no hints")
    level = state.next_hint(exercise)
    title = Line(f"Hint {level} of {len(hints)} for {exercise.key}", "bold")
    _print(title, GAP, Prose(hints[level - 1]))


@learn.command()
@click.argument("name", required=False)
@click.option("--anyway", is_flag=True, help="Show it even if yours does not pass yet.")
@placed
@click.pass_obj
def solution(place: Place, name: str | None, anyway: bool) -> None:
    """Show the solution of an exercise that you have passed, and why it is so."""
    from minictx.learn.watcher.screen import GAP, Code, Prose

    state = place.open()
    exercise = exercise_of(state, name)
    if not state.mark(exercise) and not anyway:
        raise MinictxError(
            f"{exercise.key} did not pass yet: `minictx learn hint` helps;"
            " --anyway shows the solution now"
        )
    code = exercise.solution.read_text(encoding="utf-8").rstrip()
    _print(Code(code), GAP, Prose(state.course.text(exercise).after))


@learn.command("list")
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
    "changed": "has passed, but was changed since: check it again",
}


def _print(*parts: Prose | Line | Code) -> None:
    """Print as the watcher does; in a pipe, print the source."""
    from minictx.learn.watcher.screen import new_console, put, render

    if sys.stdout is not None and sys.stdout.isatty():
        console = new_console()
        put(console, render(console, parts))
    else:
        click.echo("\n".join(part.text for part in parts))


@learn.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--junit", metavar="FILE", help="Write JUnit XML.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@placed
@click.pass_obj
def verify(place: Place, names: tuple[str, ...], as_json: bool, junit: str | None) -> None:
    """Check all exercises, or those of these NAMEs (of exercises, or chapters).

    The exit code is 0 if all pass, 1 if not, and 2 if they cannot be checked.
    """
    from minictx.learn import verify

    if junit is not None:
        check_output(junit, "JUnit file")
    state = place.open()
    exercises = state.course.select(names)
    results = []
    for exercise, result in verify.check_all(state.course, state.workspace, exercises):
        state.record(exercise, result)
        results.append((exercise, result))
        if not as_json:
            click.echo(verify.as_lines(exercise, result))
    if off := {name: None for _, result in results for name in result.off}:
        say(f"not limited on this system: {', '.join(off)}")
    passed = sum(result.passed for _, result in results)
    if as_json:
        click.echo(verify.as_json(state.course, results))
    else:
        click.echo(f"{passed} of {len(results)} passed")
    if junit is not None:
        write_output(junit, verify.as_junit(state.course, results), "JUnit file")
    raise SystemExit(0 if passed == len(results) else 1)


@learn.command()
@click.option("--page", metavar="FILE", help="Where to write it; trace.html, if not given.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.argument("name", required=False)
@placed
@click.pass_obj
def trace(place: Place, name: str | None, page: str | None, open_page: bool) -> None:
    """Write a page that steps through the check that fails, line by line."""
    from minictx.learn.check import Checker
    from minictx.learn.verify import NO_TRACE, PAGE, as_lines, write_trace

    state = place.open()
    exercise = exercise_of(state, name)
    target = Path(page or state.workspace / PAGE).resolve()
    with Checker(state.course, state.workspace) as checker:
        result, is_written = write_trace(checker, exercise, target)
    click.echo(as_lines(exercise, result))
    if not is_written:
        raise MinictxError(NO_TRACE)
    click.echo(f"The trace, to step through: {target}")
    if open_page:
        click.launch(target.as_uri())


@learn.command()
@click.option("--page", metavar="FILE", help="Where to write the trace, as an HTML page.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@placed
@click.pass_obj
def finale(place: Place, page: str | None, open_page: bool) -> None:
    """Run MiniFlask's own tests, and a real Flask app, on your files."""
    from minictx.learn.finale import run_finale

    state = place.open()
    target = Path(page or state.workspace / "finale.html").resolve()
    check_output(target, "page")
    done = run_finale(state.workspace, target, click.echo)
    if done and open_page:
        click.launch(target.as_uri())
    raise SystemExit(0 if done else 1)


@learn.command("check-course")
@click.option(
    "--times", default=20, show_default=True, type=click.IntRange(1),
    help="How often each solution is tried.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Leave out the wrong solutions.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@placed
@click.pass_obj
def check_course(place: Place, names: tuple[str, ...], times: int, quick: bool) -> None:
    """For authors of exercises: does each do what it must?

    It must fail as it is shipped; its solution must pass, each time; each of its wrong
    solutions must fail, with a message of its own; its texts and three hints must be there.
    """
    from minictx.learn.check_course import Findings, check_course

    def tell(found: Findings) -> None:
        for problem in found.problems:
            click.echo(f"{found.name}: {problem}")
        if not found.problems:
            wrong, slowest = found.wrong, found.slowest
            tried = "wrong solutions not tried" if quick else f"{wrong} wrong"
            click.echo(f"{found.name}: well; {tried}, slowest {slowest:.2f} s")

    course = place.load_course()
    well = check_course(course, course.select(names), times, tell, quick=quick)
    raise SystemExit(0 if well else 1)


@learn.command("new-exercise")
@click.argument("name")
@click.option("--kind", default="build", type=click.Choice(["build", "predict", "repair"]))
@click.option("--chapter", metavar="KEY", help="The chapter; if it is new, it is added.")
@placed
@click.pass_obj
def new_exercise(place: Place, name: str, kind: str, chapter: str | None) -> None:
    """Start a new exercise in the folder given by --course, which may be a new one."""
    from minictx.learn.new_exercise import write_exercise

    if place.course is None:
        raise MinictxError(
            "say which course it is for: --course DIR; a new folder starts a course"
        )
    folder = write_exercise(Path(place.course), name, kind, chapter)
    click.echo(f"{folder} is there: its files say what to write")
    click.echo(f"Next: minictx learn check-course --course {place.course} {name}")
