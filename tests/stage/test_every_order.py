from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import permutations
from typing import Any

import pytest

from minictx import Local
from minictx.stage import (
    BlockedError,
    DeadlockError,
    Orders,
    SceneError,
    TooManyOrdersError,
    every_order,
    run,
)

Scene = Iterator[dict[str, Callable[[], Iterator[None]]]]


def lost_update() -> Scene:
    """Two actors count in one place, and may both read before either writes."""
    counter = {"value": 0}

    def count() -> Iterator[None]:
        value = counter["value"]
        yield
        counter["value"] = value + 1

    yield {"A": count, "B": count}
    assert counter["value"] == 2


BROKEN = ["A B A B", "A B B A", "B A A B", "B A B A"]


# What is tried


def steps(number: int) -> Callable[[], Iterator[None]]:
    def actor() -> Iterator[None]:
        for _ in range(number - 1):
            yield

    return actor


@pytest.mark.parametrize("numbers", [(1,), (1, 1), (2, 2), (3, 2), (3, 3), (1, 2, 3)])
def test_every_interleaving_is_tried_once(on: Any, numbers: tuple[int, ...]) -> None:
    names = "ABC"[: len(numbers)]
    tried: list[str] = []

    def scene() -> Iterator[Any]:
        order: list[str] = []

        def actor(name: str, number: int) -> Callable[[], Iterator[None]]:
            def act() -> Iterator[None]:
                for step in range(number):
                    order.append(name)
                    if step < number - 1:
                        yield

            return act

        yield {name: actor(name, number) for name, number in zip(names, numbers, strict=True)}
        tried.append("".join(order))

    orders = every_order(scene, on=on)
    letters = "".join(name * number for name, number in zip(names, numbers, strict=True))
    assert tried == sorted(set(map("".join, permutations(letters))))
    assert orders.tried == len(tried)
    assert orders.broken == []


def test_how_many_steps_an_actor_takes_may_depend_on_the_order(on: Any) -> None:
    def scene() -> Iterator[Any]:
        door = {"open": False}

        def opener() -> Iterator[None]:
            door["open"] = True
            return
            yield

        def guest() -> Iterator[None]:
            if not door["open"]:
                yield

        yield {"A": opener, "B": guest}

    assert every_order(scene, on=on).tried == 3  # A B, B A B, B B A


def test_actors_that_share_nothing_can_be_given_by_name(on: Any) -> None:
    orders = every_order(A=steps(2), B=steps(2), on=on)
    assert (orders.tried, orders.broken) == (6, [])


# Races


def test_a_lost_update_is_found(on: Any) -> None:
    orders = every_order(lost_update, on=on)
    assert orders.tried == 6
    assert [broken.order for broken in orders.broken] == BROKEN
    assert all(isinstance(error, AssertionError) for _, error in orders.broken)


def test_a_broken_order_breaks_again_when_it_is_run(on: Any) -> None:
    order = every_order(lost_update, on=on).broken[0].order
    scene = lost_update()
    actors: Any = next(scene)
    run(order, **actors, on=on)
    with pytest.raises(AssertionError):
        next(scene)


def test_no_order_breaks_if_each_counts_in_a_local(on: Any) -> None:
    if on == "tasks":
        pytest.skip("a Local knows greenlets and threads; all tasks are one to it")

    def scene() -> Scene:
        counter = Local()

        def count() -> Iterator[None]:
            counter.value = 0
            value = counter.value
            yield
            counter.value = value + 1
            assert counter.value == 1

        yield {"A": count, "B": count}

    orders = every_order(scene, on=on)
    assert (orders.tried, orders.broken) == (6, [])


def locked_update() -> Scene:
    counter = {"value": 0}
    lock = threading.Lock()

    def count() -> Iterator[None]:
        with lock:
            value = counter["value"]
            yield
            counter["value"] = value + 1

    yield {"A": count, "B": count}
    assert counter["value"] == 2


def test_with_a_lock_held_no_order_breaks_and_some_are_impossible() -> None:
    orders = every_order(locked_update, seconds=0.5)
    assert orders.broken == []
    assert orders.tried == 2  # A A B B, B B A A
    assert orders.impossible == ["A B", "B A"]


def test_a_thread_lock_held_over_a_yield_stops_all_that_share_the_thread() -> None:
    with pytest.raises(BlockedError, match="B does not end its step 1, on tasks, within"):
        every_order(locked_update, on="tasks", seconds=0.5)


def test_with_an_asyncio_lock_held_no_order_breaks() -> None:
    def scene() -> Iterator[Any]:
        counter = {"value": 0}
        lock = asyncio.Lock()

        async def count() -> AsyncIterator[None]:
            async with lock:
                value = counter["value"]
                yield
                counter["value"] = value + 1

        yield {"A": count, "B": count}
        assert counter["value"] == 2

    orders = every_order(scene, on="tasks", seconds=0.5)
    assert (orders.tried, orders.broken, orders.impossible) == (2, [], ["A B", "B A"])


def test_a_deadlock_is_found() -> None:
    def scene() -> Scene:
        fork, knife = threading.Lock(), threading.Lock()

        def alice() -> Iterator[None]:
            with fork:
                yield
                with knife:
                    yield

        def bob() -> Iterator[None]:
            with knife:
                yield
                with fork:
                    yield

        yield {"A": alice, "B": bob}

    with pytest.raises(DeadlockError) as caught:
        every_order(scene, seconds=0.5)
    assert str(caught.value).startswith(
        "no actor can go on, on threads, after the order 'A B': A stands at test_every_order"
    )
    assert ", alice(); B stands at " in str(caught.value)


def test_an_assertion_of_an_actor_breaks_the_order_where_it_stands(on: Any) -> None:
    def scene() -> Scene:
        shop: dict[str, str] = {}

        def actor(name: str) -> Callable[[], Iterator[None]]:
            def act() -> Iterator[None]:
                shop["user"] = name
                yield
                assert shop["user"] == name, f"{name} is now\n{shop['user']}"

            return act

        yield {"A": actor("alice"), "B": actor("bob")}

    orders = every_order(scene, on=on)
    assert [order for order, _ in orders.broken] == ["A B A", "A B B A", "B A A B", "B A B"]
    assert orders.tried == 6


# What is said


def test_printed_orders_name_the_assertion_and_its_line(on: Any) -> None:
    line = lost_update.__code__.co_firstlineno + 10
    first, *rest = str(every_order(lost_update, on=on)).splitlines()
    assert first == f"on {on}: 6 orders tried, 4 broken"
    place = f'test_every_order.py:{line}, lost_update(): assert counter["value"] == 2'
    assert [text.partition("  [")[0] for text in rest] == [f"  {o}  {place}" for o in BROKEN]


def test_only_the_first_broken_orders_are_printed() -> None:
    def actor() -> Iterator[None]:
        yield
        yield

    def scene() -> Iterator[Any]:
        yield {"A": actor, "B": actor}
        raise AssertionError("never\nso")

    text = str(every_order(scene)).splitlines()
    assert text[0] == "on threads: 20 orders tried, 20 broken"
    assert len(text) == 7
    assert text[1].endswith('raise AssertionError("never\\nso")  [never]')
    assert text[-1] == "  and 15 more"


def test_impossible_orders_are_printed_apart() -> None:
    orders = Orders("threads", tried=2, impossible=["A B", "B A"])
    assert str(orders).splitlines() == [
        "on threads: 2 orders tried, 0 broken",
        "not possible, as the last must wait: A B ..., B A ...",
    ]
    assert repr(orders) == "<Orders on threads: 2 orders tried, 0 broken>"


# Errors


def test_too_many_orders_are_an_error_that_says_what_to_do(on: Any) -> None:
    with pytest.raises(TooManyOrdersError) as caught:
        every_order(lost_update, on=on, limit=5)
    assert str(caught.value) == (
        "there are more than 5 orders (4 of those are broken):"
        " give the actors fewer steps, or raise limit=..."
    )
    assert every_order(lost_update, on=on, limit=6).tried == 6


def test_an_actor_that_never_ends_has_too_many_orders() -> None:
    def forever() -> Iterator[None]:
        while True:
            yield

    with pytest.raises(TooManyOrdersError) as caught:
        every_order(A=forever, B=steps(1), limit=20)
    assert str(caught.value) == (
        "an order has more than 20 steps, the last one of A:"
        " let each actor end, or raise limit=..."
    )


def test_any_other_error_of_an_actor_is_raised_with_its_order(on: Any) -> None:
    def scene() -> Scene:
        items = [1]

        def take() -> Iterator[None]:
            yield
            items.pop()

        yield {"A": take, "B": take}

    with pytest.raises(IndexError, match="pop from empty list") as caught:
        every_order(scene, on=on)
    assert caught.value.__notes__ == [
        f"raised by B in its step 2, on {on}; the order so far: 'A A B B'"
    ]


def test_any_other_error_of_the_check_is_raised_with_its_order(on: Any) -> None:
    def scene() -> Iterator[Any]:
        yield {"A": steps(2)}
        raise LookupError("lost")

    with pytest.raises(LookupError, match="lost") as caught:
        every_order(scene, on=on)
    assert caught.value.__notes__ == [f"raised by the scene, on {on}, after the order 'A A'"]


def test_an_assertion_before_the_scene_begins_is_an_error() -> None:
    def scene() -> Iterator[Any]:
        raise AssertionError("not ready")
        yield

    with pytest.raises(AssertionError, match="not ready"):
        every_order(scene)


def test_a_scene_is_closed_when_an_order_breaks(on: Any) -> None:
    closed = []

    def fails() -> Iterator[None]:
        raise AssertionError
        yield

    def scene() -> Iterator[Any]:
        try:
            yield {"A": fails, "B": steps(2)}
        finally:
            closed.append(True)

    assert len(every_order(scene, on=on).broken) == len(closed) == 3  # A, B A, B B A


def no_yield() -> Iterator[Any]:
    return iter([{"A": steps(1)}])


def wrong_yield() -> Iterator[Any]:
    yield steps(1)


def two_yields() -> Iterator[Any]:
    yield {"A": steps(1)}
    yield


@pytest.mark.parametrize(
    ("scene", "message"),
    [
        (no_yield, "is not a generator function: yield the actors"),
        (wrong_yield, "yield a dict of {name: actor}"),
        (two_yields, "the scene yields twice: it must end with its checks"),
        (None, "give every_order either a scene or actors, as in A=alice, B=bob"),
    ],
)
def test_a_wrong_scene_is_an_error(scene: Any, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        every_order(scene)
    assert str(caught.value).endswith(message)


def test_a_scene_and_actors_at_once_are_an_error() -> None:
    with pytest.raises(SceneError, match="either a scene or actors"):
        every_order(lost_update, A=steps(1))


def test_an_assertion_that_holds_only_the_first_time_is_an_error_of_the_scene() -> None:
    rounds: list[int] = []

    def scene() -> Iterator[Any]:
        rounds.append(1)

        def actor() -> Iterator[None]:
            assert len(rounds) == 1
            yield

        yield {"A": actor, "B": steps(2)}

    with pytest.raises(SceneError, match="the same order led to different steps"):
        every_order(scene)


@pytest.mark.parametrize("first", [1, 3])
def test_actors_that_behave_differently_each_time_are_an_error_of_the_scene(first: int) -> None:
    numbers = iter([first, *[2] * 100])

    def scene() -> Iterator[Any]:
        yield {"A": steps(next(numbers)), "B": steps(1), "C": steps(1)}

    with pytest.raises(SceneError, match="the same order led to different steps"):
        every_order(scene)
