import pytest
from local import Local
from proxy import LocalProxy

from minictx.stage import run


def call(local, name, **options):
    try:
        return local(name, **options)
    except (TypeError, AttributeError) as error:
        written = "".join(f", {key}=..." for key in options)
        pytest.fail(f"local({name!r}{written}) raised {type(error).__name__}: {error}")


def test_a_local_makes_a_proxy():
    local = Local()
    local.user = "alice"
    user = call(local, "user")
    assert type(user) is LocalProxy, (
        f"local('user') is {user!r}, of the class {type(user).__name__}: it must be a"
        " LocalProxy, to be kept and used later"
    )
    assert user == "alice", f"local.user is 'alice', and the proxy local('user') is {user!r}"


def test_a_proxy_is_made_before_there_is_a_value():
    local = Local()
    user = call(local, "user")
    local.user = "alice"
    assert user == "alice", (
        "user = local('user'), local.user = 'alice', and user is not 'alice'"
    )
    local.user = "bob"
    assert user == "bob", f"local.user became 'bob', and the proxy made before that is {user!r}"


def test_a_proxy_is_for_the_name_that_was_given():
    local = Local()
    local.user, local.page, local.name = "alice", "/", "another attribute"
    found = [str(call(local, name)) for name in ("user", "page")]
    assert found == ["alice", "/"], (
        f"the proxies local('user') and local('page') are {found[0]!r} and {found[1]!r}, but"
        " 'alice' and '/' are stored"
    )


def test_an_unbound_proxy_has_the_message_that_was_given():
    user = call(Local(), "user", unbound_message="log in first")
    try:
        told = f"nothing, and gave {str(user)!r}"
    except RuntimeError as error:
        told = repr(str(error))
    assert told == "'log in first'", (
        "local('user', unbound_message='log in first'), and an unbound user said " + told
    )


def test_a_call_stores_nothing():
    local = Local()
    call(local, "user")
    left = [dict(names) for names in local.__storage__.values()]
    assert not left, f"local('user') was called, and the Local now holds {left!r}"


def test_each_thread_finds_its_own():
    local = Local()
    user = call(local, "user")

    def thread(value):
        def actor():
            local.user = value
            yield
            return str(user)

        return actor

    order = "T1 T2 T1 T2"
    found = run(order, T1=thread("alice"), T2=thread("bob")).returned
    assert found == {"T1": "alice", "T2": "bob"}, (
        f"T1 stored 'alice', T2 'bob', and in {order!r}, user was {found['T1']!r} in T1, and"
        f" {found['T2']!r} in T2"
    )
