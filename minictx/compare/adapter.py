"""A ContextVar, made to look like a Local: the least that it takes."""

from __future__ import annotations

from contextvars import ContextVar, copy_context
from typing import Any

__all__ = ["ContextVarLocal"]


class ContextVarLocal:
    """Keep each attribute in a ContextVar of its own.

    >>> local = ContextVarLocal()
    >>> local.user = "alice"
    >>> local.user
    'alice'

    A ContextVar has no way to be deleted; `ContextVar.reset` gives it its former value.
    """

    __slots__ = ("__vars",)

    __vars: dict[str, ContextVar[Any]]

    def __init__(self) -> None:
        object.__setattr__(self, "_ContextVarLocal__vars", {})

    def __setattr__(self, name: str, value: Any) -> None:
        self.__vars.setdefault(name, ContextVar(name)).set(value)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__vars[name].get()
        except LookupError:
            raise AttributeError(f"no ContextVar {name!r} is set in this context") from None

    def __items__(self) -> list[tuple[str, Any]]:
        context = copy_context()
        return [(name, context[var]) for name, var in self.__vars.items() if var in context]
