"""``minictx learn``: the watcher, and the group of its commands."""

from __future__ import annotations

import sys

import click

from minictx.learn.commands import checking, moving, reading, teaching
from minictx.learn.commands.place import Place, placed

__all__ = ["learn"]


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
        from minictx.learn.session import watch_workspace

        place = ctx.ensure_object(Place)
        state, said = place.open_to_watch()
        again = f"minictx learn{place.option}"
        raise SystemExit(
            watch_workspace(state.workspace, state.course, auto_advance, said, again)
        )


for command in (
    *(moving.init, moving.next_, moving.reset),
    *(reading.show, reading.hint, reading.solution, reading.list_),
    *(checking.verify, checking.trace, checking.finale),
    *(teaching.check_course, teaching.new_exercise),
):
    learn.add_command(command)
