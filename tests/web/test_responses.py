"""What a view may return, and what is said of anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest
import werkzeug.wrappers
from werkzeug.datastructures import Headers

from minictx.web import MiniFlask, render_template, url_for
from tests.web.harness import new_app


def chunks() -> Iterator[str]:
    yield "two "
    yield "chunks"


def wsgi_app(environ: Any, start_response: Any) -> list[bytes]:
    start_response("202 ACCEPTED", [("Content-Type", "text/x-foreign"), ("X-Seen", "yes")])
    return [b"foreign ", environ["PATH_INFO"].encode()]


def answered(web: Any, answer: Callable[[Any], Any]) -> Any:
    app = new_app(web)
    app.add_url_rule("/", "index", lambda: answer(app))
    return app.test_client().get("/")


def answered_with(web: Any, answer: Any) -> Any:
    return answered(web, lambda app: answer)


@pytest.mark.parametrize(
    ("answer", "text", "mimetype"),
    [
        (lambda app: "tëxt", "tëxt", "text/html"),
        (lambda app: "", "", "text/html"),
        (lambda app: b"bytes", "bytes", "text/html"),
        (lambda app: bytearray(b"bytes"), "bytes", "text/html"),
        (lambda app: chunks(), "two chunks", "text/html"),
        (lambda app: iter([b"a", b"b"]), "ab", "text/html"),
        (lambda app: {"b": 1, "a": [2]}, '{"a":[2],"b":1}\n', "application/json"),
        (lambda app: {}, "{}\n", "application/json"),
        (lambda app: [], "[]\n", "application/json"),
        (lambda app: [1, {"a": 2}], '[1,{"a":2}]\n', "application/json"),
        (lambda app: ["body", 404], '["body",404]\n', "application/json"),
        (lambda app: app.response_class("mine", mimetype="a/b"), "mine", "a/b"),
        (lambda app: werkzeug.wrappers.Response("theirs"), "theirs", "text/plain"),
    ],
)
def test_a_view_may_return(
    web: Any, answer: Callable[[Any], Any], text: str, mimetype: str
) -> None:
    response = answered(web, answer)
    assert (response.status_code, response.text) == (200, text)
    assert response.mimetype == mimetype


def test_a_view_may_return_another_wsgi_app(web: Any) -> None:
    response = answered_with(web, wsgi_app)
    assert (response.status_code, response.text) == (202, "foreign /")
    assert (response.mimetype, response.headers["X-Seen"]) == ("text/x-foreign", "yes")


def test_a_view_may_return_what_another_app_answered(web: Any) -> None:
    other = new_app(web, "other")
    other.add_url_rule("/", "index", lambda: ("from the other", 201))
    response = answered_with(web, other)
    assert (response.status_code, response.text) == (201, "from the other")


@pytest.mark.parametrize(
    ("answer", "status", "header"),
    [
        (("body", 404), "404 NOT FOUND", None),
        (("body", HTTPStatus.CREATED), "201 CREATED", None),
        (("body", "404 GONE FISHING"), "404 GONE FISHING", None),
        (("body", "404"), "404 NOT FOUND", None),
        (("body", {"X-Seen": "yes"}), "200 OK", "yes"),
        (("body", [("X-Seen", "yes")]), "200 OK", "yes"),
        (("body", (("X-Seen", "yes"),)), "200 OK", "yes"),
        (("body", Headers({"X-Seen": "yes"})), "200 OK", "yes"),
        (("body", 404, {"X-Seen": "yes"}), "404 NOT FOUND", "yes"),
        (("body", None, None), "200 OK", None),
        ((b"body", 404, [("X-Seen", "yes")]), "404 NOT FOUND", "yes"),
    ],
)
def test_a_tuple_adds_a_status_and_headers(
    web: Any, answer: Any, status: str, header: str | None
) -> None:
    response = answered_with(web, answer)
    assert (response.status, response.text) == (status, "body")
    assert response.headers.get("X-Seen") == header


def test_a_tuple_changes_what_a_response_or_json_would_be(web: Any) -> None:
    headers = {"X-Seen": "yes", "Content-Type": "text/x-changed"}
    bodies: list[Any] = [{"a": 1}, [1], werkzeug.wrappers.Response("theirs"), wsgi_app]
    for answer in [(body, 418, headers) for body in bodies]:
        response = answered_with(web, answer)
        assert response.status_code == 418
        assert response.headers["X-Seen"] == "yes"
        assert response.headers.getlist("Content-Type") == ["text/x-changed"]
    own = answered(web, lambda app: (app.response_class("mine", 201, {"X-Own": "1"}), headers))
    assert (own.status_code, own.headers["X-Own"], own.headers["X-Seen"]) == (201, "1", "yes")
    renamed = answered(web, lambda app: (app.response_class("mine"), "201 HERE"))
    assert renamed.status == "201 HERE"


def error_of_a_view_that_returns(answer: Any) -> str:
    app = MiniFlask("shop")
    app.testing = True

    @app.route("/")
    def forgetful() -> Any:
        return answer

    with pytest.raises(TypeError) as raised:
        app.test_client().get("/")
    return "\n".join([str(raised.value), *getattr(raised.value, "__notes__", [])])


@pytest.mark.parametrize("answer", [None, (None, 404), (None, 404, {})])
def test_a_view_that_returns_none_is_asked_whether_it_forgot_the_return(answer: Any) -> None:
    message = error_of_a_view_that_returns(answer)
    assert message.startswith("The view function for 'forgetful' did not return a valid")
    assert "It returned None: does every path through it end in a `return`?" in message


@pytest.mark.parametrize("answer", [42, 1.5, True, {"a", "set"}, object(), (42, 404)])
def test_a_view_that_returns_something_else_is_told_what_it_may_return(answer: Any) -> None:
    message = error_of_a_view_that_returns(answer)
    body = answer[0] if isinstance(answer, tuple) else answer
    assert message.startswith("The view function for 'forgetful' did not return a valid")
    assert f"It returned {body!r}, of type {type(body).__name__}." in message
    for kind in ("str", "bytes", "dict", "list", "Response", "(body, status, headers)"):
        assert kind in message


@pytest.mark.parametrize("answer", [(), ("body",), ("body", 200, {}, "more")])
def test_a_tuple_of_another_length_is_told_which_there_are(answer: Any) -> None:
    message = error_of_a_view_that_returns(answer)
    assert "'forgetful'" in message
    assert f"a tuple of {len(answer)}" in message
    assert "(body, status, headers)" in message


@pytest.mark.parametrize("answer", [render_template, url_for, int, lambda: "called too late"])
def test_a_function_that_was_not_called_is_no_response(answer: Any) -> None:
    message = error_of_a_view_that_returns(answer)
    assert "'forgetful' did not return a valid response" in message


def test_a_type_error_inside_of_a_returned_wsgi_app_is_not_hidden(app: MiniFlask) -> None:
    def broken(environ: Any, start_response: Any) -> Any:
        raise TypeError("deep inside")

    app.add_url_rule("/", "index", lambda: broken)
    with pytest.raises(TypeError, match="deep inside"):
        app.test_client().get("/")


def test_an_app_may_have_a_response_class_of_its_own(web: Any) -> None:
    app = new_app(web)

    class Plain(app.response_class):  # type: ignore[misc,name-defined]
        default_mimetype = "text/plain"

    app.response_class = Plain
    seen = []

    @app.after_request
    def look(response: Any) -> Any:
        seen.append(type(response) is Plain)
        return response

    app.add_url_rule("/text", "text", lambda: "text")
    app.add_url_rule("/foreign", "foreign", lambda: werkzeug.wrappers.Response("theirs"))
    app.add_url_rule("/json", "json", lambda: {"a": 1})
    client = app.test_client()
    assert client.get("/text").mimetype == "text/plain"
    for path in ("/foreign", "/json", "/nowhere"):
        client.get(path)
    assert seen == [True] * 4
