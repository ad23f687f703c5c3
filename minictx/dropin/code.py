"""Take ``local.py``, ``stack.py`` and ``proxy.py`` from a folder: a student's own."""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Iterator, Set
from types import ModuleType
from typing import Any

from minictx.errors import MinictxError

__all__ = ["CodeError", "forget_code", "load_code"]

# {module: {class: what werkzeug and Flask use of it}}
NEEDED = {
    "local": {
        "Local": "__getattr__ __setattr__ __delattr__ __iter__ __call__ __release_local__",
    },
    "stack": {"LocalStack": "push pop top __call__ __release_local__"},
    "proxy": {
        "LocalProxy": (
            "__getattr__ __setattr__ __delattr__ __dir__ __call__ __bool__ __str__ __repr__"
            " __eq__ __hash__ __len__ __iter__ __contains__ __getitem__ __setitem__"
            " __delitem__ __enter__ __exit__ _get_current_object"
        ),
    },
}


class CodeError(MinictxError):
    """Say in one line what is missing in the folder, or wrong with it."""


def load_code(folder: str | os.PathLike[str]) -> dict[str, Any]:
    """Return the three classes, and ``release_local``, that the files in ``folder`` define.

    The files may import each other: ``from proxy import LocalProxy``. So the folder is put on
    ``sys.path``; `forget_code` takes it off. After a CodeError, nothing stays loaded.
    """
    folder = os.path.abspath(folder)
    if not os.path.isdir(folder):
        raise CodeError(f"there is no folder {folder!r}: name the one that has local.py")
    absent = [f"{name}.py" for name in NEEDED if not _is_file(folder, name)]
    if absent:
        raise CodeError(f"{folder} has no {', no '.join(absent)}")
    before = set(sys.modules)
    sys.path.insert(0, folder)
    importlib.invalidate_caches()  # the files may be newer than what Python knows of the folder
    try:
        return _find_classes(folder)
    except BaseException:
        forget_code(folder, before)
        raise


def forget_code(folder: str | os.PathLike[str], before: Set[str]) -> None:
    """Undo `load_code`: forget the folder's modules, but for those that were there before."""
    folder = os.path.abspath(folder)
    if folder in sys.path:
        sys.path.remove(folder)
    for name in sys.modules.keys() - before:
        file = getattr(sys.modules[name], "__file__", None)
        if file and file.startswith(os.path.join(folder, "")):
            del sys.modules[name]


def _find_classes(folder: str) -> dict[str, Any]:
    modules = {name: _import(folder, name) for name in NEEDED}
    if missing := list(_missing_in(modules)):
        raise CodeError(f"in {folder}: {'; '.join(missing)}")
    found = {cls: vars(modules[name])[cls] for name in NEEDED for cls in NEEDED[name]}
    return {**found, "release_local": modules["local"].release_local}


def _is_file(folder: str, name: str) -> bool:
    return os.path.isfile(os.path.join(folder, f"{name}.py"))


def _import(folder: str, name: str) -> ModuleType:
    path = os.path.join(folder, f"{name}.py")
    try:
        module = importlib.import_module(name)
    except SyntaxError as error:
        raise CodeError(f"{error.filename}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        frame = traceback.extract_tb(error.__traceback__)[-1]
        raise CodeError(
            f"{frame.filename}, line {frame.lineno}: {type(error).__name__}: {error}"
        ) from error
    if module.__file__ != path:
        raise CodeError(
            f"a module {name!r} is there already, from {module.__file__}: {path} is not read"
        )
    return module


def _missing_in(modules: dict[str, ModuleType]) -> Iterator[str]:
    for name, classes in NEEDED.items():
        for title, members in classes.items():
            cls = getattr(modules[name], title, None)
            if not isinstance(cls, type):
                yield f"{name}.py has no class {title}"
                continue
            absent = [member for member in members.split() if not _has(cls, member)]
            if absent:
                yield f"{name}.py: {title} has no {', '.join(absent)}"
    if not callable(getattr(modules["local"], "release_local", None)):
        yield "local.py has no function release_local"


def _has(cls: type, member: str) -> bool:
    # What every class inherits from object, such as __eq__, does not forward anything.
    if member == "__getattr__" and _has(cls, "__getattribute__"):
        return True  # the other way to read all attributes
    return any(vars(base).get(member) is not None for base in cls.__mro__ if base is not object)
