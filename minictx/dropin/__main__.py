"""python -m minictx.dropin: run a program with minictx in the place of ``werkzeug.local``."""

from __future__ import annotations

import argparse
import importlib.util
import os
import runpy
import sys
from importlib import metadata

from minictx.dropin.code import CodeError
from minictx.dropin.names import STORAGES
from minictx.dropin.replacement import AlreadyImportedError, install

__all__ = ["main"]


def main() -> None:
    """Run the script or the module that the command line names."""
    parser = _parser()
    wish = parser.parse_args()
    if problem := _problem_with(wish):
        parser.error(problem)
    try:
        install(wish.storage or "ident", code=wish.code)
    except metadata.PackageNotFoundError:
        parser.error("werkzeug is not installed: pip install werkzeug, or flask")
    except (AlreadyImportedError, CodeError) as error:
        parser.error(str(error))
    _run(wish.program, wish.arguments, wish.module)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m minictx.dropin",
        usage="%(prog)s [--storage STORAGE | --code DIR] (SCRIPT | -m MODULE) [ARGS ...]",
        description="Run a program with minictx in the place of werkzeug.local.",
    )
    parser.add_argument(
        "--storage",
        choices=STORAGES,
        help="what Local and LocalStack are built on: a dict by ident, or contextvars",
    )
    parser.add_argument(
        "--code",
        metavar="DIR",
        help="take local.py, stack.py and proxy.py from DIR instead of minictx's",
    )
    parser.add_argument("-m", dest="module", action="store_true", help="PROGRAM is a module")
    parser.add_argument(
        "program", metavar="PROGRAM", nargs="?", help="a script, or with -m a module"
    )
    parser.add_argument("arguments", metavar="ARGS", nargs=argparse.REMAINDER)
    return parser


def _problem_with(wish: argparse.Namespace) -> str | None:
    if wish.code is not None and wish.storage is not None:
        return "--code brings a storage of its own: leave out --storage"
    if wish.program is None:
        return "name a script to run, or a module with -m"
    if wish.module:
        return None if _can_find(wish.program) else f"there is no module {wish.program!r}"
    if not os.path.isfile(wish.program):
        return f"there is no script {wish.program!r}: name a Python file, or use -m"
    return None


def _can_find(module: str) -> bool:
    # Only the outermost package: to look into it would import it before its time.
    return importlib.util.find_spec(module.partition(".")[0]) is not None


def _run(program: str, arguments: list[str], is_module: bool) -> None:
    sys.argv[:] = [program, *arguments]
    if is_module:
        runpy.run_module(program, run_name="__main__", alter_sys=True)
        return
    if not sys.flags.safe_path:
        sys.path[0] = os.path.dirname(os.path.realpath(program))
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
