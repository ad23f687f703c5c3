"""The ``minictx trace`` command: run or load a trace, and draw it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from minictx.errors import MinictxError
from minictx.files import check_output
from minictx.trace.script import find_module, find_script, run
from minictx.trace.trace import Trace

__all__ = ["CommandError", "Wish", "trace"]


class CommandError(MinictxError):
    """Say in one line why the command cannot do what it was asked for."""


@dataclass
class Wish:
    """What the command line asks for."""

    target: str | None  # a script, or a module
    arguments: list[str]
    is_module: bool = False
    source: str | None = None  # a saved trace, instead
    page: str | None = None
    chrome: str | None = None
    json: str | None = None  # "-": standard output
    plain: bool = False
    lines: bool = False
    limit: int = 1_000_000


def trace(wish: Wish) -> int:
    """Do what is asked for, and return the exit code: that of the script."""
    _check_outputs(wish)
    recorded, status = _get_trace(wish)
    try:
        _write(recorded, wish)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        name = repr(error.filename) if error.filename else "to standard output"
        raise CommandError(f"cannot write {name}: {error.strerror}") from error
    return status


def _get_trace(wish: Wish) -> tuple[Trace, int]:
    if wish.source is not None:
        if wish.target is not None:
            raise CommandError("--from draws a saved trace: leave out the script")
        try:
            return Trace.load(wish.source), 0
        except OSError as error:
            raise CommandError(f"cannot read {wish.source!r}: {error.strerror}") from error
    if wish.target is None:
        raise CommandError("name a script to run, or a saved trace with --from")
    program = (find_module if wish.is_module else find_script)(wish.target)
    return run(program, wish.arguments, lines=wish.lines, limit=wish.limit)


def _write(recorded: Trace, wish: Wish) -> None:
    prints = wish.json == "-" or not (wish.json or wish.page or wish.chrome)
    if prints and (sys.stdout is None or sys.stdout.closed):
        raise CommandError("cannot write to standard output: the script has closed it")
    for kind, path in _outputs(wish).items():  # the script may have written there
        check_output(path, kind)
    if wish.json == "-":
        recorded.write(sys.stdout)
    elif wish.json is not None:
        recorded.save(wish.json)
    if wish.page is not None:
        from minictx.trace.page import write_page

        write_page(recorded, wish.page)
    if wish.chrome is not None:
        from minictx.trace.chrome import write_chrome

        write_chrome(recorded, wish.chrome)
    if prints and wish.json is None:
        from rich.console import Console

        from minictx.trace.transcript import print_transcript

        print_transcript(recorded, Console(highlight=False), plain=wish.plain)
    if prints:
        sys.stdout.flush()


def _check_outputs(wish: Wish) -> None:
    """Fail before the script runs, not after an hour of it; and overwrite nothing of it."""
    taken = {os.path.realpath(path): path for path in (wish.target, wish.source) if path}
    for kind, path in _outputs(wish).items():
        if os.path.realpath(path) in taken:
            raise CommandError(f"cannot write {path!r}: that would overwrite another file")
        taken[os.path.realpath(path)] = path
        check_output(path, kind)


def _outputs(wish: Wish) -> dict[str, str]:
    """Return the kind of each file that is asked for."""
    kinds = {"page": wish.page, "Chrome trace": wish.chrome, "trace": wish.json}
    return {kind: path for kind, path in kinds.items() if path is not None and path != "-"}
