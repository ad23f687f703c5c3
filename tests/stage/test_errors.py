from __future__ import annotations

import asyncio
import faulthandler
import sys
import threading
import traceback
import weakref
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from types import FrameType
from typing import Any

import pytest

from minictx.stage import (
    ActorError,
    BlockedError,
    KindError,
    OrderError,
    StageError,
    UnfinishedError,
    run,
)
from tests.actors import greenlet, needs_greenlet


def alice() -> Iterator[str]:
    yield "alice"


def line_of(function: Callable[..., Any], offset: int) -> str:
    """Return file, line and function as an error names them."""
    line = function.__code__.co_firstlineno + offset
    return f"test_errors.py:{line}, {function.__name__}()"


def error_of(order: Any, expected: type[BaseException] = StageError, **kwargs: Any) -> Any:
    with pytest.raises(expected) as caught:
        run(order, **kwargs)
    assert "\n" not in str(caught.value)
    return caught.value


# The order


def test_an_unknown_actor_in_the_order_is_named_before_anybody_begins(on: Any) -> None:
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
        "there is no step 3 of A: it is finished with step 2; the order so far: 'A B A'"
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
            raise RuntimeError("nobody asked for this")

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


# The kind


def test_an_unknown_kind_is_an_error() -> None:
    error = error_of("A", KindError, A=alice, on="thread")
    assert str(error) == 'there is no on=\'thread\': use "threads", "greenlets" or "tasks"'


def test_a_missing_greenlet_is_asked_for_only_where_it_is_needed(
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


def test_an_async_actor_that_raises_is_no_different() -> None:
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


def test_the_order_of_a_run_can_be_read_from_an_error_of_an_inner_run(on: Any) -> None:
    def outer() -> Iterator[None]:
        run("A", A=alice)
        yield

    error = error_of("X", UnfinishedError, X=outer, on=on)
    assert error.__notes__ == [f"raised by X in its step 1, on {on}; the order so far: 'X'"]


def test_of_a_long_order_an_error_names_the_end() -> None:
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


# An actor that blocks


def test_a_busy_actor_is_named_and_ended(on: Any) -> None:
    ended = []

    def helper() -> None:
        while True:
            pass

    def bob() -> Iterator[None]:
        yield
        try:
            helper()
        finally:
            ended.append("bob")

    error = error_of("A B B", BlockedError, A=alice, B=bob, on=on, seconds=0.25)
    lines = [line_of(helper, 1), line_of(helper, 2)]
    assert str(error) in [
        f"B does not end its step 2, on {on}, within 0.25 s: B stands at {line};"
        " the order so far: 'A B B'"
        for line in lines
    ]
    assert ended == ["bob"]
    assert not error.left_behind


def test_whoever_waits_for_a_lock_ends_when_its_holder_is_closed(on: Any) -> None:
    lock = threading.Lock()
    log = []

    def actor(name: str) -> Iterator[None]:
        with lock:
            log.append(f"{name} has it")
            yield
            log.append(f"{name} goes on")

    error = error_of(
        "A B", BlockedError, A=partial(actor, "A"), B=partial(actor, "B"), on=on, seconds=0.25
    )
    assert f"B stands at {line_of(actor, 1)}" in str(error)
    assert error.others_can_go_on is (on == "threads")
    assert not error.left_behind
    assert log == ["A has it", "B has it"]
    assert not lock.locked()


@needs_greenlet
def test_a_greenlet_that_was_closed_from_outside_is_dead_too() -> None:
    lock = threading.Lock()
    seen = []

    def actor() -> Iterator[None]:
        seen.append(greenlet.getcurrent())
        with lock:
            yield

    error_of("A B", BlockedError, A=actor, B=actor, on="greenlets", seconds=0.25)
    assert [runner.dead for runner in seen] == [True, True]


def test_an_async_actor_that_waits_for_ever_is_named_and_cancelled() -> None:
    ended = []

    async def helper() -> None:
        await asyncio.Event().wait()

    async def bob() -> AsyncIterator[None]:
        try:
            await helper()
            yield
        except asyncio.CancelledError:
            ended.append("bob")
            raise

    error = error_of("A B", BlockedError, A=alice, B=bob, on="tasks", seconds=0.25)
    assert f"B stands at {line_of(helper, 1)};" in str(error)
    assert error.others_can_go_on
    assert ended == ["bob"]


@pytest.mark.parametrize("is_last", [False, True])
def test_what_nothing_can_end_is_left_behind_and_the_error_says_so(
    on: Any, is_last: bool
) -> None:
    event = threading.Event()
    closed = []

    def stuck() -> Iterator[None]:
        yield
        event.wait()
        if not is_last:
            yield

    def bob() -> Iterator[None]:
        try:
            yield
        finally:
            closed.append("bob")

    before = set(threading.enumerate())
    error = error_of("B A A", BlockedError, A=stuck, B=bob, on=on, seconds=0.25)
    assert str(error).endswith(
        "the order so far: 'B A A'; nothing can end it: its thread is left behind"
    )
    assert f"A stands at {line_of(stuck, 2)}" in str(error)
    assert error.left_behind
    assert closed == ["bob"]
    (left,) = set(threading.enumerate()) - before
    assert left.daemon
    event.set()  # so that it does end, after all, and closes its actor then
    left.join(5)
    assert not left.is_alive()


def test_ctrl_c_while_an_actor_is_blocked_ends_the_actor(
    on: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy() -> Iterator[None]:
        while True:
            pass
        yield

    def interrupt(*_: object) -> Any:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr("minictx.stage.actor.Actor.wait", interrupt)
    error = error_of("A", KeyboardInterrupt, A=busy, on=on)
    assert not hasattr(error, "__notes__")


@needs_greenlet
def test_a_greenlet_that_switches_away_by_itself_is_told_to_yield() -> None:
    def bob() -> Iterator[None]:
        yield
        greenlet.getcurrent().parent.switch()

    error = error_of("B B", ActorError, B=bob, on="greenlets")
    assert str(error) == "B switched to its parent greenlet in a step: `yield` ends a step"


@pytest.mark.parametrize("can_end", [True, False])
def test_lines_can_be_traced_after_an_actor_was_blocked(on: Any, can_end: bool) -> None:
    # CPython 3.11 hangs where it traces lines, if it was told of an error for some thread
    # that was never raised there. A hang is ended by the dump that faulthandler makes.
    event = threading.Event()

    def blocked() -> Iterator[None]:
        while can_end and not event.is_set():
            pass
        event.wait()
        yield

    before = set(threading.enumerate())
    error_of("A", BlockedError, A=blocked, on=on, seconds=0.1)
    events: list[str] = []

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        events.append(event)
        return trace

    tracing = sys.gettrace()
    faulthandler.dump_traceback_later(30, exit=True)
    sys.settrace(trace)
    try:
        line_of(blocked, 2)
    finally:
        sys.settrace(tracing)
        faulthandler.cancel_dump_traceback_later()
        event.set()
    for left in set(threading.enumerate()) - before:
        left.join(5)
    assert "line" in events


def test_where_lines_are_traced_only_newer_pythons_end_a_busy_actor() -> None:
    stop: list[bool] = []

    def busy() -> Iterator[None]:
        while not stop:
            pass
        yield

    before, tracing = set(threading.enumerate()), sys.gettrace()
    sys.settrace(lambda *args: None)
    try:
        error = error_of("A", BlockedError, A=busy, seconds=0.1)
    finally:
        sys.settrace(tracing)
        stop.append(True)
    for left in set(threading.enumerate()) - before:
        left.join(5)
    assert error.left_behind == (sys.version_info < (3, 12))
