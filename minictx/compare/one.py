"""One behaviour: the question, the code, all answers, and a trace of one implementation."""

from __future__ import annotations

from contextvars import Context

from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from minictx.compare.behaviours import Behaviour
from minictx.compare.implementations import IMPLEMENTATIONS, Implementation
from minictx.compare.probe import NOT_INSTALLED, NOTHING, load
from minictx.compare.results import Results
from minictx.compare.telling import telling
from minictx.trace.recorder import record
from minictx.trace.trace import Trace

__all__ = ["choose", "print_behaviour", "trace_behaviour"]


def print_behaviour(behaviour: Behaviour, results: Results, console: Console) -> None:
    """Print everything about a behaviour but its trace."""
    console.print(Text(behaviour.key, "bold").append(f"  ({behaviour.topic})", "not bold dim"))
    console.print(Text(behaviour.question, "bold"))
    console.print(Text(behaviour.why), "", sep="\n")
    console.print(
        Syntax(behaviour.code, "python", theme="ansi_dark", background_color="default")
    )
    console.print()
    answers = Table.grid(padding=(0, 2))
    for key, answer in results.answers[behaviour.key].items():
        implementation = IMPLEMENTATIONS[key]
        answers.add_row(Text(answer, "bold"), key, implementation.title)
    console.print(answers)


def choose(behaviour: Behaviour, results: Results) -> Implementation | None:
    """Return the first implementation that answers otherwise than minictx, and can be run.

    Where all agree, that is minictx itself; None where it has no such thing.
    """
    row = results.answers[behaviour.key]
    for key, implementation in IMPLEMENTATIONS.items():
        if implementation.load and row[key] not in (row["minictx"], NOTHING, NOT_INSTALLED):
            return implementation
    return None if row["minictx"] == NOTHING else IMPLEMENTATIONS["minictx"]


def trace_behaviour(behaviour: Behaviour, implementation: Implementation) -> Trace:
    """Run a behaviour on one implementation once more, and record what happens."""
    kit = load(implementation)
    assert kit is not None
    with (
        telling(kit) as told,
        record(title=f"{behaviour.key}, {implementation.title}") as trace,
    ):
        Context().run(behaviour.run, told)
    return trace
