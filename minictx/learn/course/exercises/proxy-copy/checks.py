import copy

import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def copied(function, proxy):
    name = f"copy.{function.__name__}(p)"
    try:
        got = function(proxy)
    except (RecursionError, TypeError, AttributeError) as error:
        pytest.fail(
            f"{name} raised {type(error).__name__}: {error}: the copy module asks the class"
            f" of p for __{function.__name__}__"
        )
    assert type(got) is not LocalProxy, (
        f"{name} is a proxy: in a thread with something else current, it would not be what was"
        " copied. Copy the object"
    )
    return got


def test_a_copy_is_a_copy_of_the_object():
    cart = [["tea"]]
    got = copied(copy.copy, LocalProxy(lambda: cart))
    assert got == cart, f"p stands for {cart!r}, and copy.copy(p) is {got!r}"
    assert got is not cart, (
        "copy.copy(p) is the object itself: a change of one changes the other"
    )
    assert got[0] is cart[0], (
        "copy.copy(p) copied what is inside of the list, too: that is the job of"
        " copy.deepcopy()"
    )


def test_a_deep_copy_is_a_deep_copy_of_the_object():
    cart = [["tea"]]
    got = copied(copy.deepcopy, LocalProxy(lambda: cart))
    assert got == cart, f"p stands for {cart!r}, and copy.deepcopy(p) is {got!r}"
    assert got is not cart, "copy.deepcopy(p) is the object itself"
    assert got[0] is not cart[0], (
        "copy.deepcopy(p) did not copy what is inside of the list: a change there changes both"
    )


def test_what_is_there_twice_is_copied_once():
    item = ["tea"]
    first, second = copy.deepcopy([LocalProxy(lambda: item), item])
    assert first == second == ["tea"], (
        f"p stands for item, and deepcopy([p, item]) gave {first!r} and {second!r}"
    )
    assert first is second, (
        "p stands for item, and deepcopy([p, item]) made two copies of one list: deepcopy()"
        " records in `memo`, the argument of __deepcopy__, what it has copied. Pass it on"
    )


def test_an_unbound_proxy_cannot_be_copied():
    for function in (copy.copy, copy.deepcopy):
        try:
            got = function(LocalProxy(Local(), "cart", unbound_message="no cart here"))
        except RuntimeError as error:
            told = str(error)
        else:
            told = f"nothing, and returned {got!r}"
        assert told == "no cart here", (
            f"copy.{function.__name__}(p) of an unbound proxy said {told}"
        )


def test_a_copy_is_taken_from_the_thread_that_copies():
    local = Local()
    cart = LocalProxy(local, "cart")
    copies = {}

    def t1():
        local.cart = ["tea"]
        yield
        copies["T1"] = copy.copy(cart)

    def t2():
        local.cart = ["cake"]
        yield
        return copies["T1"]

    order = "T1 T2 T1 T2"
    got = run(order, T1=t1, T2=t2).returned["T2"]
    assert got == ["tea"], (
        f"T1 copied its cart at step 3 of {order!r}, and at step 4 T2 sees {got!r} in the copy"
    )
