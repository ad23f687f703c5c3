"""What may happen to a request, written once, to be run on Flask and on MiniFlask.

A scenario gets a `Kit`: the framework, and an app that writes down every hook, signal,
session and teardown, with arguments, and which contexts were there. It does something to
the app, and adds to the log what it saw itself.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

Scenario = Callable[["Kit"], None]

SCENARIOS: dict[str, Scenario] = {}

SIGNALS = [
    "appcontext_pushed",
    "appcontext_popped",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
]


class AppError(Exception):
    """What the views of the scenarios raise."""


class Kit:
    """A framework, and a log of what happens in its apps."""

    def __init__(self, web: Any, app_class: Any) -> None:
        self.web, self.app_class = web, app_class
        self.log: list[tuple[Any, ...]] = []
        self._g_names: list[Any] = []  # holds each g, so that no id is used twice
        self._receivers: list[Any] = []
        self.app = self.make_app("app")

    def note(self, event: str, *details: Any) -> None:
        self.log.append((event, *(_plain(detail) for detail in details), self.contexts()))

    def contexts(self) -> str:
        """Name what is current: the app, its g (g1, g2, ...) and the path of the request."""
        web = self.web
        if not web.has_app_context():
            return f"- {web.request.path}" if web.has_request_context() else "-"
        path = web.request.path if web.has_request_context() else "-"
        return f"{web.current_app.name} {self.name_of_g()} {path}"

    def name_of_g(self) -> str:
        g = self.web.g._get_current_object()
        for number, known in enumerate(self._g_names, 1):
            if known is g:
                return f"g{number}"
        self._g_names.append(g)
        return f"g{len(self._g_names)}"

    def make_app(self, name: str) -> Any:
        note = self.note
        app = self.app_class(name)
        app.secret_key = "secret"
        app.logger = logging.Logger("one that nobody else has", logging.CRITICAL)
        app.session_interface = self._session_interface()
        for signal_name in SIGNALS:

            def receive(sender: Any, signal_name: str = signal_name, **kwargs: Any) -> None:
                kwargs.pop("_async_wrapper", None)
                details = [f"{key}={_plain(value)}" for key, value in sorted(kwargs.items())]
                note(f"signal {signal_name}", type(sender) is self.app_class, *details)

            self._receivers.append(receive)
            getattr(self.web, signal_name).connect(receive, app)

        @app.url_value_preprocessor
        def preprocess(endpoint: str | None, values: Any) -> None:
            note("url_value_preprocessor", endpoint, values)

        for number in (1, 2):

            @app.before_request
            def before(number: int = number) -> Any:
                note(f"before_request {number}")
                if self.web.request.path == f"/answered-by-{number}":
                    return "from before_request"
                if self.web.request.path == f"/error-in-before-{number}":
                    raise AppError("in before_request")
                return None

            @app.after_request
            def after(response: Any, number: int = number) -> Any:
                note(f"after_request {number}", response.status_code)
                if self.web.request.path == f"/error-in-after-{number}":
                    raise AppError("in after_request")
                return response

            @app.teardown_request
            def teardown(error: Any, number: int = number) -> None:
                note(f"teardown_request {number}", error)
                if self.web.request.path == f"/error-in-teardown-{number}":
                    raise AppError("in teardown_request")

            @app.teardown_appcontext
            def teardown_app(error: Any, number: int = number) -> None:
                note(f"teardown_appcontext {number}", error)

        self._add_views(app)
        return app

    def _session_interface(self) -> Any:
        note = self.note

        class LoggingInterface(
            self.web.sessions.SecureCookieSessionInterface  # type: ignore[misc,name-defined]
        ):
            def open_session(self, app: Any, request: Any) -> Any:
                session = super().open_session(app, request)
                note("session opened", dict(session))
                return session

            def save_session(self, app: Any, session: Any, response: Any) -> None:
                super().save_session(app, session, response)
                note("session saved", dict(session), "Set-Cookie" in response.headers)

        return LoggingInterface()

    def _add_views(self, app: Any) -> None:
        web, note = self.web, self.note

        @app.errorhandler(403)
        def forbidden(error: Any) -> Any:
            note("error handler 403", error)
            return "handled", 403

        @app.errorhandler(LookupError)
        def lookup(error: Any) -> Any:
            note("error handler LookupError", error)
            return "handled", 400

        @app.errorhandler(ZeroDivisionError)
        def broken(error: Any) -> Any:
            note("error handler that raises", error)
            raise AppError("in the error handler")

        @app.route("/ok")
        @app.route("/error-in-after-<int:number>")
        @app.route("/error-in-teardown-<int:number>")
        def ok(number: int = 0) -> str:
            note("view", number)
            web.session["seen"] = True
            return "fine"

        @app.route("/slash/")
        def slash() -> str:
            return "slash"

        @app.route("/raise/<kind>")
        def raise_it(kind: str) -> str:
            note("view", kind)
            raise {
                "app": AppError("in the view"),
                "lookup": KeyError("in the view"),
                "zero": ZeroDivisionError("in the view"),
                "exit": SystemExit("in the view"),
            }[kind]

        @app.route("/abort/<int:code>")
        def abort_it(code: int) -> str:
            web.abort(code)
            return "not reached"

        @app.route("/abort-with-response")
        def abort_with_response() -> str:
            web.abort(web.make_response("from abort", 402))
            return "not reached"

        @app.route("/redirect")
        def redirect() -> Any:
            return web.redirect(web.url_for("ok"))

        @app.route("/url-of-nothing")
        def url_of_nothing() -> Any:
            return web.url_for("nothing")

        @app.route("/form", methods=["POST"])
        def form() -> str:
            return str(web.request.form["missing"])

        @app.route("/none")
        def none() -> None:
            note("view")

        @app.route("/template")
        def template() -> Any:
            web.flash("hello", "greeting")
            messages = web.get_flashed_messages(with_categories=True)
            note("view", messages, web.get_flashed_messages())
            return web.render_template_string("{{ request.path }} {{ g.user }}")

        @app.route("/after-this")
        def after_this() -> str:
            for number in (1, 2):

                @web.after_this_request
                def once(response: Any, number: int = number) -> Any:
                    note(f"after_this_request {number}")
                    return response

            return "fine"

        @app.route("/stream")
        def stream() -> Any:
            def body() -> Iterator[str]:
                try:
                    for number in range(3):
                        note("chunk", number)
                        yield web.request.path
                    if "error" in web.request.args:
                        raise AppError("in the stream")
                finally:
                    note("body ends")

            note("view")
            return app.response_class(web.stream_with_context(body()))

        @app.route("/thread")
        def in_thread() -> str:
            web.session["user"] = "alice"
            web.g.user = "alice"

            @web.copy_current_request_context
            def work(word: str) -> None:
                note("thread", word, dict(web.session), hasattr(web.g, "user"))

            thread = threading.Thread(target=work, args=("hello",))
            thread.start()
            thread.join()
            note("view")
            return "fine"

        @app.route("/nested")
        def nested() -> str:
            note("before nesting")
            with app.test_request_context("/ok"):
                note("nested")
            note("after nesting")
            return "fine"


def _plain(value: Any) -> Any:
    """Make something of ``value`` that is equal for both frameworks."""
    if isinstance(value, BaseException):
        if hasattr(value, "code") and hasattr(value, "get_response"):
            return f"{type(value).__name__} {value.code}"
        # MiniFlask's messages go on where Flask's first sentence ends.
        return f"{type(value).__name__}: {str(value).partition('. ')[0]}"
    if hasattr(value, "status_code"):
        return f"response {value.status_code}"
    if type(value).__name__ == "Template":
        return f"template {value.name}"
    if isinstance(value, dict):
        framework = {"request", "session", "g"}  # which of them a context has, varies
        return {key: _plain(item) for key, item in value.items() if key not in framework}
    return value


def scenario(function: Scenario) -> Scenario:
    SCENARIOS[function.__name__.replace("_", " ")] = function
    return function


def get(path: str, method: str = "GET") -> Scenario:
    """Make a scenario of one request."""

    def run(kit: Kit) -> None:
        response = kit.app.test_client().open(path, method=method)
        kit.note("response", response.status_code, response.text, response.headers.get("Allow"))
        kit.note("location", response.headers.get("Location"), response.headers.get("Vary"))
        response.close()
        kit.note("closed")

    return run


SCENARIOS |= {
    "ok": get("/ok"),
    "head": get("/ok", method="HEAD"),
    "automatic options": get("/ok", method="OPTIONS"),
    "first before_request answers": get("/answered-by-1"),
    "second before_request answers": get("/answered-by-2"),
    "404": get("/nowhere"),
    "405": get("/ok", method="POST"),
    "redirect to the slash": get("/slash"),
    "handled error": get("/raise/lookup"),
    "unhandled error": get("/raise/app"),
    "error handler raises": get("/raise/zero"),
    "error in before_request": get("/error-in-before-1"),
    "error in the first after_request": get("/error-in-after-1"),
    "error in the second after_request": get("/error-in-after-2"),
    "abort with a handler": get("/abort/403"),
    "abort without a handler": get("/abort/410"),
    "abort with a response": get("/abort-with-response"),
    "redirect": get("/redirect"),
    "url_for an unknown endpoint": get("/url-of-nothing"),
    "missing form key": get("/form", method="POST"),
    "view returns None": get("/none"),
    "flash and template": get("/template"),
    "after_this_request": get("/after-this"),
    "nested request context": get("/nested"),
    "copy_current_request_context in a thread": get("/thread"),
    "stream read whole": get("/stream"),
}


def expect_error(kit: Kit, call: Callable[[], Any]) -> None:
    """Call, and log which error came out; of a group, each of its errors."""
    try:
        call()
    except BaseExceptionGroup as group:
        kit.note("raised", "group", *group.exceptions)
    except BaseException as error:
        kit.note("raised", type(error).__name__, str(error).partition(". ")[0])
    else:
        kit.note("raised nothing")


@scenario
def propagated_error(kit: Kit) -> None:
    kit.app.testing = True
    expect_error(kit, lambda: kit.app.test_client().get("/raise/app"))


@scenario
def propagated_missing_form_key_in_debug_mode(kit: Kit) -> None:
    kit.app.debug = True
    expect_error(kit, lambda: kit.app.test_client().post("/form"))


@scenario
def system_exit_in_a_view(kit: Kit) -> None:
    expect_error(kit, lambda: kit.app.test_client().get("/raise/exit"))


@scenario
def error_in_the_first_teardown_function(kit: Kit) -> None:
    expect_error(kit, lambda: kit.app.test_client().get("/error-in-teardown-2"))
    kit.note("afterwards")


@scenario
def error_in_the_last_teardown_function(kit: Kit) -> None:
    expect_error(kit, lambda: kit.app.test_client().get("/error-in-teardown-1"))
    kit.note("afterwards")


@scenario
def session_over_three_requests(kit: Kit) -> None:
    client = kit.app.test_client()
    for path in ("/ok", "/none", "/thread"):
        client.get(path)


@scenario
def request_inside_an_app_context(kit: Kit) -> None:
    with kit.app.app_context():
        kit.note("outside")
        get("/ok")(kit)
        kit.note("outside again")


@scenario
def app_context_inside_a_request(kit: Kit) -> None:
    with kit.app.test_request_context("/ok"):
        kit.note("request")
        with kit.app.app_context():
            kit.note("app context")
        kit.note("request again")


@scenario
def two_apps_nested(kit: Kit) -> None:
    other = kit.make_app("other")
    with kit.app.app_context():
        kit.note("first")
        with other.app_context():
            kit.note("second")
            with kit.app.test_request_context("/ok"):
                kit.note("request to the first")
                with other.test_request_context("/redirect"):
                    kit.note("request to the second")
                kit.note("request to the first again")
            kit.note("second again")
        kit.note("first again")
    kit.note("none")


@scenario
def client_in_a_with_block(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/ok")
        kit.note("after the first request")
        client.get("/redirect")
        kit.note("after the second request")
    kit.note("after the block")


@scenario
def client_in_a_with_block_that_follows_a_redirect(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/redirect", follow_redirects=True)
        kit.note("after the request")
    kit.note("after the block")


@scenario
def client_in_a_with_block_and_an_error(kit: Kit) -> None:
    with kit.app.test_client() as client:
        client.get("/raise/app")
        kit.note("after the request")
    kit.note("after the block")


@scenario
def session_transaction(kit: Kit) -> None:
    client = kit.app.test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
    with client:
        client.get("/ok")
        kit.note("session", dict(kit.web.session))


def pop_in_the_wrong_order(kit: Kit, first: Any, second: Any) -> None:
    first.push()
    second.push()
    kit.note("both pushed")
    expect_error(kit, first.pop)
    kit.note("first popped")


@scenario
def request_contexts_popped_in_the_wrong_order(kit: Kit) -> None:
    make = kit.app.test_request_context
    pop_in_the_wrong_order(kit, make("/ok"), make("/form"))


@scenario
def request_contexts_of_two_apps_popped_in_the_wrong_order(kit: Kit) -> None:
    other = kit.make_app("other")
    first, second = kit.app.test_request_context("/ok"), other.test_request_context("/form")
    pop_in_the_wrong_order(kit, first, second)


@scenario
def app_contexts_popped_in_the_wrong_order(kit: Kit) -> None:
    pop_in_the_wrong_order(kit, kit.app.app_context(), kit.app.app_context())


@scenario
def one_context_pushed_again_around_another(kit: Kit) -> None:
    first, second = kit.app.test_request_context("/ok"), kit.app.test_request_context("/form")
    for context in (first, second, first):
        context.push()
        kit.note("pushed")
    for context in (first, second, first):
        context.pop()
        kit.note("popped")


@scenario
def context_left_by_an_error(kit: Kit) -> None:
    def fail() -> None:
        with kit.app.test_request_context("/ok"):
            raise AppError("in the block")

    expect_error(kit, fail)


@scenario
def context_popped_while_an_error_is_handled(kit: Kit) -> None:
    context = kit.app.test_request_context("/ok")
    context.push()
    try:
        raise AppError("being handled")
    except AppError:
        context.pop()


def open_stream(kit: Kit, path: str = "/stream") -> Any:
    """Call the app as a server does, and return the body of its response."""
    environ = kit.app.test_request_context(path).request.environ
    body = kit.app(environ, lambda status, headers, exc_info=None: None)
    kit.note("the app has returned")
    return body


@scenario
def stream_read_whole_by_a_server(kit: Kit) -> None:
    body = open_stream(kit)
    chunks = list(body)
    kit.note("read", len(chunks))
    body.close()
    kit.note("closed")


@scenario
def stream_abandoned_half_way(kit: Kit) -> None:
    body = open_stream(kit)
    next(iter(body))
    body.close()
    kit.note("closed")


@scenario
def stream_that_raises(kit: Kit) -> None:
    body = open_stream(kit, "/stream?error")
    expect_error(kit, lambda: list(body))
    body.close()
    kit.note("closed")
