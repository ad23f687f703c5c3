import gc
from weakref import getweakrefcount, ref

import pytest
from greenlet import getcurrent, greenlet
from local import Local


class User:
    """A value that can be watched."""


@pytest.fixture
def local():
    return Local()


def run_to_its_end(work):
    """Run a function in a new greenlet; return a weak reference to that greenlet."""
    g1 = greenlet(work)
    g1.switch()
    return ref(g1)


def test_a_greenlet_that_pauses_keeps_what_it_stored(local):
    def work():
        local.user = "alice"
        getcurrent().parent.switch()
        return getattr(local, "user", None)

    g1 = greenlet(work)
    g1.switch()
    gc.collect()
    assert g1.switch() == "alice", (
        "G1 stored a user and paused, and when it continued, the user was gone: it has not"
        " ended yet"
    )


def test_an_ended_greenlet_is_not_kept_alive(local):
    def work():
        local.user = "alice"

    g1 = run_to_its_end(work)
    gc.collect()
    assert g1() is None, (
        "G1 stored a user and ended, and the greenlet is still in memory: a dict keeps its"
        " keys and values alive; which kind of dict does not?"
    )


def test_an_ended_greenlet_leaves_nothing_in_the_storage(local):
    def work():
        local.user = "alice"

    run_to_its_end(work)
    gc.collect()
    left = list(local.__storage__.values())
    assert not left, (
        "G1 stored a user and ended without releasing it, and __storage__ still has"
        f" {left[0]!r}: a number cannot tell you that its greenlet is gone"
    )


def test_what_an_ended_greenlet_stored_is_freed(local):
    user = User()

    def work(user):
        local.user = user

    g1 = greenlet(work)
    g1.switch(user)
    user, watched = None, ref(user)
    del g1
    gc.collect()
    assert watched() is None, (
        "G1 stored an object and ended, and the object is still in memory: something other"
        " than __storage__ refers to it"
    )


def test_others_keep_theirs(local):
    def work():
        local.user = "alice"

    local.user = "bob"
    run_to_its_end(work)
    gc.collect()
    assert getattr(local, "user", None) == "bob", (
        "the main greenlet stored a user, then G1 stored one and ended, and the main greenlet"
        " has lost its own: forget what G1 had, and nothing else"
    )


def test_a_greenlet_is_not_watched_again_for_each_value(local):
    def store_and_release():
        local.user = "alice"
        local.__release_local__()

    store_and_release()
    before = getweakrefcount(getcurrent())
    for _ in range(100):
        store_and_release()
    more = getweakrefcount(getcurrent()) - before
    assert more < 10, (
        f"a greenlet stored a user and released it, 100 times, and now {more} more weak"
        " references to the greenlet are kept: on a long-lived thread, they grow without end"
    )


def test_a_local_that_is_no_longer_needed_is_freed(local):
    local.user = User()
    watched = ref(local.user)
    thrown_away = Local()
    thrown_away.user = User()
    lost = ref(thrown_away.user)
    del thrown_away
    gc.collect()
    assert watched() is not None, "local.user was freed while the Local is still in use"
    assert lost() is None, (
        "a Local was thrown away, and what a greenlet stored in it is still in memory:"
        " whatever waits for the greenlet's end must not hold the Local, nor its storage"
    )
