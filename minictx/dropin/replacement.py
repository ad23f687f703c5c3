"""Answer ``import werkzeug.local`` with a module that is made of minictx's names."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from types import FunctionType, ModuleType, TracebackType

from minictx.dropin import werkzeug_local
from minictx.dropin.children.sitecustomize import VARIABLE, Inherited
from minictx.dropin.code import forget_code, load_code
from minictx.dropin.werkzeug_local import Storage, names_of
from minictx.errors import MinictxError

__all__ = ["AlreadyImportedError", "Installation", "install"]

TARGET = "werkzeug.local"
HOOK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "children")


class AlreadyImportedError(MinictxError, RuntimeError):
    """Say which modules imported ``werkzeug.local`` before it could be replaced."""


def install(
    storage: Storage = "ident", *, code: str | os.PathLike[str] | None = None
) -> Installation:
    """Have every later ``import werkzeug.local`` find minictx.

    Call it before anything imports Flask or werkzeug's wrappers. ``storage`` tells what the
    Local and the LocalStack are built on: a dict by "ident", or a "contextvar". ``code`` is
    a folder whose ``local.py``, ``stack.py`` and ``proxy.py`` are used instead of minictx's.

    Processes that this one starts with the same Python find minictx too, such as the child
    of a reloader or of multiprocessing. Environment variables tell them so: a child that gets
    an environment of its own, or runs with -I, -E or -S, has werkzeug's.

    Raise AlreadyImportedError if it has been imported already, and CodeError if something is
    missing in the folder.
    """
    if TARGET in sys.modules:
        raise AlreadyImportedError(_who_has_it())
    return Installation(storage, None if code is None else os.path.abspath(code))


class Installation:
    """minictx in the place of ``werkzeug.local``, until `undo`, or the end of a ``with``."""

    def __init__(self, storage: Storage, code: str | None) -> None:
        self._before = set(sys.modules)
        self._code = code
        self._names = names_of(storage)
        if code is not None:
            self._names |= load_code(code)
        # What the program itself asks for replaces what its parent asked for.
        sys.meta_path[:] = [each for each in sys.meta_path if not _is_inherited(each)]
        sys.meta_path.insert(0, self)
        _tell_children(storage, code)

    def undo(self) -> None:
        """Give ``werkzeug.local`` its place back, for every import from now on.

        Packages that took something of minictx from it meanwhile, as werkzeug and Flask do,
        are forgotten: the next import loads them anew. So are the modules in the folder of
        ``code``. What was made of them before stays as it is, and so do other modules that
        have imported them.
        """
        if self not in sys.meta_path:
            return
        sys.meta_path.remove(self)
        _tell_children_nothing()
        packages = {name.partition(".")[0] for name in (TARGET, *_holders())}
        for name in sys.modules.keys() - self._before:
            if name.partition(".")[0] in packages:
                del sys.modules[name]
        if self._code is not None:
            forget_code(self._code, self._before)
        werkzeug = sys.modules.get("werkzeug")
        if werkzeug is not None:  # it was there before, without its `local`
            vars(werkzeug).pop("local", None)

    def __enter__(self) -> Installation:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.undo()

    # What Python's import asks a finder, and then a loader.

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return how to load ``werkzeug.local``; of other modules, nothing is known."""
        if name != TARGET:
            return None
        return spec_from_file_location(name, werkzeug_local.__file__, loader=self)  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Have Python make an empty module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill it with the names."""
        vars(module).update(
            self._names, __all__=list(self._names), __doc__=werkzeug_local.__doc__
        )


# A child process runs `children/sitecustomize.py` as it starts, which reads what is told here.


def _tell_children(storage: Storage, code: str | None) -> None:
    wish = {"prefix": sys.prefix, "storage": storage, "code": code}
    os.environ[VARIABLE] = json.dumps(wish)
    os.environ["PYTHONPATH"] = os.pathsep.join([HOOK, *_python_path()])
    if sys.flags.ignore_environment or sys.flags.no_site:
        print(
            "minictx.dropin: this Python runs with -I, -E or -S: processes that it starts"
            " will have werkzeug's own werkzeug.local",
            file=sys.stderr,
        )


def _tell_children_nothing() -> None:
    os.environ.pop(VARIABLE, None)
    os.environ["PYTHONPATH"] = os.pathsep.join(_python_path())
    if not os.environ["PYTHONPATH"]:
        del os.environ["PYTHONPATH"]


def _python_path() -> list[str]:
    entries = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [entry for entry in entries if entry and entry != HOOK]


def _is_inherited(finder: object) -> bool:
    # Not isinstance: in a child, the class comes from a module of another name.
    return type(finder).__name__ == Inherited.__name__ and hasattr(finder, "is_of_minictx")


def _who_has_it() -> str:
    module = sys.modules[TARGET]
    if isinstance(module.__spec__ and module.__spec__.loader, Installation):
        return "minictx is in the place of werkzeug.local already: undo() that first"
    holders = ", ".join(_holders()[:3])
    return (
        f"werkzeug.local is imported already{holders and f', by {holders}'}: call"
        " minictx.dropin.install() before that, or run the whole program with python -m"
        " minictx.dropin"
    )


def _holders() -> list[str]:
    """Return the modules that have ``werkzeug.local``, or something that is defined in it."""
    module = sys.modules.get(TARGET)
    if module is None:
        return []
    names = getattr(module, "__all__", None) or [
        name for name, value in vars(module).items() if _is_defined_in(module, value)
    ]
    own = {id(module), *(id(vars(module)[name]) for name in names)}
    return sorted(
        name
        for name, each in list(sys.modules.items())
        if isinstance(each, ModuleType)
        and name not in ("werkzeug", TARGET)
        and name.partition(".")[0] != "minictx"
        and any(id(value) in own for value in list(vars(each).values()))
    )


def _is_defined_in(module: ModuleType, value: object) -> bool:
    return isinstance(value, type | FunctionType) and value.__module__ == module.__name__
