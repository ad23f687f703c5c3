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

# {module of Flask: that of minictx.web}
MODULES = {
    f"flask.{name}": f"minictx.web.{name}"
    for name in (
        *("app", "blueprints", "cli", "config", "ctx", "debughelpers", "globals", "helpers"),
        *("json", "logging", "sessions", "signals", "templating", "testing", "views"),
        "wrappers",
    )
} | {"flask.json.provider": "minictx.web.json", "flask.json.tag": "minictx.web.json"}

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
        pytest.fail(f"{self.__name__} is left out of MiniFlask on purpose")

    __mro_entries__ = __call__  # for a class that inherits from it


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
            module.__getattr__ = LeftOut(name).__getattr__  # type: ignore[method-assign]
    vars(web_globals).update(PRIVATE)


if __name__ == "peer_miniflask":  # as pytest loads it, before any conftest.py
    put_in_place()
