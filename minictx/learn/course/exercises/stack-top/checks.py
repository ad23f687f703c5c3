import pytest
from stack import LocalStack

from minictx.stage import run


def top_of(stack, when):
    try:
        top = stack.top
    except (AttributeError, IndexError) as error:
        has = hasattr(type(stack), "top")
        what = f"raised {type(error).__name__}" if has else "found no such property"
        pytest.fail(f"{when}, stack.top {what}")
    assert not callable(top), (
        "stack.top is a method: it is read without parentheses, as in stack.top.request. What"
        " makes a method look like an attribute?"
    )
    return top


def items_of(stack, when):
    try:
        return list(stack)
    except (TypeError, AttributeError) as error:
        pytest.fail(f"{when}, list(stack) raised {type(error).__name__}: {error}")


def test_the_top_is_what_was_pushed_last():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    top = top_of(stack, "after push('outer'), push('inner')")
    assert top != "outer", "after push('outer'), push('inner'), stack.top is the bottom"
    assert not isinstance(top, list), "stack.top is the whole list: it must be one item of it"
    assert top == "inner", f"after push('outer'), push('inner'), stack.top is {top!r}"


def test_looking_takes_nothing_off():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    tops = [top_of(stack, "after two push()") for _ in range(2)]
    assert tops[0] == tops[1], (
        f"stack.top was read twice, and was {tops[0]!r}, then {tops[1]!r}: looking must not"
        " take anything off"
    )


def test_after_a_pop_the_one_around_it_is_current_again():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    stack.pop()
    top = top_of(stack, "after two push() and one pop()")
    assert top == "outer", (
        f"after push('outer'), push('inner'), pop(), stack.top is {top!r}: it must be looked"
        " up anew each time"
    )


def test_the_top_of_nothing_is_none():
    never, emptied = LocalStack(), LocalStack()
    emptied.push("only")
    emptied.pop()
    top = top_of(never, "before any push()")
    assert top is None, f"before any push(), stack.top is {top!r}"
    top = top_of(emptied, "after one push() and one pop()")
    assert top is None, f"after one push() and one pop(), stack.top is {top!r}"


def test_an_item_that_is_false_is_an_item():
    stack = LocalStack()
    stack.push(0)
    top = top_of(stack, "after push(0)")
    assert top == 0 and top is not None, (
        "after push(0), stack.top is None: 0 is an item like any other, though it is false"
    )


def test_each_thread_has_its_own_top():
    stack = LocalStack()

    def thread(item):
        def actor():
            stack.push(item)
            yield
            return top_of(stack, "in a thread that has pushed one item")

        return actor

    order = "T1 T2 T1 T2"
    tops = run(order, T1=thread("red"), T2=thread("blue")).returned
    assert tops["T1"] == "red", (
        f"T1 pushed 'red' at step 1 of {order!r}, and at step 3 its stack.top is"
        f" {tops['T1']!r}, after T2 pushed 'blue'"
    )


def test_a_loop_sees_the_items_from_bottom_to_top():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    items = items_of(stack, "after push('outer'), push('inner')")
    assert items != ["inner", "outer"], "list(stack) begins with the top: begin at the bottom"
    assert items == ["outer", "inner"], (
        f"after push('outer'), push('inner'), list(stack) is {items!r}"
    )
    items = items_of(LocalStack(), "before any push()")
    assert items == [], f"before any push(), list(stack) is {items!r}"


def test_a_loop_may_pop():
    stack = LocalStack()
    for item in ("a", "b", "c", "d"):
        stack.push(item)
    seen = []
    for item in stack:
        seen.append(item)
        stack.pop()
    assert seen == ["a", "b", "c", "d"], (
        f"a loop over a stack of 4 items, with a pop() in it, saw {seen!r} only: iterate over"
        " a copy of the list"
    )
