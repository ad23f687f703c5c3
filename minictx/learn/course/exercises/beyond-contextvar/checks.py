import asyncio
from contextvars import Context

import pytest
from beyond_contextvar import Local
from local import release_local

from minictx.stage import run


@pytest.fixture
def local():
    return Local()


def attempt(function, what):
    """Call a function, and say in words what it means if it raises an error."""
    try:
        return function()
    except LookupError as error:
        pytest.fail(
            f"{what} raised {type(error).__name__}: if a context has stored nothing yet, the"
            " ContextVar has no value, unless you give get() a default"
        )
    except AttributeError as error:
        pytest.fail(f"{what} raised AttributeError: {error}")
    except RuntimeError as error:
        pytest.fail(f"{what} raised {type(error).__name__}: {error}")


def store(local, name, value):
    attempt(lambda: setattr(local, name, value), f"local.{name} = {value!r}")


def delete(local, name):
    """Delete a name; return whether it was there."""
    try:
        delattr(local, name)
    except AttributeError as error:
        assert name in str(error), f"the error of `del local.{name}` does not name {name!r}"
        return False
    except LookupError as error:
        pytest.fail(
            f"`del local.{name}` raised {type(error).__name__}: deleting what is not there is"
            " an AttributeError"
        )
    return True


def release(local):
    try:
        release_local(local)
    except (AttributeError, LookupError) as error:
        pytest.fail(f"release_local(local) raised {type(error).__name__}: {error}")
    check_empty(local, "after release")


def check_empty(local, after):
    """Fail unless a loop, reading and deleting do what they do in a new Local."""
    uses = {
        "a loop over local": lambda: list(local),
        "local.user": lambda: getattr(local, "user", None),
        "`del local.user`": lambda: delete(local, "user"),
    }
    for what, use in uses.items():
        try:
            found = use()
        except (AttributeError, LookupError, TypeError) as error:
            pytest.fail(
                f"{after}, {what} raised {type(error).__name__}: {error}. What is in the"
                " ContextVar then?"
            )
        assert not found, f"{after}, {what} still finds something"


def pairs(local):
    """Return all that is stored in the running context."""
    try:
        return dict(iter(local))
    except (AttributeError, TypeError, ValueError) as error:
        pytest.fail(f"a loop over local should give pairs (name, value): {error}")
    except LookupError as error:
        pytest.fail(f"with nothing stored, a loop over local raised {type(error).__name__}")


def in_a_new_context(check):
    """Run a check with nothing stored, and leave nothing behind."""

    def test():
        Context().run(check)

    test.__name__ = check.__name__
    return test


@in_a_new_context
def test_a_value_is_kept_in_the_context_only():
    local = Local()
    store(local, "user", "alice")
    assert "user" not in getattr(local, "__dict__", {}), (
        "local.user = 'alice', and Python kept it on the object itself, where all contexts see"
        " it: it needs a __setattr__ that uses the ContextVar"
    )


@in_a_new_context
def test_what_is_stored_can_be_read():
    local = Local()
    store(local, "user", "alice")
    store(local, "language", "en")
    found = [getattr(local, name, None) for name in ("user", "language")]
    assert found != [None, "en"], (
        "local.user was stored, then local.language, and now local.user is gone: all names of"
        " a context are in one dict"
    )
    assert found == ["alice", "en"], (
        f"local.user = 'alice' and local.language = 'en' were stored, and read: {found!r}"
    )
    store(local, "user", "bob")
    assert local.user == "bob", (
        f"local.user = 'alice', then local.user = 'bob', and it is {local.user!r}"
    )


@in_a_new_context
def test_what_is_not_there_is_an_attribute_error():
    local = Local()
    for when in ("with nothing stored at all", "with another name stored"):
        try:
            found = local.user
        except AttributeError as error:
            assert "user" in str(error), "the error of local.user does not name the attribute"
        except LookupError as error:
            pytest.fail(
                f"local.user, {when}, raised {type(error).__name__}: a missing attribute"
                " raises an AttributeError"
            )
        else:
            pytest.fail(f"local.user, {when}, is {found!r}")
        assert not delete(local, "user"), f"`del local.user`, {when}, raised no error"
        store(local, "language", "en")


def keeper(local, user):
    def actor():
        before = pairs(local)
        store(local, "user", user)
        yield before
        yield getattr(local, "user", None)

    return actor


@pytest.mark.parametrize("on", ["threads", "greenlets", "tasks"])
def test_each_has_its_own(local, on):
    order = "A B A B A B"
    yielded = run(order, on=on, A=keeper(local, "alice"), B=keeper(local, "bob")).yielded
    before, read = zip(*yielded.values(), strict=True)
    assert before == ({}, {}), (
        f"A and B are two {on}; A stored a user at step 1 of {order!r}, and B, when it began"
        f" at step 2, found {before[1]!r}: all contexts share one dict"
    )
    assert read == ("alice", "bob"), (
        f"A and B are two {on} that store a user each; after that, A read {read[0]!r} and B"
        f" {read[1]!r}"
    )


def with_child(local, do, later=lambda: None):
    """Let a task store alice and a cart, and start a child; return what both see then."""
    seen = {}

    async def child():
        do()
        seen["child"] = pairs(local)

    async def parent():
        store(local, "user", "alice")
        store(local, "cart", ["tea"])
        task = asyncio.create_task(child())
        later()
        await task
        seen["parent"] = pairs(local)
        yield

    run("PARENT PARENT", on="tasks", PARENT=parent)
    return seen["parent"], seen["child"]


ALICE = {"user": "alice", "cart": ["tea"]}

CHANGES = {
    "stored another user": (
        lambda local: store(local, "user", "bob"),
        {"user": "bob", "cart": ["tea"]},
    ),
    "stored a language, a new name": (
        lambda local: store(local, "language", "en"),
        ALICE | {"language": "en"},
    ),
    "deleted the user": (lambda local: delete(local, "user"), {"cart": ["tea"]}),
    "released the local": (release, {}),
}


def test_a_child_starts_from_what_its_parent_has(local):
    _, child = with_child(local, lambda: None)
    assert child == ALICE, (
        f"a task stored {ALICE!r} and started a child; the child, which stored nothing, finds"
        f" {child!r}"
    )


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_child_does_its_parent_does_not_see(local, what):
    change, expected = CHANGES[what]
    parent, child = with_child(local, lambda: change(local))
    assert parent == ALICE, (
        f"a task stored {ALICE!r} and started a child, which {what}; now the parent has"
        f" {parent!r}. The child's context is a copy, but the dict in it is the same one"
    )
    assert child == expected, f"a child {what}, and now it has {child!r}"


@pytest.mark.parametrize("what", CHANGES)
def test_what_a_parent_does_later_its_child_does_not_see(local, what):
    change, expected = CHANGES[what]
    parent, child = with_child(local, lambda: None, later=lambda: change(local))
    assert child == ALICE, (
        f"a task stored {ALICE!r}, started a child, and then {what}; the child now has"
        f" {child!r}: it should have what was there when it was started"
    )
    assert parent == expected, f"a task {what}, and now it has {parent!r}"


def test_the_values_are_not_copied(local):
    carts = []

    def act():
        store(local, "user", "bob")
        carts.append(local.cart)

    with_child(local, act, later=lambda: carts.append(local.cart))
    assert carts[0] is carts[1], (
        "a task stored a list, and its child, which stored a user, found a copy of the list:"
        " copy the dict, not what is in it. A value may be a connection, which cannot be"
        " copied"
    )


@in_a_new_context
def test_the_only_name_can_be_deleted():
    local = Local()
    store(local, "user", "alice")
    assert delete(local, "user"), "local.user was stored, and `del local.user` raised an error"
    check_empty(local, "after the only name was deleted")


@in_a_new_context
def test_a_loop_may_delete():
    local = Local()
    store(local, "user", "alice")
    store(local, "cart", ["tea"])

    def delete_all():
        for name, _ in local:
            delattr(local, name)

    attempt(delete_all, "a loop over local that deletes each name")
    left = pairs(local)
    assert left == {}, f"a loop over local deleted each name, and {left!r} is left"


@in_a_new_context
def test_a_deleted_name_is_gone():
    local = Local()
    store(local, "user", "alice")
    store(local, "cart", ["tea"])
    assert delete(local, "user"), "local.user was stored, and `del local.user` raised an error"
    left = pairs(local)
    assert left == {"cart": ["tea"]}, (
        f"a user and a cart were stored, and the user deleted; now there is {left!r}"
    )


@in_a_new_context
def test_releasing_forgets_everything_in_this_local():
    first, second = Local(), Local()
    release(first)
    store(first, "user", "alice")
    assert pairs(second) == {}, (
        f"one Local stored a user, and another Local has {pairs(second)!r}: all Locals use the"
        " same ContextVar"
    )
    store(second, "user", "bob")
    release(first)
    assert pairs(first) == {}, f"after release_local(local), it still has {pairs(first)!r}"
    assert pairs(second) == {"user": "bob"}, (
        f"one Local was released, and another, which had a user, has {pairs(second)!r} now"
    )
