"""The ``minictx trace`` command: run or load a trace, and draw it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib.util import find_spec

from minictx.errors import MinictxError
from minictx.files import check_output
from minictx.trace.processes import Names, say
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

    @property
    def prints(self) -> bool:
        """Whether anything goes to standard output."""
        return self.json == "-" or not (self.json or self.page or self.chrome)


def trace(wish: Wish) -> int:
    """Do what is asked for, and return the exit code: that of the script."""
    _check_outputs(wish)
    names = Names([*_outputs(wish).values()])
    recorded, status = _get_trace(wish, names)
    try:
        _write(recorded, wish, names)
    except BrokenPipeError:  # whoever read the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        name = repr(error.filename) if error.filename else "to standard output"
        raise CommandError(f"cannot write {name}: {error.strerror}") from error
    return status


def _get_trace(wish: Wish, names: Names) -> tuple[Trace, int]:
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
    return run(
        program,
        wish.arguments,
        lambda trace: _write(trace, wish, names),
        lines=wish.lines,
        limit=wish.limit,
    )


def _write(recorded: Trace, wish: Wish, names: Names) -> None:
    """Write what was asked for; a process that was forked writes files only."""
    if wish.prints and not names.is_first:
        say(
            f"the trace of process {os.getpid()} is not printed:"
            " --json FILE writes one for each process"
        )
    elif wish.prints:
        _print(recorded, wish)
    for kind, path in _outputs(wish).items():
        name = names.of(path)
        if name != path and "%p" not in path:
            say(f"process {os.getpid()} writes {name!r}: another process writes {path!r}")
        check_output(name, kind)  # the script may have written there
        _WRITE[kind](recorded, name)


def _write_page(recorded: Trace, name: str) -> None:
    from minictx.trace.page import write_page

    write_page(recorded, name)


def _write_chrome(recorded: Trace, name: str) -> None:
    from minictx.trace.chrome import write_chrome

    write_chrome(recorded, name)


_WRITE = {"page": _write_page, "Chrome trace": _write_chrome, "trace": Trace.save}


def _print(recorded: Trace, wish: Wish) -> None:
    if sys.stdout is None or sys.stdout.closed:
        raise CommandError("cannot write to standard output: the script has closed it")
    if wish.json == "-":
        recorded.write(sys.stdout)
    else:
        from rich.console import Console

        from minictx.trace.transcript import print_transcript

        print_transcript(recorded, Console(highlight=False), plain=wish.plain)
    sys.stdout.flush()


def _check_outputs(wish: Wish) -> None:
    """Fail before the script runs, not after an hour of it; and overwrite nothing of it."""
    if wish.prints and wish.json is None and not _is_installed("rich"):
        raise CommandError(
            "to print a trace needs rich: pip install 'minictx[learn]'; or write it,"
            " with --json FILE or --page FILE"
        )
    taken = {os.path.realpath(path): path for path in (wish.target, wish.source) if path}
    for kind, path in _outputs(wish).items():
        if os.path.realpath(path) in taken:
            raise CommandError(f"cannot write {path!r}: that would overwrite another file")
        taken[os.path.realpath(path)] = path
        check_output(path, kind)


def _is_installed(package: str) -> bool:
    # It is not imported: a script would notice.
    try:
        return find_spec(package) is not None
    except ValueError:
        return False


def _outputs(wish: Wish) -> dict[str, str]:
    """Return the kind of each file that is asked for."""
    kinds = {"page": wish.page, "Chrome trace": wish.chrome, "trace": wish.json}
    return {kind: path for kind, path in kinds.items() if path is not None and path != "-"}
