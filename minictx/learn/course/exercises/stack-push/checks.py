import pytest
from stack import LocalStack

from minictx.stage import run


def test_two_stacks_have_nothing_in_common():
    requests, apps = LocalStack(), LocalStack()
    requests.push("request")
    try:
        popped = apps.pop()
    except (IndexError, AttributeError):
        popped = None  # another check is about that
    assert popped is None, (
        "requests = LocalStack(), apps = LocalStack(): what requests.push() put on came off by"
        " apps.pop(). Two stacks need two Locals"
    )


def test_the_item_on_top_comes_off_first():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    popped = stack.pop()
    assert popped is not None, "push('outer'), push('inner'), pop(): nothing came off"
    assert popped != "outer", (
        "push('outer'), push('inner'), pop(): the first item came off first; which end of the"
        " list is the top?"
    )
    assert popped == "inner", f"push('outer'), push('inner'), pop() returned {popped!r}"


def test_what_was_popped_is_gone():
    stack = LocalStack()
    stack.push("outer")
    stack.push("inner")
    popped = [stack.pop(), stack.pop()]
    assert popped[1] != "inner", (
        "after push('outer'), push('inner'), two calls of pop() both returned 'inner': the"
        " first should have taken it off"
    )
    assert popped[1] == "outer", (
        f"after push('outer'), push('inner'), the second pop() returned {popped[1]!r}: is the"
        " first item still there after the second push?"
    )


def test_a_stack_that_is_used_up_pops_none():
    stack = LocalStack()
    stack.push("only")
    stack.pop()
    try:
        popped = stack.pop()
    except (IndexError, AttributeError) as error:
        pytest.fail(
            f"one push(), two pop(): the second raised {type(error).__name__}: there was"
            " nothing left to take off"
        )
    assert popped is None, f"one push(), two pop(): the second returned {popped!r}"


def test_a_stack_that_was_never_used_pops_none():
    try:
        popped = LocalStack().pop()
    except (IndexError, AttributeError) as error:
        pytest.fail(
            f"pop() before any push() raised {type(error).__name__}: what does a thread have"
            " before its first push?"
        )
    assert popped is None, f"pop() before any push() returned {popped!r}"


def test_push_returns_the_stack():
    stack = LocalStack()
    stack.push("outer")
    returned = stack.push("inner")
    assert returned is not None, "push() returned nothing: it must return the list"
    assert returned == ["outer", "inner"], (
        f"push('outer'), then push('inner') returned {returned!r}: it must return the whole"
        " list, the top at its end"
    )


def test_a_thread_that_comes_later_can_push():
    stack = LocalStack()

    def t1():
        try:
            stack.push("red")
        except AttributeError:
            pytest.fail(
                "the stack was made in the main thread; T1 called push(), and got an"
                " AttributeError: __init__ ran in another thread. Where is T1's list created?"
            )
        return
        yield

    run("T1", T1=t1)


def test_two_threads_have_two_stacks():
    stack = LocalStack()

    def thread(item):
        def actor():
            stack.push(item)
            yield
            return stack.pop(), stack.pop()

        return actor

    order = "T1 T2 T1 T2"
    popped = run(order, T1=thread("red"), T2=thread("blue")).returned
    assert "blue" not in popped["T1"], f"T1 popped what T2 pushed, at step 3 of {order!r}"
    assert popped["T1"] == ("red", None), (
        f"T1 pushed 'red' at step 1 of {order!r}; at step 3 two calls of pop() returned"
        f" {popped['T1']!r}"
    )
    assert popped["T2"] == ("blue", None), (
        f"T2 pushed 'blue' at step 2 of {order!r}; at step 4 two calls of pop() returned"
        f" {popped['T2']!r}: does every thread have its own list?"
    )
