from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from minictx.stage import BlockedError, StageError, UnclosedError, UnfinishedError, run
from minictx.stage.actor import refused


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


def test_an_async_actor_may_await_as_it_is_closed() -> None:
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


# Those that do not let themselves be closed


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
    """Let them end, or they would complain at the end of Python."""

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


SWALLOWED = "A yields while it is closed: do not yield in `finally` or `except GeneratorExit`"
Swallower = Callable[[], Iterator[None]]
SWALLOWERS = [yields_in_finally, ignores_its_closing, ignores_everything]


@pytest.mark.parametrize("actor", SWALLOWERS)
def test_an_actor_that_swallows_its_closing_is_named(on: Any, actor: Swallower) -> None:
    with pytest.raises(UnclosedError) as caught:
        run("A", A=actor, on=on)
    assert str(caught.value) == SWALLOWED
    assert isinstance(caught.value.__cause__, UnfinishedError)


def test_only_an_actor_that_nothing_can_close_is_kept_suspended(on: Any) -> None:
    kept = len(refused)
    for actor in (yields_in_finally, ignores_its_closing):
        with pytest.raises(UnclosedError):
            run("A", A=actor, on=on)
    assert len(refused) == kept
    with pytest.raises(UnclosedError):
        run("A", A=ignores_everything, on=on)
    assert len(refused) == kept + 1


@pytest.mark.parametrize("actor", [async_yields_in_finally, async_ignores_everything])
def test_an_async_actor_that_swallows_its_closing_is_named(
    actor: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(UnclosedError, match="A yields while it is closed"):
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


def test_an_actor_that_raises_as_it_is_closed_is_heard(on: Any) -> None:
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


def test_an_actor_that_does_not_end_as_it_is_closed_is_named_and_ended(on: Any) -> None:
    def alice() -> Iterator[None]:
        try:
            yield
        finally:
            while True:
                pass

    with pytest.raises(BlockedError) as caught:
        run("A B", A=alice, B=raises, on=on, seconds=0.25)
    assert str(caught.value).startswith(
        "A does not end as it is closed: A stands at test_closing.py:"
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
