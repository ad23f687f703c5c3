import pytest
from local import Local

from minictx.stage import run


@pytest.fixture
def local():
    return Local()


def delete(local):
    """Delete local.user, and return the error, if there is one."""
    try:
        del local.user
    except Exception as error:
        return error


def test_a_deleted_name_is_gone(local):
    local.user = "alice"
    error = delete(local)
    assert error is None, (
        f"local.user was stored, and `del local.user` raises {error!r}: Python looks for it on"
        " the object itself, unless the class has a __delattr__ that looks elsewhere"
    )
    value = getattr(local, "user", "gone")
    assert value is not None, (
        "after `del local.user`, local.user is None: a deleted name does not exist at all, and"
        " reading it raises an AttributeError"
    )
    assert value == "gone", f"after `del local.user`, local.user is still {value!r}"


def test_the_other_names_stay(local):
    local.user = "alice"
    local.language = "en"
    delete(local)
    assert hasattr(local, "language"), (
        "a greenlet stored a user and a language, deleted the user, and now the language is"
        " gone as well: which of the two dicts do you delete from?"
    )


def test_a_greenlet_deletes_its_own_only(local):
    def g1():
        local.user = "alice"
        yield
        yield hasattr(local, "user")

    def g2():
        local.user = "bob"
        delete(local)
        yield hasattr(local, "user")

    order = "G1 G2 G1 G1 G2"
    there = run(order, on="greenlets", G1=g1, G2=g2).yielded
    assert there["G1"][1], (
        f"G2 deleted its user at step 2 of {order!r}, and at step 3 G1's was gone, too"
    )
    assert there["G2"] == [False], (
        f"G2 deleted its user at step 2 of {order!r}, and still has one"
    )


def test_a_name_that_only_another_has_cannot_be_deleted(local):
    def g1():
        local.user = "alice"
        yield
        yield hasattr(local, "user")

    def g2():
        local.language = "en"
        yield delete(local)

    order = "G1 G2 G1 G1 G2"
    yielded = run(order, on="greenlets", G1=g1, G2=g2).yielded
    assert yielded["G1"][1], (
        f"G2 has no user; it called `del local.user` at step 2 of {order!r}, and deleted G1's"
    )
    error = yielded["G2"][0]
    assert error is not None, (
        f"G2 has no user, and its `del local.user`, at step 2 of {order!r}, says nothing:"
        " deleting what is not there is an error, as with any object"
    )
    assert isinstance(error, AttributeError), (
        f"G2 has no user, and its `del local.user`, at step 2 of {order!r}, raises {error!r}:"
        " a missing attribute raises another kind of error"
    )
    assert "user" in str(error), (
        "the error of `del local.user` does not say which name is missing: put it into the"
        " message"
    )


def test_a_greenlet_that_stored_nothing_has_nothing_to_delete(local):
    error = delete(local)
    assert isinstance(error, AttributeError), (
        "a greenlet stored nothing at all, not even another name, and its `del local.user`"
        f" gives {error!r}: it should be an AttributeError here as well"
    )
    assert not local.__storage__, (
        "a greenlet that stored nothing called `del local.user`, and now it has an entry in"
        " __storage__"
    )
