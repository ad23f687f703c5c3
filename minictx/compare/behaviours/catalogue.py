"""The catalogue: what a behaviour is, and how one gets into it."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FunctionType

from minictx.compare.kit import Kit

__all__ = ["Behaviour", "Topic"]


@dataclass(frozen=True)
class Behaviour:
    """Hold a function that tries something out on a kit, and says in a word what happened."""

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
        """Enter a function under its name."""
        key = function.__name__.replace("_", "-")
        self.behaviours.append(Behaviour(key, self.title, function))
        return function
