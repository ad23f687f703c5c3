from __future__ import annotations

import asyncio
import copy
import gc
import pickle
import tracemalloc
import weakref
from collections.abc import Iterator
from contextvars import Context, ContextVar, copy_context
from functools import partial
from typing import Any

import pytest

import minictx.contextual
import minictx.local
import minictx.stack
from minictx import LocalManager, LocalProxy, release_local
from minictx.contextual import Local, LocalStack
from minictx.stage import run
from tests.actors import Value, greenlet, needs_greenlet

# As in local.py and stack.py


def test_what_was_set_can_be_read_and_deleted() -> None:
    local = Local()
    local.user, local.page = "alice", 1
    assert (local.user, local.page) == ("alice", 1)
    assert list(local) == [("user", "alice"), ("page", 1)]
    assert local.__storage__ == {"user": "alice", "page": 1}
    del local.user
    assert not hasattr(local, "user")
    assert local.page == 1


@pytest.mark.parametrize("page", [[], [1]])
def test_a_missing_attribute_is_named_in_the_error(page: list[int]) -> None:
    local = Local()
    for local.page in page:
        pass
    for use in (lambda: local.user, lambda: delattr(local, "user")):
        with pytest.raises(AttributeError, match="'user' is not set on this Local in this"):
            use()


def test_names_can_be_deleted_while_iterating() -> None:
    local = Local()
    local.user, local.page = "alice", 1
    for name, _ in local:
        delattr(local, name)
    assert list(local) == []


def test_the_storage_is_a_copy() -> None:
    local = Local()
    local.user = "alice"
    local.__storage__.clear()
    assert local.user == "alice"


def test_two_locals_have_nothing_in_common() -> None:
    one, other = Local(), Local()
    one.user, other.user = "alice", "bob"
    release_local(one)
    assert (list(one), list(other)) == ([], [("user", "bob")])


def test_a_subclass_sets_attributes_in_its_init() -> None:
    class Settings(Local):
        def __init__(self) -> None:
            super().__init__()
            self.debug = True

    settings = Settings()
    assert settings.debug
    assert Context().run(list, settings) == []


def test_the_last_item_pushed_is_the_first_popped() -> None:
    stack = LocalStack[str]()
    assert stack.push("outer") == ["outer"]
    assert stack.push("inner") == ["outer", "inner"]
    assert list(stack) == ["outer", "inner"]
    assert stack.__storage__ == {"stack": ["outer", "inner"]}
    assert (stack.top, stack.pop()) == ("inner", "inner")
    assert (stack.top, stack.pop()) == ("outer", "outer")
    assert stack.__storage__ == {}
    assert (stack.top, stack.pop()) == (None, None)


@pytest.mark.parametrize("item", [None, 0, "", []], ids=repr)
def test_an_item_that_is_false_is_an_item(item: object) -> None:
    stack = LocalStack[object]()
    stack.push("below")
    stack.push(item)
    assert (stack.top, stack.pop()) == (item, item)
    assert stack.pop() == "below"


def test_the_list_that_push_returns_is_a_copy() -> None:
    stack = LocalStack[str]()
    stack.push("outer").clear()
    assert stack.top == "outer"


def test_release_empties_the_stack() -> None:
    stack = LocalStack[str]()
    stack.push("outer")
    release_local(stack)
    assert (stack.top, stack.__storage__) == (None, {})


def test_a_manager_releases_them_too() -> None:
    local, stack = Local(), LocalStack[str]()
    local.user = "alice"
    stack.push("alice")
    LocalManager([local, stack]).cleanup()
    assert (list(local), list(stack)) == ([], [])


def test_they_show_what_is_here() -> None:
    local, stack = Local(), LocalStack[str]()
    assert (repr(local), repr(stack)) == ("<Local: nothing here>", "<LocalStack: 0 items here>")
    local.user, local.page = "alice", 1
    stack.push("alice")
    assert repr(local) == "<Local: user, page here>"
    assert repr(stack) == "<LocalStack: 1 items here>"


@pytest.mark.parametrize("holder", [Local(), LocalStack()], ids=["Local", "LocalStack"])
def test_copying_or_pickling_is_refused(holder: Any) -> None:
    for use in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match=f"cannot copy or pickle a {type(holder).__name__}"):
            use(holder)


@pytest.mark.parametrize("name", ["Local", "LocalStack"])
def test_they_have_what_those_of_idents_have(name: str) -> None:
    of_idents = getattr(minictx.local, name, None) or getattr(minictx.stack, name)
    missing = set(dir(of_idents)) - set(dir(getattr(minictx.contextual, name)))
    # There are no idents. And a notebook shows all stacks, which contextual cannot know.
    idents = {"__ident_func__", "__namespaces__", "__owners__"}
    assert missing <= {
        *idents,
        "__annotations__",
        "__slots__",
        "_repr_html_",
        "_owners",
        "_stacks",
    }


def test_proxies_stand_for_what_is_in_them() -> None:
    local, stack = Local(), LocalStack[Any]()
    user, top = local("user"), stack()
    again: LocalProxy[str] = LocalProxy(local, "user")
    name = stack("name", unbound_message="nobody here")
    for proxy, message in [
        (user, "'user' has no value in this context: set it on the Local here, before the"),
        (top, "the stack of this context is empty: push something here first"),
        (name, "nobody here"),
    ]:
        assert not proxy
        with pytest.raises(RuntimeError, match=message):
            proxy.upper()
    local.user = "alice"
    value = Value()
    value.name = "bob"  # type: ignore[attr-defined]
    stack.push(value)
    assert [user, again, name] == ["alice", "alice", "bob"]
    assert top._get_current_object() is value
    del value.name
    with pytest.raises(AttributeError):
        name.upper()
    with pytest.raises(TypeError, match="a proxy to a Local needs a name"):
        LocalProxy(local)


def test_a_contextvar_of_ones_own_can_be_used() -> None:
    of_local: ContextVar[dict[str, Any]] = ContextVar("of_local")
    of_stack: ContextVar[tuple[str, ...]] = ContextVar("of_stack")
    local, stack = Local(of_local), LocalStack(of_stack)
    assert (list(local), stack.top, stack.pop()) == ([], None, None)
    local.user = "alice"
    stack.push("alice")
    assert (of_local.get(), of_stack.get()) == ({"user": "alice"}, ("alice",))
    stack.pop()
    release_local(local)
    assert (of_local.get(), of_stack.get()) == ({}, ())


# Who has their own


@pytest.mark.parametrize(
    "on", ["threads", pytest.param("greenlets", marks=needs_greenlet), "tasks"]
)
def test_each_thread_greenlet_or_task_has_its_own(on: Any) -> None:
    local, stack = Local(), LocalStack[str]()

    def actor(name: str) -> Iterator[Any]:
        assert (list(local), list(stack)) == ([], [])
        local.user = name
        stack.push(name)
        yield
        stack.push("inner")
        yield
        yield local.user, list(stack)
        local.__release_local__()
        stack.pop()
        yield
        yield list(local), list(stack)

    alice, bob = partial(actor, "alice"), partial(actor, "bob")
    result = run("A B A B A B A B A B A B", A=alice, B=bob, on=on)
    seen = [step.value for step in result.steps if step.value is not None]
    assert seen == [
        ("alice", ["alice", "inner"]),
        ("bob", ["bob", "inner"]),
        ([], ["alice"]),
        ([], ["bob"]),
    ]


@needs_greenlet
def test_a_greenlet_starts_with_nothing() -> None:
    local = Local()
    local.user = "alice"
    assert greenlet.greenlet(lambda: list(local)).switch() == []


def change(local: Local, stack: LocalStack[str]) -> None:
    local.user = "bob"
    local.page = 2
    del local.color
    stack.pop()
    stack.push("bob")
    stack.push("bob's")


def delete(local: Local, stack: LocalStack[str]) -> None:
    release_local(local)
    while stack.pop():
        pass


@pytest.mark.parametrize("use", [change, delete])
def test_a_child_task_starts_from_its_parents_values_and_cannot_change_them(use: Any) -> None:
    local, stack = Local(), LocalStack[str]()

    async def child() -> None:
        assert dict(local) == {"user": "alice", "color": "red"}
        assert list(stack) == ["outer", "inner"]
        use(local, stack)
        assert local.__storage__ != {"user": "alice", "color": "red"}
        assert list(stack) != ["outer", "inner"]

    async def parent() -> None:
        local.user, local.color = "alice", "red"
        stack.push("outer")
        stack.push("inner")
        for _ in "12":
            await asyncio.create_task(child())
            assert dict(local) == {"user": "alice", "color": "red"}
            assert list(stack) == ["outer", "inner"]

    asyncio.run(parent())


def test_what_a_parent_changes_later_its_child_does_not_see() -> None:
    local, stack = Local(), LocalStack[str]()
    local.user = "alice"
    stack.push("outer")
    child = copy_context()
    local.user = "bob"
    stack.pop()
    assert child.run(lambda: (local.user, stack.top)) == ("alice", "outer")


def test_a_copied_context_keeps_what_is_stored_in_it() -> None:
    local = Local()
    context = copy_context()
    context.run(setattr, local, "user", "alice")
    assert list(local) == []
    assert context.run(getattr, local, "user") == "alice"


def test_a_thread_that_asyncio_starts_has_the_values_of_the_task() -> None:
    local = Local()

    async def main() -> Any:
        local.user = "alice"
        return await asyncio.to_thread(lambda: local.user)

    assert asyncio.run(main()) == "alice"


# Nothing is left behind


@pytest.fixture(params=["here", "copied context", "paused greenlet"])
def context(request: pytest.FixtureRequest) -> Any:
    """Run a call where it may be stored: here, or where nobody runs any more for now."""
    if request.param == "here":
        return lambda call: call()
    if request.param == "copied context":
        return copy_context().run
    if greenlet is None:
        pytest.skip("greenlet is not installed")

    def live() -> None:
        call = None
        while True:
            result = call and call()
            call = None
            call = paused.parent.switch(result)

    paused = greenlet.greenlet(live)
    paused.switch()
    request.addfinalizer(lambda: paused.throw(greenlet.GreenletExit))
    return paused.switch


def test_a_dropped_local_leaves_nothing_in_any_context(context: Any, no_gc: None) -> None:
    context(lambda: setattr(kept, "user", "alice"))
    variables = context(lambda: len(copy_context()))
    namespaces = context(lambda: len(minictx.contextual._values.get()))
    values = []
    for _ in range(100):
        local, stack, value = Local(), LocalStack[Value](), Value()
        context(partial(setattr, local, "value", value))
        context(partial(_push, stack, value))
        values.append(weakref.ref(value))
        del local, stack, value
    assert {ref() for ref in values} == {None}
    assert context(lambda: len(copy_context())) == variables
    assert context(lambda: len(minictx.contextual._values.get())) == namespaces


kept = Local()


def _push(stack: LocalStack[Value], value: Value) -> None:
    stack.push(value)  # nobody keeps the list that this returns


def test_an_empty_local_leaves_the_context() -> None:
    local, stack = Local(), LocalStack[str]()
    before = len(minictx.contextual._values.get())
    local.user = "alice"
    stack.push("alice")
    assert len(minictx.contextual._values.get()) == before + 2
    del local.user
    stack.pop()
    assert len(minictx.contextual._values.get()) == before


def test_values_are_freed_with_the_context(no_gc: None) -> None:
    local, stack = Local(), LocalStack[Value]()
    value = Value()
    freed = weakref.ref(value)
    context = Context()
    context.run(setattr, local, "value", value)
    context.run(stack.push, value)
    del value
    assert freed() is not None
    del context
    assert freed() is None


@pytest.mark.parametrize("use", ["set and delete", "set and release", "push and pop"])
def test_many_rounds_leave_no_memory_behind(use: str) -> None:
    local, stack = Local(), LocalStack[object]()

    def rounds(number: int) -> None:
        for each in range(number):
            if use == "push and pop":
                stack.push(each)
                stack.pop()
                continue
            local.value = each
            if use == "set and delete":
                del local.value
            else:
                release_local(local)

    rounds(1000)
    gc.collect()
    tracemalloc.start()
    try:
        rounds(20_000)
        gc.collect()
        assert tracemalloc.get_traced_memory()[0] < 10_000
    finally:
        tracemalloc.stop()
