from types import SimpleNamespace

import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def make(find):
    """Return a proxy, or say why that fails."""
    try:
        return LocalProxy(find)
    except RecursionError:
        pytest.fail(
            "LocalProxy(...) never returns: in __init__, `self._find = ...` calls your"
            " __setattr__. You have met this in Local"
        )


def test_reading_an_attribute_reads_that_of_the_object():
    request = make(lambda: SimpleNamespace(path="/shop"))
    try:
        path = request.path
    except AttributeError:
        pytest.fail(
            "request.path raised AttributeError: the proxy has no `path`, but its object has."
            " Which method does Python call if an attribute is not found?"
        )
    except RecursionError:
        pytest.fail("request.path never returns: does __getattr__ call itself?")
    assert path == "/shop", f"the object's path is '/shop', and request.path is {path!r}"


def test_a_missing_attribute_is_an_attribute_error():
    request = make(lambda: SimpleNamespace(path="/shop"))
    try:
        found = request.nothing
    except AttributeError:
        return
    assert found is not found, (
        "the object has no attribute 'nothing', and request.nothing raised no AttributeError:"
        " hasattr(request, ...) would always be true"
    )


def test_setting_an_attribute_sets_that_of_the_object():
    target = SimpleNamespace(user=None)
    g = make(lambda: target)
    g.user = "alice"
    assert "name" not in vars(target), (
        "g.user = 'alice' set the attribute 'name': use setattr(object, name, value)"
    )
    assert target.user == "alice", (
        "g.user = 'alice', and the object behind g still has no user: did the proxy keep it"
        " for itself?"
    )
    assert "user" not in vars(g), (
        "g.user = 'alice' set the attribute on the object, and on the proxy, too: the proxy"
        " would give the old user to the next request"
    )


def test_deleting_an_attribute_deletes_that_of_the_object():
    target = SimpleNamespace(user="alice")
    g = make(lambda: target)
    try:
        del g.user
    except AttributeError:
        pytest.fail("del g.user raised AttributeError: only getting and setting are forwarded")
    assert not hasattr(target, "user"), "del g.user, and the object behind g still has a user"


def test_dir_lists_the_attributes_of_the_object():
    target = SimpleNamespace(user="alice")
    listed = dir(make(lambda: target))
    assert "user" in listed, "dir(g) does not list 'user', which the object has: see __dir__"
    assert listed == dir(target), "dir(g) lists other names than dir() of the object"


def test_each_thread_sets_its_own():
    local = Local()
    g = LocalProxy(local, "g")

    def thread(user):
        def actor():
            local.g = SimpleNamespace()
            g.user = user
            yield
            return g.user

        return actor

    order = "T1 T2 T1 T2"
    read = run(order, T1=thread("alice"), T2=thread("bob")).returned
    assert read == {"T1": "alice", "T2": "bob"}, (
        f"T1 set g.user = 'alice', T2 set 'bob', and in {order!r} T1 read {read['T1']!r}, T2"
        f" {read['T2']!r}"
    )
