from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextvars import ContextVar
from functools import partial
from typing import Any, Literal

import pytest

from minictx import Local, LocalStack
from minictx.stage import Run, Step, UnfinishedError, run
from tests.actors import greenlet, needs_greenlet


def counter(name: str, log: list[str], steps: int = 3) -> Callable[[], Iterator[int]]:
    """Return an actor that logs each of its steps."""

    def actor() -> Generator[int, None, str]:
        for number in range(1, steps):
            log.append(f"{name}{number}")
            yield number
        log.append(f"{name}{steps}")
        return f"{name} is done"

    return actor


# The order


@pytest.mark.parametrize("order", ["A A A B B B", "A B A B A B", "B A A B B A"])
def test_the_order_says_who_takes_the_next_step(on: Any, order: str) -> None:
    log: list[str] = []
    result = run(order, A=counter("A", log), B=counter("B", log), on=on)
    assert [entry[0] for entry in log] == order.split()
    assert result.order == order
    assert [step.actor for step in result.steps] == order.split()


def test_an_order_can_be_a_list_and_have_line_breaks_and_long_names(on: Any) -> None:
    log: list[str] = []
    actors: Any = {"alice": counter("a", log, 2), "bob": counter("b", log, 1)}
    run(["alice", "bob", "alice"], **actors, on=on)
    run("alice\n  bob\n  alice", **actors, on=on)
    assert log == ["a1", "b1", "a2"] * 2


def test_the_same_order_gives_the_same_run_a_thousand_times(on: Any) -> None:
    def play() -> tuple[Run, list[str], str]:
        log: list[str] = []
        actors: Any = {name: counter(name, log) for name in "ABC"}
        result = run("C A B B C A A B C", **actors, on=on)
        return result, log, str(result)

    first = play()
    assert first[1] == ["C1", "A1", "B1", "B2", "C2", "A2", "A3", "B3", "C3"]
    assert all(play() == first for _ in range(1000))


def test_no_actor_runs_out_of_turn(on: Any) -> None:
    running: list[str] = []
    most = 0

    def actor() -> Iterator[None]:
        nonlocal most
        for _ in range(50):
            running.append("one more")
            most = max(most, len(running))
            sum(range(2000))
            running.pop()
            yield

    run(" ".join("ABC" * 51), A=actor, B=actor, C=actor, on=on)
    assert most == 1


def test_an_actor_that_never_yields_takes_one_step(on: Any) -> None:
    def alice() -> Generator[None, None, int]:
        return 1
        yield

    assert run("A", A=alice, on=on).returned == {"A": 1}


def test_the_same_function_can_play_two_actors_and_be_given_arguments(on: Any) -> None:
    def actor(name: str) -> Iterator[str]:
        yield name

    result = run("A B B A", A=partial(actor, "alice"), B=partial(actor, name="bob"), on=on)
    assert result.yielded == {"A": ["alice"], "B": ["bob"]}


# The result


def test_a_run_says_what_was_yielded_and_returned(on: Any) -> None:
    result = run("A B A A B", A=counter("A", []), B=counter("B", [], 2), on=on)
    assert result.steps == [
        Step("A", 1, 1, False),
        Step("B", 1, 1, False),
        Step("A", 2, 2, False),
        Step("A", 3, "A is done", True),
        Step("B", 2, "B is done", True),
    ]
    assert result.yielded == {"A": [1, 2], "B": [1]}
    assert result.returned == {"A": "A is done", "B": "B is done"}


def test_a_printed_run_is_a_table(on: Any) -> None:
    def alice() -> Iterator[Any]:
        yield "tea"
        yield

    result = run("A B A A B B", A=alice, B=counter("B", []), on=on)
    assert str(result).splitlines() == [
        "   A             B",
        "1  yields 'tea'",
        "2                yields 1",
        "3  yields",
        "4  ends",
        "5                yields 2",
        "6                returns 'B is done'",
    ]
    assert repr(result) == f"<Run of 'A B A A B B' on {on}>"


def test_the_table_shows_a_value_as_it_was_at_its_step(on: Any) -> None:
    def alice() -> Iterator[Any]:
        basket = ["tea"]
        yield basket
        basket.append("cake")
        yield basket

    result = run("A A A", A=alice, on=on)
    assert str(result).splitlines()[1:3] == ["1  yields ['tea']", "2  yields ['tea', 'cake']"]
    assert result.yielded["A"][0] == ["tea", "cake"]


def test_a_value_is_shown_by_the_actor_itself(on: Any) -> None:
    class Asked:
        def __repr__(self) -> str:
            return f"asked on {threading.current_thread().name}"

    def alice() -> Iterator[Any]:
        yield Asked()

    here = threading.current_thread().name
    assert here not in str(run("A A", A=alice, on=on))


def test_a_value_with_a_broken_or_endless_repr_can_be_shown() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise ValueError

    def alice() -> Iterator[Any]:
        yield Broken()
        yield "x" * 10_000

    lines = str(run("A A A", A=alice)).splitlines()
    assert "<Broken instance at" in lines[1]
    assert max(map(len, lines)) < 60


# The places that actors run in


def test_each_actor_has_a_thread_of_its_own_named_after_it() -> None:
    def actor() -> Iterator[threading.Thread]:
        yield threading.current_thread()
        yield threading.current_thread()

    seen = run("A B A B A B", A=actor, B=actor).yielded
    (alice, again), (bob, _) = seen["A"], seen["B"]
    assert alice is again
    assert (alice.name, bob.name) == ("A", "B")
    assert len({alice, bob, threading.current_thread()}) == 3


@needs_greenlet
def test_each_actor_has_a_greenlet_of_its_own_named_after_it() -> None:
    def actor() -> Iterator[Any]:
        yield greenlet.getcurrent(), threading.current_thread()
        yield greenlet.getcurrent(), threading.current_thread()

    seen = run("A B A B A B", A=actor, B=actor, on="greenlets").yielded
    (alice, thread), again = seen["A"]
    bob = seen["B"][0][0]
    assert again == (alice, thread)
    assert (alice.name, bob.name) == ("A", "B")
    assert alice is not bob
    assert seen["B"][0][1] is thread is not threading.current_thread()
    assert alice.dead and bob.dead


def test_each_actor_has_a_task_of_its_own_named_after_it() -> None:
    def alice() -> Iterator[Any]:
        yield asyncio.current_task()
        yield asyncio.current_task()

    async def bob() -> AsyncIterator[Any]:
        yield asyncio.current_task()

    seen = run("A B A B A", A=alice, B=bob, on="tasks").yielded
    (first, again), (other,) = seen["A"], seen["B"]
    assert first is again is not other
    assert (first.get_name(), other.get_name()) == ("A", "B")
    assert first.done() and other.done()


def test_all_actors_are_there_before_the_first_step_and_gone_after_their_last() -> None:
    def names() -> set[str]:
        return {thread.name for thread in threading.enumerate()} & {"A", "B"}

    def actor() -> Iterator[set[str]]:
        yield names()

    result = run("A A B B", A=actor, B=actor)
    assert result.yielded == {"A": [{"A", "B"}], "B": [{"B"}]}


def test_a_generator_is_made_run_and_closed_in_its_own_place(on: Any) -> None:
    places = []

    class Place:
        def __init__(self) -> None:
            self.note()

        def note(self) -> None:
            task = on == "tasks" and asyncio.current_task()
            here = greenlet.getcurrent() if on == "greenlets" else threading.get_ident()
            places.append((threading.get_ident(), task, here))

    def alice(place: Callable[[], Place] = Place) -> Iterator[None]:
        mine = place()
        try:
            yield
        finally:
            mine.note()

    with pytest.raises(UnfinishedError):
        run("A", A=alice, on=on)
    assert len(places) == 2
    assert places[0] == places[1]


def test_context_variables_start_empty_and_belong_to_one_actor(on: Any) -> None:
    user = ContextVar("user", default="none")
    token = user.set("the caller")

    def actor(name: str) -> Iterator[str]:
        yield user.get()
        user.set(name)
        yield user.get()
        yield user.get()

    order = "A B A B A B A B"
    seen = run(order, A=partial(actor, "alice"), B=partial(actor, "bob"), on=on).yielded
    assert seen == {"A": ["none", "alice", "alice"], "B": ["none", "bob", "bob"]}
    assert user.get() == "the caller"
    user.reset(token)


def test_an_async_generator_may_await_within_a_step() -> None:
    log = []

    async def alice() -> AsyncIterator[int]:
        log.append("a1")
        await asyncio.sleep(0)
        log.append("a2")
        yield 1
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))
        log.append("a3")

    async def bob() -> AsyncIterator[None]:
        log.append("b1")
        yield
        log.append("b2")

    result = run("A B A B", A=alice, B=bob, on="tasks")
    assert log == ["a1", "a2", "b1", "a3", "b2"]
    assert result.yielded["A"] == [1]
    assert result.returned == {"A": None, "B": None}


def test_a_task_that_an_actor_starts_runs_only_while_a_step_awaits() -> None:
    log: list[str] = []

    async def helper() -> None:
        while True:
            log.append("helper")
            await asyncio.sleep(0)

    async def alice() -> AsyncIterator[None]:
        task = asyncio.create_task(helper())
        yield
        log.append("alice awaits")
        await asyncio.sleep(0)
        log.append("alice goes on")
        task.cancel()
        yield

    def play() -> list[str]:
        log.clear()
        run("A A A", A=alice, on="tasks")
        return list(log)

    first = play()
    assert first[-2:] == ["helper", "alice goes on"]
    assert all(play() == first for _ in range(100))


# Where it can be used


def test_it_works_while_an_event_loop_runs_here(on: Any) -> None:
    async def main() -> Run:
        return run("A B A B", A=counter("A", [], 2), B=counter("B", [], 2), on=on)

    assert asyncio.run(main()).order == "A B A B"


@pytest.mark.parametrize(
    "inner", ["threads", pytest.param("greenlets", marks=needs_greenlet), "tasks"]
)
def test_an_actor_can_run_others(on: Any, inner: Any) -> None:
    def outer() -> Generator[str, None, str]:
        yield run("A B A B", A=counter("A", [], 2), B=counter("B", [], 2), on=inner).order
        return run("B A A B", A=counter("A", [], 2), B=counter("B", [], 2), on=inner).order

    result = run("X Y Y X", X=outer, Y=outer, on=on)
    assert result.yielded == {"X": ["A B A B"], "Y": ["A B A B"]}
    assert result.returned == {"X": "B A A B", "Y": "B A A B"}


def test_many_runs_can_go_on_at_once(on: Any) -> None:
    results: list[Any] = []

    def play() -> None:
        for _ in range(20):
            log: list[str] = []
            run("A B B A", A=counter("A", log, 2), B=counter("B", log, 2), on=on)
            results.append(log)

    threads = [threading.Thread(target=play) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [["A1", "B1", "B2", "A2"]] * 100


# One script on all three kinds: where do they differ?

BOTH = ["alice", "bob"]
LAST = ["bob", "bob"]


class InAContextVar:
    """Keep a user as an attribute, in a context variable."""

    def __init__(self) -> None:
        self._user: ContextVar[str] = ContextVar("user")

    user = property(lambda self: self._user.get(), lambda self, value: self._user.set(value))


class Plain:
    """Keep one user for all."""

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
        local.user = "alice"

    assert run("A A B B", A=actor, B=actor, on="tasks").yielded == {"A": [False], "B": [False]}


@pytest.mark.parametrize("kind", ["threads", pytest.param("greenlets", marks=needs_greenlet)])
def test_each_actor_has_its_own_stack_and_leaves_nothing_in_it(
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
