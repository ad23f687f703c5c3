"""The app of the scenarios: two of each hook, every signal, and a view for each case.

It runs on every Flask from 1.1 on, and on MiniFlask. Hooks and views log in their kit
that they were called, their arguments, and which contexts were current.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minictx.compare.flask_versions.kit import Kit
    from minictx.web import MiniFlask  # which has the methods that every Flask has

__all__ = ["SIGNALS", "AppError", "make_app"]

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
    """What the functions of the app raise."""


def make_app(kit: Kit, name: str) -> MiniFlask:
    """Return a new app of the kit's framework."""
    app: MiniFlask = kit.app_class(name)
    app.secret_key = "secret"
    app.logger = logging.Logger("used by this app only", logging.CRITICAL)
    app.session_interface = make_session_interface(kit)
    connect_signals(kit, app)
    add_before_request(kit, app)
    add_after_request(kit, app)
    add_teardown_request(kit, app)
    add_teardown_appcontext(kit, app)
    add_error_handlers(kit, app)
    add_views(kit, app)
    add_views_that_fail(kit, app)
    add_views_that_need_contexts(kit, app)
    return app


def make_session_interface(kit: Kit) -> Any:
    base: Any = kit.web.sessions.SecureCookieSessionInterface

    class LoggingInterface(base):  # type: ignore[misc]
        def open_session(self, app: Any, request: Any) -> Any:
            session = super().open_session(app, request)
            kit.note("session opened", dict(session))
            return session

        def save_session(self, app: Any, session: Any, response: Any) -> None:
            super().save_session(app, session, response)
            kit.note("session saved", dict(session), "Set-Cookie" in response.headers)

    return LoggingInterface()


def connect_signals(kit: Kit, app: MiniFlask) -> None:
    def connect(name: str) -> None:
        def receive(sender: Any, **values: Any) -> None:
            values.pop("_async_wrapper", None)
            kit.note(f"signal {name}", type(sender) is kit.app_class, values)

        kit.receivers.append(receive)  # blinker refers to it only weakly
        getattr(kit.web, name).connect(receive, app)

    for name in SIGNALS:
        connect(name)


# The hooks. The path of the request says what they do.


def add_before_request(kit: Kit, app: MiniFlask) -> None:
    @app.url_value_preprocessor
    def preprocess(endpoint: str | None, values: Any) -> None:
        kit.note("url_value_preprocessor", endpoint, values)

    def before(which: str) -> Any:
        kit.note(f"before_request {which}")
        if kit.web.request.path == f"/answered-by-{which}":
            return "from before_request"
        if kit.web.request.path == f"/error-in-before-{which}":
            raise AppError("in before_request")
        return None

    @app.before_request
    def first() -> Any:
        return before("first")

    @app.before_request
    def second() -> Any:
        return before("second")


def add_after_request(kit: Kit, app: MiniFlask) -> None:
    def after(which: str, response: Any) -> Any:
        kit.note(f"after_request {which}", response.status_code)
        if kit.web.request.path == f"/error-in-after-{which}":
            raise AppError("in after_request")
        return response

    @app.after_request
    def first(response: Any) -> Any:
        return after("first", response)

    @app.after_request
    def second(response: Any) -> Any:
        return after("second", response)


def add_teardown_request(kit: Kit, app: MiniFlask) -> None:
    def teardown(which: str, error: Any) -> None:
        kit.note(f"teardown_request {which}", error)
        if kit.web.request.path == f"/error-in-teardown-{which}":
            raise AppError("in teardown_request")

    @app.teardown_request
    def first(error: Any) -> None:
        teardown("first", error)

    @app.teardown_request
    def second(error: Any) -> None:
        teardown("second", error)


def add_teardown_appcontext(kit: Kit, app: MiniFlask) -> None:
    @app.teardown_appcontext
    def first(error: Any) -> None:
        kit.note("teardown_appcontext first", error)

    @app.teardown_appcontext
    def second(error: Any) -> None:
        kit.note("teardown_appcontext second", error)


def add_error_handlers(kit: Kit, app: MiniFlask) -> None:
    @app.errorhandler(403)
    def forbidden(error: Any) -> Any:
        kit.note("error handler 403", error)
        return "handled", 403

    @app.errorhandler(LookupError)
    def lookup_error(error: Any) -> Any:
        kit.note("error handler LookupError", error)
        return "handled", 400

    @app.errorhandler(ZeroDivisionError)
    def failing(error: Any) -> Any:
        kit.note("error handler that raises", error)
        raise AppError("in the error handler")


# The views.


def add_views(kit: Kit, app: MiniFlask) -> None:
    web = kit.web

    @app.route("/ok")
    @app.route("/error-in-after-<which>")
    @app.route("/error-in-teardown-<which>")
    def ok(which: str = "") -> str:
        kit.note("view", which)
        web.session["seen"] = True
        return "fine"

    @app.route("/slash/")
    def slash() -> str:
        return "slash"

    @app.route("/redirect")
    def redirect() -> Any:
        return web.redirect(web.url_for("ok"))

    @app.route("/template")
    def template() -> Any:
        web.flash("hello", "greeting")
        messages = web.get_flashed_messages(with_categories=True)
        kit.note("view", messages, web.get_flashed_messages())
        return web.render_template_string("{{ request.path }} {{ g.user }}")

    @app.route("/after-this")
    def after_this() -> str:
        def first_once(response: Any) -> Any:
            kit.note("after_this_request first")
            return response

        def second_once(response: Any) -> Any:
            kit.note("after_this_request second")
            return response

        web.after_this_request(first_once)
        web.after_this_request(second_once)
        return "fine"


def add_views_that_fail(kit: Kit, app: MiniFlask) -> None:
    web = kit.web

    @app.route("/raise/<kind>")
    def raise_it(kind: str) -> str:
        kit.note("view", kind)
        raise {
            "app": AppError("in the view"),
            "lookup": KeyError("in the view"),
            "zero": ZeroDivisionError("in the view"),
            "exit": SystemExit("in the view"),
        }[kind]

    @app.route("/abort/<int:code>")
    def abort(code: int) -> str:
        web.abort(code)
        return "not reached"

    @app.route("/abort-with-response")
    def abort_with_response() -> str:
        web.abort(web.make_response("from abort", 402))
        return "not reached"

    @app.route("/url-of-nothing")
    def url_of_nothing() -> Any:
        return web.url_for("nothing")

    @app.route("/form", methods=["POST"])
    def form() -> str:
        return str(web.request.form["missing"])

    @app.route("/none")
    def none() -> Any:
        kit.note("view")


def add_views_that_need_contexts(kit: Kit, app: MiniFlask) -> None:
    web = kit.web

    @app.route("/stream")
    def stream() -> Any:
        def body() -> Iterator[str]:
            try:
                for number in range(3):
                    kit.say("chunk", number)
                    yield web.request.path
                if "error" in web.request.args:
                    raise AppError("in the stream")
            finally:
                kit.say("body ends")

        kit.note("view")
        return app.response_class(web.stream_with_context(body()))

    @app.route("/thread")
    def in_thread() -> str:
        web.session["user"] = "alice"
        web.g.user = "alice"

        def work(word: str) -> None:
            has_user = "has g.user" if hasattr(web.g, "user") else "has no g.user"
            kit.say("the thread", has_user, word, dict(web.session))

        target = web.copy_current_request_context(work)
        thread = threading.Thread(target=target, args=("hello",), name="worker")
        thread.start()
        thread.join()
        kit.note("view")
        return "fine"

    @app.route("/nested")
    def nested() -> str:
        kit.say("before nesting")
        with app.test_request_context("/ok"):
            kit.say("nested")
        kit.say("after nesting")
        return "fine"
