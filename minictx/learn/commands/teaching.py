"""Commands for whoever writes exercises."""

from __future__ import annotations

from pathlib import Path

import click

from minictx.errors import MinictxError
from minictx.learn.commands.place import Place, placed

__all__ = ["check_course", "new_exercise"]


@click.command("check-course")
@click.option(
    "--times", default=20, show_default=True, type=click.IntRange(1),
    help="How often each solution is tried.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="Leave out the wrong solutions.")
@click.argument("names", metavar="[NAME]...", nargs=-1)
@placed
@click.pass_obj
def check_course(place: Place, names: tuple[str, ...], times: int, quick: bool) -> None:
    """For whoever writes exercises: does each do what it must?

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


@click.command("new-exercise")
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
