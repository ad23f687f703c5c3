from __future__ import annotations

import asyncio
import faulthandler
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any

import pytest

from minictx.stage import BlockedError, StageError, UnclosedError, UnfinishedError, run
from minictx.stage.actors import refused
from tests.actors import greenlet, needs_greenlet
from tests.stage.conftest import error_of, line_of


def alice() -> Iterator[str]:
    yield "alice"


def raises() -> Iterator[None]:
    yield
    raise ValueError("no")


def test_all_actors_are_closed_when_one_raises(on: Any) -> None:
    log = []

    def actor() -> Iterator[None]:
        try:
            yield
            yield
        finally:
            log.append(threading.get_ident())

    with pytest.raises(ValueError, match="no"):
        run("A B C C", A=actor, B=actor, C=raises, on=on)
    assert len(log) == 2
    assert len(set(log)) == (2 if on == "threads" else 1)
    assert threading.get_ident() not in log


def test_an_actor_that_has_not_begun_never_does(on: Any) -> None:
    began = []

    def actor() -> Iterator[None]:
        began.append(True)
        yield

    with pytest.raises(ValueError, match="no"):
        run("C C A", A=actor, C=raises, on=on)
    assert began == []


def test_an_async_actor_may_await_while_it_is_closed() -> None:
    log = []

    async def alice() -> AsyncIterator[None]:
        try:
            yield
        finally:
            await asyncio.sleep(0)
            log.append("closed")

    with pytest.raises(ValueError, match="no"):
        run("A C C", A=alice, C=raises, on="tasks")
    assert log == ["closed"]


def test_a_task_that_an_actor_leaves_is_cancelled() -> None:
    log = []

    async def helper() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            log.append("cancelled")

    async def alice() -> AsyncIterator[None]:
        alice.task = asyncio.create_task(helper())  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        yield

    run("A A", A=alice, on="tasks")
    assert log == ["cancelled"]


# Actors that refuse to be closed


def yields_in_finally() -> Iterator[None]:
    try:
        yield
    finally:
        yield


def ignores_its_closing() -> Iterator[None]:
    while True:
        with suppress(GeneratorExit):
            yield


def ignores_everything() -> Iterator[None]:
    while not let_go:
        with suppress(BaseException):
            yield


async def async_yields_in_finally() -> AsyncIterator[None]:
    try:
        yield
    finally:
        yield


async def async_ignores_everything() -> AsyncIterator[None]:
    while not let_go:
        with suppress(BaseException):
            yield


let_go: list[bool] = []


def teardown_module() -> None:
    """Let them end: otherwise they would complain when Python exits."""

    async def run_to_the_end(generator: AsyncIterator[None]) -> None:
        async for _ in generator:
            pass

    let_go.append(True)
    for generator in refused:
        if isinstance(generator, AsyncIterator):
            asyncio.run(run_to_the_end(generator))
        else:
            list(generator)
    refused.clear()


SWALLOWED = "A yields when it is closed: do not yield in `finally` or `except GeneratorExit`"
Swallower = Callable[[], Iterator[None]]
SWALLOWERS = [yields_in_finally, ignores_its_closing, ignores_everything]


@pytest.mark.parametrize("actor", SWALLOWERS)
def test_an_actor_that_swallows_its_closing_is_named(on: Any, actor: Swallower) -> None:
    kept = len(refused)
    with pytest.raises(UnclosedError) as caught:
        run("A", A=actor, on=on)
    assert str(caught.value) == SWALLOWED
    assert isinstance(caught.value.__cause__, UnfinishedError)
    # Only a generator that nothing can close is kept suspended.
    assert len(refused) == kept + (actor is ignores_everything)


@pytest.mark.parametrize("actor", [async_yields_in_finally, async_ignores_everything])
def test_an_async_actor_that_swallows_its_closing_is_named(
    actor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UnclosedError, match="A yields when it is closed"):
        run("A", A=actor, on="tasks")
    assert caplog.messages == []


@pytest.mark.parametrize("actor", SWALLOWERS)
def test_what_an_actor_raises_is_more_important_than_a_swallowed_closing(
    on: Any, actor: Swallower
) -> None:
    with pytest.raises(ValueError, match="no") as caught:
        run("A C C", A=actor, C=raises, on=on)
    assert caught.value.__notes__[1:] == [
        f"then, closing the actors: UnclosedError: {SWALLOWED}"
    ]


def test_what_an_actor_raises_when_it_is_closed_is_raised(on: Any) -> None:
    def alice() -> Iterator[None]:
        try:
            yield
        finally:
            raise LookupError("lost")

    with pytest.raises(LookupError, match="lost") as caught:
        run("A", A=alice, on=on)
    assert isinstance(caught.value.__cause__, UnfinishedError)
    with pytest.raises(ValueError, match="no") as other:
        run("A C C", A=alice, C=raises, on=on)
    assert other.value.__notes__[1:] == ["then, closing the actors: LookupError: lost"]


def test_an_actor_that_does_not_end_when_it_is_closed_is_named_and_ended(on: Any) -> None:
    def alice() -> Iterator[None]:
        try:
            yield
        finally:
            while True:
                pass

    with pytest.raises(BlockedError) as caught:
        run("A B", A=alice, B=raises, on=on, seconds=0.25)
    assert str(caught.value).startswith(
        "A does not end when it is closed: A stands at test_closing.py:"
    )
    assert not caught.value.left_behind


def test_no_actor_is_closed_twice_or_while_another_closes(on: Any) -> None:
    closing: list[str] = []
    most = 0

    def actor() -> Iterator[None]:
        nonlocal most
        try:
            yield
        finally:
            closing.append("one more")
            most = max(most, len(closing))
            sum(range(100_000))
            closing.pop()

    with pytest.raises(StageError):
        run("A B C D", A=actor, B=actor, C=actor, D=actor, on=on)
    assert most == 1


# A step that does not end


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


def test_an_actor_that_waits_for_a_lock_ends_when_its_holder_is_closed(on: Any) -> None:
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

    monkeypatch.setattr("minictx.stage.actors.Actor.wait", interrupt)
    error = error_of("A", KeyboardInterrupt, A=busy, on=on)
    assert not hasattr(error, "__notes__")


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


@pytest.mark.parametrize("on", ["threads", "tasks"])
def test_where_python_cannot_raise_in_a_thread_a_busy_actor_is_left_behind(
    on: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop: list[bool] = []

    def busy() -> Iterator[None]:
        while not stop:
            pass
        yield

    before = set(threading.enumerate())
    monkeypatch.setattr("minictx.stage.threads._set_async_exc", None)  # as on PyPy
    error = error_of("A", BlockedError, A=busy, on=on, seconds=0.1)
    stop.append(True)
    for left in set(threading.enumerate()) - before:
        left.join(5)
    assert str(error).endswith("; nothing can end it: its thread is left behind")
