from types import SimpleNamespace

import contexts
import pytest
from contexts import AppContext, RequestContext
from local import release_local

from minictx.stage import run


@pytest.fixture(autouse=True)
def nothing_is_left_on_the_stacks():
    yield
    release_local(contexts._request_ctx_stack)
    release_local(contexts._app_ctx_stack)


def make_app(name):
    return SimpleNamespace(name=name, teardown_request_funcs=[], teardown_appcontext_funcs=[])


SHOP = make_app("shop")
BLOG = make_app("blog")


def request_to(path, app=SHOP):
    return RequestContext(app, SimpleNamespace(path=path))


def attempt(what, action):
    """Return what action() returns; nothing may be raised."""
    try:
        return action()
    except Exception as error:
        pytest.fail(f"{what} raised {type(error).__name__}: {error}")


def current():
    """Return g."""
    if not hasattr(contexts, "g"):
        pytest.fail("there is no g in contexts.py yet: it is a proxy, as current_app is")
    return contexts.g


def store(where, name, value):
    g = current()
    attempt(f"{where}, storing g.{name}", lambda: setattr(g, name, value))


def stored(where, name="user"):
    """Return what g has stored under a name, or 'nothing'."""
    g = current()
    return attempt(f"{where}, reading g.{name}", lambda: getattr(g, name, "nothing"))


def test_g_belongs_to_the_current_app_context():
    shown = repr(current())
    assert shown == "<LocalProxy unbound>", (
        f"no context is pushed, and g is {shown}: which context should it belong to?"
    )
    with AppContext(SHOP):
        store("in an app context", "user", "alice")
        user = stored("in an app context")
    assert user == "alice", f"in an app context, g.user = 'alice', and then g.user is {user!r}"


def test_what_was_not_stored_is_an_error_that_names_it():
    with AppContext(SHOP):
        try:
            cart = current().cart
        except AttributeError as error:
            told = str(error)
        except Exception as error:
            pytest.fail(
                f"g.cart was not stored, and reading it raised {type(error).__name__}:"
                " hasattr() and getattr() with a default know only AttributeError"
            )
        else:
            pytest.fail(f"g.cart was not stored, and reading it gave {cart!r}")
    assert "g.cart" in told, (
        f"g.cart was not stored, and the error says {told!r}: it should contain `g.cart`, as"
        " it stands in the program"
    )


def test_each_app_context_has_a_g_of_its_own():
    with AppContext(SHOP):
        store("in an app context", "user", "alice")
    with AppContext(SHOP):
        user = stored("in the second app context")
    assert user == "nothing", (
        "an app context stored g.user and was popped, and another of the same app finds"
        f" {user!r} in g.user: do they share one g?"
    )


def test_an_inner_app_context_hides_the_g_of_the_outer_one():
    with AppContext(SHOP):
        store("in the outer app context", "user", "alice")
        with AppContext(BLOG):
            inner = stored("in the inner app context")
            store("in the inner app context", "user", "bob")
        outer = stored("in the outer app context again")
    assert inner == "nothing", (
        f"the app context of 'shop' stored g.user, that of 'blog' was pushed on top, and g.user"
        f" is {inner!r} there"
    )
    assert outer == "alice", (
        f"the outer app context stored g.user = 'alice', the inner one 'bob'; after the inner"
        f" one was popped, g.user is {outer!r}"
    )


def test_get_returns_what_was_stored_or_a_default():
    with AppContext(SHOP):
        g = current()
        got = attempt("g.user was not stored, and g.get('user')", lambda: g.get("user"))
        assert got is None, f"g.user was not stored, and g.get('user') is {got!r}"
        after = stored("after g.get('user')")
        assert after == "nothing", (
            f"g.user was not stored, and after g.get('user') it is {after!r}: get should only"
            " look"
        )
        got = attempt("g.get('user', 'a guest')", lambda: g.get("user", "a guest"))
        assert got == "a guest", (
            f"g.user was not stored, and g.get('user', 'a guest') is {got!r}"
        )
        for value in ("alice", "", None):
            store("in an app context", "user", value)
            got = attempt("g.get('user', 'a guest')", lambda: g.get("user", "a guest"))
            assert got == value, (
                f"g.user is {value!r}, and g.get('user', 'a guest') is {got!r}: the default is"
                " for a name that was not stored"
            )


def test_in_tells_whether_a_name_was_stored():
    with AppContext(SHOP):
        g = current()
        found = attempt("'user' in g", lambda: "user" in g)
        assert not found, "g.user was not stored, and 'user' in g is True"
        for value in ("alice", None):
            store("in an app context", "user", value)
            found = attempt("'user' in g", lambda: "user" in g)
            assert found, f"g.user is {value!r}, and 'user' in g is False: it asks for the name"
        assert not attempt("'alice' in g", lambda: "alice" in g), (
            "g.alice was not stored, and 'alice' in g is True"
        )


def test_the_methods_of_g_are_not_stored_in_it():
    with AppContext(SHOP):
        g = current()
        assert not attempt("'get' in g", lambda: "get" in g), (
            "nothing was stored, and 'get' in g is True: a method is not what was stored"
        )
        got = attempt("g.get('get')", lambda: g.get("get"))
        assert got is None, (
            f"nothing was stored, and g.get('get') is {type(got).__name__!r}: a method is not"
            " what was stored"
        )


def test_what_is_deleted_is_not_there_any_more():
    with AppContext(SHOP):
        g = current()
        store("in an app context", "user", "alice")
        attempt("g.user was stored, and del g.user", lambda: delattr(g, "user"))
        assert "user" not in g, "after g.user = 'alice' and del g.user, 'user' in g is True"


def test_a_request_in_an_app_context_of_its_app_shares_g():
    with AppContext(SHOP):
        store("in an app context", "user", "alice")
        with request_to("/cart"):
            user = stored("in a request inside an app context")
            store("in a request inside an app context", "cart", ["cake"])
        cart = stored("after the request, in the app context", "cart")
    assert user == "alice", (
        "an app context stored g.user = 'alice', and a request inside it, to the same app,"
        f" finds {user!r}: it did not push its own app context"
    )
    assert cart == ["cake"], (
        f"a request inside an app context of its app stored g.cart, and the app context finds"
        f" {cart!r} there afterwards"
    )


def test_the_next_request_begins_with_an_empty_g():
    found = []
    for path in ("/login", "/cart"):
        with request_to(path):
            found.append(stored(f"in a request to {path}"))
            store(f"in a request to {path}", "user", "alice")
    assert found[1] == "nothing", (
        f"a request stored g.user, and the next one finds {found[1]!r}: another user may have"
        " sent it"
    )


def test_a_request_to_another_app_has_another_g():
    with AppContext(SHOP):
        store("in an app context", "user", "alice")
        with request_to("/posts", BLOG):
            inner = stored("in a request to another app")
        outer = stored("after a request to another app")
    assert (inner, outer) == ("nothing", "alice"), (
        f"the app context of 'shop' stored g.user = 'alice'; a request to 'blog' inside it"
        f" finds {inner!r}, and after it, there is {outer!r}"
    )


def test_a_context_that_is_pushed_again_keeps_its_g():
    ctx = AppContext(SHOP)
    with ctx:
        store("in an app context", "user", "alice")
        with ctx:
            user = stored("in the app context that was pushed again")
    assert user == "alice", (
        "an app context stored g.user = 'alice', and was pushed again; now g.user is"
        f" {user!r}: g belongs to the context, not to the push"
    )


def test_each_thread_has_the_g_of_its_own_app_context():
    def thread(user):
        def actor():
            with AppContext(SHOP):
                store("in a thread", "user", user)
                yield
                return stored("in a thread")

        return actor

    order = "T1 T2 T1 T2"
    users = run(order, T1=thread("alice"), T2=thread("bob")).returned
    assert users == {"T1": "alice", "T2": "bob"}, (
        f"T1 stored g.user = 'alice' at step 1 of {order!r}, and T2 'bob' at step 2; at step 3,"
        f" T1 reads {users['T1']!r}, and at step 4, T2 reads {users['T2']!r}"
    )
