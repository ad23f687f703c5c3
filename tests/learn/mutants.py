"""Break the solutions of the course in small ways: do an exercise's own checks notice?

uv run --group mutation python tests/learn/mutants.py [KEY ...] [--course DIR]

mutmut makes the mutants: one condition turned round, one argument left out, one text changed.
Only the lines that an exercise asks for are mutated, not those that it begins with.
"""

from __future__ import annotations

import argparse
import difflib
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from minictx.learn.check_course import Bench
from minictx.learn.course import OURS, Course, CourseError, Exercise

GOAL = 0.90  # of the mutants must be killed


@dataclass
class Outcome:
    """What the checks of one exercise made of the mutants of its solution."""

    exercise: Exercise
    mutants: int = 0
    survivors: list[str] = field(default_factory=list)  # a diff for each


def new_lines(before: str, solution: str) -> set[int]:
    """Return the numbers of the lines that a solution has, and the file before it has not."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), solution.splitlines(), False)
    return {
        number + 1
        for tag, _, _, first, last in matcher.get_opcodes()
        if tag != "equal"
        for number in range(first, last)
    }


def mutants_of(exercise: Exercise) -> Iterator[str]:
    """Yield the solution again and again, each time with one thing broken."""
    # pytest imports this file, too, where the group "mutation" is not installed.
    import libcst
    from libcst.metadata import MetadataWrapper, PositionProvider
    from mutmut.mutation.mutators import mutation_operators

    solution = exercise.solution.read_text(encoding="utf-8")
    lines = new_lines(exercise.shipped.read_text(encoding="utf-8"), solution)
    module = MetadataWrapper(libcst.parse_module(solution))
    positions = module.resolve(PositionProvider)
    for node, position in positions.items():
        if position.start.line not in lines:
            continue
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                for broken in operator(node):
                    yield module.module.deep_replace(node, broken).code


def try_mutants(course: Course, exercise: Exercise) -> Outcome:
    """Give each mutant to the checks, and note those that pass."""
    outcome = Outcome(exercise)
    solution = exercise.solution.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="minictx-") as folder:
        bench = Bench(course, exercise, Path(folder).resolve())
        with bench.checker:
            for code in mutants_of(exercise):
                outcome.mutants += 1
                if bench.try_out(code).passed:
                    outcome.survivors.append(diff(solution, code))
    return outcome


def diff(solution: str, mutant: str) -> str:
    """Return the lines that differ."""
    lines = difflib.unified_diff(solution.splitlines(), mutant.splitlines(), lineterm="", n=0)
    return "\n".join(f"    {line}" for line in list(lines)[2:])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what survived, and return 1 if it is more than a tenth."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("keys", metavar="KEY", nargs="*", help="exercises, or chapters")
    parser.add_argument("--course", metavar="DIR", default=OURS, help="another course")
    wish = parser.parse_args(arguments)
    try:
        course = Course.load(wish.course)
        chosen = course.select(tuple(wish.keys))
    except CourseError as error:
        parser.error(str(error))
    # What a student predicts is compared as a whole: there is no code in it to break.
    exercises = [each for each in chosen if each.kind != "predict"]
    killed = made = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(lambda each: try_mutants(course, each), exercises):
            made += outcome.mutants
            killed += outcome.mutants - len(outcome.survivors)
            print(
                f"{outcome.exercise.key:<24}{outcome.mutants - len(outcome.survivors):>5}",
                end="",
            )
            print(f" of {outcome.mutants} killed", *outcome.survivors, sep="\n", flush=True)
    share = killed / made if made else 1.0
    print(f"{killed} of {made} mutants killed: {share:.1%} (goal: {GOAL:.0%})")
    return 0 if share >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
