from __future__ import annotations

import copy
import pickle
import sys
import threading
import weakref
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from minictx import Local, LocalManager, LocalStack, get_ident, release_local
from tests.actors import ThreadActor, Value, greenlet, needs_greenlet

# Storing and finding


def test_what_was_set_can_be_read_and_deleted() -> None:
    local = Local()
    local.user = "alice"
    assert local.user == "alice"
    del local.user
    assert not hasattr(local, "user")


def test_a_missing_attribute_is_named_in_the_error() -> None:
    local = Local()
    with pytest.raises(AttributeError, match="'user' is not set on this Local"):
        _ = local.user
    with pytest.raises(AttributeError, match="'user' is not set on this Local"):
        del local.user
    local.other = 1
    with pytest.raises(AttributeError, match="'user'"):
        _ = local.user
    with pytest.raises(AttributeError, match="'user'"):
        del local.user


def test_iteration_gives_the_names_and_values_of_the_one_who_runs(actor: Any) -> None:
    local = Local()
    assert list(local) == []
    actor.do(lambda: setattr(local, "user", "bob"))
    local.user, local.role = "alice", "admin"
    assert list(local) == [("user", "alice"), ("role", "admin")]


def test_names_can_be_deleted_while_iterating() -> None:
    local = Local()
    local.user, local.role = "alice", "admin"
    for name, _ in local:
        delattr(local, name)
    assert list(local) == []


def test_each_greenlet_or_thread_has_its_own_values(actor: Any) -> None:
    local = Local()
    local.user = "alice"
    assert not actor.do(lambda: hasattr(local, "user"))
    actor.do(lambda: setattr(local, "user", "bob"))
    assert local.user == "alice"
    assert actor.do(lambda: local.user) == "bob"
    actor.do(lambda: release_local(local))
    assert local.user == "alice"


def test_the_storage_is_a_dict_of_namespaces_by_ident(actor: Any) -> None:
    local = Local()
    local.user = "alice"
    actor.do(lambda: setattr(local, "user", "bob"))
    there = actor.do(get_ident)
    assert local.__storage__ == {get_ident(): {"user": "alice"}, there: {"user": "bob"}}


def test_the_storage_that_was_looked_at_does_not_change_afterwards() -> None:
    local = Local()
    local.user = "alice"
    before = local.__storage__
    local.user = "bob"
    release_local(local)
    assert before == {get_ident(): {"user": "alice"}}


def test_the_ident_function_can_be_chosen() -> None:
    ident: object = 1
    local = Local(lambda: ident)
    local.user = "alice"
    ident = "two"
    assert not hasattr(local, "user")
    local.user = "bob"
    assert local.__storage__ == {1: {"user": "alice"}, "two": {"user": "bob"}}
    release_local(local)
    assert local.__storage__ == {1: {"user": "alice"}}


def test_an_error_of_the_ident_function_is_not_taken_for_a_missing_attribute() -> None:
    nobody: dict[str, int] = {}
    local = Local(lambda: nobody["nobody"])
    for attempt in (partial(getattr, local, "user"), partial(delattr, local, "user")):
        with pytest.raises(KeyError, match="nobody"):
            attempt()


def test_a_subclass_sets_attributes_in_its_init() -> None:
    class UserLocal(Local):
        def __init__(self, user: str) -> None:
            super().__init__()
            self.user = user

    local = UserLocal("alice")
    assert local.__storage__ == {get_ident(): {"user": "alice"}}


def test_a_local_shows_the_names_that_are_set_here() -> None:
    local = Local()
    assert repr(local) == "<Local: nothing here; 0 idents>"
    local.user, local.role = "alice", "admin"
    assert repr(local) == "<Local: user, role here; 1 idents>"


def test_release_drops_the_namespace() -> None:
    local = Local()
    release_local(local)  # nothing there: nothing happens
    local.user = "alice"
    release_local(local)
    assert local.__storage__ == {}


# Forgetting


def test_what_was_stored_is_gone_when_its_greenlet_or_thread_is(
    actor: Any, no_gc: None
) -> None:
    local = Local()
    value = Value()
    watch = weakref.ref(value)
    actor.do(partial(setattr, local, "value", value))
    del value
    assert watch() is not None
    actor.die()
    assert local.__storage__ == {} == local.__owners__.watched
    assert watch() is None


def test_the_data_of_a_thread_is_gone_even_while_the_main_thread_waits() -> None:
    local = Local()
    left: list[object] = []

    def look() -> None:
        for _ in range(20):
            thread = threading.Thread(target=lambda: setattr(local, "x", 1))
            thread.start()
            thread.join()
            left.append(local.__storage__)

    looker = threading.Thread(target=look)
    looker.start()
    looker.join()
    assert left == [{}] * 20


def test_a_new_thread_never_reads_what_a_dead_one_stored() -> None:
    local = Local()
    seen: list[bool] = []

    def work() -> None:
        seen.append(hasattr(local, "user"))
        local.user = "somebody"

    for _ in range(100):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [False] * 100


@needs_greenlet
def test_a_new_greenlet_never_reads_what_a_dead_one_stored() -> None:
    local = Local()
    seen: list[bool] = []
    idents: set[int] = set()

    def work() -> None:
        seen.append(hasattr(local, "user"))
        idents.add(get_ident())
        local.user = "somebody"

    for _ in range(1000):
        greenlet.greenlet(work).switch()
    assert seen == [False] * 1000
    assert len(idents) < 1000, "no ident was given twice, so this test showed nothing"


@needs_greenlet
def test_an_abandoned_greenlet_may_store_while_it_unwinds() -> None:
    local = Local()
    unwound: list[list[tuple[str, Any]]] = []

    def work() -> None:
        local.user = "alice"
        try:
            greenlet.getcurrent().parent.switch()
        finally:  # greenlet raises GreenletExit here when nobody can resume it any more
            release_local(local)
            local.role = "late"
            unwound.append(list(local))

    runner = greenlet.greenlet(work)
    runner.switch()
    del runner
    assert unwound == [[("role", "late")]]
    assert local.__storage__ == {} == local.__owners__.watched


@needs_greenlet
def test_paused_greenlets_are_forgotten_with_the_thread_that_ran_them() -> None:
    local = Local()
    kept: list[Any] = []

    def work() -> None:
        local.user = "alice"
        greenlet.getcurrent().parent.switch()

    def start_and_leave() -> None:
        kept.append(greenlet.greenlet(work))
        kept[0].switch()

    thread = threading.Thread(target=start_and_leave)
    thread.start()
    thread.join()
    assert local.__storage__ == {} == local.__owners__.watched
    kept.clear()


@needs_greenlet
def test_the_storage_keeps_no_greenlet_alive(no_gc: None) -> None:
    local = Local()
    runner = greenlet.greenlet(lambda: setattr(local, "user", "alice"))
    watch = weakref.ref(runner)
    runner.switch()
    del runner
    assert watch() is None


def test_a_value_stored_by_a_destructor_as_its_thread_ends_is_read_by_nobody() -> None:
    local = Local()

    class StoresWhenItDies:
        def __del__(self) -> None:
            local.user = "late"

    mine = threading.local()
    seen: list[bool] = []

    def work() -> None:
        seen.append(hasattr(local, "user"))
        mine.last_words = StoresWhenItDies()

    for _ in range(20):
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
    assert seen == [False] * 20


def test_a_dropped_local_frees_all_values_at_once(actor: Any, no_gc: None) -> None:
    local = Local()
    here, there = Value(), Value()
    watches: list[weakref.ref[Any]] = [
        weakref.ref(here),
        weakref.ref(there),
        weakref.ref(local),
    ]
    local.value = here
    actor.do(partial(setattr, local, "value", there))
    del here, there, local
    assert [watch() for watch in watches] == [None, None, None]


@needs_greenlet
def test_an_owner_that_dies_with_the_local_dies_quietly(no_gc: None) -> None:
    local = Local()
    runner = greenlet.greenlet(partial(setattr, local, "user", "alice"))
    runner.switch()
    local.runner = runner  # the last reference to it, once `runner` is deleted
    watch = weakref.ref(runner)
    del runner, local
    assert watch() is None


def test_an_owner_that_outlives_the_local_dies_quietly() -> None:
    actor = ThreadActor()
    local = Local()
    actor.do(partial(setattr, local, "user", "bob"))
    del local
    actor.die()


@pytest.mark.parametrize("what", ["set and release", "push and pop"])
def test_a_million_rounds_leave_no_memory_behind(what: str) -> None:
    local, stack = Local(), LocalStack[int]()

    def rounds(number: int) -> None:
        for _ in range(number):
            if what == "set and release":
                local.x = 1
                release_local(local)
            else:
                stack.push(1)
                stack.pop()

    rounds(100)
    before = sys.getallocatedblocks()
    rounds(1_000_000)
    assert sys.getallocatedblocks() - before < 1000
    assert local.__storage__ == {} == stack.__storage__


# Many at once


def test_many_threads_may_use_a_local_for_the_first_time_at_once() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(50):
            local = Local()
            start = threading.Barrier(8)
            wrong: list[object] = []

            def work(number: int, local: Local, start: threading.Barrier, wrong: Any) -> None:
                start.wait()
                for turn in range(20):
                    local.number = number, turn
                    if local.number != (number, turn):
                        wrong.append(local.number)

            threads = [
                threading.Thread(target=work, args=(number, local, start, wrong))
                for number in range(8)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert wrong == []
            assert local.__storage__ == {} == local.__owners__.watched
    finally:
        sys.setswitchinterval(interval)


def test_the_storage_can_be_iterated_while_others_begin_and_die(actor: Any) -> None:
    local = Local()
    local.user = "alice"
    actor.do(lambda: setattr(local, "user", "bob"))
    users = []
    for namespace in local.__storage__.values():
        actor.die()
        newcomer = ThreadActor()
        newcomer.do(lambda: setattr(local, "user", "carol"))
        users.append(namespace["user"])
        newcomer.die()
    assert users == ["alice", "bob"]


def test_the_storage_can_be_read_all_the_time_while_threads_come_and_go() -> None:
    local = Local()
    done = threading.Event()
    errors: list[BaseException] = []

    def look() -> None:
        try:
            while not done.is_set():
                for namespace in local.__storage__.values():
                    repr(namespace)
        except BaseException as error:
            errors.append(error)

    def work() -> None:
        for number in range(20):
            setattr(local, f"name{number}", number)

    looker = threading.Thread(target=look)
    looker.start()
    for _ in range(50):
        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    done.set()
    looker.join()
    assert errors == []


# Copies


@pytest.mark.parametrize("holder", [Local(), LocalStack()], ids=["Local", "LocalStack"])
def test_copying_or_pickling_is_refused(holder: Any) -> None:
    message = f"cannot copy or pickle a {type(holder).__name__}: "
    for attempt in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=message):
            attempt(holder)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match=message):
            pickle.dumps({"holder": holder}, protocol)


# LocalManager


def test_a_manager_releases_all_its_locals() -> None:
    local, stack = Local(), LocalStack[int]()
    manager = LocalManager([local, stack])
    local.user = "alice"
    stack.push(1)
    manager.cleanup()
    assert local.__storage__ == {} == stack.__storage__
    assert repr(manager) == "<LocalManager of 2 locals>"


def test_a_manager_takes_one_local_or_none_as_well() -> None:
    local = Local()
    assert LocalManager(local).locals == [local]
    assert LocalManager().locals == []
    assert LocalManager().get_ident() == get_ident()


def test_a_manager_can_give_its_locals_another_ident() -> None:
    ident = 1
    local, stack = Local(), LocalStack[str]()
    manager = LocalManager([local, stack], ident_func=lambda: ident)
    local.user = "alice"
    stack.push("outer")
    ident = 2
    assert manager.get_ident() == 2
    assert not hasattr(local, "user")
    assert stack.top is None
    manager.cleanup()
    ident = 1
    assert local.user == "alice"
    assert stack.top == "outer"
    assert stack.__storage__ == {1: {"stack": ["outer"]}}


START: Any = None  # what a server passes as start_response; these apps do not call it


class Body:
    """A WSGI body that tells what was done to it."""

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def __iter__(self) -> Iterator[bytes]:
        yield b"one"
        yield b"two"

    def close(self) -> None:
        self.log.append("body closed")


def test_the_middleware_releases_when_the_response_is_closed() -> None:
    local = Local()
    log: list[str] = []
    manager = LocalManager(local)

    @manager.middleware
    def app(environ: Any, start_response: Any) -> Body:
        local.user = "alice"
        return Body(log)

    body: Any = app({}, START)
    assert app.__name__ == "app"
    assert list(body) == [b"one", b"two"]
    assert local.user == "alice"
    body.close()
    assert log == ["body closed"]
    assert local.__storage__ == {}


def test_the_middleware_releases_when_the_app_raises() -> None:
    local = Local()

    def app(environ: Any, start_response: Any) -> list[bytes]:
        local.user = "alice"
        raise SystemExit

    with pytest.raises(SystemExit):
        LocalManager(local).make_middleware(app)({}, START)
    assert local.__storage__ == {}


def test_the_middleware_accepts_a_body_without_close() -> None:
    local = Local()
    app = LocalManager(local).make_middleware(lambda environ, start_response: [b"hello"])
    body: Any = app({}, START)
    local.user = "alice"
    assert list(body) == [b"hello"]
    body.close()
    assert local.__storage__ == {}
