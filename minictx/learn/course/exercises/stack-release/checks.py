import pytest
from local import release_local
from stack import LocalStack

from minictx.stage import run


def left_in(stack):
    """Return what the threads have stored in the Local of a stack, one entry for each."""
    return list(stack._local.__storage__.values())


def release(stack):
    try:
        release_local(stack)
    except AttributeError as error:
        pytest.fail(f"release_local(stack) raised AttributeError: {error}: what does it call?")


def test_a_thread_that_is_done_leaves_nothing_behind():
    stack = LocalStack()

    def thread():
        stack.push("request")
        yield
        stack.pop()
        return left_in(stack)

    left = run("T1 T1", T1=thread).returned["T1"]
    assert not left, (
        f"T1 pushed once and popped once, and is still alive; the Local still holds {left!r}"
        " for it. Remove all of it with the last item"
    )


def test_the_last_item_is_returned():
    stack = LocalStack()
    stack.push("only")
    popped = stack.pop()
    assert popped == "only", (
        f"push('only'), then pop() returned {popped!r}: the last item must be returned, too"
    )


def test_what_is_around_an_item_stays():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    stack.pop()
    top = stack.top
    assert top == "outer", (
        f"after push('outer'), push('inner'), pop(), stack.top is {top!r}: 'outer' is still"
        " in use. When is it time to release?"
    )


def test_a_stack_that_was_released_can_be_used_again():
    stack = LocalStack()
    stack.push("first")
    stack.pop()
    stack.push("second")
    assert stack.top == "second", (
        f"push(), pop(), then push('second'): stack.top is {stack.top!r}"
    )


def test_releasing_drops_the_whole_stack():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    release(stack)
    assert stack.top is None, (
        f"after push('outer'), push('inner'), release_local(stack), stack.top is still"
        f" {stack.top!r}"
    )
    left = left_in(stack)
    assert not left, f"after release_local(stack) the Local of the stack still holds {left!r}"


def test_an_empty_stack_can_be_released():
    try:
        release(LocalStack())
    except (KeyError, IndexError) as error:
        pytest.fail(f"release_local() of an empty stack raised {type(error).__name__}")


def test_a_thread_releases_its_own_stack_only():
    stack = LocalStack()

    def t1():
        stack.push("red")
        yield
        return stack.top

    def t2():
        stack.push("blue")
        release(stack)
        return
        yield

    def t3():
        stack.push("green")
        stack.pop()
        return
        yield

    order = "T1 T2 T1"
    top = run(order, T1=t1, T2=t2).returned["T1"]
    assert top == "red", (
        f"T2 called release_local(stack) at step 2 of {order!r}, and at step 3 T1's stack.top"
        f" was {top!r}: release for the running thread only"
    )
    order = "T1 T3 T1"
    top = run(order, T1=t1, T3=t3).returned["T1"]
    assert top == "red", (
        f"T3 popped its last item at step 2 of {order!r}, and at step 3 T1's stack.top was"
        f" {top!r}"
    )
