import threading

import pytest
from beyond_scoped import ScopedSession, serve
from local import get_ident

from minictx.stage import run


class OutOfTime(BaseException):
    """What a server may raise in a view that takes too long. It is not an Exception."""


class Session:
    """What a session of a database library is like: it collects, and stores at commit()."""

    def __init__(self, shop, error=None):
        self.shop = shop
        self.error = error
        self.items = []
        self.closed = 0

    def __len__(self):
        return len(self.items)

    def add(self, item):
        self.items.append(item)

    def commit(self):
        self.shop.stored += self.items
        self.items.clear()

    def close(self):
        self.closed += 1
        self.items.clear()
        if self.error:
            raise self.error


class Shop:
    """A database, and all sessions that were made for it."""

    def __init__(self):
        self.stored = []
        self.sessions = []

    def make_session(self):
        self.sessions.append(Session(self))
        return self.sessions[-1]


class Number:
    """Returns the running ident, a number that a check has chosen."""

    now = 0

    def __call__(self):
        return self.now


@pytest.fixture
def shop():
    return Shop()


def scoped(shop, scopefunc):
    return ScopedSession(shop.make_session, scopefunc)


def session_of(session):
    try:
        return session()
    except RecursionError:
        pytest.fail(
            "session() never returns: an attribute that it needs was not set in __init__, so"
            " Python asks __getattr__ for it, which calls session() again"
        )


def remove(session, what):
    try:
        session.remove()
    except (KeyError, AttributeError, RecursionError) as error:
        pytest.fail(f"{what}, session.remove() raised {type(error).__name__}: {error}")


def test_a_session_is_made_when_it_is_needed(shop):
    session = scoped(shop, Number())
    assert not shop.sessions, "a session was made before one was needed: whose would it be?"
    first = session_of(session)
    assert isinstance(first, Session), f"session() returned {first!r}, which is no session"


def test_the_same_is_found_again(shop):
    session = scoped(shop, Number())
    first = session()
    assert session() is first, (
        "session() was called twice with the ident 0, and returned two sessions; its session"
        " is still empty, so len() of it is 0. Ask whether it is there, not whether it is true"
    )
    session.add("tea")
    session.commit()
    assert shop.stored == ["tea"], (
        f"session.add('tea'), then session.commit(), and {shop.stored!r} is stored: both must"
        " go to the same session"
    )
    assert len(shop.sessions) == 1, f"for one ident, {len(shop.sessions)} sessions were made"


def ending(session, item, ends):
    """Order something, and let another in before it commits or closes."""

    def actor():
        session.add(item)
        yield
        getattr(session, ends)()

    return actor


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_each_has_its_own(shop, on):
    session = scoped(shop, get_ident)
    order = "A B B A"
    actors = {"A": ending(session, "tea", "close"), "B": ending(session, "cake", "commit")}
    run(order, on=on, **actors)
    assert "tea" not in shop.stored, (
        f"A and B are two {on}; A ordered tea at step 1 of {order!r}, and B called commit() at"
        " step 3: it stored A's tea. Ask for the ident each time the session is used"
    )
    assert shop.stored == ["cake"], (
        f"A and B are two {on}; B ordered cake at step 2 of {order!r}, and called commit() at"
        f" step 3; and {shop.stored!r} is stored"
    )


def test_the_given_function_says_who_runs(shop):
    session = scoped(shop, lambda: "the same for all")
    order = "A B B A"
    actors = {"A": ending(session, "tea", "close"), "B": ending(session, "cake", "commit")}
    run(order, **actors)
    assert shop.stored == ["tea", "cake"], (
        "scopefunc() says that all are one and the same; A ordered tea, B ordered cake and"
        f" called commit(), and {shop.stored!r} is stored: ask scopefunc, and not get_ident()"
        " or a Local"
    )


def test_remove_closes_and_forgets(shop):
    number = Number()
    session = scoped(shop, number)
    other = session()
    number.now = 1
    mine = session()
    mine.add("tea")
    remove(session, "after session()")
    assert not other.closed, "1 called session.remove(), and the session of 0 was closed"
    assert mine.closed, "session.remove() was called, and the session is not closed"
    assert mine.closed == 1, f"session.remove() closed the session {mine.closed} times"
    assert session() is not mine, (
        "after session.remove(), session() returns the session that was closed: forget it, and"
        " the next use makes a new one"
    )
    number.now = 0
    assert session() is other, "1 called session.remove(), and 0 has lost its session, too"


def test_an_empty_session_is_closed_too(shop):
    session = scoped(shop, Number())
    empty = session()
    remove(session, "after session()")
    assert empty.closed, (
        "session() was called, then session.remove(), and the session is not closed; it was"
        " still empty, so len() of it is 0. Ask whether it is there, not whether it is true"
    )


def test_remove_makes_no_session(shop):
    session = scoped(shop, Number())
    remove(session, "with no session used")
    assert not shop.sessions, (
        "no session was used, and session.remove() made one, to close it: connecting is slow"
    )


def test_an_error_of_close_is_heard_and_forgotten(shop):
    session = scoped(shop, Number())
    broken = session()
    broken.error = OSError("the database is gone")
    try:
        session.remove()
    except OSError:
        pass
    else:
        pytest.fail("close() of the session raised an error, and remove() has hidden it")
    assert session() is not broken, (
        "close() of the session raised an error; after that, session() still returns this"
        " session: first forget it, then close it"
    )


def test_serve_returns_what_the_view_returns(shop):
    session = scoped(shop, Number())

    def view():
        session.add("tea")
        session.commit()
        return "ordered"

    answer = serve(session, view)
    assert answer == "ordered", f"a view returned 'ordered', and serve() returned {answer!r}"
    assert shop.stored == ["tea"], (
        f"a view ordered tea and called commit(), and {shop.stored!r} is stored"
    )


@pytest.mark.parametrize("error", [None, ValueError("no more tea"), OutOfTime()])
def test_a_number_that_is_used_again_finds_nothing(shop, error):
    session = scoped(shop, Number())

    def alice():
        session.add("tea for alice")
        if error:
            raise error

    def bob():
        session.add("cake for bob")
        session.commit()

    heard = None
    try:
        serve(session, alice)
    except (ValueError, OutOfTime) as raised:
        heard = raised
    assert heard is error, f"a view raised {error!r}, and serve() has hidden it"
    how = f"her view raised {error!r}" if error else "her view did not call commit()"
    assert not shop.stored, (
        f"alice ordered tea, {how}, and {shop.stored!r} is stored: serve() may not commit, and"
        " remove() may not either"
    )
    serve(session, bob)
    assert "tea for alice" not in shop.stored, (
        f"alice ordered tea, {how}, and her thread ended; bob's thread got the same number, and"
        f" by his commit(), {shop.stored!r} was stored: her session was still there"
    )


def test_nothing_is_left_of_those_who_have_ended(shop):
    session = scoped(shop, threading.get_ident)

    def thread():
        serve(session, lambda: session.add("tea"))
        yield

    run("A B A B", A=thread, B=thread)
    left = [each for each in shop.sessions if not each.closed]
    assert not left, f"A and B served a request each, and {len(left)} sessions are still open"


def test_after_serve_the_next_session_is_a_new_one(shop):
    session = scoped(shop, Number())
    used = serve(session, session)  # the view is session(): it returns what it has used
    assert session() is not used, (
        "a view used a session, and serve() returned; the next session() of the same ident is"
        " the same session again: it must be forgotten, not only closed"
    )


def test_a_view_that_uses_no_session_makes_none(shop):
    serve(scoped(shop, Number()), lambda: "hello")
    assert not shop.sessions, (
        "a view used no session, and serve() made one: do not open what a view does not need"
    )
