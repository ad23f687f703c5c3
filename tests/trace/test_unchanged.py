"""A program that is recorded behaves as one that is not."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import flask
import pytest
import werkzeug.local

import minictx.web
from minictx import Local, LocalProxy, LocalStack, contextual
from minictx.trace import record
from tests.trace.web_app import story

WEBS = [minictx.web, flask]


def make_class(web: Any) -> Any:
    return web.MiniFlask if hasattr(web, "MiniFlask") else web.Flask


def functions_of(registered: Any) -> list[Any]:
    """Return the list that has the app's functions: MiniFlask has no blueprints."""
    found: list[Any] = registered[None] if isinstance(registered, dict) else registered
    return found


def same(work: Callable[[], Any]) -> Any:
    """Return what ``work`` returns, if it returns the same while it is recorded."""
    alone = work()
    with record():
        recorded = work()
    assert recorded == alone
    return alone


# Hooks, views and handlers


@pytest.mark.parametrize("web", WEBS)
@pytest.mark.parametrize(
    "hook",
    [
        "url_value_preprocessor",
        "before_request",
        "after_request",
        "teardown_request",
        "teardown_appcontext",
        "context_processor",
    ],
)
def test_a_function_that_registers_or_removes_another_changes_the_same(
    web: ModuleType, hook: str
) -> None:
    attributes = {"context_processor": "template_context_processors"}
    attributes["url_value_preprocessor"] = "url_value_preprocessors"

    def work() -> list[str]:
        app, ran = make_class(web)("shop"), []
        funcs: list[Any]

        def answer(name: str, args: tuple[Any, ...]) -> Any:
            ran.append(name)
            return {"context_processor": {}, "after_request": args and args[0]}.get(hook)

        def first(*args: Any) -> Any:
            funcs.append(lambda *args: answer("late", args))
            funcs[:] = [each for each in funcs if each is not gone]
            return answer("first", args)

        def gone(*args: Any) -> Any:
            return answer("gone", args)

        @app.route("/")
        def index() -> str:
            return str(web.render_template_string("x"))

        getattr(app, hook)(first)
        getattr(app, hook)(gone)
        funcs = functions_of(getattr(app, attributes.get(hook, f"{hook}_funcs")))
        for _ in range(2):
            with app.test_client() as client:
                client.get("/")
        return ran

    assert "first" in same(work)


@pytest.mark.parametrize("web", WEBS)
def test_after_this_request_inside_of_one_is_called_as_ever(web: Any) -> None:
    def work() -> str | None:
        app = make_class(web)("shop")

        @app.route("/")
        def index() -> str:
            @web.after_this_request
            def outer(response: Any) -> Any:
                @web.after_this_request
                def inner(response: Any) -> Any:
                    response.headers["X-Inner"] = "yes"
                    return response

                return response

            return "x"

        return str(app.test_client().get("/").headers.get("X-Inner"))

    same(work)


@pytest.mark.parametrize("is_early", [True, False], ids=["class before", "class after"])
def test_methods_of_an_app_are_given_the_functions_themselves(is_early: bool) -> None:
    def make() -> Any:
        class Shop(flask.Flask):
            session_interface = flask.sessions.SecureCookieSessionInterface()
            seen: list[Any]

            def ensure_sync(self, func: Any) -> Any:
                self.seen.append(func)
                return super().ensure_sync(func)

            def _find_error_handler(self, *args: Any) -> Any:
                handler = super()._find_error_handler(*args)
                self.seen.append(handler)
                return handler

        return Shop

    early = make()
    with record() as trace:
        app = (early if is_early else make())("shop")
        app.secret_key, app.seen = "x", []

        @app.before_request
        def before() -> None: ...

        @app.route("/")
        async def index() -> str:
            raise KeyError

        @app.errorhandler(KeyError)
        def on_error(error: KeyError) -> str:
            return "x"

        assert app.test_client().get("/").text == "x"
    assert app.seen == [before, index, on_error, on_error]
    words = story(trace)
    for wanted in ("before_request before begin", "view index begin", "error_handler on_error"):
        assert sum(word.startswith(wanted) for word in words) == (1 if "begin" in wanted else 2)
    assert any(word.startswith("session open") for word in words)


@pytest.mark.parametrize("web", WEBS)
def test_a_method_of_the_framework_takes_its_arguments_by_name(web: Any) -> None:
    def work() -> str:
        app = make_class(web)("shop")
        (name,) = inspect.signature(app.handle_user_exception).parameters

        @app.errorhandler(KeyError)
        def on_error(error: KeyError) -> str:
            return "x"

        with app.test_request_context("/"):
            return str(app.handle_user_exception(**{name: KeyError()}))

    assert same(work) == "x"


def test_an_attribute_that_is_none_is_none() -> None:
    app = flask.Flask("shop")
    app.session_interface = None  # type: ignore[assignment]
    with record():
        assert app.session_interface is None
        with pytest.raises(AttributeError):
            _ = flask.Flask.view_functions


# Locals, stacks and proxies


@pytest.mark.parametrize("module", [werkzeug.local, contextual, sys.modules["minictx"]])
def test_a_method_takes_its_arguments_by_name_and_says_which(module: Any) -> None:
    methods = [module.LocalStack.push, module.LocalStack.pop, module.Local.__setattr__]
    proxy = getattr(module, "LocalProxy", LocalProxy)
    before = [inspect.signature(each) for each in methods], inspect.signature(proxy.__init__)
    source = list(before[1].parameters)[1]
    with record():
        methods = [module.LocalStack.push, module.LocalStack.pop, module.Local.__setattr__]
        assert (
            [inspect.signature(each) for each in methods],
            inspect.signature(proxy.__init__),
        ) == before
        stack = module.LocalStack()
        assert stack.push(obj=1) == [1]
        assert proxy(**{source: stack, "name": "real"}) == 1
        assert stack.push.__name__ == "push"
        assert stack.push.__doc__ == methods[0].__doc__


def test_the_module_of_a_framework_can_be_found_as_ever() -> None:
    with record():
        spec = importlib.util.find_spec("flask.app")
        assert spec is not None
        assert spec.loader.get_code("flask.app") is not None  # type: ignore[union-attr]
        assert spec.loader.is_package("flask.app") is False  # type: ignore[union-attr]


def test_a_module_that_is_imported_again_is_recorded_again() -> None:
    module = sys.modules.pop("minictx.contextual")
    try:
        with record() as trace:
            again = importlib.import_module("minictx.contextual")
            assert again is not module
            again.Local().user = "alice"
        assert "set" in [event["kind"] for event in trace.events]
    finally:
        sys.modules["minictx.contextual"] = module
        minictx.contextual = module


def test_an_error_of_a_task_or_a_thread_that_cannot_start_shows_no_frame_of_ours() -> None:
    def frames() -> list[str]:
        loop = asyncio.new_event_loop()
        loop.close()

        async def work() -> None: ...

        coroutine = work()
        try:
            loop.create_task(coroutine)  # noqa: RUF006
        except RuntimeError as error:
            coroutine.close()
            found = []
            traceback = error.__traceback__
            while traceback is not None:
                found.append(traceback.tb_frame.f_code.co_filename)
                traceback = traceback.tb_next
            return found
        raise AssertionError

    assert len(same(frames)) == 3


def test_a_local_and_a_stack_hold_what_they_would() -> None:
    def work() -> Any:
        local, stack = Local(lambda: "shared"), LocalStack[Any](lambda: "shared")
        local.user = "alice"
        items = stack.push(1)
        items.append(2)
        return local.__storage__, stack.__storage__, stack.pop(), stack.top

    same(work)
