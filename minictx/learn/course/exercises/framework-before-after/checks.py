import pytest
from contexts import _app_ctx_stack, _request_ctx_stack, request
from framework import App
from greenlet import getcurrent, greenlet
from local import release_local
from werkzeug.test import Client  # calls an app as a server does
from werkzeug.wrappers import Response

from minictx.stage import run


@pytest.fixture(autouse=True)
def _empty_stacks():
    yield
    for stack in (_request_ctx_stack, _app_ctx_stack):
        release_local(stack)


def get(app, path="/"):
    """Return the text of the answer to one request."""
    try:
        return Client(app).get(path).get_data(as_text=True)
    except Exception as error:
        raise AssertionError(
            f"a request raised {type(error).__name__}: {error}: which functions are called"
            " here, with which arguments, and what happens to what they return?"
        ) from error


def make_app(answer=None):
    """Return an app, and a list where its hooks and view note their names and what they get.

    The first of its hooks before the view returns the answer.
    """
    app, noted = App("shop"), []

    @app.before_request
    def before_1(*given):
        noted.append(("before 1", given))
        return answer

    @app.before_request
    def before_2(*given):
        noted.append(("before 2", given))

    @app.route("/")
    def view():
        noted.append(("view", ()))
        return "from the view"

    @app.after_request
    def after_1(*given):
        noted.append(("after 1", given))
        return given[0]

    @app.after_request
    def after_2(*given):
        noted.append(("after 2", given))
        return given[0]

    return app, noted


def names(noted, start=""):
    return [name for name, _ in noted if name.startswith(start)]


def test_functions_before_the_view_are_called_in_their_order():
    app, noted = make_app()
    get(app)
    called = names(noted)
    before = names(noted, "before")
    assert before, f"{called} were called: what calls the hooks before the view?"
    assert before.count("before 1") == before.count("before 2") == 1, (
        f"two hooks were registered with before_request, and {before} were called"
    )
    assert before[0] == "before 1", (
        "before_request got 'before 1', then 'before 2'; they were called in reverse"
    )
    assert called.count("view") == 1, (
        f"no hook before the view returned an answer, and these were called: {called}"
    )
    assert called.index("view") > called.index("before 2"), (
        f"{called} were called, in this order: what must be done when the view begins?"
    )
    given = [given for name, given in noted if name.startswith("before")]
    assert given == [(), ()], (
        "a hook before the view was called with an argument: it takes none, and finds the"
        " request by its name"
    )


def test_functions_after_the_view_are_called_in_reverse_order():
    app, noted = make_app()
    answer = get(app)
    after = names(noted, "after")
    assert after, "no hook after the view was called: what is registered for them?"
    assert after.count("after 1") == after.count("after 2") == 1, (
        f"two hooks were registered with after_request, and {after} were called"
    )
    assert after[0] == "after 2", (
        "after_request got 'after 1', then 'after 2', and they were called in this order: which"
        " of them was registered last?"
    )
    called = names(noted)
    assert called.index("view") < called.index("after 2"), (
        f"{called} were called, in this order: is there a response before the view?"
    )
    assert answer == "from the view", f"the view returned 'from the view', sent was {answer!r}"


def test_functions_after_the_view_get_a_response():
    app, noted = make_app()
    get(app)
    for name, given in noted:
        if name.startswith("after"):
            assert len(given) == 1 and isinstance(given[0], Response), (
                f"{name!r} was called with {given!r}: it wants one argument, a Response, to set"
                " a header, whatever the view returned"
            )


def test_what_a_function_after_the_view_returns_is_sent():
    app = App("shop")
    app.route("/")(lambda: "from the view")
    got = []

    @app.after_request
    def called_last(response):
        got.append(response.get_data(as_text=True))
        response.set_data("from the last")
        return response

    @app.after_request
    def called_first(response):
        return Response("from the first")

    answer = get(app)
    assert got == ["from the first"], (
        "the first hook after the view returned a new response, and the next one got"
        f" {got[0]!r}: what a hook returns replaces the response"
    )
    assert answer == "from the last", (
        f"the hooks after the view made another response, and sent was {answer!r}"
    )


@pytest.mark.parametrize("text", ["please log in", ""])
def test_an_answer_before_the_view_is_final(text):
    app, noted = make_app(text)
    answer = get(app)
    called = names(noted)
    assert "view" not in called, (
        f"'before 1' returned {text!r}, which is not None, and the view was called all the"
        " same: so anyone gets in"
    )
    assert "before 2" not in called, (
        f"'before 1' returned {text!r}, and 'before 2' was called all the same: when is the"
        " answer known?"
    )
    assert answer == text, f"'before 1' returned {text!r}, and sent was {answer!r}"


def test_an_answer_before_the_view_goes_through_the_functions_after_it():
    app, noted = make_app("please log in")
    get(app)
    given = [given for name, given in noted if name.startswith("after")]
    assert len(given) == 2, (
        f"'before 1' returned an answer, and {names(noted)} were called: the hooks after"
        " the view are for each response, wherever it comes from"
    )
    kinds = [type(each).__name__ for (each,) in given]
    assert all(isinstance(each, Response) for (each,) in given), (
        f"'before 1' returned a text, and the hooks after the view were called with {kinds}"
    )


def test_all_of_them_see_the_request():
    app, seen = App("shop"), {}

    @app.before_request
    def before():
        seen["a hook before the view"] = request.path if request else None

    @app.after_request
    def after(response):
        seen["a hook after the view"] = request.path if request else None
        return response

    app.route("/cart")(lambda: "tea")
    get(app, "/cart")
    for who, path in seen.items():
        assert path == "/cart", (
            f"{who} found no request: here the context is not pushed yet, or already popped"
        )
    assert _request_ctx_stack.top is None, "after a request, its context is still on the stack"


def test_the_next_request_is_handled_in_the_same_way():
    app, noted = make_app()
    get(app)
    first = names(noted)
    noted.clear()
    get(app)
    assert names(noted) == first, (
        f"the first request called {first}, and the second one {names(noted)}: a request must"
        " not change the app's lists"
    )


def pause():
    getcurrent().parent.switch()


def visitor(app, path):
    """Return an actor that sends one request, in four steps: each pause() in it ends one."""

    def actor():
        handling = greenlet(lambda: Client(app).get(path).get_data(as_text=True))
        got = handling.switch()
        for _ in range(3):
            yield
            got = got if handling.dead else handling.switch()
        return got

    return actor


def test_two_requests_at_once_do_not_meet():
    app = App("shop")

    @app.before_request
    def before():
        pause()
        return "closed" if request.path == "/blue" else None

    @app.route("/red")
    def view():
        pause()
        return "red things"

    @app.after_request
    def after(response):
        pause()
        return response

    for order in ("T1 T2 T1 T2 T1 T2 T1 T2", "T1 T2 T2 T1 T2 T1 T1 T2"):
        try:
            got = run(order, T1=visitor(app, "/red"), T2=visitor(app, "/blue")).returned
        except Exception as error:
            raise AssertionError(
                f"two requests at once, in the order {order!r}, raised {type(error).__name__}:"
                f" {error}: what do they share?"
            ) from error
        assert got == {"T1": "red things", "T2": "closed"}, (
            f"T1 asked for /red, T2 for /blue, and they took turns, {order!r}; T1 was sent"
            f" {got['T1']!r}, and T2 {got['T2']!r}: the app is the same object for both"
        )


def test_a_request_leaves_nothing_in_the_app():
    app, _ = make_app()
    before = dict(vars(app))
    get(app)
    changed = [name for name, value in vars(app).items() if value is not before.get(name)]
    assert not changed, (
        f"a request has set {changed} in the app, which serves many at once: another thread may"
        " set it, too, before this one reads it"
    )
