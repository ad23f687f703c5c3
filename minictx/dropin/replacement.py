"""Answer ``import werkzeug.local`` with a module that is made of minictx's names."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import FunctionType, ModuleType, TracebackType
from typing import Any

from minictx.dropin.code import load_code
from minictx.dropin.names import Storage, names_of

__all__ = ["AlreadyImportedError", "Installation", "install"]

TARGET = "werkzeug.local"


class AlreadyImportedError(RuntimeError):
    """Say who has imported ``werkzeug.local`` before it could be replaced."""


def install(
    storage: Storage = "ident", *, code: str | os.PathLike[str] | None = None
) -> Installation:
    """Have every later ``import werkzeug.local`` find minictx.

    Call it before anything imports Flask or werkzeug's wrappers. ``storage`` tells what the
    Local and the LocalStack are built on: a dict by "ident", or a "contextvar". ``code`` is
    a folder whose ``local.py``, ``stack.py`` and ``proxy.py`` are used instead of minictx's.

    Raise AlreadyImportedError where somebody has it already, and CodeError where something
    is missing in the folder.
    """
    if TARGET in sys.modules:
        raise AlreadyImportedError(_who_has_it())
    names = names_of(storage)
    if code is not None:
        names |= load_code(code)
    return Installation(names, os.fspath(code) if code is not None else storage)


class Installation:
    """minictx in the place of ``werkzeug.local``, until `undo`, or the end of a ``with``."""

    def __init__(self, names: dict[str, Any], origin: str) -> None:
        self._names, self._origin = names, origin
        self._before = set(sys.modules)
        sys.meta_path.insert(0, self)

    def undo(self) -> None:
        """Give ``werkzeug.local`` its place back, for whoever imports it from now on.

        Packages that took something of minictx from it meanwhile, as werkzeug and Flask do,
        are forgotten: the next import loads them anew. What was made of them before stays
        as it is, and so do other modules that have imported them.
        """
        if self not in sys.meta_path:
            return
        sys.meta_path.remove(self)
        packages = {name.partition(".")[0] for name in (TARGET, *_holders())}
        for name in sys.modules.keys() - self._before:
            if name.partition(".")[0] in packages:
                del sys.modules[name]
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
        return ModuleSpec(name, self, origin=f"minictx.dropin: {self._origin}")  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> None:
        """Have Python make an empty module."""

    def exec_module(self, module: ModuleType) -> None:
        """Fill it with the names."""
        vars(module).update(self._names, __all__=list(self._names), __doc__=install.__doc__)


def _who_has_it() -> str:
    module = sys.modules[TARGET]
    if isinstance(module.__spec__ and module.__spec__.loader, Installation):
        return "minictx is in the place of werkzeug.local already: undo() that first"
    who = ", ".join(_holders()[:3]) or "somebody"
    return (
        f"werkzeug.local is imported already, by {who}: call minictx.dropin.install() before"
        " that, or run the whole program with python -m minictx.dropin"
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
