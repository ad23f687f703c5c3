import pytest
from local import Local

from minictx.stage import run


@pytest.fixture
def local():
    return Local()


def pairs(local):
    """Return what a loop over the local yields, or say why there is no loop."""
    try:
        return list(local)
    except TypeError as error:
        raise AssertionError(
            f"`for each in local` raises TypeError: {error}: the class needs an __iter__ that"
            " returns an iterator, as iter() does, or that yields"
        ) from error


def test_a_loop_gives_pairs_of_name_and_value(local):
    local.user = "alice"
    local.language = "en"
    found = pairs(local)
    assert found != ["user", "language"], (
        "a loop over the local yields only the names: it should yield pairs, (name, value)"
    )
    assert found != ["alice", "en"], (
        "a loop over the local yields only the values: it should yield pairs, (name, value)"
    )
    assert dict(found) == {"user": "alice", "language": "en"}, (
        "local.user is 'alice' and local.language is 'en', and a loop over the local yields"
        f" {found!r}: it should yield one pair, (name, value), for each"
    )


def test_a_loop_sees_what_the_running_greenlet_has(local):
    def g1():
        local.user = "alice"
        yield
        yield pairs(local)

    def g2():
        local.user = "bob"
        yield pairs(local)

    order = "G1 G2 G1 G1 G2"
    found = run(order, on="greenlets", G1=g1, G2=g2).yielded
    assert ("user", "alice") not in found["G2"][0], (
        f"a loop in G2 yielded G1's user, at step 2 of {order!r}"
    )
    assert found["G1"][1] == [("user", "alice")], (
        f"a loop in G1, at step 3 of {order!r}, yielded {found['G1'][1]!r}: G1 stored a user"
        " at step 1"
    )


def test_a_greenlet_that_stored_nothing_has_an_empty_loop(local):
    try:
        found = pairs(local)
    except KeyError:
        pytest.fail(
            "a greenlet that stored nothing began a loop over the local, and got a KeyError:"
            " if nothing is stored, the loop body never runs"
        )
    assert found == [], f"a greenlet that stored nothing gets {found!r} from a loop"
    assert not local.__storage__, (
        "a greenlet that stored nothing looped over the local, and now it has an entry in"
        " __storage__: looking should leave nothing behind"
    )


def test_two_loops_at_once_do_not_disturb_each_other(local):
    local.user = "alice"
    local.language = "en"
    turns = sum(1 for _ in local for _ in local)
    assert turns == 4, (
        f"two names are stored; a loop over the local, with a second one inside, ran {turns}"
        " times instead of 2 times 2: does each loop begin anew?"
    )


def test_a_loop_may_delete_what_it_finds(local):
    local.user = "alice"
    local.language = "en"
    try:
        for name, _ in local:
            delattr(local, name)
    except RuntimeError as error:
        raise AssertionError(
            f"a loop over the local deleted each name it found, and raised {error}: loop over"
            " a copy"
        ) from error
    left = pairs(local)
    assert not left, f"a loop deleted each name that it found, and {left!r} is left"
