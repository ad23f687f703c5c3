"""Scenarios: what may happen to a request, written once, to be run on every framework."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minictx.compare.flask_versions.app import AppError, make_app
from minictx.compare.flask_versions.kit import Kit

__all__ = ["SCENARIOS", "Scenario"]

Run = Callable[[Kit], None]


@dataclass(frozen=True)
class Scenario:
    """Something that happens to a request."""

    key: str
    sentence: str
    run: Run


SCENARIOS: dict[str, Scenario] = {}


def add(key: str, sentence: str, run: Run) -> None:
    SCENARIOS[key] = Scenario(key, sentence, run)


def scenario(sentence: str) -> Callable[[Run], Run]:
    """Decorate a function that is a scenario; its name gives the key."""

    def decorate(run: Run) -> Run:
        add(run.__name__.replace("_", "-"), sentence, run)
        return run

    return decorate


# One request


def get(path: str, method: str = "GET") -> Run:
    """Return a scenario of one request."""

    def run(kit: Kit) -> None:
        response = kit.app.test_client().open(path, method=method)
        kit.say("response", response.status_code)
        headers = [response.headers.get(name) for name in ("Allow", "Location", "Vary")]
        kit.note("body", response.get_data(as_text=True), *headers)
        response.close()
        kit.note("closed")

    return run


add("ok", "A view answers.", get("/ok"))
add("head", "A HEAD request, which the GET view answers.", get("/ok", "HEAD"))
add("options", "An OPTIONS request, which the framework answers.", get("/ok", "OPTIONS"))
add(
    "before-request-answers",
    "The first before_request function returns a response: no other runs, and no view.",
    get("/answered-by-first"),
)
add(
    "second-before-request-answers",
    "The second before_request function returns a response: no view runs.",
    get("/answered-by-second"),
)
add("404", "No rule matches the URL.", get("/nowhere"))
add("405", "The URL has a view, but not for this method.", get("/ok", "POST"))
add("slash-redirect", "The URL lacks the slash at its end.", get("/slash"))
add("redirect", "A view returns a redirect.", get("/redirect"))
add("handled-error", "A view raises an error that has a handler.", get("/raise/lookup"))
add("unhandled-error", "A view raises an error that has no handler.", get("/raise/app"))
add("error-in-error-handler", "The handler of an error raises another.", get("/raise/zero"))
add(
    "error-in-before-request",
    "The first before_request function raises an error.",
    get("/error-in-before-first"),
)
add(
    "error-in-first-after-request",
    "The first after_request function, which is called last, raises an error.",
    get("/error-in-after-first"),
)
add(
    "error-in-second-after-request",
    "The second after_request function, which is called first, raises an error.",
    get("/error-in-after-second"),
)
add("abort", "A view aborts with a code that has a handler.", get("/abort/403"))
add("abort-unhandled", "A view aborts with a code that has no handler.", get("/abort/410"))
add("abort-response", "A view aborts with a response.", get("/abort-with-response"))
add("unknown-endpoint", "A view asks for the URL of nothing.", get("/url-of-nothing"))
add("missing-form-key", "A view reads a form key that was not sent.", get("/form", "POST"))
add("view-returns-none", "A view forgets its return statement.", get("/none"))
add("template", "A view flashes a message and renders a template.", get("/template"))
add("after-this-request", "A view registers two functions to run after it.", get("/after-this"))
add("nested-request", "A view pushes another request context.", get("/nested"))
add(
    "thread",
    "A view starts a thread with copy_current_request_context.",
    get("/thread"),
)
add("stream", "A stream_with_context, read whole by the test client.", get("/stream"))


@scenario(
    "The first request runs before_first_request, where a Flask has it; a second follows."
)
def first_request(kit: Kit) -> None:
    def prepare() -> None:
        kit.note("before_first_request")

    register = getattr(kit.app, "before_first_request", None)
    if register is not None:
        register(prepare)
    client = kit.app.test_client()
    for number in ("first", "second"):
        client.get("/ok")
        kit.say(f"the {number} request is over")


@scenario("The session is sent back by the client, over three requests.")
def session(kit: Kit) -> None:
    client = kit.app.test_client()
    for path in ("/ok", "/none", "/thread"):
        client.get(path)
        kit.say("the request is over", path)


# Errors that come out


@scenario("In testing mode, the error of a view comes out of the app.")
def propagated_error(kit: Kit) -> None:
    kit.app.testing = True
    kit.expect_error(lambda: kit.app.test_client().get("/raise/app"))


@scenario(
    "In debug mode, the error of a view comes out of the app; then another request comes."
)
def debug_error(kit: Kit) -> None:
    kit.app.debug = True
    kit.expect_error(lambda: kit.app.test_client().get("/raise/app"))
    kit.app.test_client().get("/ok")
    kit.say("the second request is over")


@scenario("In debug mode, a view reads a form key that was not sent: a KeyError like any.")
def debug_missing_form_key(kit: Kit) -> None:
    kit.app.debug = True
    kit.expect_error(lambda: kit.app.test_client().post("/form"))


@scenario("A view raises SystemExit.")
def system_exit(kit: Kit) -> None:
    kit.expect_error(lambda: kit.app.test_client().get("/raise/exit"))


@scenario("The second teardown_request function, which is called first, raises an error.")
def error_in_second_teardown(kit: Kit) -> None:
    kit.expect_error(lambda: kit.app.test_client().get("/error-in-teardown-second"))
    kit.say("afterwards")


@scenario("The first teardown_request function, which is called last, raises an error.")
def error_in_first_teardown(kit: Kit) -> None:
    kit.expect_error(lambda: kit.app.test_client().get("/error-in-teardown-first"))
    kit.say("afterwards")


# Contexts inside of others


@scenario("A request comes while an app context is pushed, as in many tests.")
def inside_app_context(kit: Kit) -> None:
    with kit.app.app_context():
        kit.say("outside")
        get("/ok")(kit)
        kit.say("outside again")


@scenario("An app context is pushed while a request context is.")
def app_context_inside(kit: Kit) -> None:
    with kit.app.test_request_context("/ok"):
        kit.say("request")
        with kit.app.app_context():
            kit.say("app context")
        kit.say("request again")


@scenario("Contexts of two apps are pushed by turns.")
def two_apps(kit: Kit) -> None:
    other = make_app(kit, "other")
    with kit.app.app_context():
        kit.say("first")
        with other.app_context():
            kit.say("second")
            with kit.app.test_request_context("/ok"):
                kit.say("request to the first")
                with other.test_request_context("/redirect"):
                    kit.say("request to the second")
                kit.say("request to the first again")
            kit.say("second again")
        kit.say("first again")
    kit.say("none")


# The test client keeps the context in a `with` block


@scenario("A test client makes two requests in a `with` block.")
def client_block(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/ok")
        kit.say("after the first request")
        client.get("/redirect")
        kit.say("after the second request")
    kit.say("after the block")


@scenario("A test client follows a redirect in a `with` block.")
def client_block_redirect(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/redirect", follow_redirects=True)
        kit.say("after the request")
    kit.say("after the block")


@scenario("A view raises an error in a `with` block of a test client.")
def client_block_error(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/raise/app")
        kit.say("after the request")
    kit.say("after the block")


@scenario("A test client's session_transaction, and a request that reads it.")
def session_transaction(kit: Kit) -> None:
    client = kit.app.test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
    kit.say("after the transaction")
    with client:
        client.get("/ok")
        kit.say("session", dict(kit.web.session))


# Contexts popped by hand


def pop_the_first(kit: Kit, first: Any, second: Any) -> None:
    first.push()
    second.push()
    kit.say("both pushed")
    kit.expect_error(first.pop)


@scenario("Of two request contexts, the one pushed first is popped first.")
def wrong_order_requests(kit: Kit) -> None:
    make = kit.app.test_request_context
    pop_the_first(kit, make("/ok"), make("/form"))


@scenario("Of the request contexts of two apps, the one pushed first is popped first.")
def wrong_order_two_apps(kit: Kit) -> None:
    other = make_app(kit, "other")
    first, second = kit.app.test_request_context("/ok"), other.test_request_context("/form")
    pop_the_first(kit, first, second)


@scenario("Of two app contexts, the one pushed first is popped first.")
def wrong_order_apps(kit: Kit) -> None:
    pop_the_first(kit, kit.app.app_context(), kit.app.app_context())


@scenario("A request context is pushed, then another, then the first one again.")
def pushed_twice(kit: Kit) -> None:
    first, second = kit.app.test_request_context("/ok"), kit.app.test_request_context("/form")
    for context in (first, second, first):
        context.push()
        kit.say("pushed")
    for context in (first, second, first):
        context.pop()
        kit.say("popped")


@scenario("An error leaves the `with` block of a request context.")
def error_leaves_block(kit: Kit) -> None:
    def fail() -> None:
        with kit.app.test_request_context("/ok"):
            raise AppError("in the block")

    kit.expect_error(fail)


@scenario("A request context is popped while an error is handled.")
def pop_in_except(kit: Kit) -> None:
    context = kit.app.test_request_context("/ok")
    context.push()
    try:
        raise AppError("being handled")
    except AppError:
        context.pop()


# Streams, as a server reads them


def open_stream(kit: Kit, path: str = "/stream") -> Any:
    """Call the app as a server does, and return the body of its response."""
    environ = kit.app.test_request_context(path).request.environ
    body = kit.app(environ, lambda status, headers, exc_info=None: lambda data: None)
    kit.say("the app has returned")
    return body


@scenario("A server reads a stream_with_context to its end.")
def stream_served(kit: Kit) -> None:
    body = open_stream(kit)
    kit.say("read", len(list(body)))
    body.close()
    kit.say("closed")


@scenario("A server closes a stream_with_context after the first chunk.")
def stream_abandoned(kit: Kit) -> None:
    body = open_stream(kit)
    next(iter(body))
    body.close()
    kit.say("closed")


@scenario("A stream waits after its first chunk; the same thread answers another request.")
def stream_waits(kit: Kit) -> None:
    body = open_stream(kit)
    next(iter(body))
    kit.say("the stream waits")
    kit.app.test_client().get("/ok")
    kit.say("the other request is over")
    body.close()
    kit.say("closed")


@scenario("A stream_with_context raises an error after its last chunk.")
def stream_error(kit: Kit) -> None:
    body = open_stream(kit, "/stream?error")
    kit.expect_error(lambda: list(body))
    body.close()
    kit.say("closed")
