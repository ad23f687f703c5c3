"""python -m minictx.dropin: run a program with minictx in the place of ``werkzeug.local``."""

from __future__ import annotations

import argparse
import importlib.util
import os
import pkgutil
import sys
from importlib import metadata
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from minictx.dropin.replacement import install
from minictx.dropin.werkzeug_local import STORAGES
from minictx.errors import MinictxError

__all__ = ["main"]


class ProgramError(MinictxError):
    """Say in one line why there is nothing to run."""


def main() -> None:
    """Run the script or the module that the command line names."""
    parser = _parser()
    wish = parser.parse_args()
    if wish.code is not None and wish.storage is not None:
        parser.error("--code brings a storage of its own: leave out --storage")
    if wish.program is None:
        parser.error("name a script to run, or a module with -m")
    if not wish.module and not os.path.exists(wish.program):
        parser.error(f"there is no script {wish.program!r}: name a Python file, or use -m")
    try:
        if not wish.module:  # before a folder of --code comes first
            _set_path(wish.program)
        install(wish.storage or "ident", code=wish.code)
    except metadata.PackageNotFoundError:
        parser.error("werkzeug is not installed: pip install werkzeug, or flask")
    except MinictxError as error:
        parser.error(str(error))
    sys.argv[:] = [wish.program, *wish.arguments]
    try:
        _run(wish.program, wish.module)
    except ProgramError as error:
        parser.error(str(error))


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


def _run(program: str, is_module: bool) -> None:
    """Run a program as Python does: as ``__main__``, which it stays until Python ends."""
    main = ModuleType("__main__")
    main.__dict__["__builtins__"] = sys.modules["builtins"]
    try:
        code = (_load_module if is_module else _load_script)(program, main)
        sys.modules["__main__"] = main
        exec(code, main.__dict__)
    except ProgramError:
        raise
    except BaseException as error:
        _hide_us_from(error)
        raise


def _set_path(program: str) -> None:
    """Put first on the path what Python would: the folder of a script, or all of a zip file."""
    own = [] if sys.flags.safe_path else [os.path.dirname(os.path.realpath(program))]
    if pkgutil.get_importer(program) is not None:
        own = [os.path.join(os.getcwd(), program)]
    sys.path[: 0 if sys.flags.safe_path else 1] = own


def _load_script(path: str, main: ModuleType) -> CodeType:
    """Return the code of a Python file; or of ``__main__`` in a folder, or in a zip file."""
    path = os.path.join(os.getcwd(), path)  # like Python, with any ".." left in
    importer = pkgutil.get_importer(path)
    find_spec = getattr(importer, "find_spec", None)
    if find_spec is None:
        loader = SourceFileLoader("__main__", path)
        main.__file__, main.__loader__ = path, loader
        main.__dict__["__cached__"] = None
        return loader.source_to_code(loader.get_data(path), path)
    spec = find_spec("__main__")
    if spec is None:
        raise ProgramError(f"there is no __main__.py in {path!r}")
    return _load(spec, main)


def _load_module(name: str, main: ModuleType) -> CodeType:
    try:
        spec = importlib.util.find_spec(name)  # imports the packages that it is in
        if spec is not None and spec.submodule_search_locations is not None:
            name = f"{name}.__main__"
            spec = importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        # A package may itself import what is missing: that is an error of the program.
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        spec = None
    if spec is None:
        raise ProgramError(f"there is no module {name!r}")
    sys.argv[0] = spec.origin or name
    return _load(spec, main)


def _load(spec: ModuleSpec, main: ModuleType) -> CodeType:
    main.__file__, main.__loader__ = spec.origin, spec.loader
    main.__spec__, main.__package__ = spec, spec.parent
    main.__dict__["__cached__"] = spec.cached
    code: CodeType | None = getattr(spec.loader, "get_code", lambda name: None)(spec.name)
    if code is None:
        raise ProgramError(f"{spec.name!r} cannot be run: it is not made of Python code")
    return code


def _hide_us_from(error: BaseException) -> None:
    """Have the traceback begin with the program, when Python prints it at the end."""
    traceback = error.__traceback__
    while traceback is not None and _is_ours(traceback):
        traceback = traceback.tb_next
    hook = sys.excepthook  # the program may have set one

    def excepthook(
        kind: type[BaseException], value: BaseException, whole: TracebackType | None
    ) -> None:
        if value is error:
            value, whole = value.with_traceback(traceback), traceback
        hook(kind, value, whole)

    sys.excepthook = excepthook


def _is_ours(traceback: TracebackType) -> bool:
    frame = traceback.tb_frame
    is_import = frame.f_globals.get("__name__", "").startswith("importlib")
    return is_import or frame.f_code.co_filename == _load.__code__.co_filename


if __name__ == "__main__":
    main()
