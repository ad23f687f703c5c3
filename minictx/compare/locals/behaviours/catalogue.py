"""The catalogue: what a behaviour is, how to add one, and what many of them use."""

from __future__ import annotations

import ast
import gc
import inspect
import textwrap
import threading
from collections.abc import AsyncGenerator, Callable, Generator
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any
from weakref import ref

from minictx.compare.locals.implementations import Kit, NotThereError
from minictx.stage import run

__all__ = [
    "ROUNDS",
    "AsyncSteps",
    "Behaviour",
    "Steps",
    "Topic",
    "Value",
    "error_of",
    "is_gone",
    "wait_for_exit",
    "yes_or_no",
]


@dataclass(frozen=True)
class Behaviour:
    """A function that tries something out on a kit, and returns what happened in a word."""

    key: str
    topic: str
    run: Callable[[Kit], str]

    @property
    def question(self) -> str:
        """What is asked: the first paragraph of the function's docstring."""
        return " ".join((self.run.__doc__ or "").partition("\n\n")[0].split())

    @property
    def why(self) -> str:
        """Why it matters: the rest of the docstring."""
        return " ".join((self.run.__doc__ or "").partition("\n\n")[2].split())

    @property
    def code(self) -> str:
        """The source of the function, after that of the functions beside it that it calls."""
        assert isinstance(self.run, FunctionType)
        beside = [self.run.__globals__.get(name) for name in self.run.__code__.co_names]
        helpers = [
            each for each in beside if getattr(each, "__module__", "") == self.run.__module__
        ]
        return "\n\n\n".join(_code_of(each) for each in (*helpers, self.run))


def _code_of(thing: object) -> str:
    """Return the source of a function or class, without decorators and docstring."""
    source = textwrap.dedent(inspect.getsource(thing))  # type: ignore[arg-type]
    definition = ast.parse(source).body[0]
    assert isinstance(definition, ast.FunctionDef | ast.ClassDef)
    lines = source.splitlines()
    docstring = definition.body[0]
    head = lines[definition.lineno - 1 : docstring.lineno - 1]
    return "\n".join(head + lines[docstring.end_lineno :])


@dataclass
class Topic:
    """Collect the behaviours of one topic; decorate their functions with its `behaviour`.

    >>> topic = Topic("manners")
    >>> @topic.behaviour
    ... def says_please(kit: Kit) -> str:
    ...     '''Does it say please?
    ...
    ...     It should.
    ...     '''
    ...     return "no"
    >>> topic.behaviours[0].key, topic.behaviours[0].question, topic.behaviours[0].why
    ('says-please', 'Does it say please?', 'It should.')
    """

    title: str
    behaviours: list[Behaviour] = field(default_factory=list)

    def behaviour(self, function: Callable[[Kit], str]) -> Callable[[Kit], str]:
        """Add a function under its name."""
        key = function.__name__.replace("_", "-")
        self.behaviours.append(Behaviour(key, self.title, function))
        return function


ROUNDS = 1000  # far more than it takes; the system decides

Steps = Generator[Any, None, Any]  # what an actor is: it yields where a step ends
AsyncSteps = AsyncGenerator[Any, None]


class Value:
    """An object that a weak reference can watch, unlike a str."""


def yes_or_no(truth: object) -> str:
    """Return "yes" or "no"."""
    return "yes" if truth else "no"


def error_of(function: Callable[[], Any]) -> str:
    """Return the name of the error that a call raises, or "" if it raises none.

    >>> error_of(lambda: 1 / 0), error_of(lambda: 1)
    ('ZeroDivisionError', '')
    """
    try:
        function()
    except NotThereError:
        raise
    except Exception as error:
        return type(error).__name__
    return ""


def is_gone(watched: ref[Any]) -> bool:
    """Collect garbage, and return whether the object is freed."""
    for _ in range(5):  # what one round frees may have kept something else
        if watched() is None:
            return True
        gc.collect()
    return watched() is None


def wait_for_exit(number: int) -> None:
    """Wait until the system has finished with a thread that ended, and reuses its number.

    Until Python 3.13, ``join`` returns a little earlier than that, and greenlet clears up
    after it.
    """

    def look() -> Steps:
        yield threading.get_ident()

    crowd: Any = {f"thread{count}": look for count in range(20)}
    for _ in range(ROUNDS):
        if [number] in run([*crowd, *crowd], **crowd).yielded.values():
            return
