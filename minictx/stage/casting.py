"""Who can be an actor, and what to say to those who cannot."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

from minictx.stage.actor import Actor, ActorFunction, AsyncActor
from minictx.stage.errors import ActorError

__all__ = ["cast_actors"]


def cast_actors(functions: Mapping[str, ActorFunction], on: str) -> dict[str, Actor]:
    """Return an `Actor` for each function, and say what is wrong with one that cannot be."""
    if not functions:
        raise ActorError('there are no actors: name them, as in run("A B", A=alice, B=bob)')
    return {name: _cast(name, function, on) for name, function in functions.items()}


def _cast(name: str, function: ActorFunction, on: str) -> Actor:
    is_async = inspect.isasyncgenfunction(function)
    if inspect.isgenerator(function) or inspect.isasyncgen(function):
        raise ActorError(
            f"actor {name}: {_title(function)} was called already: give the function,"
            f" {name}={_title(function)}"
        )
    if not is_async and not inspect.isgeneratorfunction(function):
        raise ActorError(
            f"actor {name}: {_title(function)} is not a generator function: add a `yield`"
            " where a step ends (and to pass arguments, use functools.partial, not a lambda)"
        )
    if is_async and on != "tasks":
        raise ActorError(
            f'actor {name}: {_title(function)} is an async generator: use on="tasks"'
        )
    try:
        inspect.signature(function).bind()
    except TypeError as error:
        raise ActorError(
            f"actor {name}: {_title(function)} needs arguments ({error}): pass them with"
            " functools.partial"
        ) from None
    return (AsyncActor if is_async else Actor)(name, function)


def _title(function: ActorFunction) -> str:
    # A partial has no name. Its repr() is that of its arguments, too: only for an error.
    name: str | None = getattr(function, "__name__", None)
    return repr(function) if name is None else name
