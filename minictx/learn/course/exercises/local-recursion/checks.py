import pytest
from local import Local

from minictx.stage import run


def new():
    """Return a Local, or say why that fails."""
    try:
        return Local()
    except RecursionError as error:
        raise AssertionError(
            "Local() never returns: which method does the line in __init__ call, and what does"
            " that method look for first?"
        ) from error
    except AttributeError as error:
        raise AssertionError(
            f"Local() raises AttributeError: {error}: the storage must be there before"
            " __setattr__ can use it"
        ) from error


def writer(local, user):
    def act():
        local.user = user
        yield
        return local.user

    return act


def test_a_new_local_can_be_read():
    local = new()
    try:
        found = hasattr(local, "user")
    except RecursionError as error:
        raise AssertionError(
            "local.user was read before anything was stored, and that never returns: where"
            " does __getattr__ find the storage then?"
        ) from error
    assert not found, "a new Local has a user, although none was stored"


def test_a_value_is_kept_in_the_storage():
    local = new()
    local.user = "alice"
    assert local.__storage__, (
        "after local.user = 'alice' nothing is in __storage__: Python kept the value on the"
        " object itself, where all see it; is __setattr__ still commented out?"
    )
    assert list(local.__storage__.values()) == [{"user": "alice"}], (
        "after local.user = 'alice', __storage__ should be {ident: {'user': 'alice'}}, and the"
        f" values in it are {list(local.__storage__.values())!r}"
    )


@pytest.mark.parametrize("on", ["greenlets", "threads"])
def test_each_reads_back_its_own(on):
    local = new()
    order = "A B A B"
    users = run(order, on=on, A=writer(local, "alice"), B=writer(local, "bob")).returned
    assert users["A"] != "bob", (
        f"A read what B stored, at step 3 of {order!r} on {on}: the value is also in a place"
        " where Python looks before it calls __getattr__"
    )
    assert users == {"A": "alice", "B": "bob"}, (
        f"in {order!r} on {on}, A read {users['A']!r} and B {users['B']!r}"
    )


def test_a_second_name_leaves_the_first_alone():
    local = new()
    local.user = "alice"
    local.language = "en"
    assert getattr(local, "user", None) == "alice", (
        "local.user was stored, then local.language, and now local.user is gone: a greenlet"
        " has one dict for all its names, not one for each"
    )
    assert getattr(local, "language", None) == "en", (
        "local.user was stored, then local.language, and the second is missing"
    )


def test_a_second_value_takes_the_place_of_the_first():
    local = new()
    local.user = "alice"
    local.user = "bob"
    assert local.user == "bob", (
        f"local.user = 'alice', then local.user = 'bob', and it is still {local.user!r}"
    )


def test_two_locals_share_nothing():
    first, second = new(), new()
    first.user = "alice"
    assert not hasattr(second, "user"), (
        "one Local stored a user, and another Local has it: all Locals use the same storage"
    )
