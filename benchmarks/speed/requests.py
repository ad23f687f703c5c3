"""A whole request, and ``request.method`` in a view: MiniFlask beside Flask.

The same app, written once: a function before the request, a view that reads all four names
and writes into the session, and a function after the request. It is called as a server
calls it, with a session cookie, and without a server.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

from speed.turns import compare, timer

__all__ = ["frameworks", "measure_requests"]


def frameworks() -> dict[str, Any]:
    """Return the modules that have the four names: {name in the tables: module}."""
    import flask

    import minictx.web

    return {"minictx": minictx.web, f"Flask {version('flask')}": flask}


def make_app(web: Any) -> Any:
    """Return the app, made with one of the frameworks."""
    app = (web.MiniFlask if hasattr(web, "MiniFlask") else web.Flask)(__name__)
    app.secret_key = "for measuring only"
    current_app, g, request, session = web.current_app, web.g, web.request, web.session

    @app.before_request
    def find_user() -> None:
        g.user = session.get("user", "nobody")

    @app.route("/hello/<name>", methods=["GET", "POST"])
    def hello(name: str) -> str:
        session["seen"] = request.path
        return f"{current_app.name}: {request.method} {name}, {g.user}, {session['seen']}"

    @app.after_request
    def add_header(response: Any) -> Any:
        response.headers["X-User"] = g.user
        return response

    return app


def environ_of(app: Any) -> dict[str, Any]:
    """Return the environ of a request whose browser has a session cookie already."""
    with app.test_client() as client:
        client.get("/hello/alice")
        cookie = client.get_cookie("session")
        with app.test_request_context(
            "/hello/alice", headers={"Cookie": f"session={cookie.value}"}
        ) as context:
            environ = dict(context.request.environ)
    return {key: value for key, value in environ.items() if not key.startswith("werkzeug.")}


def caller(app: Any) -> Callable[[], bytes]:
    """Return a function that does what a WSGI server does for one request."""
    environ = environ_of(app)

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        assert status == "200 OK", status

    def call() -> bytes:
        body = app(environ.copy(), start_response)
        try:
            return b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()

    return call


def measure_requests(rounds: int) -> dict[str, Any]:
    """Time a whole request, and ``request.method`` in a view, in both frameworks in turn."""
    whole, method = {}, {}
    contexts = []
    for name, web in frameworks().items():
        app = make_app(web)
        call = caller(app)
        assert call().endswith(b": GET alice, nobody, /hello/alice")
        whole[name] = timer("call()", {"call": call})
        contexts.append(app.test_request_context("/hello/alice"))
        contexts[-1].push()
        method[name] = timer("request.method", {"request": web.request})
    found = {"request.method": compare(method, rounds)}
    for context in reversed(contexts):
        context.pop()
    return {"request": compare(whole, rounds), **found}
