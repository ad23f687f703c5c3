"""One script on all three kinds: where do they differ?"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Literal

import pytest

from minictx import Local, LocalStack
from minictx.stage import run
from tests.actors import greenlet, needs_greenlet

BOTH = ["alice", "bob"]
LAST = ["bob", "bob"]


class InAContextVar:
    """Keep a user as an attribute, in a context variable."""

    def __init__(self) -> None:
        self._user: ContextVar[str] = ContextVar("user")

    user = property(lambda self: self._user.get(), lambda self, value: self._user.set(value))


class Plain:
    """Keep a user for everybody."""

    user: str


def by_task() -> Local:
    return Local(ident_func=asyncio.current_task)


@pytest.mark.parametrize(
    ("make_place", "threads", "greenlets", "tasks"),
    [
        (Plain, LAST, LAST, LAST),
        (threading.local, BOTH, LAST, LAST),
        (Local, BOTH, BOTH, LAST),
        (InAContextVar, BOTH, BOTH, BOTH),
    ],
    ids=["a global", "threading.local", "Local", "a ContextVar"],
)
def test_one_script_shows_what_is_kept_apart(
    on: Any,
    make_place: Callable[[], Any],
    threads: list[str],
    greenlets: list[str],
    tasks: list[str],
) -> None:
    if make_place is Local and greenlet is None:
        greenlets = LAST
    place = make_place()

    def actor(name: str) -> Callable[[], Iterator[str]]:
        def act() -> Iterator[str]:
            place.user = name
            yield "set"
            yield place.user

        return act

    seen = run("A B A B A B", A=actor("alice"), B=actor("bob"), on=on).yielded
    expected = {"threads": threads, "greenlets": greenlets, "tasks": tasks}[on]
    assert [seen["A"][1], seen["B"][1]] == expected


def test_a_local_can_tell_tasks_apart_when_it_is_told_how() -> None:
    local = by_task()

    def actor() -> Iterator[bool]:
        yield hasattr(local, "user")
        local.user = "somebody"

    assert run("A A B B", A=actor, B=actor, on="tasks").yielded == {"A": [False], "B": [False]}


@pytest.mark.parametrize("kind", ["threads", pytest.param("greenlets", marks=needs_greenlet)])
def test_each_actor_has_its_own_stack_and_leaves_nothing(
    kind: Literal["threads", "greenlets"],
) -> None:
    stack = LocalStack[str]()

    def actor(name: str) -> Callable[[], Iterator[Any]]:
        def act() -> Iterator[Any]:
            stack.push(name)
            yield len(stack.__storage__)
            yield stack.top

        return act

    result = run("A B B B A A", A=actor("alice"), B=actor("bob"), on=kind)
    assert result.yielded == {"A": [1, "alice"], "B": [2, "bob"]}
    assert stack.__storage__ == {}


def test_the_kinds_give_the_same_result_where_the_actors_share_one_dict() -> None:
    def play(on: Any) -> Any:
        shared: dict[str, int] = {}

        def actor(name: str) -> Callable[[], Iterator[Any]]:
            def act() -> Iterator[Any]:
                for number in range(3):
                    shared[name] = shared.get("last", 0) + number
                    shared["last"] = shared[name]
                    yield dict(shared)

            return act

        order = "A B C C A B B A C A B C"
        actors: Any = {name: actor(name) for name in "ABC"}
        result = run(order, **actors, on=on)
        return result.steps, str(result)

    kinds = ["threads", "tasks"] + (["greenlets"] if greenlet else [])
    results = [play(on) for on in kinds]
    assert all(result == results[0] for result in results)
