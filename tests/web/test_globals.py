"""What the four proxies stand for, and what they say where they stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

import minictx.web
from minictx.web import (
    MiniFlask,
    copy_current_request_context,
    current_app,
    g,
    request,
    session,
)
from tests.actors import ThreadActor
from tests.web.harness import new_app

USES: dict[str, Callable[[Any], Any]] = {
    "request": lambda web: web.request.path,
    "session": lambda web: web.session["user"],
    "current_app": lambda web: web.current_app.name,
    "g": lambda web: web.g.user,
}


def unbound_message(name: str, web: Any = minictx.web) -> str:
    with pytest.raises(RuntimeError) as error:
        USES[name](web)
    return str(error.value)


def in_a_thread(call: Callable[[], Any]) -> Any:
    actor = ThreadActor()
    try:
        return actor.do(call)
    finally:
        actor.die()


# Unbound


@pytest.mark.parametrize("name", USES)
def test_an_unbound_proxy_says_first_what_flask_says(name: str) -> None:
    flask = pytest.importorskip("flask")
    ours, theirs = unbound_message(name), unbound_message(name, flask)
    assert ours.splitlines()[0] == theirs.splitlines()[0]
    assert f"`{name}`" in ours


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("request", ["view function", "test_request_context", "request.path", "copy_current"]),
        ("session", ["view function", "test_request_context", "dict(session)", "copy_current"]),
        ("current_app", ["view function", "app.app_context()", "_get_current_object()"]),
        ("g", ["view function", "app.app_context()", "g.user"]),
    ],
)
def test_an_unbound_proxy_names_the_ways_to_bind_it(name: str, ways: list[str]) -> None:
    message = unbound_message(name)
    assert [way for way in ways if way not in message] == []


@pytest.mark.parametrize(
    "use",
    [
        lambda: setattr(g, "user", "alice"),
        lambda: "user" in g,
        lambda: list(g),
        lambda: session.update(user="alice"),
        lambda: session.pop("user"),
        lambda: request.form["user"],
        lambda: current_app.config["DEBUG"],
    ],
)
def test_every_use_of_an_unbound_proxy_gives_the_message(use: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError, match=r"^Working outside of \w+ context\.\n\n`\w+`"):
        use()


def test_outside_of_a_request_an_app_context_does_not_bind_the_request(app: MiniFlask) -> None:
    with app.app_context():
        assert current_app.name == "shop"
        assert "`request`" in unbound_message("request")


@pytest.mark.parametrize("name", USES)
def test_a_thread_that_a_view_starts_gets_the_same_message(app: MiniFlask, name: str) -> None:
    messages = []

    @app.route("/")
    def index() -> str:
        g.user = session["user"] = "alice"
        messages.append(in_a_thread(lambda: unbound_message(name)))
        return f"{USES[name](minictx.web)} is bound in the view"

    assert app.test_client().get("/").text.endswith("is bound in the view")
    assert messages == [unbound_message(name)]


# The ways out that the messages name


@pytest.mark.parametrize("name", USES)
def test_the_code_in_the_message_binds_the_proxy(app: MiniFlask, name: str) -> None:
    code = re.search(r"with app\..*: \.\.\.", unbound_message(name))
    assert code is not None
    seen: list[bool] = []
    space = {"app": app, "seen": seen, "proxy": getattr(minictx.web, name)}
    exec(code[0].replace("...", "seen.append(proxy._get_current_object() is not None)"), space)
    assert seen == [True]


def test_all_four_are_bound_in_a_view_and_in_what_it_calls(app: MiniFlask) -> None:
    def helper() -> list[Any]:
        return [request.path, session["user"], current_app.name, g.user]

    @app.route("/page")
    def page() -> list[Any]:
        session["user"] = g.user = "alice"
        return helper()

    assert app.test_client().get("/page").json == ["/page", "alice", "shop", "alice"]


def test_values_and_the_real_app_can_be_passed_to_a_thread(app: MiniFlask) -> None:
    @app.route("/page")
    def page() -> list[Any]:
        session["user"] = g.user = "alice"
        path, data, user = request.path, dict(session), g.user
        real_app = current_app._get_current_object()  # type: ignore[attr-defined]

        def work() -> list[Any]:
            with real_app.app_context():
                # The thread's app context has a g of its own, with nothing in it.
                return [path, data["user"], current_app.name, user, "user" in g]

        answer: list[Any] = in_a_thread(work)
        return answer

    assert app.test_client().get("/page").json == ["/page", "alice", "shop", "alice", False]


def test_copy_current_request_context_binds_them_in_a_thread(app: MiniFlask) -> None:
    @app.route("/page")
    def page() -> list[Any]:
        session["user"] = "alice"

        @copy_current_request_context
        def work() -> list[Any]:
            return [request.path, session["user"], current_app.name]

        answer: list[Any] = in_a_thread(work)
        return answer

    assert app.test_client().get("/page").json == ["/page", "alice", "shop"]


# Bound


def test_each_proxy_stands_for_what_its_top_context_holds(app: MiniFlask) -> None:
    with app.app_context() as app_context, app.test_request_context("/page") as context:
        for proxy, target in [
            (request, context.request),
            (session, context.session),
            (current_app, app),
            (g, app_context.g),
        ]:
            assert proxy._get_current_object() is target  # type: ignore[attr-defined]


def test_the_innermost_context_is_current_and_then_the_one_around_it(web: Any) -> None:
    app, other = new_app(web), new_app(web, "other")
    seen = []

    def look() -> None:
        path = web.request.path if web.has_request_context() else None
        seen.append((web.current_app.name, path, web.g.get("user")))

    with app.test_request_context("/outer"):
        web.g.user = "alice"
        with app.test_request_context("/inner"):
            look()  # the same app, so the same app context, and the same g
            with other.app_context():
                web.g.user = "bob"
                look()  # the request stays that of the other app
        look()
    assert seen == [
        ("shop", "/inner", "alice"),
        ("other", "/inner", "bob"),
        ("shop", "/outer", "alice"),
    ]
