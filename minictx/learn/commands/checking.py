"""Commands that run a student's files."""

from __future__ import annotations

from pathlib import Path

import click

from minictx.failure import Failure
from minictx.learn.commands.place import Place, exercise_of, placed

__all__ = ["finale", "trace", "verify"]


@click.command()
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

    state = place.open()
    exercises = state.course.select(names)
    results = []
    for exercise, result in verify.check_all(state.course, state.workspace, exercises):
        state.record(exercise, result)
        results.append((exercise, result))
        if not as_json:
            click.echo(verify.as_lines(exercise, result))
    passed = sum(result.passed for _, result in results)
    if as_json:
        click.echo(verify.as_json(state.course, results))
    else:
        click.echo(f"{passed} of {len(results)} passed")
    if junit is not None:
        _write(junit, verify.as_junit(state.course, results))
    raise SystemExit(0 if passed == len(results) else 1)


@click.command()
@click.option("--page", metavar="FILE", help="Where to write it; trace.html, if not given.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@click.argument("name", required=False)
@placed
@click.pass_obj
def trace(place: Place, name: str | None, page: str | None, open_page: bool) -> None:
    """Write a page that steps through the check that fails, line by line."""
    from minictx.learn import verify
    from minictx.learn.check import Checker
    from minictx.learn.tracing import NO_TRACE, PAGE, write_trace

    state = place.open()
    exercise = exercise_of(state, name)
    target = Path(page or state.workspace / PAGE).resolve()
    with Checker(state.course, state.workspace) as checker:
        result = write_trace(checker, exercise, target)
    click.echo(verify.as_lines(exercise, result))
    if not target.exists():
        raise Failure(NO_TRACE)
    click.echo(f"The trace, to step through: {target}")
    if open_page:
        click.launch(target.as_uri())


@click.command()
@click.option("--page", metavar="FILE", help="Where to write the trace, as an HTML page.")
@click.option("--open", "open_page", is_flag=True, help="Open the page in a browser.")
@placed
@click.pass_obj
def finale(place: Place, page: str | None, open_page: bool) -> None:
    """Run MiniFlask's own tests, and a real Flask app, on your files."""
    from minictx.learn.finale import FinaleError, run_finale

    state = place.open()
    target = Path(page or state.workspace / "finale.html").resolve()
    try:
        done = run_finale(state.workspace, target, click.echo)
    except FinaleError as error:
        raise Failure(str(error)) from error
    if done and open_page:
        click.launch(target.as_uri())
    raise SystemExit(0 if done else 1)


def _write(path: str, content: bytes) -> None:
    try:
        Path(path).write_bytes(content)
    except OSError as error:
        raise Failure(f"cannot write {path!r}: {error.strerror}") from error
