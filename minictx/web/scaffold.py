"""What an app is told before its first request: routes, hooks and error handlers.

Each is put into a list or a dict here, and called from `minictx/web/app.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.routing import Map, Rule

__all__ = ["Scaffold"]

F = TypeVar("F", bound=Callable[..., Any])


class Scaffold:
    """Keep what is registered on an app."""

    def __init__(self) -> None:
        self.url_map = Map()
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

    def get(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for GET only."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for POST only."""
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for PUT only."""
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for PATCH only."""
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule: str, **options: Any) -> Callable[[F], F]:
        """Like `route`, for DELETE only."""
        return self.route(rule, methods=["DELETE"], **options)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        methods: Iterable[str] | None = None,
        **options: Any,
    ) -> None:
        """Like `route`, as a call."""
        if endpoint is None:
            if view_func is None:
                raise TypeError(f"the rule {rule!r} needs an endpoint or a view function")
            endpoint = view_func.__name__
        if isinstance(methods, str):
            raise TypeError(
                f"methods of {endpoint!r} is a list of names: methods=[{methods!r}]"
            )
        methods = {method.upper() for method in methods or ("GET",)}
        # OPTIONS is answered without the view, unless the view asks for it.
        automatic = options.pop("provide_automatic_options", None)
        if automatic is None:
            automatic = "OPTIONS" not in methods
        url_rule = Rule(
            rule,
            endpoint=endpoint,
            methods=methods | ({"OPTIONS"} if automatic else set()),
            **options,
        )
        url_rule.provide_automatic_options = automatic  # type: ignore[attr-defined]
        self._add_view_function(endpoint, view_func)
        self.url_map.add(url_rule)

    def endpoint(self, endpoint: str) -> Callable[[F], F]:
        """Decorate a view function: it answers the rules that were added for ``endpoint``."""

        def decorator(view_func: F) -> F:
            self.view_functions[endpoint] = view_func
            return view_func

        return decorator

    def _add_view_function(self, endpoint: str, view_func: Callable[..., Any] | None) -> None:
        if view_func is None:
            return
        if inspect.iscoroutinefunction(view_func):
            raise TypeError(
                f"the view {endpoint!r} is an async function, and a WSGI app has no event loop"
                " to run it in: write `def`, or asyncio.run(...) inside of it"
            )
        taken = self.view_functions.setdefault(endpoint, view_func)
        if taken != view_func:
            code = getattr(inspect.unwrap(taken), "__code__", None)
            where = f", at {code.co_filename}:{code.co_firstlineno}" if code else ""
            raise AssertionError(
                "View function mapping is overwriting an existing endpoint function:"
                f" {endpoint} is the name of another view{where}. Give the second"
                ' function another name, or its route an endpoint="..." of its own'
            )

    def url_value_preprocessor(self, function: F) -> F:
        """Call ``function(endpoint, view_args)`` first in each request."""
        self.url_value_preprocessors.append(function)
        return function

    def url_defaults(self, function: F) -> F:
        """Call ``function(endpoint, values)`` for each URL that is built, to add values."""
        self.url_default_functions.append(function)
        return function

    # Hooks

    def before_request(self, function: F) -> F:
        """Call ``function()`` before the view; what it returns, if not None, is the answer."""
        self.before_request_funcs.append(function)
        return function

    def after_request(self, function: F) -> F:
        """Call ``function(response)`` after the view; it returns a response. Last one first."""
        self.after_request_funcs.append(function)
        return function

    def teardown_request(self, function: F) -> F:
        """Call ``function(error)`` when a request context ends, whatever happened."""
        self.teardown_request_funcs.append(function)
        return function

    def teardown_appcontext(self, function: F) -> F:
        """Call ``function(error)`` when an app context ends, whatever happened."""
        self.teardown_appcontext_funcs.append(function)
        return function

    def context_processor(self, function: F) -> F:
        """Call ``function()`` for each template; the dict it returns is known there."""
        self.template_context_processors.append(function)
        return function

    def errorhandler(self, code_or_class: int | type[Exception]) -> Callable[[F], F]:
        """Decorate a function: it answers with ``function(error)`` to this kind of error."""

        def decorator(function: F) -> F:
            self.register_error_handler(code_or_class, function)
            return function

        return decorator

    def register_error_handler(
        self, code_or_class: int | type[Exception], function: Callable[..., Any]
    ) -> None:
        """Like `errorhandler`, as a call."""
        cls: Any = code_or_class
        if isinstance(code_or_class, int):
            cls = default_exceptions.get(code_or_class)
            if cls is None:
                raise ValueError(f"{code_or_class} is not the code of an HTTP error")
        if not (isinstance(cls, type) and issubclass(cls, Exception)):
            raise TypeError(
                f"errorhandler takes an HTTP code or an exception class, not {cls!r}"
            )
        code = cls.code if issubclass(cls, HTTPException) else None
        self.error_handlers[cls, code] = function
