"""The context-locals that are laid side by side.

A kit has what one library offers. Libraries that have a Local only have no stack and no
proxy. A ContextVar is no Local: it says by itself what each operation looks like.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

__all__ = ["KITS", "Kit"]


@dataclass(frozen=True)
class Kit:
    """What one library offers: its classes, and what to write where it has none."""

    local: Callable[[], Any]
    stack: Callable[[], Any] | None = None
    release: Callable[[Any], None] | None = None
    statements: dict[str, str] = field(default_factory=dict)  # {operation: what to time}
    is_local: bool = True


def minictx_kit() -> Kit:
    """Return the Local and LocalStack of minictx."""
    from minictx import Local, LocalStack, release_local

    return Kit(Local, LocalStack, release_local)


def contextual_kit() -> Kit:
    """Return those of minictx over contextvars."""
    from minictx import release_local
    from minictx.contextual import Local, LocalStack

    return Kit(Local, LocalStack, release_local)


def werkzeug_kit() -> Kit:
    """Return those of the werkzeug that is installed, whatever its version is."""
    from werkzeug.local import Local, LocalStack, release_local

    return Kit(Local, LocalStack, release_local)


def threading_kit() -> Kit:
    """Return threading.local, which knows nothing of greenlets."""
    return Kit(threading.local)


def gevent_kit() -> Kit:
    """Return gevent's local, which is compiled to C."""
    from gevent.local import local

    return Kit(local)


def asgiref_kit() -> Kit:
    """Return asgiref's Local, for threads and tasks."""
    from asgiref.local import Local

    return Kit(Local)


def contextvar_kit() -> Kit:
    """Return a bare ContextVar: what Python itself offers."""
    statements = {
        "get": "local.get()",
        "set": "local.set('alice')",
        "miss": "local.get(None)",
    }
    return Kit(lambda: ContextVar("user"), statements=statements, is_local=False)


# {name in the tables: (the package that it is in, what makes the kit)}
KITS: dict[str, tuple[str | None, Callable[[], Kit]]] = {
    "minictx": (None, minictx_kit),
    "minictx.contextual": (None, contextual_kit),
    "werkzeug": ("werkzeug", werkzeug_kit),
    "threading.local": (None, threading_kit),
    "gevent.local": ("gevent", gevent_kit),
    "asgiref.Local": ("asgiref", asgiref_kit),
    "ContextVar": (None, contextvar_kit),
}


def load() -> dict[str, Kit]:
    """Return all kits that this environment has; werkzeug's name gets its version."""
    kits = {}
    for name, (package, make) in KITS.items():
        try:
            kit = make()
        except ImportError:
            continue
        if package == "werkzeug":
            name = f"werkzeug {version(package)}"
        kits[name] = kit
    return kits
