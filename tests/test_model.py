"""Real greenlets and threads use a Local and a LocalStack, in every order that comes to mind.

The model has no clever parts: a dict of dicts, as the storage looks, from which what
ends is deleted by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    rule,
    run_state_machine_as_test,
)

from minictx import Local, LocalStack, get_ident, release_local
from minictx.ident import Owners
from tests.actors import actor_kinds

SETTINGS = settings(max_examples=100, stateful_step_count=50, deadline=None)

NAMES = st.sampled_from(["user", "role", "page"])
MISSING = object()


class Here:
    """The test itself, as an actor. It lives on when it is told to die."""

    def do(self, call: Callable[[], Any]) -> Any:
        return call()

    def die(self) -> None: ...


class Actors(RuleBasedStateMachine):
    """Begin and end greenlets and threads."""

    actors: Bundle[Any] = Bundle("actors")
    # Set by the subclass:
    local: Local | LocalStack[int]
    owners: Owners

    def __init__(self) -> None:
        super().__init__()
        self.idents: dict[Any, int] = {}  # of the living
        self.model: dict[int, dict[str, Any]] = {}
        self.have_stored: set[int] = set()  # those of the living who have ever stored

    @rule(target=actors, kind=st.sampled_from([*actor_kinds(), Here]))
    def begin(self, kind: type) -> Any:
        actor = kind()
        ident = actor.do(get_ident)
        assert kind is Here or ident not in self.idents.values()
        self.idents[actor] = ident
        return actor

    @rule(actor=consumes(actors))
    def end(self, actor: Any) -> None:
        ident = self.idents.pop(actor)
        actor.die()
        if not isinstance(actor, Here):
            self.model.pop(ident, None)
            self.have_stored.discard(ident)

    def namespace(self, actor: Any) -> dict[str, Any]:
        """Return what the model has for ``actor``, to store into it."""
        ident = self.idents[actor]
        self.have_stored.add(ident)
        return self.model.setdefault(ident, {})

    def look(self, actor: Any) -> dict[str, Any]:
        """Return what the model has for ``actor``, to look at it."""
        return self.model.get(self.idents[actor], {})

    @invariant()
    def the_storage_is_that_of_the_model(self) -> None:
        assert self.local.__storage__ == self.model

    @invariant()
    def only_the_living_are_watched(self) -> None:
        watched = self.owners.watched
        assert set(watched) == self.have_stored
        assert all(ref() is not None for refs in watched.values() for ref in refs)

    def teardown(self) -> None:
        for actor in self.idents:
            actor.die()


class LocalModel(Actors):
    """Use a Local, whose model has the names of each ident."""

    def __init__(self) -> None:
        super().__init__()
        self.local = Local()
        self.owners = self.local.__owners__

    @rule(actor=Actors.actors, name=NAMES, value=st.integers())
    def set(self, actor: Any, name: str, value: int) -> None:
        actor.do(lambda: setattr(self.local, name, value))
        self.namespace(actor)[name] = value

    @rule(actor=Actors.actors, name=NAMES)
    def get(self, actor: Any, name: str) -> None:
        found = actor.do(lambda: getattr(self.local, name, MISSING))
        assert found == self.look(actor).get(name, MISSING)

    @rule(actor=Actors.actors, name=NAMES)
    def delete(self, actor: Any, name: str) -> None:
        try:
            actor.do(lambda: delattr(self.local, name))
        except AttributeError:
            assert name not in self.look(actor)
        else:
            del self.look(actor)[name]

    @rule(actor=Actors.actors)
    def iterate(self, actor: Any) -> None:
        assert actor.do(lambda: list(self.local)) == list(self.look(actor).items())

    @rule(actor=Actors.actors)
    def release(self, actor: Any) -> None:
        actor.do(lambda: release_local(self.local))
        self.model.pop(self.idents[actor], None)


class StackModel(Actors):
    """Use a LocalStack, whose model has the list of each ident."""

    def __init__(self) -> None:
        super().__init__()
        self.local = self.stack = LocalStack[int]()
        self.owners = self.stack._owners

    @rule(actor=Actors.actors, item=st.integers())
    def push(self, actor: Any, item: int) -> None:
        pushed = actor.do(lambda: list(self.stack.push(item)))
        expected = self.namespace(actor).setdefault("stack", [])
        expected.append(item)
        assert pushed == expected

    @rule(actor=Actors.actors)
    def pop(self, actor: Any) -> None:
        expected = self.look(actor).get("stack")
        assert actor.do(self.stack.pop) == (expected.pop() if expected else None)
        if not expected:
            self.model.pop(self.idents[actor], None)

    @rule(actor=Actors.actors)
    def look_at_the_top(self, actor: Any) -> None:
        expected = self.look(actor).get("stack", [None])
        assert actor.do(lambda: self.stack.top) == expected[-1]

    @rule(actor=Actors.actors)
    def release(self, actor: Any) -> None:
        actor.do(lambda: release_local(self.stack))
        self.model.pop(self.idents[actor], None)


def test_a_local_does_what_a_dict_of_dicts_does() -> None:
    run_state_machine_as_test(LocalModel, settings=SETTINGS)


def test_a_stack_does_what_a_dict_of_lists_does() -> None:
    run_state_machine_as_test(StackModel, settings=SETTINGS)
