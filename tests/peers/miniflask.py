"""A pytest plugin: ``import flask`` gives MiniFlask, to run Flask's own tests on it.

What Flask has and MiniFlask has not can still be imported, as tests do at the top of a file.
A test that uses it fails, and says what it was.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, NoReturn

import pytest

import minictx.web
from minictx import LocalProxy
from minictx.web import globals as web_globals
from minictx.web import json as web_json
from minictx.web.left_out import NAMES

# {module of Flask: that of minictx.web}
MODULES = {
    f"flask.{name}": f"minictx.web.{name}"
    for name in (
        *("app", "blueprints", "cli", "config", "ctx", "debughelpers", "globals", "helpers"),
        *("json", "logging", "sessions", "signals", "templating", "testing", "views"),
        "wrappers",
    )
}
# What is in one module here, and in more in Flask.
MOVED: dict[str, dict[str, Any]] = {
    "flask.json.provider": {"DefaultJSONProvider": web_json.DefaultJSONProvider},
    "flask.json.tag": {"TaggedJSONSerializer": web_json.TaggedJSONSerializer},
}
# What the tests look at, under the names that today's Flask has for it.
PRIVATE: dict[str, Any] = {
    "request_ctx": LocalProxy(web_globals._request_ctx_stack),
    "app_ctx": LocalProxy(web_globals._app_ctx_stack),
}


class LeftOut(ModuleType):
    """Stand for what MiniFlask has not: a module, or what is in one."""

    __path__ = []  # noqa: RUF012  # it may have modules below it

    def __getattr__(self, name: str) -> LeftOut:
        if name.startswith("__"):
            raise AttributeError(name)
        return LeftOut(f"{self.__name__}.{name}")

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        what = "a private name of Flask" if "._" in self.__name__ else "left out of MiniFlask"
        pytest.fail(f"{self.__name__} is {what}")

    __mro_entries__ = __call__  # for a class that inherits from it


class Ask:
    """Give a module's names to those who import them, and stand-ins for what it leaves out."""

    def __init__(self, module: str) -> None:
        self._module = module

    def __call__(self, name: str) -> LeftOut:
        if name in NAMES or (name.startswith("_") and not name.startswith("__")):
            return LeftOut(f"{self._module}.{name}")
        raise AttributeError(f"{self._module} has no {name}")


def put_in_place() -> None:
    """Make minictx.web known as flask, and its modules as those of Flask."""
    sys.modules["flask"] = minictx.web
    for name, ours in MODULES.items():
        try:
            sys.modules[name] = importlib.import_module(ours)
        except ImportError:
            sys.modules[name] = LeftOut(name)
    for name in ("flask", *MODULES):
        module = sys.modules[name]
        if not isinstance(module, LeftOut):
            module.__getattr__ = Ask(name)  # type: ignore[method-assign]
    for name, moved in MOVED.items():
        sys.modules[name] = LeftOut(name)
        vars(sys.modules[name]).update(moved)
    vars(web_globals).update(PRIVATE)


if __name__ == "peer_miniflask":  # as pytest loads it, before any conftest.py
    put_in_place()
