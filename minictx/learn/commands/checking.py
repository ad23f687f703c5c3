"""Commands that run a student's files."""

from __future__ import annotations

from pathlib import Path

import click

from minictx.errors import MinictxError
from minictx.files import check_output, write_output
from minictx.learn.commands.place import Place, exercise_of, placed, say

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
        result, is_written = write_trace(checker, exercise, target)
    click.echo(verify.as_lines(exercise, result))
    if not is_written:
        raise MinictxError(NO_TRACE)
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
    from minictx.learn.finale import run_finale

    state = place.open()
    target = Path(page or state.workspace / "finale.html").resolve()
    check_output(target, "page")
    done = run_finale(state.workspace, target, click.echo)
    if done and open_page:
        click.launch(target.as_uri())
    raise SystemExit(0 if done else 1)
