from __future__ import annotations

import _thread
import asyncio
import gc
import sys
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest

from minictx import Local, LocalStack
from minictx.trace import Trace, record
from tests.actors import greenlet, needs_greenlet


def story(trace: Trace, *left_out: str) -> list[str]:
    """Return who does what, in a few words."""
    shown = []
    for event in trace.events:
        if event["kind"] not in left_out:
            what = event["kind"]
            if what == "switch":
                what += f" from {trace.runners[event['from']].label}"
            if "name" in event:
                what += f" {event['name']}"
            if "owner" in event:
                what += f" of {trace.runners[event['owner']].label}"
            shown.append(f"{trace.runners[event['context']].label}: {what}")
    return shown


def run_thread(work: Callable[[], object], name: str | None = None) -> None:
    thread = threading.Thread(target=work, name=name)
    thread.start()
    thread.join()


def labels(trace: Trace) -> list[tuple[str, str, str | None]]:
    return [
        (each.type, each.label, trace.runners[each.parent].label if each.parent else None)
        for each in trace.runners.values()
    ]


@pytest.fixture(autouse=True)
def in_a_thread_of_its_own_name() -> Any:
    """Let the main thread be called the same in whatever runs the tests."""
    thread = threading.current_thread()
    before, thread.name = thread.name, "main"
    yield
    thread.name = before


# Threads


def test_a_thread_begins_is_switched_to_and_ends() -> None:
    local = Local()
    with record() as trace:
        local.a = 1
        run_thread(lambda: setattr(local, "b", 2), "alice")
        local.c = 3
    assert story(trace) == [
        "main: begin",
        "main: set a",
        "alice: begin",
        "alice: set b",
        "alice: end",
        "main: switch from alice",
        "main: set c",
        "main: left",
    ]
    assert labels(trace) == [("thread", "main", None), ("thread", "alice", "main")]


def test_switches_between_threads_follow_the_order_of_what_they_do() -> None:
    local = Local()
    turns = {name: threading.Semaphore(0) for name in ("alice", "bob", "main")}

    def work(name: str) -> None:
        for _ in range(2):
            turns[name].acquire()
            local.user = name
            turns["main"].release()

    with record() as trace:
        threads = [threading.Thread(target=work, args=(n,), name=n) for n in ("alice", "bob")]
        for thread in threads:
            thread.start()
        for name in ("alice", "bob", "alice", "bob"):
            turns[name].release()
            turns["main"].acquire()
        for thread in threads:
            thread.join()
    assert [line for line in story(trace) if "set" in line] == [
        "alice: set user",
        "bob: set user",
        "alice: set user",
        "bob: set user",
    ]
    assert story(trace).count("alice: switch from bob") >= 1


def test_what_a_thread_leaves_behind_is_said_when_it_ends() -> None:
    local, stack = Local(), LocalStack[int]()

    def work() -> None:
        local.user = "bob"
        stack.push(1)

    with record() as trace:
        run_thread(work, "bob")
    end = next(event for event in trace.events if event["kind"] == "end")
    assert end["left"] == [
        {"object": 1, "context": 2, "name": "user", "value": "'bob'"},
        {"object": 2, "context": 2, "name": None, "value": "1"},
    ]
    assert trace.events[-1]["left"] == []  # minictx has forgotten it


def test_what_a_local_does_not_forget_is_left_at_the_end_too() -> None:
    local = Local(lambda: "everybody")
    with record() as trace:
        run_thread(lambda: setattr(local, "user", "bob"), "bob")
    entry = {"object": 1, "context": 2, "name": "user", "value": "'bob'"}
    assert trace.events[-1]["left"] == [entry]


def test_a_thread_with_a_run_of_its_own_is_recorded_and_may_fail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errors: list[object] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(args.exc_type))

    class Worker(threading.Thread):
        def run(self) -> None:
            raise ZeroDivisionError

    with record() as trace:
        worker = Worker(name="worker")
        worker.start()
        worker.join()
    assert errors == [ZeroDivisionError]
    assert story(trace)[1:3] == ["worker: begin", "worker: end"]


def test_threads_of_one_name_get_labels_of_their_own() -> None:
    with record() as trace:
        for _ in range(3):
            run_thread(lambda: None, "alice")
    assert [label for _, label, _ in labels(trace)] == [
        "main",
        "alice",
        "alice (2)",
        "alice (3)",
    ]


def test_a_thread_that_ran_before_is_discovered_and_its_end_is_seen() -> None:
    local = Local()
    go, done = threading.Event(), threading.Event()

    def work() -> None:
        go.wait()
        local.user = 1
        done.set()

    thread = threading.Thread(target=work, name="early")
    thread.start()
    with record() as trace:
        go.set()
        thread.join()
    assert story(trace, "switch")[1:4] == ["early: begin", "early: set user", "early: end"]
    assert trace.events[3]["left"][0]["value"] == "1"


def test_a_thread_without_a_name_gets_a_number() -> None:
    local = Local()
    done = threading.Event()

    def work() -> None:
        local.user = 1
        done.set()

    with record() as trace:
        _thread.start_new_thread(work, ())
        done.wait()
    assert ("thread", "thread 1", None) in labels(trace)
    assert threading.current_thread().name == "main"


def test_a_number_is_never_given_twice_though_idents_are() -> None:
    local = Local()
    idents = set()

    def work() -> None:
        idents.add(threading.get_ident())
        local.user = 1

    with record() as trace:
        for _ in range(50):
            run_thread(work)
    assert len(idents) < 50, "no ident was given twice, so this test showed nothing"
    assert len(trace.runners) == 51
    assert len(set(each.label for each in trace.runners.values())) == 51
    for event in trace.events:
        if event["kind"] == "set":
            assert event["context"] != 1


def test_many_threads_at_once_give_a_sound_trace() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    local, stack = Local(), LocalStack[int]()
    start = threading.Barrier(8)

    def work(number: int) -> None:
        start.wait()
        for turn in range(30):
            local.number = turn
            stack.push(turn)
            assert local.number == turn
        for _ in range(30):
            stack.pop()

    try:
        with record() as trace:
            threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    running = None
    each: dict[int, list[str]] = {}
    for number, event in enumerate(trace.events, 1):
        assert event["n"] == number
        if event["kind"] == "switch":
            assert event["from"] == running != event["context"]
        elif event["kind"] not in ("begin", "end"):
            assert event["context"] == running
        if event["kind"] != "end":
            running = event["context"]
            each.setdefault(running, []).append(event["kind"])
    for kinds in list(each.values())[1:]:
        assert [kind for kind in kinds if kind != "switch"] == [
            "begin",
            *["set", "push", "get"] * 30,
            *["pop"] * 30,
        ]


# Greenlets


@needs_greenlet
def test_greenlets_begin_are_switched_to_and_end() -> None:
    local = Local()

    def work(name: str) -> None:
        local.user = name
        greenlet.getcurrent().parent.switch()
        local.role = name

    with record() as trace:
        alice, bob = greenlet.greenlet(work), greenlet.greenlet(work)
        alice.switch("alice")
        bob.switch("bob")
        alice.switch()
        bob.switch()
    assert story(trace) == [
        "main: begin",
        "greenlet 1: begin",
        "greenlet 1: set user",
        "main: switch from greenlet 1",
        "greenlet 2: begin",
        "greenlet 2: set user",
        "main: switch from greenlet 2",
        "greenlet 1: switch from main",
        "greenlet 1: set role",
        "greenlet 1: end",
        "main: switch from greenlet 1",
        "greenlet 2: switch from main",
        "greenlet 2: set role",
        "greenlet 2: end",
        "main: switch from greenlet 2",
        "main: left",
    ]
    ends = [event for event in trace.events if event["kind"] == "end"]
    assert [[each["value"] for each in end["left"]] for end in ends] == [
        ["'alice'", "'alice'"],
        ["'bob'", "'bob'"],
    ]


@needs_greenlet
def test_a_greenlet_is_called_by_its_name_and_knows_who_started_it() -> None:
    def inner() -> None:
        pass

    def outer() -> None:
        child = greenlet.greenlet(inner, parent=greenlet.getcurrent().parent)
        child.name = "bob"
        child.switch()

    with record() as trace:
        runner = greenlet.greenlet(outer)
        runner.name = "alice"
        runner.switch()
    assert labels(trace)[1:] == [("greenlet", "alice", "main"), ("greenlet", "bob", "alice")]


@needs_greenlet
def test_an_abandoned_greenlet_ends() -> None:
    local = Local()

    def work() -> None:
        local.user = "alice"
        greenlet.getcurrent().parent.switch()

    with record() as trace:
        runner = greenlet.greenlet(work)
        runner.switch()
        del runner
        gc.collect()
    assert story(trace).count("greenlet 1: end") == 1


@needs_greenlet
def test_greenlets_of_a_new_thread_are_seen_as_well() -> None:
    def work() -> None:
        greenlet.greenlet(lambda: None).switch()

    with record() as trace:
        run_thread(work, "alice")
    assert story(trace)[1:5] == [
        "alice: begin",
        "greenlet 1: begin",
        "greenlet 1: end",
        "alice: switch from greenlet 1",
    ]
    assert labels(trace)[2] == ("greenlet", "greenlet 1", "alice")


@needs_greenlet
def test_a_trace_function_of_greenlet_that_was_there_is_called_and_put_back() -> None:
    seen: list[str] = []

    def mine(event: str, greenlets: object) -> None:
        seen.append(event)

    before = greenlet.settrace(mine)
    try:
        with record():
            with record():
                greenlet.greenlet(lambda: None).switch()
            assert seen == ["switch", "switch"]
        assert greenlet.gettrace() is mine
    finally:
        greenlet.settrace(before)


@needs_greenlet
def test_the_recorder_keeps_no_greenlet_alive(no_gc: None) -> None:
    import weakref

    with record():
        runner = greenlet.greenlet(lambda: greenlet.getcurrent().parent.switch())
        watch = weakref.ref(runner)
        runner.switch()
        del runner
        assert watch() is None


# Tasks


def test_tasks_are_contexts_and_store_in_the_namespace_of_their_thread() -> None:
    local = Local()

    async def work(name: str) -> str:
        local.user = name
        await asyncio.sleep(0)
        return str(local.user)

    async def main() -> list[str]:
        tasks = [asyncio.create_task(work(name), name=name) for name in ("alice", "bob")]
        return list(await asyncio.gather(*tasks))

    with record() as trace:
        assert asyncio.run(main()) == ["bob", "bob"]
    assert [line for line in story(trace) if line.startswith(("alice", "bob"))] == [
        "alice: begin",
        "alice: set user of main",
        "bob: begin",
        "bob: set user of main",
        "alice: switch from bob",
        "alice: get user of main",
        "bob: switch from alice",
        "bob: get user of main",
        "alice: end",
        "bob: end",
    ]
    assert [kind for kind, *_ in labels(trace)] == ["thread", "task", "task", "task"]
    left = trace.events[-1]["left"]
    assert [(each["context"], each["value"]) for each in left] == [(1, "'bob'")]


def test_a_task_knows_the_task_that_made_it() -> None:
    local = Local()

    async def child() -> None:
        local.x = 1

    async def main() -> None:
        local.x = 0
        await asyncio.create_task(child(), name="child")

    def run(main: Coroutine[Any, Any, None]) -> None:
        with asyncio.Runner() as runner:
            runner.run(named(main))

    async def named(main: Coroutine[Any, Any, None]) -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("parent")
        await main

    with record() as trace:
        run(main())
    assert labels(trace)[-2:] == [("task", "parent", "main"), ("task", "child", "parent")]


def test_a_local_that_asks_for_the_task_keeps_values_for_the_task() -> None:
    local = Local(asyncio.current_task)

    async def work(name: str) -> None:
        local.user = name
        await asyncio.sleep(0)

    async def main() -> None:
        await asyncio.gather(*[asyncio.create_task(work(n), name=n) for n in ("alice", "bob")])

    with record() as trace:
        asyncio.run(main())
    assert "alice: set user" in story(trace)
    ends = [event for event in trace.events if event["kind"] == "end"]
    assert [each["value"] for end in ends for each in end["left"]] == ["'alice'", "'bob'"]


@needs_greenlet
def test_a_greenlet_inside_of_a_task_is_somebody_of_its_own() -> None:
    local = Local()

    async def main() -> None:
        greenlet.greenlet(lambda: setattr(local, "user", 1)).switch()

    with record() as trace:
        asyncio.run(main())
    assert "greenlet 1: set user" in story(trace)


def test_a_greenlet_of_gevent_knows_who_spawned_it() -> None:
    gevent = pytest.importorskip("gevent")
    local = Local()

    def child() -> None:
        local.user = "bob"

    def parent() -> None:
        local.user = "alice"
        for spawn in (gevent.spawn, partial(gevent.spawn_later, 0)):
            inner = spawn(child)
            inner.name = "child"
            inner.join()

    with record() as trace:
        outer = gevent.spawn(parent)
        outer.name = "parent"
        outer.join()
    made = {label: parent for _, label, parent in labels(trace)}
    assert (made["parent"], made["child"], made["child (2)"]) == ("main", "parent", "parent")


def run_eagerly(loop: Any, coro: Any, **options: Any) -> Any:
    """Do what asyncio.eager_task_factory does since Python 3.12: take a step at once."""
    factory = vars(asyncio).get("eager_task_factory")
    if factory is not None:
        # With a name: until Python 3.13, the loop gives it one only after the first step.
        return factory(loop, coro, **{"name": coro.__name__, **options})
    task, before = asyncio.Task(coro, loop=loop, **options), asyncio.current_task(loop)
    if before is None:  # the loop is about to end
        return task
    task.set_name(coro.__name__)  # the loop would do it too late
    tasks: Any = asyncio.tasks
    tasks._leave_task(loop, before)
    tasks._enter_task(loop, task)
    coro.cr_frame.f_locals["local"].first = task.get_name()
    tasks._leave_task(loop, task)
    tasks._enter_task(loop, before)
    return task


def test_an_eager_task_knows_the_task_that_made_it() -> None:
    local = Local()

    async def grandchild() -> None:
        local.x = 2

    async def child() -> None:
        local.x = 1
        await asyncio.create_task(grandchild(), name="grandchild")

    async def sibling() -> None:
        local.x = 3

    async def main() -> None:
        task = asyncio.current_task()
        assert task is not None
        task.set_name("parent")
        local.x = 0
        asyncio.get_running_loop().set_task_factory(run_eagerly)
        await asyncio.create_task(child(), name="child")
        await asyncio.create_task(sibling(), name="sibling")

    with record() as trace:
        asyncio.run(main())
    made = {label: parent for _, label, parent in labels(trace)}
    assert made["parent"] == "main"
    assert (made["child"], made["sibling"], made["grandchild"]) == ("parent", "parent", "child")
