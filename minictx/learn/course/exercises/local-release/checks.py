import local as module
import pytest
from local import Local

from minictx.stage import run


@pytest.fixture
def local():
    return Local()


def release(local):
    """Call the student's release_local, or say that there is none."""
    function = getattr(module, "release_local", None)
    assert function is not None, (
        "local.py has no function release_local: write it below the class, not in it"
    )
    function(local)


def test_the_method_forgets_all_names(local):
    method = getattr(Local, "__release_local__", None)
    assert method is not None, "the class Local has no method __release_local__"
    local.user = "alice"
    local.language = "en"
    local.__release_local__()
    left = [name for name in ("user", "language") if hasattr(local, name)]
    assert not left, (
        f"after local.__release_local__(), the greenlet that called it still has {left}"
    )


def test_nothing_is_left_in_the_storage(local):
    local.user = "alice"
    local.__release_local__()
    left = list(local.__storage__.values())
    assert not left, (
        f"after local.__release_local__(), __storage__ still has an entry, {left[0]!r}: a"
        " server that creates a greenlet for each request would collect one for each"
    )


def test_others_keep_theirs(local):
    def g1():
        local.user = "alice"
        yield
        yield hasattr(local, "user")

    def g2():
        local.user = "bob"
        local.__release_local__()
        yield hasattr(local, "user")

    order = "G1 G2 G1 G1 G2"
    there = run(order, on="greenlets", G1=g1, G2=g2).yielded
    assert there["G1"][1], (
        f"G2 released the local at step 2 of {order!r}, and at step 3 G1 has lost its user"
    )
    assert there["G2"] == [False], (
        f"G2 released the local at step 2 of {order!r}, and still has its user"
    )


def test_nothing_stored_is_nothing_to_release(local):
    try:
        local.__release_local__()
    except (KeyError, AttributeError) as error:
        raise AssertionError(
            "a greenlet that stored nothing called local.__release_local__(), and got"
            f" {error!r}: at the end of a request, there may be nothing to release"
        ) from error


def test_a_released_local_can_be_used_again(local):
    local.user = "alice"
    local.__release_local__()
    local.user = "bob"
    assert getattr(local, "user", None) == "bob", (
        "after local.__release_local__(), local.user = 'bob' was stored, and it is missing"
    )


def test_the_function_releases_a_local(local):
    local.user = "alice"
    release(local)
    assert not hasattr(local, "user"), "after release_local(local), local.user is still there"


def test_the_function_keeps_what_others_have(local):
    def g1():
        local.user = "alice"
        yield
        yield hasattr(local, "user")

    def g2():
        release(local)
        yield

    order = "G1 G2 G1 G1 G2"
    there = run(order, on="greenlets", G1=g1, G2=g2).yielded["G1"][1]
    assert there, (
        f"G2 called release_local(local) at step 2 of {order!r}, and at step 3 G1 has lost its"
        " user: the method knows what to release: call it"
    )


def test_the_function_releases_anything_that_knows_how():
    class Other:
        released = False

        def __release_local__(self):
            self.released = True

    other = Other()
    try:
        release(other)
    except Exception as error:
        raise AssertionError(
            "release_local was called with an object that is not a Local, but has a"
            f" __release_local__, and raised {type(error).__name__}: {error}; you will meet"
            " such an object in the next chapter"
        ) from error
    assert other.released, (
        "release_local was called with an object that is not a Local, but has a"
        " __release_local__, and did not call it"
    )
