from operator import delitem, eq, setitem

import pytest
from proxy import LocalProxy

USES = [
    # what is written, the object, what it does to the object or to a proxy of it
    ("str(p)", "alice", str),
    ("repr(p)", "alice", repr),
    ("f'{p:>9}'", "alice", lambda p: f"{p:>9}"),
    ("bool(p)", [], bool),
    ("hash(p)", "alice", hash),
    ("int(p)", 7.5, int),
    ("float(p)", 7, float),
    ("len(p)", "alice", len),
    ("list(p)", "alice", list),
    ("'li' in p", "alice", lambda p: "li" in p),
    ("'bob' in p", "alice", lambda p: "bob" in p),
    ("p['user']", {"user": "alice"}, lambda p: p["user"]),
    ("p[1:3]", "alice", lambda p: p[1:3]),
    ("p == 7", 7, lambda p: p == 7),
    ("p == 8", 7, lambda p: p == 8),
    ("7 == p", 7, lambda p: eq(7, p)),
    ("p != 7", 7, lambda p: p != 7),
    ("p != 8", 7, lambda p: p != 8),
    ("p < 7", 7, lambda p: p < 7),
    ("p < 8", 7, lambda p: p < 8),
    ("p <= 6", 7, lambda p: p <= 6),
    ("p <= 7", 7, lambda p: p <= 7),
    ("p > 7", 7, lambda p: p > 7),
    ("p > 6", 7, lambda p: p > 6),
    ("p >= 8", 7, lambda p: p >= 8),
    ("p >= 7", 7, lambda p: p >= 7),
    ("p + 2", 7, lambda p: p + 2),
    ("2 + p", 7, lambda p: 2 + p),
    ("'dear ' + p", "alice", lambda p: "dear " + p),
    ("p - 2", 7, lambda p: p - 2),
    ("2 - p", 7, lambda p: 2 - p),
    ("p * 2", 7, lambda p: p * 2),
    ("2 * p", 7, lambda p: 2 * p),
    ("p / 2", 7, lambda p: p / 2),
    ("2 / p", 4, lambda p: 2 / p),
    ("p % 4", 7, lambda p: p % 4),
    ("17 % p", 7, lambda p: 17 % p),
    ("p | 8", 7, lambda p: p | 8),
    ("8 | p", 7, lambda p: 8 | p),
    ("p('7')", int, lambda p: p("7")),
    ("p(self=7)", dict, lambda p: p(self=7)),
]


def do(use, obj):
    """Return what a use gives, or the error that it raises."""
    try:
        return use(obj)
    except Exception as error:
        return error


@pytest.mark.parametrize(("written", "obj", "use"), USES, ids=[use[0] for use in USES])
def test_a_proxy_can_be_used_as_its_object(written, obj, use):
    proxy = LocalProxy(lambda: obj)
    got, wanted = do(use, proxy), use(obj)
    assert not isinstance(got, Exception), (
        f"p stands for {obj!r}, and {written} raised {type(got).__name__}: {got}. Python looks"
        " for the method on the class of p, and never calls __getattr__"
    )
    assert type(got) is type(wanted) and got == wanted, (
        f"p stands for {obj!r}, and {written} gave {got!r}: the object itself gives something"
        " else"
    )


def test_items_are_set_and_deleted_in_the_object():
    target = {}
    session = LocalProxy(lambda: target)
    error = do(lambda proxy: setitem(proxy, "user", "alice"), session)
    assert error is None, f"session['user'] = 'alice' raised {type(error).__name__}: {error}"
    assert target == {"user": "alice"}, (
        f"session['user'] = 'alice', and the dict behind session is {target!r}"
    )
    error = do(lambda proxy: delitem(proxy, "user"), session)
    assert error is None, f"del session['user'] raised {type(error).__name__}: {error}"
    assert not target, f"del session['user'], and the dict behind session is {target!r}"


class Door:
    """Is open inside of a with statement."""

    def __init__(self):
        self.seen = []

    def __enter__(self):
        self.seen.append("open")
        return "inside"

    def __exit__(self, kind, error, traceback):
        self.seen.append(kind)
        return kind is KeyError


def test_with_opens_and_closes_the_object():
    door = Door()
    proxy = LocalProxy(lambda: door)
    try:
        with proxy as value:
            pass
    except TypeError as error:
        pytest.fail(f"`with p:` raised TypeError: {error}")
    assert value == "inside", f"`with p as value` gave {value!r}: return what __enter__ returns"
    assert door.seen == ["open", None], "`with p:` did not open and close the object"


def test_the_object_sees_an_error_and_may_end_it():
    door = Door()
    try:
        with LocalProxy(lambda: door):
            raise KeyError("lost")
    except KeyError:
        pytest.fail(
            "`with p:`: the object's __exit__ returned True, which ends a KeyError; the proxy"
            " let it through. Return what __exit__ returns"
        )
    assert door.seen == ["open", KeyError], "`with p:` did not pass the error to __exit__"


def test_an_operator_uses_the_object_of_this_moment():
    numbers = [1, 2]
    proxy = LocalProxy(lambda: numbers[0])
    first = proxy + 10
    del numbers[0]
    assert (first, proxy + 10) == (11, 12), (
        "p + 10, and again after the current object changed from 1 to 2: it did not use the"
        " new object"
    )
