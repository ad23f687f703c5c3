from itertools import permutations

import pytest
from contexts import _app_ctx_stack, _request_ctx_stack, request
from framework import App
from greenlet import getcurrent, greenlet
from local import release_local
from werkzeug.exceptions import Forbidden, HTTPException, MethodNotAllowed, NotFound
from werkzeug.test import Client
from werkzeug.wrappers import Response

from minictx.stage import run


@pytest.fixture(autouse=True)
def _empty_stacks():
    yield
    for stack in (_request_ctx_stack, _app_ctx_stack):
        release_local(stack)


def get(app, what, path="/"):
    """Return the response to a request; what says what the app has met."""
    try:
        return Client(app).get(path)
    except Exception as error:
        told = f"{type(error).__name__}: {error}".partition(". ")[0]
        raise AssertionError(
            f"{what}, and the server got {told}: it should get a response, whatever happens"
        ) from error


def make_app(error=None):
    """Return an app whose view raises the error, and what its teardown functions get."""
    app, ended = App("shop"), []
    app.teardown_request_funcs.append(lambda error: ended.append(("request", error)))
    app.teardown_appcontext_funcs.append(lambda error: ended.append(("app", error)))

    @app.route("/")
    def view():
        if error is not None:
            raise error
        return "tea"

    return app, ended


def handle(app, kind, answer, noted=None):
    """Register a handler for this class of errors; it notes what it is called with."""
    register = getattr(app, "errorhandler", None)
    assert register is not None, (
        "App has no method errorhandler: write it like `route`, with a class instead of the"
        " path"
    )

    def handler(*given):
        if noted is not None:
            noted.append((given, request.path if request else None))
        if isinstance(answer, Exception):
            raise answer
        return answer

    decorator = register(kind)
    assert callable(decorator), (
        f"app.errorhandler({kind.__name__}) returned {decorator!r}, and no decorator: what does"
        " `route` return?"
    )
    kept = decorator(handler)
    assert kept is handler, (
        f"@app.errorhandler({kind.__name__}) stands above a function, and makes {kept!r} of its"
        " name: what does the decorator in `route` return?"
    )


def test_an_http_exception_is_its_own_response():
    app, _ = make_app(Forbidden("members only"))
    answer = get(app, "nothing is registered for /nowhere", "/nowhere")
    assert answer.status_code == 404, (
        f"nothing is registered for /nowhere, so NotFound was raised, and the status was"
        f" {answer.status}: which one does the error itself stand for?"
    )
    answer = get(app, "the view raised Forbidden('members only')")
    assert answer.status_code == 403, (
        f"the view raised Forbidden('members only'), and the status was {answer.status}"
    )
    assert "members only" in answer.get_data(as_text=True), (
        "the view raised Forbidden('members only'), and the response does not say so: it"
        " should be that of this very error"
    )
    app, _ = make_app(MethodNotAllowed(["POST"]))
    allow = get(app, "the view raised MethodNotAllowed(['POST'])").headers.get("Allow")
    assert allow == "POST", (
        "the view raised MethodNotAllowed(['POST']), and the response does not have the header"
        " 'Allow: POST': an HTTPException makes a response itself, complete"
    )


def test_a_handler_answers():
    error = KeyError("tea")
    app, _ = make_app(error)
    noted = []
    handle(app, KeyError, "we have no tea", noted)
    answer = get(app, "the view raised KeyError, which has a handler")
    assert noted, (
        f"the view raised KeyError, which has a handler, and the status was {answer.status}:"
        " the handler was not called"
    )
    [(given, path)] = noted
    assert given == (error,), (
        f"the handler of KeyError was called with {given!r}: give it the error, which says more"
        " than its class"
    )
    assert path == "/", "in the handler there was no longer a request: it has to answer one"
    text = answer.get_data(as_text=True)
    assert (answer.status_code, text) == (200, "we have no tea"), (
        f"the handler of KeyError returned 'we have no tea', and sent was {text!r}, with status"
        f" {answer.status}: it is treated like what a view returns"
    )


def test_a_handler_may_return_a_response():
    app, _ = make_app(KeyError("tea"))
    handle(app, KeyError, Response("no tea", 400))
    answer = get(app, "the view raised KeyError, which has a handler")
    assert answer.status_code == 400, (
        "the handler returned a Response with the status 400, and the one that was sent has"
        f" {answer.status}"
    )


def test_an_app_has_its_own_handlers():
    handle(App("wiki"), KeyError, "from the wiki")
    app, _ = make_app(KeyError("tea"))
    text = get(app, "the view raised KeyError").get_data(as_text=True)
    assert text != "from the wiki", (
        "a handler was registered with one app, and answered for another: where is the dict of"
        " handlers made?"
    )


class SoldError(KeyError):
    pass


class SoldLateError(SoldError, TimeoutError):
    pass


@pytest.mark.parametrize(
    ("error", "closest", "others"),
    [
        (SoldError("tea"), LookupError, [ValueError]),
        (SoldError("tea"), KeyError, [LookupError, Exception]),
        (SoldLateError("tea"), LookupError, [TimeoutError, Exception]),
        (NotFound(), HTTPException, [Exception]),
        (NotFound(), NotFound, [HTTPException, Forbidden]),
    ],
)
def test_the_handler_of_the_closest_class_answers(error, closest, others):
    for kinds in permutations([closest, *others]):
        app, _ = make_app(error)
        for kind in kinds:
            handle(app, kind, kind.__name__)
        name, names = type(error).__name__, ", ".join(kind.__name__ for kind in kinds)
        answer = get(app, f"the view raised {name}, with handlers for {names}")
        used = answer.get_data(as_text=True) if answer.status_code == 200 else None
        bases = ", ".join(kind.__name__ for kind in type(error).__mro__[:-2])
        assert used == closest.__name__, (
            f"the view raised {name}, whose classes are {bases}; handlers were registered for"
            f" {names}, in this order, and "
            + (f"that of {used} answered" if used else "none of them answered")
        )


def test_any_other_error_is_a_500():
    app, _ = make_app(ValueError("a mistake"))
    handle(app, KeyError, "we have no tea")
    answer = get(app, "the view raised ValueError, and no handler is for it")
    assert answer.status_code == 500, (
        f"the view raised ValueError, which has no handler, and the status was {answer.status}"
    )
    assert "a mistake" not in answer.get_data(as_text=True), (
        "the view raised ValueError('a mistake'), and the response tells the visitor: such"
        " texts help an attacker"
    )


def test_the_teardown_functions_get_an_error_that_was_not_handled():
    error = ValueError("a mistake")
    app, ended = make_app(error)
    get(app, "the view raised ValueError, and no handler is for it")
    kinds = [kind for kind, _ in ended]
    assert kinds == ["request", "app"], (
        f"the view raised ValueError, and the teardown functions that were called are {kinds}"
    )
    for kind, got in ended:
        assert got is error, (
            f"the view raised {error!r}, and the teardown function of the {kind} context was"
            f" called with {got!r}: it needs to know whether to undo what was done. What is"
            " pop() told?"
        )


@pytest.mark.parametrize("error", [None, Forbidden(), KeyError("tea")])
def test_the_teardown_functions_do_not_get_what_was_handled(error):
    app, ended = make_app(error)
    handle(app, KeyError, "we have no tea")
    what = f"the view raised {type(error).__name__}" if error else "the view raised nothing"
    get(app, what)
    assert ended, f"{what}, and the teardown functions were not called"
    for kind, got in ended:
        assert got is None, (
            f"{what}, and the teardown function of the {kind} context was called with {got!r}:"
            " there is an answer for it, so nothing is to be undone"
        )


@pytest.mark.parametrize("error", [KeyError("tea"), Forbidden(), ValueError("a mistake"), None])
def test_functions_after_the_view_get_error_responses(error):
    app, _ = make_app(error)
    handle(app, KeyError, "we have no tea")
    noted = []

    @app.after_request
    def after(response):
        noted.append((response, request.path if request else None))
        return Response("from after")

    what = f"the view raised {type(error).__name__}" if error else "the view raised nothing"
    text = get(app, what).get_data(as_text=True)
    assert len(noted) == 1, (
        f"{what}, and the hook after the view was called {len(noted)} times: it is for each"
        " response, once"
    )
    [(response, path)] = noted
    assert isinstance(response, Response), (
        f"{what}, and the hook after the view got {response!r}: it wants a Response"
    )
    assert path == "/", f"{what}, and the hook after the view no longer found a request"
    assert text == "from after", (
        f"{what}, the hook after the view returned another response, and sent was {text!r}"
    )


@pytest.mark.parametrize(
    ("error", "status"), [(KeyError("tea"), 200), (Forbidden(), 403), (ValueError(), 500)]
)
def test_an_error_before_the_view_is_one_of_the_request(error, status):
    app, _ = make_app()
    handle(app, KeyError, "we have no tea")
    viewed = []
    app.route("/cart")(lambda: viewed.append("cart") or "cart")

    @app.before_request
    def before():
        raise error

    what = f"a hook before the view raised {type(error).__name__}"
    answer = get(app, what, "/cart")
    assert not viewed, f"{what}, and the view was called all the same"
    assert answer.status_code == status, (
        f"{what}, and the status was {answer.status}: if a view raises the same, it is a"
        " different one"
    )


def test_an_error_in_a_handler_is_a_500():
    worse = ValueError("a mistake in the handler")
    app, ended = make_app(KeyError("tea"))
    handle(app, KeyError, worse)
    answer = get(app, "the view raised KeyError, and its handler ValueError")
    assert answer.status_code == 500, (
        f"the view raised KeyError, its handler ValueError, and the status was {answer.status}"
    )
    assert ended[0][1] is worse, (
        "the view raised KeyError, its handler ValueError, and the teardown functions got"
        f" {ended[0][1]!r}: which of the two was not handled?"
    )


def test_an_error_after_the_view_is_a_500():
    app, _ = make_app()

    @app.after_request
    def after(response):
        if response.status_code == 200:
            raise ValueError("a mistake in the hook")
        return response

    answer = get(app, "a hook after the view raised ValueError")
    assert answer.status_code == 500, (
        f"a hook after the view raised ValueError, and the status was {answer.status}"
    )


@pytest.mark.parametrize("error", [KeyError("tea"), Forbidden()])
def test_what_a_hook_after_the_view_raises_has_no_other_answer(error):
    app, ended = make_app()
    handle(app, KeyError, "we have no tea")
    raised = iter([error])

    @app.after_request
    def after(response):
        for first in raised:
            raise first
        return response

    name = type(error).__name__
    what = f"a hook after the view raised {name}"
    answer = get(app, what)
    assert answer.status_code == 500, (
        f"{what}, which has {'a handler' if name == 'KeyError' else 'a status of its own'}, and"
        f" the status was {answer.status}: only errors that come earlier are answered like"
        " this. In which `try` are the hooks after the view called?"
    )
    assert ended[0][1] is error, (
        f"{what}, which was answered with a 500, and the teardown functions got"
        f" {ended[0][1]!r}: what is pop() told?"
    )


def test_a_program_that_is_to_end_is_not_held_up():
    app, _ = make_app(SystemExit("the server stops"))
    try:
        answer = Client(app).get("/")
    except SystemExit:
        return
    pytest.fail(
        f"sys.exit() was called in a view, and the status was {answer.status}: this ends the"
        " program, and is no Exception. What do you catch?"
    )


@pytest.mark.parametrize("error", [SystemExit(), ValueError("again and again")])
def test_whatever_happens_the_context_is_popped(error):
    app, ended = make_app()

    @app.after_request
    def after(response):
        raise error

    try:
        Client(app).get("/")
    except BaseException as raised:
        assert raised is error, (
            f"a hook after the view raised {error!r}, and the server got {raised!r}"
        )
    left = [*_request_ctx_stack, *_app_ctx_stack]
    assert not left, (
        f"a hook after the view always raised {type(error).__name__}, and afterwards"
        f" {len(left)} contexts were still on the stacks: the next request would find them"
    )
    assert len(ended) == 2, (
        f"a hook after the view always raised {type(error).__name__}, and {len(ended)} of 2"
        " teardown functions were called"
    )
    assert isinstance(error, SystemExit) or ended[0][1] is not None, (
        "a hook after the view always raised ValueError, also when it got the 500, and the"
        " teardown functions got None: first of all, note the error"
    )


def pause():
    getcurrent().parent.switch()


def visitor(app, path):
    """Return an actor that sends one request, in three steps: each pause() in it ends one."""

    def actor():
        handling = greenlet(lambda: Client(app).get(path).status_code)
        got = handling.switch()
        for _ in range(2):
            yield
            got = got if handling.dead else handling.switch()
        return got

    return actor


def test_two_errors_at_once_do_not_meet():
    app, got = App("shop"), {}
    app.teardown_request_funcs.append(lambda error: got.update({request.path: repr(error)}))

    @app.route("/red")
    def red():
        pause()
        raise ValueError("red")

    @app.route("/blue")
    def blue():
        pause()
        raise TypeError("blue")

    @app.after_request
    def after(response):
        pause()
        return response

    for order in ("T1 T2 T1 T2 T1 T2", "T1 T2 T2 T1 T1 T2"):
        try:
            run(order, T1=visitor(app, "/red"), T2=visitor(app, "/blue"))
        except Exception as error:
            raise AssertionError(
                f"two requests at once, in the order {order!r}, raised {type(error).__name__}:"
                f" {error}: what do they share?"
            ) from error
        assert got == {"/red": "ValueError('red')", "/blue": "TypeError('blue')"}, (
            "T1 asked for /red, which raised ValueError('red'), T2 for /blue, which raised"
            f" TypeError('blue'), and they took turns, {order!r}; the teardown functions got"
            f" {got}: where is the error kept?"
        )
