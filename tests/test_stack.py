from __future__ import annotations

import weakref
from types import SimpleNamespace
from typing import Any

import pytest

from minictx import LocalProxy, LocalStack, get_ident, release_local
from tests.actors import Value, greenlet, needs_greenlet

# Push, pop, top


def test_the_last_item_pushed_is_the_first_popped() -> None:
    stack = LocalStack[str]()
    stack.push("outer")
    stack.push("inner")
    assert (stack.top, stack.pop()) == ("inner", "inner")
    assert (stack.top, stack.pop()) == ("outer", "outer")
    assert stack.top is None


def test_push_returns_the_stack_itself() -> None:
    stack = LocalStack[str]()
    outer = stack.push("outer")
    assert outer == ["outer"]
    inner = stack.push("inner")
    assert inner is outer
    assert inner == ["outer", "inner"]
    assert stack.__storage__[get_ident()]["stack"] is inner


def test_top_leaves_the_item_where_it_is() -> None:
    stack = LocalStack[Value]()
    value = Value()
    stack.push(value)
    assert stack.top is stack.top is value
    assert stack.pop() is value


def test_an_empty_stack_gives_none() -> None:
    stack = LocalStack[str]()
    for _ in "123":
        assert stack.top is None
        assert stack.pop() is None
    assert stack.__storage__ == {}
    stack.push("item")
    stack.pop()
    assert stack.top is None
    assert stack.pop() is None


@pytest.mark.parametrize("item", [None, 0, "", []], ids=repr)
def test_an_item_that_is_false_is_an_item(item: object) -> None:
    stack = LocalStack[object]()
    stack.push("below")
    stack.push(item)
    assert stack.top is item
    if item is not None:
        assert stack()._get_current_object() is item
    assert stack.pop() is item
    assert stack.pop() == "below"


def test_the_same_object_can_be_pushed_more_than_once() -> None:
    stack = LocalStack[Value]()
    value = Value()
    for _ in "123":
        stack.push(value)
    assert [stack.pop() for _ in "1234"] == [value, value, value, None]


def test_a_new_push_after_the_last_pop_begins_a_new_list() -> None:
    stack = LocalStack[str]()
    old = stack.push("old")
    stack.pop()
    new = stack.push("new")
    assert new is not old
    assert (old, new) == ([], ["new"])


def test_a_list_that_was_emptied_by_hand_is_an_empty_stack() -> None:
    stack = LocalStack[str]()
    stack.push("item").clear()
    assert stack.top is None
    assert repr(stack()) == "<LocalProxy unbound>"
    assert stack.__storage__ == {get_ident(): {"stack": []}}
    assert stack.pop() is None
    assert stack.__storage__ == {}
    stack.push("item").clear()
    assert stack.push("other") == ["other"]
    assert stack.pop() == "other"


# The storage


def test_the_storage_is_a_dict_of_stacks_by_ident(actor: Any) -> None:
    stack = LocalStack[str]()
    assert stack.__storage__ == {}
    stack.push("here")
    actor.do(lambda: stack.push("there"))
    actor.do(lambda: stack.push("and there"))
    there = actor.do(get_ident)
    assert stack.__storage__ == {
        get_ident(): {"stack": ["here"]},
        there: {"stack": ["there", "and there"]},
    }


def test_the_ident_leaves_the_storage_with_the_last_item(actor: Any) -> None:
    stack = LocalStack[str]()
    stack.push("outer")
    stack.push("inner")
    actor.do(lambda: stack.push("there"))
    there = actor.do(get_ident)
    stack.pop()
    assert set(stack.__storage__) == {get_ident(), there}
    stack.pop()
    assert set(stack.__storage__) == {there}
    assert actor.do(stack.pop) == "there"
    assert stack.__storage__ == {}


def test_release_empties_the_stack_of_the_one_who_runs(actor: Any) -> None:
    stack = LocalStack[str]()
    release_local(stack)  # nothing there: nothing happens
    stack.push("outer")
    stack.push("inner")
    actor.do(lambda: stack.push("there"))
    release_local(stack)
    assert stack.top is stack.pop() is None
    assert stack.__storage__ == {actor.do(get_ident): {"stack": ["there"]}}
    assert stack.push("again") == ["again"]
    actor.do(lambda: release_local(stack))
    assert stack.__storage__ == {get_ident(): {"stack": ["again"]}}


# Isolation


def test_each_greenlet_or_thread_has_a_stack_of_its_own(actor: Any) -> None:
    stack = LocalStack[str]()
    stack.push("here")
    assert actor.do(lambda: (stack.top, stack.pop())) == (None, None)
    assert actor.do(lambda: stack.push("there")) == ["there"]
    assert stack.push("here too") == ["here", "here too"]
    assert actor.do(lambda: stack.push("there too")) == ["there", "there too"]
    assert [stack.pop(), stack.top] == ["here too", "here"]
    assert actor.do(lambda: stack.top) == "there too"
    assert [stack.pop(), stack.pop()] == ["here", None]
    assert [actor.do(stack.pop) for _ in "123"] == ["there too", "there", None]


def test_two_stacks_have_nothing_in_common() -> None:
    one, two = LocalStack[str](), LocalStack[str]()
    one.push("one")
    assert two.top is None
    two.push("two")
    assert [one.pop(), two.pop()] == ["one", "two"]


def test_the_ident_function_can_be_chosen() -> None:
    ident: object = 1
    stack = LocalStack[str](lambda: ident)
    stack.push("one")
    ident = "two"
    assert stack.top is stack.pop() is None
    stack.push("two")
    assert stack.__storage__ == {1: {"stack": ["one"]}, "two": {"stack": ["two"]}}
    release_local(stack)
    ident = 1
    assert stack.pop() == "one"
    assert stack.__storage__ == {}


def test_the_ident_function_can_be_replaced() -> None:
    stack = LocalStack[str]()
    assert stack.__ident_func__ is get_ident
    stack.push("mine")

    def somebody() -> str:
        return "somebody"

    stack.__ident_func__ = somebody
    assert stack.__ident_func__ is somebody
    assert stack.top is None
    stack.push("theirs")
    assert stack.__storage__ == {
        get_ident(): {"stack": ["mine"]},
        "somebody": {"stack": ["theirs"]},
    }
    stack.__ident_func__ = get_ident
    assert stack.pop() == "mine"


USES: dict[str, Any] = {
    "push": lambda stack: stack.push("item"),
    "pop": lambda stack: stack.pop(),
    "top": lambda stack: stack.top,
    "iterate": list,
    "proxy": lambda stack: bool(stack()),
}


@pytest.mark.parametrize("use", USES)
def test_whoever_never_ran_before_finds_an_empty_stack(actor: Any, use: str) -> None:
    stack = LocalStack[str]()
    found = {"push": ["item"], "iterate": [], "proxy": False}.get(use)
    assert actor.do(lambda: USES[use](stack)) == found


@pytest.mark.parametrize("use", USES)
def test_an_error_of_the_ident_function_is_raised(use: str) -> None:
    def nobody() -> int:
        raise AttributeError("nobody runs")

    stack = LocalStack[str](nobody)
    with pytest.raises(AttributeError, match="nobody runs"):
        USES[use](stack)


# Forgetting


@needs_greenlet
def test_an_error_that_is_kept_keeps_no_greenlet_alive(no_gc: None) -> None:
    stack = LocalStack[str]()
    errors: list[BaseException] = []

    def work() -> None:
        try:
            len(stack())
        except RuntimeError as error:
            errors.append(error)

    runner = greenlet.greenlet(work)
    watch = weakref.ref(runner)
    runner.switch()
    del runner
    assert watch() is None
    assert "push something here first" in str(errors[0])


def test_a_stack_is_gone_when_its_greenlet_or_thread_is(actor: Any, no_gc: None) -> None:
    stack = LocalStack[Value]()
    outer, inner = Value(), Value()
    watches = [weakref.ref(outer), weakref.ref(inner)]
    actor.do(lambda outer=outer: stack.push(outer) and None)
    actor.do(lambda inner=inner: stack.push(inner) and None)
    del outer, inner
    assert None not in [watch() for watch in watches]
    actor.die()
    assert stack.__storage__ == {} == stack._owners.watched
    assert [watch() for watch in watches] == [None, None]


def test_a_dropped_stack_frees_all_items_at_once(actor: Any, no_gc: None) -> None:
    stack = LocalStack[Value]()
    here, there = Value(), Value()
    watches: list[weakref.ref[Any]] = [weakref.ref(here), weakref.ref(there)]
    stack.push(here)
    actor.do(lambda there=there, stack=stack: stack.push(there) and None)
    del here, there, stack
    assert [watch() for watch in watches] == [None, None]


def test_a_popped_item_is_not_kept(no_gc: None) -> None:
    stack = LocalStack[Value]()
    stack.push(Value())
    stack.push(Value())
    watches = [weakref.ref(item) for item in stack.__storage__[get_ident()]["stack"]]
    stack.pop()
    stack.pop()
    assert [watch() for watch in watches] == [None, None]


def test_a_stack_that_ran_empty_is_refilled_without_new_weak_references(actor: Any) -> None:
    stack = LocalStack[int]()
    actor.do(lambda: stack.push(0))
    ident = actor.do(get_ident)
    refs = list(stack._owners.watched[ident])
    for number in range(10):
        assert actor.do(stack.pop) == number
        assert stack.__storage__ == {}
        actor.do(lambda number=number: stack.push(number + 1))
        kept = stack._owners.watched[ident]
        assert [one is other for one, other in zip(kept, refs, strict=True)] == [True, True]
    # They still do what they are for.
    actor.die()
    assert stack.__storage__ == {} == stack._owners.watched


# Proxies


def test_a_called_stack_gives_a_proxy_to_its_top(actor: Any) -> None:
    stack = LocalStack[list[int]]()
    top: Any = stack()
    assert issubclass(type(top), LocalProxy)
    assert repr(top) == "<LocalProxy unbound>"
    stack.push([1])
    actor.do(lambda: stack.push([2, 3]))
    assert len(top) == 1
    assert actor.do(lambda: len(top)) == 2
    stack.push([4, 5, 6])
    assert len(top) == 3
    stack.pop()
    top.append(7)
    assert stack.pop() == [1, 7]
    with pytest.raises(RuntimeError, match="push something here first"):
        len(top)


def test_a_stack_called_with_a_name_gives_a_proxy_to_that_attribute_of_its_top() -> None:
    stack = LocalStack[SimpleNamespace]()
    user = stack("user")
    assert issubclass(type(user), LocalProxy)
    assert repr(user) == "<LocalProxy unbound>"
    stack.push(SimpleNamespace(user="alice"))
    assert user == "alice"
    stack.push(SimpleNamespace(user="bob"))
    assert user == "bob"
    assert stack.top is not None
    stack.top.user = "carol"
    assert user == "carol"
    stack.pop()
    assert user == "alice"


def test_a_proxy_follows_when_the_ident_function_is_replaced() -> None:
    stack = LocalStack[str]()
    top = stack()
    stack.push("mine")
    assert top == "mine"
    stack.__ident_func__ = lambda: "somebody"
    assert repr(top) == "<LocalProxy unbound>"
    stack.push("theirs")
    assert top == "theirs"
    stack.__ident_func__ = get_ident
    assert top == "mine"


def test_a_proxy_asks_a_subclass_that_has_a_top_of_its_own() -> None:
    class Loud(LocalStack[str]):
        @property
        def top(self) -> str | None:
            top = super().top
            return top and top.upper()

    stack = Loud()
    top: Any = stack()
    stack.push("mine")
    assert (stack.top, top) == ("MINE", "MINE")


def test_iteration_goes_from_bottom_to_top_over_a_copy(actor: Any) -> None:
    stack = LocalStack[str]()
    assert list(stack) == []
    stack.push("outer")
    stack.push("inner")
    actor.do(lambda: stack.push("elsewhere"))
    for item in stack:
        stack.pop()
        assert item in ("outer", "inner")
    assert list(stack) == []
    assert actor.do(lambda: list(stack)) == ["elsewhere"]


def test_a_stack_shows_how_much_is_on_it() -> None:
    stack = LocalStack[str]()
    assert repr(stack) == "<LocalStack: 0 items here; 0 idents>"
    stack.push("outer")
    assert repr(stack) == "<LocalStack: 1 items here; 1 idents>"


def test_a_notebook_shows_a_table_of_all_stacks_in_which_nothing_runs() -> None:
    stack = LocalStack[str]()
    stack.push("<script>alert(1)</script>")
    shown = stack._repr_html_()
    assert "<table" in shown
    assert "&lt;script&gt;" in shown
    assert "<script" not in shown
