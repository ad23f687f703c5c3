from __future__ import annotations

import asyncio
import sys
import traceback
import weakref
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import pytest

from minictx.stage import (
    ActorError,
    KindError,
    OrderError,
    UnfinishedError,
    run,
)
from tests.actors import greenlet, needs_greenlet
from tests.stage.conftest import error_of, line_of


def alice() -> Iterator[str]:
    yield "alice"


# The order


def test_an_unknown_actor_in_the_order_is_named_before_any_begins(on: Any) -> None:
    began = []

    def actor() -> Iterator[None]:
        began.append(True)
        yield

    error = error_of("A B A", A=actor, C=actor, on=on)
    assert type(error) is OrderError
    assert str(error) == "the order names 'B': the actors are A, C"
    assert began == []


def test_a_step_for_a_finished_actor_is_an_error(on: Any) -> None:
    error = error_of("A B A A", A=alice, B=alice, on=on)
    assert type(error) is OrderError
    assert str(error) == (
        "there is no step 3 of A: it finished with step 2; the order so far: 'A B A'"
    )


def test_an_order_that_leaves_actors_unfinished_says_where_they_stand(on: Any) -> None:
    error = error_of("A A B", A=alice, B=alice, C=alice, on=on)
    assert type(error) is UnfinishedError
    assert str(error) == (
        f"the order 'A A B' ends too early: B stands at {line_of(alice, 1)}; C has not begun"
    )


def test_where_it_stands_is_the_innermost_of_nested_generators(on: Any) -> None:
    def inner() -> Iterator[None]:
        yield

    def outer() -> Iterator[None]:
        yield from inner()

    assert f"A stands at {line_of(inner, 1)}" in str(error_of("A", A=outer, on=on))


@pytest.mark.parametrize("order", ["", " \n", []])
def test_an_empty_order_is_an_error(on: Any, order: Any) -> None:
    error = error_of(order, A=alice, on=on)
    assert str(error) == 'the order is empty: say who takes a step when, as in "A B A B"'


# The actors


def test_a_run_without_actors_is_an_error(on: Any) -> None:
    assert str(error_of("A", on=on)).startswith("there are no actors: name them, as in run(")


async def coroutine() -> None: ...


@pytest.mark.parametrize(
    ("actor", "title"),
    [(lambda: alice(), "<lambda>"), (print, "print"), (coroutine, "coroutine"), (3, "3")],
)
def test_what_is_not_a_generator_function_is_not_called(
    on: Any, actor: Any, title: str
) -> None:
    error = error_of("A", ActorError, A=actor, on=on)
    assert str(error) == (
        f"actor A: {title} is not a generator function: add a `yield` where a step ends"
        " (and to pass arguments, use functools.partial, not a lambda)"
    )


def test_the_arguments_of_a_partial_are_not_looked_at(on: Any) -> None:
    class NoRepr:
        def __repr__(self) -> str:
            raise RuntimeError("the repr was asked for")

    def actor(argument: object) -> Iterator[None]:
        yield

    run("A A", A=partial(actor, NoRepr()), on=on)


def test_a_generator_that_was_called_already_is_refused(on: Any) -> None:
    generator: Any = alice()
    error = error_of("A", ActorError, A=generator, on=on)
    assert str(error) == "actor A: alice was called already: give the function, A=alice"
    generator.close()


async def async_alice() -> AsyncIterator[None]:
    yield


@pytest.mark.parametrize("on", ["threads", pytest.param("greenlets", marks=needs_greenlet)])
def test_an_async_generator_needs_tasks(on: str) -> None:
    error = error_of("A", ActorError, A=async_alice, on=on)
    assert str(error) == 'actor A: async_alice is an async generator: use on="tasks"'


def test_an_actor_that_needs_arguments_is_told_how_to_get_them(on: Any) -> None:
    def actor(name: str) -> Iterator[None]:
        yield

    error = error_of("A", ActorError, A=actor, on=on)
    assert str(error) == (
        "actor A: actor needs arguments (missing a required argument: 'name'):"
        " pass them with functools.partial"
    )


@needs_greenlet
def test_a_greenlet_that_switches_away_by_itself_is_told_to_yield() -> None:
    def bob() -> Iterator[None]:
        yield
        greenlet.getcurrent().parent.switch()

    error = error_of("B B", ActorError, B=bob, on="greenlets")
    assert str(error) == "B switched to its parent greenlet in a step: `yield` ends a step"


# The kind


def test_an_unknown_kind_is_an_error() -> None:
    error = error_of("A", KindError, A=alice, on="thread")
    assert str(error) == 'there is no on=\'thread\': use "threads", "greenlets" or "tasks"'


def test_greenlet_is_needed_only_for_greenlets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "greenlet", None)
    error = error_of("A A", KindError, A=alice, on="greenlets")
    assert str(error) == 'on="greenlets" needs greenlet: pip install greenlet'
    assert run("A A", A=alice).yielded == run("A A", A=alice, on="tasks").yielded


# An actor that raises


@pytest.mark.parametrize(
    "exception",
    [
        AssertionError("no"),
        ValueError("no"),
        StopIteration("no"),
        SystemExit(3),
        KeyboardInterrupt(),
        GeneratorExit("no"),
        asyncio.CancelledError("no"),
    ],
    ids=repr,
)
def test_what_an_actor_raises_is_raised_with_a_note(on: Any, exception: Any) -> None:
    def bob() -> Iterator[None]:
        yield
        raise exception

    is_stop = isinstance(exception, StopIteration)  # Python makes a RuntimeError of that
    with pytest.raises(RuntimeError if is_stop else type(exception)) as caught:
        run("A B B", A=alice, B=bob, on=on)
    assert is_stop or caught.value is exception
    assert caught.value.__notes__ == [
        f"raised by B in its step 2, on {on}; the order so far: 'A B B'"
    ]
    exception.__dict__.clear()  # pytest reuses it


def test_what_an_async_actor_raises_is_raised_with_a_note_too() -> None:
    async def bob() -> AsyncIterator[None]:
        yield
        await asyncio.sleep(0)
        raise ValueError("no")

    error = error_of("A B B", ValueError, A=alice, B=bob, on="tasks")
    assert error.__notes__ == ["raised by B in its step 2, on tasks; the order so far: 'A B B'"]
    assert traceback.extract_tb(error.__traceback__)[-1].name == "bob"


def test_the_traceback_ends_with_the_line_that_raised(on: Any) -> None:
    def helper() -> None:
        raise ValueError("no")

    def bob() -> Iterator[None]:
        yield
        helper()

    error = error_of("B B", ValueError, B=bob, on=on)
    names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert names == ["error_of", "run", "step", "bob", "helper"]


def test_an_error_of_a_run_inside_a_run_names_the_outer_order(on: Any) -> None:
    def outer() -> Iterator[None]:
        run("A", A=alice)
        yield

    error = error_of("X", UnfinishedError, X=outer, on=on)
    assert error.__notes__ == [f"raised by X in its step 1, on {on}; the order so far: 'X'"]


def test_an_error_names_the_end_of_a_long_order() -> None:
    def actor() -> Iterator[None]:
        for _ in range(500):
            yield

    error = error_of(["A"] * 500 + ["B"] * 3, A=actor, B=alice)
    assert str(error).endswith(f"the order so far: '... {'A ' * 38}B B'")


def test_an_error_is_freed_with_all_that_its_actors_held(on: Any, no_gc: None) -> None:
    class MistakeError(Exception):
        pass

    def bob() -> Iterator[None]:
        raise MistakeError
        yield

    try:
        run("A B", A=alice, B=bob, on=on)
    except MistakeError as error:
        watch = weakref.ref(error)
    assert watch() is None
