import framework
import pytest
from contexts import _app_ctx_stack, _request_ctx_stack
from framework import App
from greenlet import getcurrent, greenlet
from itsdangerous import BadSignature
from local import release_local
from werkzeug.exceptions import Forbidden
from werkzeug.test import Client

from minictx.stage import run

errors = []  # that was not handled


@pytest.fixture(autouse=True)
def _leave_nothing_behind():
    yield
    errors.clear()
    for stack in (_request_ctx_stack, _app_ctx_stack):
        release_local(stack)


@pytest.fixture
def session():
    proxy = getattr(framework, "session", None)
    assert proxy is not None, (
        "framework.py has no name `session`: make it a LocalProxy, as `request` is one"
    )
    return proxy


def make_app(session, **options):
    """Return an app that logs visitors in, tells who they are, and logs them out."""
    try:
        app = App("shop", **options)
    except TypeError as error:
        if not options:
            raise  # where it was called, this is explained
        raise AssertionError(
            f"App('shop', secret_key=...) raised TypeError: {error}: what does __init__ take?"
        ) from error

    app.teardown_request_funcs.append(errors.append)

    @app.route("/login/alice")
    def login_alice():
        session["user"] = "alice"
        return "hello"

    @app.route("/login/bob")
    def login_bob():
        session["user"] = "bob"
        return "hello"

    @app.route("/")
    def view():
        return session.get("user", "nobody")

    @app.route("/logout")
    def logout():
        session.pop("user", None)
        return "bye"

    return app


@pytest.fixture
def app(session):
    return make_app(session, secret_key="the key of the shop")


def explained(error, visitor):
    """Return what the error says, and what to think about."""
    if "JSON" in str(error):
        why = "is it a dict that is signed, or a proxy that passes for one?"
    elif not isinstance(error, BadSignature):
        why = "when is the session opened, and what is signed?"
    elif visitor.get_cookie("session") is None:
        why = "this visitor has no cookie yet: what does `loads` do with an empty text?"
    else:
        why = "a browser can send any text: what does `loads` do with a forged one?"
    return f"{type(error).__name__}: {error}: {why}"


def send(visitor, path):
    """Return the response to a visitor's request."""
    try:
        return visitor.get(path)
    except Exception as error:
        raise AssertionError(f"GET {path} raised {explained(error, visitor)}") from error


def visit(visitor, path="/"):
    """Return the text of the answer to a visitor's request, which must be no error."""
    answer = send(visitor, path)
    if answer.status_code == 500:
        error = errors[-1] if errors else None
        raise AssertionError(
            f"GET {path} was answered with a 500, for {explained(error, visitor)}"
        ) from error
    return answer.get_data(as_text=True)


def test_where_there_is_no_request_the_error_says_so(session):
    try:
        found = session["user"]
    except RuntimeError as error:
        assert "session" in str(error) and "request context" in str(error), (
            "outside of a request, `session` raised RuntimeError:"
            f" {str(error).partition(chr(10))[0]!r}: it should mention `session`, and say what"
            " is missing. contexts.py has a text for it"
        )
        return
    except Exception as error:
        pytest.fail(
            f"outside of a request, session['user'] raised {type(error).__name__}: {error}: is"
            " `session` a proxy?"
        )
    pytest.fail(f"outside of a request, session['user'] is {found!r}: whose is it?")


def test_a_visitor_is_known_at_the_next_request(app):
    alice = Client(app)
    visit(alice, "/login/alice")
    cookie = alice.get_cookie("session")
    assert cookie is not None, (
        "a view stored session['user'], and the response sets no cookie called 'session': the"
        " app will not see this dict again"
    )
    user = visit(alice)
    assert user == "alice", (
        "a view stored session['user'] = 'alice', and at the same visitor's next request, there"
        f" was {user!r}"
    )


def test_each_visitor_has_a_session(app):
    alice, bob = Client(app), Client(app)
    visit(alice, "/login/alice")
    user = visit(bob)
    assert user == "nobody", (
        f"alice logged in, and another visitor, without a cookie, is {user!r}"
    )
    visit(bob, "/login/bob")
    user = visit(alice)
    assert user == "alice", (
        f"alice logged in, then bob, in another browser; now alice is {user!r}"
    )


def test_the_session_is_in_the_request_context(session, app):
    @app.route("/context")
    def view():
        session["user"] = "alice"
        return str(getattr(_request_ctx_stack.top, "session", None))

    found = visit(Client(app), "/context")
    assert "alice" in found, (
        "a view stored session['user'] = 'alice', and the `session` of the request context is"
        f" {found}: the proxy stands for that"
    )


def tampered(cookie):
    """Return the cookie with another first character."""
    return ("f" if cookie[0] == "e" else "e") + cookie[1:]


@pytest.mark.parametrize(
    "how", ["of another app", "changed", "unsigned", "empty", "unreadable"]
)
def test_a_forged_cookie_gives_an_empty_session(session, app, how):
    mallory = Client(app)
    visit(mallory, "/login/alice")
    genuine = mallory.get_cookie("session").decoded_value
    other = Client(make_app(session, secret_key="another key"))
    visit(other, "/login/alice")
    forged = {
        "changed": tampered(genuine),
        "of another app": other.get_cookie("session").decoded_value,
        "unsigned": '{"user":"alice"}',
        "empty": "",
        "unreadable": "....",
    }[how]
    mallory.set_cookie("session", forged)
    answer = send(mallory, "/")
    assert answer.status_code != 500, (
        f"a visitor sent the session cookie {forged!r} ({how}), and the status was"
        f" {answer.status}: anyone can send anything. What does `loads` raise?"
    )
    user = answer.get_data(as_text=True)
    assert user == "nobody", (
        f"a visitor sent the session cookie {forged!r} ({how}), and is {user!r} now: was it"
        " signed with our key?"
    )
    visit(mallory, "/login/bob")
    user = visit(mallory)
    assert user == "bob", (
        f"a visitor sent a forged cookie, then logged in as bob, and is {user!r} now"
    )


def test_the_key_decides_and_not_the_app(session):
    alice, again = (Client(make_app(session, secret_key="the same key")) for _ in range(2))
    visit(alice, "/login/alice")
    again.set_cookie("session", alice.get_cookie("session").decoded_value)
    user = visit(again)
    assert user == "alice", (
        "the server was started again, with the same secret_key; alice's browser sent its"
        f" cookie, and there was {user!r}: all that is needed is in the cookie and the key"
    )


def test_without_a_key_an_app_has_a_secret_one(session):
    try:
        first, second = (Client(make_app(session)) for _ in range(2))
        visit(first, "/login/alice")
    except (TypeError, AssertionError) as error:
        cause = error.__cause__ or error
        if not isinstance(cause, TypeError):
            raise
        raise AssertionError(
            f"App('shop') was made without a secret_key, and there was {type(cause).__name__}:"
            f" {cause}: what is signed with then?"
        ) from error
    user = visit(first)
    assert user == "alice", (
        f"App('shop'), without secret_key: alice logged in, and at the next request is {user!r}"
    )
    second.set_cookie("session", first.get_cookie("session").decoded_value)
    user = visit(second)
    assert user == "nobody", (
        "two apps were made without a secret_key, and one takes the cookies of the other: so"
        " any reader of framework.py can sign, too"
    )


def test_hooks_see_the_session_and_what_they_store_is_saved(session, app):
    seen = []

    @app.before_request
    def before():
        seen.append(session.get("user", "nobody"))
        session["before"] = "stored"

    @app.after_request
    def after(response):
        session["after"] = "stored"
        return response

    app.route("/stored")(lambda: " ".join(sorted(session)))
    alice = Client(app)
    visit(alice, "/login/alice")
    stored = visit(alice, "/stored")
    assert seen[-1] == "alice", (
        f"alice is logged in, and a hook before the view found {seen[-1]!r} in the session"
    )
    for name in ("before", "after"):
        assert name in stored.split(), (
            f"a hook {name} the view stored session[{name!r}], and at the next request it"
            " was gone: when is the session saved?"
        )


@pytest.mark.parametrize("error", [Forbidden(), KeyError("tea"), ValueError("a mistake")])
def test_the_session_is_saved_where_an_error_is_answered(session, app, error):
    app.errorhandler(KeyError)(lambda error: "we have no tea")

    @app.route("/try")
    def view():
        session["tries"] = session.get("tries", 0) + 1
        raise error

    app.route("/tries")(lambda: str(session.get("tries", 0)))
    visitor = Client(app)
    for _ in range(2):
        visitor.get("/try")
    tries = visit(visitor, "/tries")
    assert tries == "2", (
        f"a view counted in the session, then raised {type(error).__name__}; after two requests"
        f" the count is {tries}: an error has a response, which can take a cookie, too"
    )


def set_cookies(answer):
    return answer.headers.getlist("Set-Cookie")


def test_a_cookie_is_set_only_if_something_has_changed(app):
    visitor = Client(app)
    cookies = set_cookies(visitor.get("/"))
    assert not cookies, (
        "a visitor only looked at a page, and nothing was stored in the session, but a cookie"
        " was set: an empty session needs none"
    )
    visit(visitor, "/login/alice")
    for path in ("/", "/login/alice"):
        cookies = set_cookies(visitor.get(path))
        assert not cookies, (
            f"alice is logged in, GET {path} left the session as it was, and the cookie was set"
            " again: two requests at once would undo what the other has stored"
        )


def test_a_change_inside_is_a_change(session, app):
    @app.route("/buy")
    def view():
        session.setdefault("cart", []).append("tea")
        return "thanks"

    app.route("/cart")(lambda: " ".join(session["cart"]))
    visitor = Client(app)
    for _ in range(2):
        visit(visitor, "/buy")
    cart = visit(visitor, "/cart")
    assert cart == "tea tea", (
        "two requests each put tea into the list session['cart'], and the third one found"
        f" {cart!r}: compare what is in the session now with what the cookie says"
    )


def test_what_was_taken_out_is_gone(app):
    alice = Client(app)
    visit(alice, "/login/alice")
    visit(alice, "/logout")
    user = visit(alice)
    assert user == "nobody", (
        "alice was logged out, which left the session empty, and at the next request is"
        f" {user!r} again: the browser still has the old cookie"
    )
    cookies = set_cookies(alice.get("/"))
    assert not cookies, (
        "alice was logged out, later looked at a page, and a cookie was set: nothing had"
        " changed"
    )


def test_the_cookie_is_for_the_server_only(app):
    [cookie] = set_cookies(Client(app).get("/login/alice"))
    for option in ("HttpOnly", "SameSite=Lax"):
        assert option.lower() in cookie.lower(), (
            f"the cookie that was set is {cookie!r}: {option} is missing"
        )


def pause():
    getcurrent().parent.switch()


def actor(visitor, path):
    """Return an actor that sends one request, in two steps: pause() ends the first."""

    def steps():
        handling = greenlet(lambda: visit(visitor, path))
        handling.switch()
        yield
        return None if handling.dead else handling.switch()

    return steps


def test_two_visitors_at_once_do_not_meet(session, app):
    def view():
        session["user"] = framework.request.path
        pause()
        return session["user"]

    for path in ("/red", "/blue"):
        app.route(path)(view)
    order = "T1 T2 T1 T2"
    red, blue = Client(app), Client(app)
    got = run(order, T1=actor(red, "/red"), T2=actor(blue, "/blue")).returned
    assert got == {"T1": "/red", "T2": "/blue"}, (
        f"T1 stored '/red' in its session at step 1 of {order!r}, T2 '/blue' at step 2; at"
        f" steps 3 and 4, they read {got['T1']!r} and {got['T2']!r}"
    )
    kept = visit(red), visit(blue)
    assert kept == ("/red", "/blue"), (
        f"T1 stored '/red' in its session at step 1 of {order!r}, T2 '/blue' at step 2; at the"
        f" next request of each, there was {kept[0]!r} and {kept[1]!r}: which session was"
        " saved?"
    )
