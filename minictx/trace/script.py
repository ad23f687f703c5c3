"""Run a script or a module as Python does, under recording."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import threading
from collections.abc import Callable
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any

from minictx.errors import MinictxError
from minictx.trace.processes import saved_early
from minictx.trace.recorder import finish_all, record
from minictx.trace.trace import Trace

__all__ = ["ProgramError", "find_module", "find_script", "run"]

HERE = os.path.dirname(os.path.abspath(__file__))

Program = Callable[[], tuple[CodeType, ModuleType]]


class ProgramError(MinictxError):
    """Say in one line why there is nothing to run."""


def find_script(path: str) -> tuple[str, Program]:
    """Return the title of a script, and what makes it ready to run."""
    if os.path.isdir(path):
        raise ProgramError(f"{path!r} is a folder: name a Python file, or use -m")
    try:
        with open(path, "rb") as file:
            source = file.read()
    except OSError as error:
        raise ProgramError(f"cannot read {path!r}: {error.strerror}") from error

    def prepare() -> tuple[CodeType, ModuleType]:
        _set_first_path(os.path.dirname(os.path.realpath(path)))
        module = ModuleType("__main__")
        # As Python does: the whole path, though sys.argv has what was typed.
        whole = os.path.abspath(path)
        module.__file__ = whole
        module.__loader__ = SourceFileLoader("__main__", whole)
        module.__dict__["__cached__"] = None
        return compile(source, whole, "exec", dont_inherit=True), module

    return path, prepare


def find_module(name: str) -> tuple[str, Program]:
    """Return the title of a module, and what makes it ready to run, as ``python -m`` does."""

    def prepare() -> tuple[CodeType, ModuleType]:
        _set_first_path(os.getcwd())
        spec = _find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = _find_spec(f"{name}.__main__")
        get_code = getattr(spec and spec.loader, "get_code", None)
        if spec is None or get_code is None:
            raise ProgramError(f"there is no module {name!r} that can be run")
        module = ModuleType("__main__")
        module.__file__, module.__spec__ = spec.origin, spec
        module.__package__, module.__loader__ = spec.parent, spec.loader
        module.__dict__["__cached__"] = spec.cached
        sys.argv[0] = spec.origin or name
        code: CodeType = get_code(spec.name)
        return code, module

    return f"-m {name}", prepare


def _find_spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)  # imports the packages that it is in
    except ValueError:
        return None
    except ModuleNotFoundError as error:
        # A module that one of these packages imports may be missing, too: that is an error
        # of the program.
        if f"{name}.".startswith(f"{error.name}."):
            return None
        raise


def run(
    program: tuple[str, Program],
    arguments: list[str],
    save: Callable[[Trace], None] | None = None,
    **options: Any,
) -> tuple[Trace, int]:
    """Run a program, and return its trace and its exit code; its errors are printed.

    ``save`` is called with the trace where a process ends without a return to here.
    ``options`` are those of `record`.
    """
    title, prepare = program
    sys.argv[:] = ["-m" if title.startswith("-m ") else title, *arguments]
    before = sys.modules["__main__"]

    def save_early() -> None:
        finish_all()
        if save is not None:
            save(trace)

    with record(title=title, **options) as trace, saved_early(save_early):
        try:
            code, module = prepare()
            module.__dict__["__builtins__"] = sys.modules["builtins"]
            sys.modules["__main__"] = module
            exec(code, module.__dict__)
        except ProgramError:
            raise
        except BaseException as error:
            status = _report(error)
        else:
            status = 0
        try:
            # Python waits for the threads of a script, too, before it ends.
            threading._shutdown()  # type: ignore[attr-defined]
        except BaseException as error:
            status = _report(error)
    # What the script left in its module lives on, and so do its destructors, until the end.
    sys.modules["__main__"] = before
    _flush()
    return trace, status


def _set_first_path(folder: str) -> None:
    if not sys.flags.safe_path:
        sys.path[0] = folder


def _report(error: BaseException) -> int:
    """Print an error that ends the script as Python does, and return the exit code."""
    if isinstance(error, SystemExit):
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    _forget_us(error, set())
    sys.excepthook(type(error), error, error.__traceback__)
    return 130 if isinstance(error, KeyboardInterrupt) else 1


def _forget_us(error: BaseException | None, seen: set[int]) -> None:
    """Take the frames of the recorder out of the traceback, and of those of its causes."""
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    error.__traceback__ = _without_us(error.__traceback__)
    _forget_us(error.__cause__, seen)
    _forget_us(error.__context__, seen)
    if isinstance(error, BaseExceptionGroup):
        for each in error.exceptions:
            _forget_us(each, seen)


def _without_us(traceback: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while traceback is not None:
        if not traceback.tb_frame.f_code.co_filename.startswith(HERE):
            kept.append(traceback)
        traceback = traceback.tb_next
    below: TracebackType | None = None
    for each in reversed(kept):
        each.tb_next = below
        below = each
    return below


def _flush() -> None:
    for file in (sys.stdout, sys.stderr):
        # The script may have closed it, and its reader, too.
        with contextlib.suppress(AttributeError, ValueError, OSError):
            file.flush()
