"""Routes, hooks and error handlers: what is registered, and what is refused."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from werkzeug.exceptions import HTTPException, NotFound

import minictx.web
from minictx.web import MiniFlask, url_for
from tests.web.harness import new_app

# Routes


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_each_method_has_a_decorator_of_its_name(web: Any, method: str) -> None:
    app = new_app(web)

    @getattr(app, method)("/")
    def view() -> str:
        return str(web.request.method)

    client = app.test_client()
    response = getattr(client, method)("/")
    assert response.text == method.upper()
    automatic = {"HEAD", "OPTIONS"} if method == "get" else {"OPTIONS"}
    assert set(client.options("/").allow) == {method.upper(), *automatic}
    other = client.post("/") if method == "get" else client.get("/")
    assert other.status_code == 405


def test_parts_of_the_path_are_converted_and_passed(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/<name>", "text", lambda name: f"text {name!r}")
    app.add_url_rule("/<int:id>", "int", lambda id: f"int {id!r}")
    app.add_url_rule("/<float:id>", "float", lambda id: f"float {id!r}")
    app.add_url_rule("/path/<path:path>", "path", lambda path: f"path {path!r}")
    app.add_url_rule("/any/<any(a, b):key>/", "any", lambda key: f"any {key!r}")
    app.add_url_rule("/page/", "page", lambda page: f"page {page!r}", defaults={"page": 1})
    app.add_url_rule("/page/<int:page>", "page")
    client = app.test_client()
    for path, text in {
        "/abc": "text 'abc'",
        "/12": "int 12",
        "/1.5": "float 1.5",
        "/path/a/b": "path 'a/b'",
        "/any/b/": "any 'b'",
        "/page/": "page 1",
        "/page/2": "page 2",
    }.items():
        assert client.get(path).text == text
    assert client.get("/any/c/").status_code == 404
    assert client.get("/any/b").location == "http://localhost/any/b/"
    assert client.get("/page/1").location == "http://localhost/page/"


def test_options_are_answered_by_the_view_that_asks_for_them(web: Any) -> None:
    app = new_app(web)

    @app.route("/mine", methods=["get", "options"])
    def mine() -> str:
        return f"from the view, to {web.request.method}"

    @app.route("/none", provide_automatic_options=False)
    def none() -> str:
        return "fine"

    client = app.test_client()
    assert client.options("/mine").text == "from the view, to OPTIONS"
    assert client.options("/none").status_code == 405


def test_an_endpoint_can_be_named_and_given_its_view_later(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/", endpoint="index")
    app.view_functions["index"] = lambda: web.request.endpoint

    @app.route("/other", endpoint="named")
    def function() -> str:
        return str(web.request.endpoint)

    client = app.test_client()
    assert (client.get("/").text, client.get("/other").text) == ("index", "named")


def test_one_function_may_answer_to_two_rules(web: Any) -> None:
    app = new_app(web)

    @app.route("/")
    @app.route("/index")
    def index() -> str:
        return str(web.request.url_rule)

    client = app.test_client()
    assert [client.get(path).text for path in ("/", "/index")] == ["/", "/index"]


def first() -> str:
    return "first"


FIRST_LINE = first.__code__.co_firstlineno


def test_a_second_view_of_the_same_name_is_refused_with_the_place_of_the_first(
    app: MiniFlask,
) -> None:
    @functools.wraps(first)
    def decorated() -> str:
        return first()

    app.add_url_rule("/", "index", decorated)
    with pytest.raises(AssertionError, match="overwriting an existing endpoint") as raised:

        @app.route("/other")
        def index() -> str:
            return "second"

    message = str(raised.value)
    assert f"index is the name of another view, at {__file__}:{FIRST_LINE}." in message
    # What the message says to do, done:
    app.add_url_rule("/other", "another", index_of_the_other)
    client = app.test_client()
    assert (client.get("/").text, client.get("/other").text) == ("first", "second")


def index_of_the_other() -> str:
    return "second"


def test_where_the_first_view_has_no_place_only_its_name_is_said(app: MiniFlask) -> None:
    app.add_url_rule("/", "index", functools.partial(first))
    with pytest.raises(AssertionError, match=r"is the name of another view\. Give"):
        app.add_url_rule("/other", "index", first)


@pytest.mark.parametrize(
    "register",
    [
        lambda app: app.route("/"),
        lambda app: functools.partial(app.add_url_rule, "/", "index"),
        lambda app: app.endpoint("index"),
        lambda app: app.before_request,
        lambda app: app.after_request,
        lambda app: app.teardown_request,
        lambda app: app.teardown_appcontext,
        lambda app: app.context_processor,
        lambda app: app.url_value_preprocessor,
        lambda app: app.url_defaults,
        lambda app: app.errorhandler(404),
        lambda app: functools.partial(app.register_error_handler, ValueError),
        lambda app: app.template_filter(),
    ],
)
def test_an_async_function_is_refused_with_what_to_write_instead(
    app: MiniFlask, register: Any
) -> None:
    async def index(*args: object) -> str:
        return "never"

    text = r"^the async function 'index' is left out of MiniFlask on purpose.*write `def`"
    with pytest.raises(TypeError, match=text):
        register(app)(index)
    assert "index" not in app.view_functions


def test_a_view_that_is_an_async_generator_is_no_response(app: MiniFlask) -> None:
    @app.route("/")
    async def index() -> AsyncIterator[str]:
        yield "never"

    with pytest.raises(TypeError, match="'index' did not return a valid response"):
        app.test_client().get("/")


def test_methods_given_as_one_string_are_refused(app: MiniFlask) -> None:
    with pytest.raises(TypeError, match=r"methods of 'index' is a list .*methods=\['GET'\]"):
        app.add_url_rule("/", "index", first, methods="GET")
    app.add_url_rule("/", "index", first, methods=["get"])
    assert app.test_client().get("/").text == "first"


def test_a_rule_needs_a_view_or_an_endpoint(app: MiniFlask) -> None:
    with pytest.raises(TypeError, match="the rule '/' needs an endpoint or a view function"):
        app.add_url_rule("/")


def test_a_rule_that_was_refused_leaves_no_trace(app: MiniFlask) -> None:
    app.add_url_rule("/", "index", first)
    with pytest.raises(AssertionError):
        app.add_url_rule("/wrong", "index", index_of_the_other)
    with pytest.raises(TypeError):
        app.add_url_rule("/wrong", "other", first, methods="GET")
    with pytest.raises(ValueError, match="slash"):
        app.add_url_rule("wrong", "other", first)
    assert app.test_client().get("/wrong").status_code == 404
    with app.test_request_context():
        assert url_for("index") == "/"


# Hooks


def test_the_decorators_give_the_function_back(app: MiniFlask) -> None:
    def function(*args: Any) -> Any: ...

    for decorate in (
        app.route("/"),
        app.before_request,
        app.after_request,
        app.teardown_request,
        app.teardown_appcontext,
        app.context_processor,
        app.template_filter(),
        app.url_defaults,
        app.url_value_preprocessor,
        app.errorhandler(404),
    ):
        assert decorate(function) is function


def test_a_before_request_function_may_change_the_arguments_of_the_view(web: Any) -> None:
    app = new_app(web)

    @app.url_value_preprocessor
    def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values:
            web.g.lang = values.pop("lang")

    @app.route("/<lang>/<int:page>")
    def index(page: int) -> list[Any]:
        return [web.g.lang, page]

    client = app.test_client()
    assert client.get("/de/3").json == ["de", 3]
    assert client.get("/nowhere").status_code == 404


# Error handlers


class AppError(Exception):
    """An error of the app; its code has nothing to do with HTTP."""

    code = 7


class SpecialError(AppError):
    """A more special one."""


def raising(app: Any, error: BaseException) -> Any:
    """Return what a request to a view that raises ``error`` is answered with."""

    @app.route("/")
    def index() -> None:
        raise error

    app.testing = False
    return app.test_client().get("/")


@pytest.mark.parametrize(
    ("handled", "error", "text"),
    [
        ([404], NotFound(), "404"),
        ([404, HTTPException], NotFound(), "404"),
        ([HTTPException], NotFound(), "HTTPException"),
        ([NotFound], NotFound(), "NotFound"),
        ([Exception], NotFound(), "Exception"),
        ([404, Exception], NotFound(), "404"),
        ([AppError], AppError(), "AppError"),
        ([AppError], SpecialError(), "AppError"),
        ([SpecialError, AppError], SpecialError(), "SpecialError"),
        ([LookupError], KeyError(), "LookupError"),
        ([Exception], KeyError(), "Exception"),
        ([500], KeyError(), "500"),
        ([500, Exception], KeyError(), "Exception"),
        ([500, AppError], KeyError(), "500"),
    ],
)
def test_the_closest_handler_answers(
    web: Any, handled: list[Any], error: Exception, text: str
) -> None:
    app = new_app(web)
    for kind in handled:
        name = str(kind) if isinstance(kind, int) else kind.__name__
        app.register_error_handler(kind, lambda error, name=name: name)
    assert raising(app, error).text == text


def test_a_handler_of_500_gets_the_error_that_nobody_handled(web: Any) -> None:
    app = new_app(web)
    seen = []

    @app.errorhandler(500)
    def broken(error: Any) -> Any:
        seen.append((type(error).__name__, error.original_exception))
        return "sorry", 500

    error = KeyError("original")
    response = raising(app, error)
    assert (response.text, response.status_code) == ("sorry", 500)
    assert seen == [("InternalServerError", error)]


@pytest.mark.parametrize("answer", ["raise", "abort"])
def test_an_error_in_a_handler_is_an_unhandled_error(
    web: Any, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app(web)

    @app.errorhandler(LookupError)
    def handle(error: Any) -> Any:
        if answer == "abort":
            web.abort(404)
        raise AppError("in the handler")

    assert raising(app, KeyError("in the view")).status_code == 500
    assert "in the view" in caplog.text
    assert ("in the handler" if answer == "raise" else "404 Not Found") in caplog.text


def test_an_aborting_response_and_a_redirect_to_the_slash_are_no_errors(web: Any) -> None:
    app = new_app(web)
    app.register_error_handler(HTTPException, lambda error: "handled")
    app.add_url_rule("/abort", "abort", lambda: web.abort(web.make_response("wait", 503)))
    app.add_url_rule("/folder/", "folder", lambda: "fine")
    client = app.test_client()
    assert client.get("/abort").text == "wait"
    assert client.get("/folder").status_code == 308
    assert client.get("/nowhere").text == "handled"


@pytest.mark.parametrize("wrong", [999, 200, 302])
def test_a_code_that_is_no_http_error_is_refused(web: Any, wrong: int) -> None:
    with pytest.raises(ValueError, match=str(wrong)):
        new_app(web).errorhandler(wrong)(lambda error: "")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ("404", TypeError),
        (AppError(), TypeError),
        (None, TypeError),
        (int, ValueError),
        (KeyboardInterrupt, ValueError),
    ],
)
def test_what_is_no_exception_class_is_refused(
    web: Any, wrong: Any, error: type[Exception]
) -> None:
    register: Callable[[Any], Any] = new_app(web).errorhandler(wrong)
    text = "takes an HTTP code or an exception class, not" if web is minictx.web else None
    with pytest.raises(error, match=text):
        register(lambda error: "")


def test_a_view_can_be_given_to_an_endpoint_that_has_its_rules(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/here", endpoint="place")
    app.add_url_rule("/there", endpoint="place")

    @app.endpoint("place")
    def view() -> Any:
        return web.request.path

    client = app.test_client()
    assert (client.get("/here").text, client.get("/there").text) == ("/here", "/there")
