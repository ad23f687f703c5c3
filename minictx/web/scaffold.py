"""What an app is told before its first request: routes, hooks and error handlers.

Each is put into a list or a dict here, and called from `minictx/web/app.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.routing import Map, Rule

from minictx.web.config import Config
from minictx.web.left_out import left_out

__all__ = ["Scaffold"]

F = TypeVar("F", bound=Callable[..., Any])


def setupmethod(method: F) -> F:
    """Decorate a method that registers something: after the first request it is too late."""

    @wraps(method)
    def wrapper(self: Scaffold, *args: Any, **kwargs: Any) -> Any:
        if self._got_first_request:
            raise AssertionError(
                f"'{method.__name__}' was called after the app's first request, which did not"
                " see what it registers. Call it before the app is served: at the top of a"
                " module, or in the function that makes the app"
            )
        for each in (*args, *kwargs.values()):
            refuse_async(each)
        return method(self, *args, **kwargs)

    return cast(F, wrapper)


def refuse_async(function: object) -> None:
    """Raise if ``function`` is async: a WSGI app has no event loop to run it in."""
    if inspect.iscoroutinefunction(function):
        name = getattr(function, "__name__", function)
        raise TypeError(
            f"{left_out(f'the async function {name!r}')}. Or write `def`, and asyncio.run(...)"
            " inside of it"
        )


class Scaffold:
    """Keep what is registered on an app."""

    config: Config

    def __init__(self, host_matching: bool = False) -> None:
        self._got_first_request = False
        self.url_map = Map(host_matching=host_matching)
        self.view_functions: dict[str, Callable[..., Any]] = {}
        self.error_handlers: dict[tuple[type, int | None], Callable[..., Any]] = {}
        self.url_value_preprocessors: list[Callable[..., None]] = []
        self.url_default_functions: list[Callable[..., None]] = []
        self.before_request_funcs: list[Callable[[], Any]] = []
        self.after_request_funcs: list[Callable[[Any], Any]] = []
        self.teardown_request_funcs: list[Callable[..., Any]] = []
        self.teardown_appcontext_funcs: list[Callable[..., Any]] = []
        self.template_context_processors: list[Callable[[], dict[str, Any]]] = []

    # Routes

    @setupmethod
    def route(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Decorate a view function: it answers the requests whose path matches ``rule``.

        A part like ``<int:id>`` is converted and passed to the view. ``methods`` are those
        that are answered, GET if none are given; ``endpoint`` is the name for `url_for`,
        the function's name if it is not given.
        """

        def decorator(view_func: F) -> F:
            self.add_url_rule(rule, options.pop("endpoint", None), view_func, **options)
            return view_func

        return decorator

    @setupmethod
    def get(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for GET only."""
        return self.route(rule, methods=["GET"], **options)

    @setupmethod
    def post(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for POST only."""
        return self.route(rule, methods=["POST"], **options)

    @setupmethod
    def put(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for PUT only."""
        return self.route(rule, methods=["PUT"], **options)

    @setupmethod
    def patch(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for PATCH only."""
        return self.route(rule, methods=["PATCH"], **options)

    @setupmethod
    def delete(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for DELETE only."""
        return self.route(rule, methods=["DELETE"], **options)

    @setupmethod
    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        """Like `route`, as a call; ``view_func`` may have ``methods`` as an attribute."""
        if endpoint is None:
            if view_func is None:
                raise TypeError(f"the rule {rule!r} needs an endpoint or a view function")
            endpoint = view_func.__name__
        methods = options.pop("methods", None)
        if methods is None:
            methods = getattr(view_func, "methods", None) or ("GET",)
        if isinstance(methods, str):
            raise TypeError(
                f"methods of {endpoint!r} is a list of names: methods=[{methods!r}]"
            )
        methods = {method.upper() for method in methods}
        required = set(getattr(view_func, "required_methods", ()))
        # OPTIONS is answered without the view, unless the view asks for it.
        automatic = provide_automatic_options
        if automatic is None:
            automatic = getattr(view_func, "provide_automatic_options", None)
        if automatic is None:
            automatic = "OPTIONS" not in methods and self.config["PROVIDE_AUTOMATIC_OPTIONS"]
            required |= {"OPTIONS"} if automatic else set()
        url_rule = Rule(rule, endpoint=endpoint, methods=methods | required, **options)
        url_rule.provide_automatic_options = automatic  # type: ignore[attr-defined]
        self._add_view_function(endpoint, view_func)
        self.url_map.add(url_rule)

    @setupmethod
    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Decorate a view function: it answers the rules that were added for ``endpoint``."""

        def decorator(view_func: F) -> F:
            refuse_async(view_func)
            self.view_functions[endpoint] = view_func
            return view_func

        return decorator

    def _add_view_function(self, endpoint: str, view_func: Callable[..., Any] | None) -> None:
        if view_func is None:
            return
        taken = self.view_functions.setdefault(endpoint, view_func)
        if taken != view_func:
            code = getattr(inspect.unwrap(taken), "__code__", None)
            where = f", at {code.co_filename}:{code.co_firstlineno}" if code else ""
            raise AssertionError(
                "View function mapping is overwriting an existing endpoint function:"
                f" {endpoint} is the name of another view{where}. Give the second"
                ' function another name, or its route an endpoint="..." of its own'
            )

    @setupmethod
    def url_value_preprocessor(self, f: F) -> F:
        """Call ``f(endpoint, view_args)`` first in each request."""
        self.url_value_preprocessors.append(f)
        return f

    @setupmethod
    def url_defaults(self, f: F) -> F:
        """Call ``f(endpoint, values)`` for each URL that is built, to add values."""
        self.url_default_functions.append(f)
        return f

    # Hooks

    @setupmethod
    def before_request(self, f: F) -> F:
        """Call ``f()`` before the view; what it returns, if not None, is the answer."""
        self.before_request_funcs.append(f)
        return f

    @setupmethod
    def after_request(self, f: F) -> F:
        """Call ``f(response)`` after the view; it returns a response. Last one first."""
        self.after_request_funcs.append(f)
        return f

    @setupmethod
    def teardown_request(self, f: F) -> F:
        """Call ``f(error)`` when a request context ends, whatever happened."""
        self.teardown_request_funcs.append(f)
        return f

    @setupmethod
    def teardown_appcontext(self, f: F) -> F:
        """Call ``f(error)`` when an app context ends, whatever happened."""
        self.teardown_appcontext_funcs.append(f)
        return f

    @setupmethod
    def context_processor(self, f: F) -> F:
        """Call ``f()`` for each template; the dict it returns is known there."""
        self.template_context_processors.append(f)
        return f

    @setupmethod
    def errorhandler(self, code_or_exception: int | type[Exception]) -> Callable[[F], F]:
        """Decorate a function: it answers with ``function(error)`` to this kind of error."""

        def decorator(function: F) -> F:
            self.register_error_handler(code_or_exception, function)
            return function

        return decorator

    @setupmethod
    def register_error_handler(
        self, code_or_exception: int | type[Exception], f: Callable[..., Any]
    ) -> None:
        """Like `errorhandler`, as a call."""
        cls: Any = code_or_exception
        if isinstance(code_or_exception, int):
            cls = default_exceptions.get(code_or_exception)
            if cls is None:
                raise ValueError(f"{code_or_exception} is not the code of an HTTP error")
        if not (isinstance(cls, type) and issubclass(cls, Exception)):
            error = ValueError if isinstance(cls, type) else TypeError
            raise error(f"errorhandler takes an HTTP code or an exception class, not {cls!r}")
        code = cls.code if issubclass(cls, HTTPException) else None
        self.error_handlers[cls, code] = f
