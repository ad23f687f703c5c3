import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def test_a_proxy_can_be_made_before_there_is_an_object():
    local = Local()
    calls = []
    try:
        LocalProxy(local, "user")
        LocalProxy(lambda: calls.append("called"))
    except AttributeError as error:
        pytest.fail(
            f"LocalProxy(local, 'user') raised AttributeError: {error}: no user has logged in"
            " yet, and a program must be able to import its proxies. Look later"
        )
    assert not calls, "LocalProxy(function) called the function: that is too early"


def test_a_proxy_finds_what_the_function_returns():
    found = LocalProxy(lambda: "alice")._get_current_object()
    assert not callable(found), (
        "LocalProxy(function)._get_current_object() is the function: return what it returns"
    )
    assert found == "alice", (
        f"LocalProxy(lambda: 'alice')._get_current_object() is {found!r}: what does the method"
        " return?"
    )


def test_a_proxy_looks_each_time():
    users = ["alice", "bob"]
    user = LocalProxy(lambda: users[0])
    first = user._get_current_object()
    del users[0]
    second = user._get_current_object()
    assert (first, second) == ("alice", "bob"), (
        f"one proxy found {first!r}, and when the function returned 'bob', {second!r}: what it"
        " found once is out of date the next time"
    )


def test_a_proxy_finds_the_attribute_of_this_name():
    local = Local()
    user = LocalProxy(local, "user")
    local.user, local.name = "alice", "another attribute"
    try:
        found = user._get_current_object()
    except TypeError as error:
        pytest.fail(
            f"LocalProxy(local, 'user')._get_current_object() raised TypeError: {error}: what"
            " is to be called here, and with which arguments?"
        )
    assert found != "another attribute", (
        "LocalProxy(local, 'user') found the attribute 'name': the name is in a variable, and"
        " `source.name` does not look into it"
    )
    assert found == "alice", f"LocalProxy(local, 'user') found {found!r}"


def test_each_thread_finds_its_own():
    local = Local()
    user = LocalProxy(local, "user")

    def thread(value):
        def actor():
            local.user = value
            yield
            return user._get_current_object()

        return actor

    order = "T1 T2 T1 T2"
    found = run(order, T1=thread("alice"), T2=thread("bob")).returned
    assert found["T1"] != "bob", f"at step 3 of {order!r}, T1 found T2's user"
    assert found == {"T1": "alice", "T2": "bob"}, (
        f"T1 stored 'alice', T2 stored 'bob', and in {order!r} T1 found {found['T1']!r}, T2"
        f" {found['T2']!r}"
    )


def test_an_object_that_is_false_is_found():
    numbers = [0]
    found = LocalProxy(lambda: numbers[0])._get_current_object()
    assert found == 0 and found is not None, (
        f"the function returned 0, and the proxy found {found!r}: 0 is an object, too"
    )


def test_two_proxies_do_not_mix():
    local = Local()
    user, page = LocalProxy(local, "user"), LocalProxy(local, "page")
    local.user, local.page = "alice", "/"
    found = user._get_current_object(), page._get_current_object()
    assert found == ("alice", "/"), (
        f"a proxy to 'user' and one to 'page' found {found!r}, but 'alice' and '/' are stored"
    )
