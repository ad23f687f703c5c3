"""Commands that make a workspace, and lead through it."""

from __future__ import annotations

from pathlib import Path

import click

from minictx.errors import MinictxError
from minictx.learn.commands.place import Place, placed

__all__ = ["init", "next_", "reset"]


@click.command()
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


@click.command("next")
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


@click.command()
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
