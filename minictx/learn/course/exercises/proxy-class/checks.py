import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def is_a(proxy, kind):
    try:
        return isinstance(proxy, kind)
    except Exception as error:
        pytest.fail(f"isinstance(p, {kind.__name__}) raised {type(error).__name__}: {error}")


def test_a_proxy_passes_for_its_object():
    proxy = LocalProxy(lambda: "alice")
    assert not callable(proxy.__class__) or isinstance(proxy.__class__, type), (
        "p.__class__ is a method: isinstance() reads it like an attribute"
    )
    assert is_a(proxy, str), (
        "p stands for a string, and isinstance(p, str) is false: it looks at type(p), then at"
        " p.__class__. What is p.__class__?"
    )
    assert not is_a(proxy, int), "p stands for a string, and isinstance(p, int) is true"


def test_a_proxy_is_still_a_proxy():
    proxy = LocalProxy(lambda: "alice")
    assert is_a(proxy, LocalProxy), "isinstance(p, LocalProxy) is false"
    assert type(proxy) is LocalProxy, f"type(p) is {type(proxy)!r}: it must stay LocalProxy"


def test_the_class_is_that_of_the_object_of_this_moment():
    objects = ["alice", 7]
    proxy = LocalProxy(lambda: objects[0])
    first = proxy.__class__
    del objects[0]
    assert (first, proxy.__class__) == (str, int), (
        "the current object was a string, and now it is an int; p.__class__ was"
        f" {first.__name__}, and is now {proxy.__class__.__name__}"
    )


def test_an_unbound_proxy_is_nothing_but_a_proxy():
    user = LocalProxy(Local(), "user")
    try:
        found = user.__class__
    except RuntimeError:
        pytest.fail(
            "user is unbound, and user.__class__ raised RuntimeError: a debugger that shows it"
            " would fail"
        )
    assert found is LocalProxy, f"user is unbound, and user.__class__ is {found!r}"
    assert not is_a(user, str), "user is unbound, and isinstance(user, str) is true"


def test_a_subclass_of_the_proxy_is_seen_where_it_is_unbound():
    class Special(LocalProxy):
        pass

    found = Special(Local(), "user").__class__
    assert found is Special, (
        f"an unbound proxy of a subclass of LocalProxy, and its __class__ is {found!r}: which"
        " class is it really?"
    )


def test_an_object_that_passes_for_another_still_does():
    inner = LocalProxy(lambda: "alice")
    outer = LocalProxy(lambda: inner)
    assert is_a(outer, str), (
        "a proxy to a proxy to a string, and isinstance(outer, str) is false: ask the object"
        " for its __class__, as isinstance() does; type() sees through nothing"
    )


def test_each_thread_has_its_own_answer():
    local = Local()
    user = LocalProxy(local, "user")

    def thread(value):
        def actor():
            local.user = value
            yield
            return isinstance(user, str)

        return actor

    order = "T1 T2 T1 T2"
    answers = run(order, T1=thread("alice"), T2=thread(7)).returned
    assert answers == {"T1": True, "T2": False}, (
        f"T1 stored a string, T2 an int; in {order!r}, isinstance(user, str) was"
        f" {answers['T1']} in T1, and {answers['T2']} in T2"
    )
