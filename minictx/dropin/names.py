"""What a complete ``werkzeug.local`` has: the names of minictx that stand for its own."""

from __future__ import annotations

from contextvars import ContextVar
from importlib import metadata
from typing import Any, Literal

import minictx
import minictx.contextual
from minictx.dropin.versions import makes_proxies, takes_context_var, wraps_functions

__all__ = ["STORAGES", "Storage", "names_of"]

Storage = Literal["ident", "contextvar"]
STORAGES: tuple[Storage, ...] = ("ident", "contextvar")


def names_of(storage: Storage) -> dict[str, Any]:
    """Return ``{name: object}`` of the ``werkzeug.local`` that is built on ``storage``.

    >>> sorted(names_of("contextvar"))
    ['Local', 'LocalManager', 'LocalProxy', 'LocalStack', 'release_local']
    """
    if storage not in STORAGES:
        raise ValueError(f"storage is {storage!r}: choose one of {', '.join(STORAGES)}")
    contexts = minictx.contextual if storage == "contextvar" else minictx
    names = {
        "Local": contexts.Local,
        "LocalManager": minictx.LocalManager,
        "LocalProxy": minictx.LocalProxy,
        "LocalStack": contexts.LocalStack,
        "release_local": minictx.release_local,
    }
    return names | _special_names(names, storage, _werkzeug_version())


def _special_names(
    names: dict[str, Any], storage: Storage, version: tuple[int, ...]
) -> dict[str, Any]:
    """Return the names that not every version of werkzeug has, or has in this way."""
    special: dict[str, Any] = {}
    if version < (2, 1):
        special["get_ident"] = minictx.get_ident
    if version < (2, 2):
        special["LocalProxy"] = proxy = wraps_functions(names["LocalProxy"])
        for name in ("Local", "LocalStack"):
            special[name] = makes_proxies(names[name], proxy)
    elif storage == "ident":
        for name in ("Local", "LocalStack"):
            special[name] = takes_context_var(names[name])
    if version == (2, 0):
        special["ContextVar"] = ContextVar  # Flask 2.0 takes it from there
    return special


def _werkzeug_version() -> tuple[int, ...]:
    major, minor = metadata.version("werkzeug").split(".")[:2]
    return int(major), int(minor)
