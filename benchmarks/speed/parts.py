"""What single steps cost, to see why an operation costs what it does."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from greenlet import getcurrent

from minictx import get_ident
from speed.turns import compare, timer

__all__ = ["measure_parts"]


class Falls:
    """Have no attribute but those that ``__getattr__`` makes."""

    def __getattr__(self, name: str) -> int:
        return 1


def _raises() -> None:
    raise RuntimeError("unbound")


def _catches() -> str:
    try:
        _raises()
    except RuntimeError:
        return "unbound"
    return "bound"


def measure_parts(rounds: int) -> dict[str, Any]:
    """Time each step, in turn: {what it is: times}."""
    var = ContextVar("user", default="alice")
    names = {
        "getcurrent": getcurrent,
        "var": var,
        "get_ident": get_ident,
        "falls": Falls(),
        "catches": _catches,
    }
    statements = {
        "ContextVar.get()": "var.get()",
        "greenlet.getcurrent()": "getcurrent()",
        "id(greenlet.getcurrent())": "id(getcurrent())",
        "get_ident()": "get_ident()",
        "make and drop {'stack': []}": "{'stack': []}",
        "an attribute from __getattr__": "falls.name",
        "raise an error, and catch it outside": "catches()",
    }
    timers = {title: timer(statement, names) for title, statement in statements.items()}
    return compare(timers, rounds)
