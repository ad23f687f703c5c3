"""The two contexts, and what pushing and popping them does.

    push a request context: push an app context first, unless one of this app is on top
                            put it on the request stack
                            open the session, match the URL
    pop it:                 run the teardown_request functions
                            take it off the request stack
                            pop the app context that was pushed with it,
                            which runs the teardown_appcontext functions

Teardown happens when a context is popped for the last time: it may be pushed more than
once, and a streamed response (`stream_with_context`) needs it after it was popped.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from functools import wraps
from reprlib import repr as repr_bounded
from types import TracebackType
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

from werkzeug.exceptions import HTTPException

from minictx.stack import LocalStack
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from minictx.web.left_out import explain
from minictx.web.signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    request_tearing_down,
)
from minictx.web.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from minictx.web.app import MiniFlask
    from minictx.web.sessions import SessionMixin

P = ParamSpec("P")
R = TypeVar("R")
Ctx = TypeVar("Ctx", bound="AppContext | RequestContext")

_CURRENT = BaseException()  # "no argument": teardown gets the error being handled, if any
_RAISE = object()  # "no default"


class _AppCtxGlobals:
    """The object behind ``g``: a place for what the code of one app context shares.

    >>> g = _AppCtxGlobals()
    >>> g.user = "alice"
    >>> g.get("user"), g.get("role", "guest"), "role" in g
    ('alice', 'guest', False)
    """

    if TYPE_CHECKING:

        def __setattr__(self, name: str, value: Any) -> None: ...

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"g.{name} was not set in this app context", name=name, obj=self)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the attribute ``name``, or ``default``."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: Any = _RAISE) -> Any:
        """Delete the attribute ``name`` and return it; without it, return the default."""
        return self.__dict__.pop(name, *(() if default is _RAISE else (default,)))

    def setdefault(self, name: str, default: Any = None) -> Any:
        """Return the attribute ``name``; set it to ``default`` first if it is not there."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        names = (f"{name}={repr_bounded(value)}" for name, value in vars(self).items())
        return f"<g: {', '.join(names) or 'empty'}>"


class Errors(list[BaseException]):
    """The errors of functions that must all be called, even if one of them raises.

    ``wrong_order`` is the error of a context that was popped while another was on top.
    """

    wrong_order: AssertionError | None = None

    def call(self, function: Callable[..., object], *args: Any, **kwargs: Any) -> None:
        """Call a function; keep what it raises."""
        try:
            function(*args, **kwargs)
        except BaseException as error:
            explain(error)
            self.append(error)

    def raise_any(self, message: str) -> None:
        """Raise all that was kept, in one group; if nothing was, do nothing."""
        if self.wrong_order and not self:
            raise self.wrong_order
        if self:
            raise BaseExceptionGroup(message, self) from self.wrong_order


def _wrong_order(kind: str, ctx: _Context, top: _Context | None) -> AssertionError:
    return AssertionError(
        f"Popped wrong {kind} context. ({top!r} instead of {ctx!r}) Contexts are popped"
        " where they were pushed, in the reverse order: use `with`"
    )


def _is_on(stack: LocalStack[Ctx], ctx: Ctx) -> bool:
    """Tell whether ``ctx`` is on the stack of the running thread, on top or below."""
    return stack.top is ctx or any(item is ctx for item in stack)


def pop_through(stack: LocalStack[Ctx], ctx: Ctx) -> Ctx | None:
    """Pop ``ctx`` and everything left above it, and return what was on top.

    If ``ctx`` is not on this stack at all, nothing is popped.
    """
    top = stack.top
    if top is ctx:
        stack.pop()
    elif _is_on(stack, ctx):
        while stack.pop() is not ctx:
            pass
    return top


class _Context(ABC):
    """What both contexts have: ``with`` pushes and pops them."""

    @abstractmethod
    def push(self) -> None: ...

    @abstractmethod
    def pop(self, exc: BaseException | None) -> None: ...

    def __enter__(self) -> Self:
        self.push()
        return self

    def __exit__(
        self, kind: type | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        explain(exc)
        self.pop(exc)


class AppContext(_Context):
    """What ``current_app`` and ``g`` stand for, from its push to its pop.

    >>> from minictx.web import MiniFlask, current_app, g
    >>> app = MiniFlask("shop")
    >>> with app.app_context():
    ...     g.user = "alice"
    ...     print(current_app.name, g.user)
    shop alice
    """

    def __init__(self, app: MiniFlask) -> None:
        self.app = app
        self.g = app.app_ctx_globals_class()
        self.url_adapter = app.create_url_adapter(None)
        self._pushes = 0

    def push(self) -> None:
        """Make this the current app context."""
        self._pushes += 1
        _app_ctx_stack.push(self)
        try:
            appcontext_pushed.send(self.app)
        except BaseException:  # its caller will not pop what it could not push
            pop_through(_app_ctx_stack, self)
            self._pushes -= 1
            raise

    def pop(self, exc: BaseException | None = _CURRENT) -> None:
        """Tear down if this was the last push, and make the context below current again.

        The teardown functions get ``exc``, or the error that is being handled.
        """
        errors = Errors()
        self._pop(sys.exc_info()[1] if exc is _CURRENT else exc, errors)
        errors.raise_any("tearing down the app context failed")

    def _pop(self, exc: BaseException | None, errors: Errors) -> None:
        if not _is_on(_app_ctx_stack, self):
            errors.wrong_order = _wrong_order("app", self, _app_ctx_stack.top)
            return
        if self._pushes == 1:
            for function in reversed(self.app.teardown_appcontext_funcs):
                errors.call(function, exc)
            errors.call(appcontext_tearing_down.send, self.app, exc=exc)
        top = pop_through(_app_ctx_stack, self)
        self._pushes -= 1
        if top is self:
            errors.call(appcontext_popped.send, self.app)
        else:
            errors.wrong_order = _wrong_order("app", self, top)

    def __repr__(self) -> str:
        return f"<AppContext of {self.app.name}>"


class RequestContext(_Context):
    """What ``request`` and ``session`` stand for, from its push to its pop.

    >>> from minictx.web import MiniFlask, request
    >>> with MiniFlask(__name__).test_request_context("/hello?name=alice"):
    ...     print(request.path, request.args["name"])
    /hello alice
    """

    def __init__(
        self,
        app: MiniFlask,
        environ: WSGIEnvironment,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app = app
        self.request = request or app.make_request(environ)
        self.url_adapter = None
        try:
            self.url_adapter = app.create_url_adapter(self.request)
        except HTTPException as error:  # the Host header is malformed
            self.request.routing_exception = error
        self.flashes: list[tuple[str, str]] | None = None  # read from the session only once
        self._session = session
        self._after_request_functions: list[Callable[[Response], Response]] = []
        # One for each push: the app context that was pushed with it, or None.
        self._implicit_app_ctx_stack: list[AppContext | None] = []
        self.app_ctx: AppContext  # set by push
        self.streams = 0  # streamed responses that are still being sent
        self.waits_for_streams = False  # popped for the last time, but not torn down

    def copy(self) -> RequestContext:
        """Return a new context for the same request and session."""
        return RequestContext(self.app, self.request.environ, self.request, self._session)

    @property
    def session(self) -> SessionMixin:
        """The session of this request; it is opened by the first push."""
        assert self._session is not None, "the session is opened when the context is pushed"
        self._session.accessed = True
        return self._session

    @property
    def pushes(self) -> int:
        """How many times it was pushed, and not yet popped."""
        return len(self._implicit_app_ctx_stack)

    def push(self) -> None:
        """Make this the current request context, and its app the current app.

        If the session cannot be opened, or a URL converter raises, it is popped again.
        """
        pushes = self.pushes
        try:
            self._push()
        except BaseException as error:
            if self.pushes > pushes:
                self.pop(error)
            raise

    def _push(self) -> None:
        app_ctx = _app_ctx_stack.top
        if app_ctx is not None and app_ctx.app is self.app:
            self._implicit_app_ctx_stack.append(None)
        else:
            app_ctx = self.app.app_context()
            app_ctx.push()
            self._implicit_app_ctx_stack.append(app_ctx)
        self.app_ctx = app_ctx
        _request_ctx_stack.push(self)

        # The session comes first: a URL converter may want to read it.
        if self._session is None:
            interface = self.app.session_interface
            self._session = interface.open_session(self.app, self.request)
            if self._session is None:
                self._session = interface.make_null_session(self.app)
        if self.url_adapter is not None:
            self.match_request()

    def match_request(self) -> None:
        """Find the URL rule; if there is none, keep the error for the dispatch."""
        assert self.url_adapter is not None
        try:
            rule, view_args = self.url_adapter.match(return_rule=True)
        except HTTPException as error:
            self.request.routing_exception = error
        else:
            self.request.url_rule, self.request.view_args = rule, dict(view_args)

    def pop(self, exc: BaseException | None = _CURRENT) -> None:
        """Tear down if this was the last push, and make the context below current again.

        The teardown functions get ``exc``, or the error that is being handled. If any of
        them raises, the others still run, and then all errors are raised in one group.
        """
        exc = sys.exc_info()[1] if exc is _CURRENT else exc
        if not _is_on(_request_ctx_stack, self):
            raise _wrong_order("request", self, _request_ctx_stack.top)
        is_last = self.pushes == 1
        if is_last and self.streams and exc is None:
            self.take_off()
            return
        errors = Errors()
        if is_last:
            self._tear_down(exc, errors)
        top = pop_through(_request_ctx_stack, self)
        app_ctx = self._implicit_app_ctx_stack.pop()
        if app_ctx is not None:
            app_ctx._pop(exc, errors)
        if top is not self:
            errors.wrong_order = errors.wrong_order or _wrong_order("request", self, top)
        errors.raise_any("tearing down the request context failed")

    def _tear_down(self, exc: BaseException | None, errors: Errors) -> None:
        for function in reversed(self.app.teardown_request_funcs):
            errors.call(function, exc)
        errors.call(request_tearing_down.send, self.app, exc=exc)
        errors.call(self.request.close)

    # The next three are for stream_with_context; skip them on a first reading.

    def take_off(self) -> None:
        """Pop without tearing down: a streamed response will need it again."""
        self.waits_for_streams = True
        top = pop_through(_request_ctx_stack, self)
        if self._implicit_app_ctx_stack[0] is not None:
            pop_through(_app_ctx_stack, self.app_ctx)
        if top is not self:
            raise _wrong_order("request", self, top)

    def put_back(self) -> None:
        """Push it again, with the same app context, session and URL."""
        _app_ctx_stack.push(self.app_ctx)
        _request_ctx_stack.push(self)

    def finish(self, exc: BaseException | None) -> None:
        """Do the pop that was put off, now that no streamed response needs the context."""
        self.waits_for_streams = False
        first = self._implicit_app_ctx_stack.pop(0)  # it may have been pushed again since
        self._implicit_app_ctx_stack.append(first)
        self.put_back()
        try:
            self.pop(exc)
        finally:
            if first is None:
                pop_through(_app_ctx_stack, self.app_ctx)

    def __repr__(self) -> str:
        return f"<RequestContext {self.request.path!r} of {self.app.name}>"


def has_request_context() -> bool:
    """Tell whether ``request`` and ``session`` are bound here.

    >>> has_request_context()
    False
    """
    return _request_ctx_stack.top is not None


def has_app_context() -> bool:
    """Tell whether ``current_app`` and ``g`` are bound here.

    >>> has_app_context()
    False
    """
    return _app_ctx_stack.top is not None


def current_request_context(user: str) -> RequestContext:
    """Return the current request context; without one, say that ``user`` needs it."""
    ctx = _request_ctx_stack.top
    if ctx is None:
        raise RuntimeError(
            f"{user} needs a request context: call it in a view function, or in a test,"
            ' with app.test_request_context("/"): ...'
        )
    return ctx


def after_this_request(f: Callable[[Response], Response]) -> Callable[[Response], Response]:
    """Call ``f`` with the response of this request, before those of ``after_request``.

    >>> from minictx.web import MiniFlask
    >>> app = MiniFlask(__name__)
    >>> @app.route("/")
    ... def index():
    ...     @after_this_request
    ...     def add_header(response):
    ...         response.headers["X-Seen"] = "yes"
    ...         return response
    ...     return "hello"
    >>> app.test_client().get("/").headers["X-Seen"]
    'yes'
    """
    current_request_context("after_this_request")._after_request_functions.append(f)
    return f


def copy_current_request_context(f: Callable[P, R]) -> Callable[P, R]:
    """Wrap ``f`` so that, in another thread or greenlet, it sees this request.

    The request and the session are shared; ``g`` belongs to the app context, and starts
    empty. Changes to the session are not saved: the response may have been sent.

    >>> import threading
    >>> from minictx.web import MiniFlask, request
    >>> with MiniFlask(__name__).test_request_context("/report"):
    ...     tell = copy_current_request_context(lambda: print(request.path))
    ...     thread = threading.Thread(target=tell)
    ...     thread.start(); thread.join()
    /report
    """
    ctx = current_request_context("copy_current_request_context")

    @wraps(f)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        # A copy for each call: two calls may overlap, and each counts its own pushes.
        with ctx.copy():
            return f(*args, **kwargs)

    return wrapper
