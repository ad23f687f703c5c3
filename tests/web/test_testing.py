"""The test client: requests without a server, cookies, and contexts that stay."""

from __future__ import annotations

import importlib
from typing import Any
from uuid import UUID

import pytest
from werkzeug.test import EnvironBuilder

import minictx.web
from minictx.web import MiniFlask, g, request, session
from tests.web.harness import new_app


def add_views(web: Any, app: Any) -> Any:
    @app.route("/", methods=["GET", "POST"])
    def index() -> dict[str, Any]:
        web.g.path = web.request.path
        return {
            "url": web.request.url,
            "method": web.request.method,
            "form": web.request.form.to_dict(),
            "json": web.request.get_json(silent=True),
        }

    @app.route("/visits")
    def visits() -> str:
        web.session["visits"] = web.session.get("visits", 0) + 1
        return str(web.session["visits"])

    @app.route("/there")
    def there() -> Any:
        return web.redirect(web.url_for("visits"))

    return app


def test_a_client_sends_what_it_is_told(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    assert client.get("/", query_string={"a": 1}).json["url"] == "http://localhost/?a=1"
    assert client.get("/", base_url="https://example.org").json["url"] == "https://example.org/"
    assert client.get("https://example.org/?a=1").json["url"] == "https://example.org/?a=1"
    assert client.post("/", data={"a": 1}).json["form"] == {"a": "1"}
    assert client.post("/", json={"a": 1}).json["json"] == {"a": 1}
    assert client.post("/", json=[UUID(int=1)]).json["json"] == [str(UUID(int=1))]


def test_a_request_can_be_built_before(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    builder = EnvironBuilder("/", method="POST", data={"a": 1})
    assert client.open(builder).json["form"] == {"a": "1"}
    assert client.open(builder.get_environ()).json["method"] == "POST"
    assert client.open(builder.get_request()).json["url"] == "http://localhost/"
    builder.close()


def test_requests_go_to_where_the_app_is_configured_to_be(web: Any) -> None:
    app = add_views(web, new_app(web))
    app.config.update(
        SERVER_NAME="example.org", PREFERRED_URL_SCHEME="https", APPLICATION_ROOT="/shop"
    )
    assert app.test_client().get("/").json["url"] == "https://example.org/shop/"
    with app.test_request_context("/visits", method="POST", data={"a": 1}):
        assert web.request.url == "https://example.org/shop/visits"
        assert web.request.form["a"] == "1"


def test_a_request_comes_from_the_local_address(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/", "index", lambda: f"{web.request.remote_addr}")
    assert app.test_client().get("/").text == "127.0.0.1"


def test_each_client_keeps_its_own_cookies(web: Any) -> None:
    app = add_views(web, new_app(web))
    first, second = app.test_client(), app.test_client()
    assert [first.get("/visits").text for _ in range(3)] == ["1", "2", "3"]
    assert second.get("/visits").text == "1"
    without = app.test_client(use_cookies=False)
    assert [without.get("/visits").text for _ in range(2)] == ["1", "1"]


def test_redirects_are_followed_if_wanted(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    assert client.get("/there").status_code == 302
    response = client.get("/there", follow_redirects=True)
    assert (response.status_code, response.text) == (200, "1")
    assert response.request.path == "/visits"
    assert len(response.history) == 1


# Contexts that stay


def test_in_a_with_block_the_contexts_of_the_last_request_stay(web: Any) -> None:
    app = add_views(web, new_app(web))
    with app.test_client() as client:
        client.get("/")
        assert (web.request.path, web.g.path) == ("/", "/")
        client.get("/visits")
        assert (web.request.path, web.session["visits"]) == ("/visits", 1)
        assert "path" not in web.g
    assert not web.has_request_context()
    assert not web.has_app_context()


def test_a_client_can_be_used_in_a_with_block_again_but_not_twice_at_once(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    with client:
        with pytest.raises(RuntimeError):
            client.__enter__()
        client.get("/")
        assert web.request.path == "/"
    with client:
        client.get("/visits")
        assert web.request.path == "/visits"


def test_two_clients_can_be_in_with_blocks_one_in_the_other(web: Any) -> None:
    first, second = add_views(web, new_app(web)), add_views(web, new_app(web, "second"))
    with first.test_client() as outer:
        outer.get("/")
        with second.test_client() as inner:
            inner.get("/visits")
            assert (web.current_app.name, web.request.path) == ("second", "/visits")
        assert (web.current_app.name, web.request.path) == ("shop", "/")


def test_an_error_in_the_with_block_does_not_leave_the_contexts(web: Any) -> None:
    app = add_views(web, new_app(web))
    with pytest.raises(LookupError), app.test_client() as client:
        client.get("/")
        raise LookupError
    assert not web.has_app_context()


def test_a_view_that_raises_can_be_looked_at_in_a_with_block(app: MiniFlask) -> None:
    @app.route("/fail")
    def fail() -> None:
        g.user = "alice"
        raise LookupError

    app.testing = False
    with app.test_client() as client:
        assert client.get("/fail").status_code == 500
        assert (request.path, g.user) == ("/fail", "alice")
    app.testing = True
    with app.test_client() as client:
        with pytest.raises(LookupError):
            client.get("/fail")
        client.get("/nowhere")
        assert request.path == "/nowhere"


# Sessions from outside


def test_a_session_can_be_prepared_and_looked_at(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    with client.session_transaction() as session:
        session["visits"] = 41
    assert client.get("/visits").text == "42"
    with client.session_transaction() as session:
        assert session["visits"] == 42
        session.clear()
    assert client.get_cookie("session") is None


def test_a_transaction_that_fails_saves_nothing(web: Any) -> None:
    client = new_app(web).test_client()
    with pytest.raises(LookupError), client.session_transaction() as session:
        session["user"] = "alice"
        raise LookupError
    with client.session_transaction() as session:
        assert dict(session) == {}


def test_a_transaction_sees_the_cookies_of_its_path_and_host(web: Any) -> None:
    app = new_app(web)
    app.config.update(SESSION_COOKIE_PATH="/shop", SERVER_NAME="example.org:8000")
    client = app.test_client()
    with client.session_transaction("/shop/") as session:
        session["user"] = "alice"
    assert client.get_cookie("session", "example.org", "/shop") is not None
    with client.session_transaction("/shop/cart") as session:
        assert session["user"] == "alice"
    with client.session_transaction("/blog/") as session:
        assert dict(session) == {}


def test_a_client_without_cookies_has_no_session_to_prepare(web: Any) -> None:
    client = new_app(web).test_client(use_cookies=False)
    with (
        pytest.raises(TypeError, match="use_cookies"),
        client.session_transaction() as session,
    ):
        session["user"] = "alice"


def test_a_transaction_leaves_the_contexts_of_a_with_block_alone(web: Any) -> None:
    client = add_views(web, new_app(web)).test_client()
    with client:
        client.get("/")
        with client.session_transaction() as session:
            assert (web.request.path, web.g.path) == ("/", "/")
            session["visits"] = 1
        assert (web.request.path, web.g.path) == ("/", "/")
    assert client.get("/visits").text == "2"


def test_a_test_request_context_takes_a_session_from_nowhere(app: MiniFlask) -> None:
    with app.test_request_context("/?a=1", headers={"X-Seen": "yes"}):
        assert request.args["a"] == "1"
        assert request.headers["X-Seen"] == "yes"
        assert dict(session) == {}
        assert request.endpoint is None
    assert not minictx.web.has_request_context()


def test_a_described_request_is_sent_with_what_the_client_adds(web: Any) -> None:
    app = new_app(web)
    app.json.sort_keys = False
    app.add_url_rule("/", "index", lambda: web.request.remote_addr, methods=["POST"])
    testing = importlib.import_module(f"{web.__name__}.testing")
    builder = testing.EnvironBuilder(app, json={"b": 1, "a": 2}, method="POST")
    assert builder.get_request().get_data(as_text=True) == '{"b": 1, "a": 2}'
    client = app.test_client()
    assert client.open(builder).text == "127.0.0.1"
    client.environ_base["REMOTE_ADDR"] = "127.0.0.2"
    assert client.open(builder).text == client.open(builder.get_environ()).text == "127.0.0.2"
