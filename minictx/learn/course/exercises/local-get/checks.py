import pytest
from local import Local, get_ident

from minictx.stage import run


@pytest.fixture
def local():
    return Local()


def store(local, **values):
    """Put values where they belong, for the running greenlet."""
    local.__storage__[get_ident()] = values


def reader(local, user):
    def act():
        store(local, user=user)
        yield
        return local.user

    return act


def read(local, name):
    """Return what is read or, if that fails, the error."""
    try:
        return getattr(local, name)
    except Exception as error:
        return error


def test_a_greenlet_reads_what_is_stored_for_it(local):
    store(local, user="alice")
    got = read(local, "user")
    assert got == "alice", (
        "__storage__ is {ident: {'user': 'alice'}}, with the ident of the greenlet that reads"
        f" local.user, and it gets {got!r}: look up two keys, one after the other"
    )


def test_greenlets_read_their_own(local):
    order = "G1 G2 G1 G2"
    users = run(
        order, on="greenlets", G1=reader(local, "alice"), G2=reader(local, "bob")
    ).returned
    assert users["G1"] != "bob", (
        f"G1 read what is stored for G2, at step 3 of {order!r}: which ident do you look up?"
    )
    assert users == {"G1": "alice", "G2": "bob"}, (
        f"in {order!r}, G1 read {users['G1']!r} and G2 {users['G2']!r}: each should read its"
        " own"
    )


def test_threads_read_their_own(local):
    order = "T1 T2 T1 T2"
    users = run(order, T1=reader(local, "alice"), T2=reader(local, "bob")).returned
    assert users == {"T1": "alice", "T2": "bob"}, (
        f"in {order!r}, thread T1 read {users['T1']!r} and T2 {users['T2']!r}: each should read"
        " its own"
    )


def test_a_greenlet_does_not_see_a_name_that_only_another_has(local):
    def g1():
        store(local, user="alice")
        yield

    def g2():
        store(local, language="en")
        yield read(local, "user")

    order = "G1 G2 G1 G2"
    got = run(order, on="greenlets", G1=g1, G2=g2).yielded["G2"][0]
    assert got != "alice", (
        f"G2 has no user, and read G1's, at step 2 of {order!r}: no value is better than"
        " another greenlet's"
    )


def test_a_missing_name_is_an_attribute_error(local):
    store(local, language="en")
    got = read(local, "user")
    assert not isinstance(got, KeyError), (
        "local.user is missing, and that raises a KeyError: `hasattr` and `getattr` with a"
        " default only understand an AttributeError"
    )
    assert isinstance(got, AttributeError), (
        f"local.user is missing, and reading it gives {got!r}: so a missing value cannot be"
        " told from one that is None"
    )
    assert "user" in str(got), (
        "the AttributeError does not say which name is missing: put it in the message"
    )


def test_a_greenlet_that_stored_nothing_gets_an_attribute_error(local):
    got = read(local, "user")
    assert isinstance(got, AttributeError), (
        f"__storage__ is empty, and reading local.user gives {got!r}: here it is the ident that"
        " is missing"
    )


def test_reading_stores_nothing(local):
    read(local, "user")
    assert not local.__storage__, (
        "a greenlet that stored nothing read local.user, and now it has an entry in"
        " __storage__: looking should leave nothing behind"
    )


def test_a_value_may_be_none_or_empty(local):
    store(local, user=None, cart=[])
    for name, value in [("user", None), ("cart", [])]:
        got = read(local, name)
        assert got == value, (
            f"{value!r} is stored under {name!r}, and reading it gives {got!r}: a value that is"
            " None or empty is a value, too"
        )
