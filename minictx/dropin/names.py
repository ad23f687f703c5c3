"""What a complete ``werkzeug.local`` has: the names of minictx that stand for its own."""

from __future__ import annotations

from importlib import metadata
from typing import Any, Literal

import minictx
import minictx.contextual

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
    if _werkzeug_version() < (2, 1):
        names["get_ident"] = minictx.get_ident
    return names


def _werkzeug_version() -> tuple[int, ...]:
    major, minor = metadata.version("werkzeug").split(".")[:2]
    return int(major), int(minor)
