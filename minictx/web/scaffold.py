"""An app before its first request: where it is, its settings, and what is registered on it.

Routes, hooks and error handlers are put into lists and dicts here, and called from
`minictx/web/app.py`.
"""

from __future__ import annotations

import inspect
import logging
import os
import sys
import weakref
from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from types import MappingProxyType
from typing import IO, Any, TypeVar, cast

from jinja2 import Environment
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.routing import Map, Rule

from minictx.web.config import DEFAULTS, Config, ConfigAttribute, as_timedelta, debug_flag
from minictx.web.ctx import _AppCtxGlobals
from minictx.web.helpers import send_from_directory
from minictx.web.json import DefaultJSONProvider
from minictx.web.left_out import left_out
from minictx.web.logging import create_logger
from minictx.web.sessions import SecureCookieSessionInterface, SessionInterface
from minictx.web.templating import create_jinja_environment
from minictx.web.testing import MiniClient
from minictx.web.wrappers import Request, Response

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
    """An app as it is set up: names and folders, configuration, and what is registered."""

    app_ctx_globals_class = _AppCtxGlobals
    json_provider_class = DefaultJSONProvider
    request_class = Request
    response_class = Response
    test_client_class: type[MiniClient] | None = None
    default_config: Mapping[str, Any] = DEFAULTS
    jinja_options: Mapping[str, Any] = MappingProxyType({})  # for jinja2.Environment
    session_interface: SessionInterface = SecureCookieSessionInterface()

    testing = ConfigAttribute("TESTING")
    secret_key = ConfigAttribute("SECRET_KEY")
    permanent_session_lifetime = ConfigAttribute("PERMANENT_SESSION_LIFETIME", as_timedelta)
    use_x_sendfile = ConfigAttribute("USE_X_SENDFILE")

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
    ) -> None:
        self.import_name = import_name
        self.root_path = root_path or _root_path(import_name)
        self.instance_path = instance_path or _instance_path(import_name)
        if not os.path.isabs(self.instance_path):
            raise ValueError(f"instance_path is an absolute path, and not {instance_path!r}")
        self.template_folder = template_folder
        self.subdomain_matching = subdomain_matching
        self.config = Config(
            self.instance_path if instance_relative_config else self.root_path,
            {**self.default_config, "DEBUG": debug_flag()},
        )
        self.extensions: dict[str, Any] = {}

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

        self.static_folder = None
        if static_folder is not None:
            if host_matching != bool(static_host):
                raise AssertionError(
                    "with host_matching=True, static_host says on which host the static files"
                    " are; without, it has no use. Or pass static_folder=None"
                )
            folder = os.fspath(static_folder).rstrip("/\\")
            self.static_folder = os.path.join(self.root_path, folder)
            if static_url_path is None:
                static_url_path = f"/{os.path.basename(folder)}"
            app = weakref.proxy(self)  # no cycle: an app is freed with its last reference
            self.add_url_rule(
                f"{static_url_path.rstrip('/')}/<path:filename>",
                "static",
                lambda **values: app.send_static_file(**values),
                host=static_host,
            )

    @property
    def name(self) -> str:
        """The name of the app's module; for a script, that of its file."""
        if self.import_name == "__main__":
            file = getattr(sys.modules["__main__"], "__file__", None)
            return "__main__" if file is None else os.path.splitext(os.path.basename(file))[0]
        return self.import_name

    @property
    def debug(self) -> bool:
        """Whether responses explain errors, and changed templates are reloaded."""
        return cast(bool, self.config["DEBUG"])

    @debug.setter
    def debug(self, value: bool) -> None:
        self.config["DEBUG"] = value
        if "jinja_env" in vars(self) and self.config["TEMPLATES_AUTO_RELOAD"] is None:
            self.jinja_env.auto_reload = value

    @cached_property
    def logger(self) -> logging.Logger:
        """The logger that has the app's name."""
        return create_logger(self)

    @cached_property
    def json(self) -> DefaultJSONProvider:
        """What writes and reads JSON for this app."""
        return self.json_provider_class(self)

    @cached_property
    def jinja_env(self) -> Environment:
        """The Jinja environment that renders the app's templates."""
        return create_jinja_environment(self)

    def send_static_file(self, filename: str) -> Response:
        """Answer with a file from the static folder."""
        max_age = self.get_send_file_max_age(filename)
        return send_from_directory(cast(str, self.static_folder), filename, max_age=max_age)

    def get_send_file_max_age(self, filename: str | None) -> int | None:
        """Return for how many seconds a browser may keep a file without asking again."""
        max_age = self.config["SEND_FILE_MAX_AGE_DEFAULT"]
        return None if max_age is None else int(as_timedelta(max_age).total_seconds())

    def open_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = None
    ) -> IO[Any]:
        """Open a file beside the app's module, for reading."""
        if mode not in {"r", "rt", "rb"}:
            raise ValueError(f"resources are only read: mode is 'r' or 'rb', not {mode!r}")
        return open(os.path.join(self.root_path, resource), mode, encoding=encoding)

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

    def _find_error_handler(self, error: Exception) -> Callable[..., Any] | None:
        code = error.code if isinstance(error, HTTPException) else None
        # A handler for this very code comes before one for a class of all codes.
        for wanted in (code, None) if code is not None else (None,):
            for cls in type(error).__mro__:
                handler = self.error_handlers.get((cls, wanted))
                if handler is not None:
                    return handler
        return None

    # Templates

    @setupmethod
    def template_filter(self, name: str | None = None) -> Callable[[F], F]:
        """Decorate a function: templates can use it as a filter."""
        return _registering(self.add_template_filter, name)

    @setupmethod
    def template_test(self, name: str | None = None) -> Callable[[F], F]:
        """Decorate a function: templates can use it as a test, after ``is``."""
        return _registering(self.add_template_test, name)

    @setupmethod
    def template_global(self, name: str | None = None) -> Callable[[F], F]:
        """Decorate a function: templates can call it."""
        return _registering(self.add_template_global, name)

    @setupmethod
    def add_template_filter(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Like `template_filter`, as a call."""
        self.jinja_env.filters[name or f.__name__] = f

    @setupmethod
    def add_template_test(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Like `template_test`, as a call."""
        self.jinja_env.tests[name or f.__name__] = f

    @setupmethod
    def add_template_global(self, f: Callable[..., Any], name: str | None = None) -> None:
        """Like `template_global`, as a call."""
        self.jinja_env.globals[name or f.__name__] = f


def _registering(
    register: Callable[[Callable[..., Any], str | None], None], name: str | None
) -> Callable[[F], F]:
    """Return a decorator that registers a function under ``name``."""

    def decorator(function: F) -> F:
        register(function, name)
        return function

    return decorator


def _root_path(import_name: str) -> str:
    """Return the folder of a module; the current folder if it has no file."""
    module = sys.modules.get(import_name)
    file = getattr(module, "__file__", None)
    return os.getcwd() if file is None else os.path.dirname(os.path.abspath(file))


def _instance_path(import_name: str) -> str:
    """Return the folder ``instance`` beside a module, or beside a whole package."""
    name = import_name.partition(".")[0]
    folder = _root_path(name)
    if hasattr(sys.modules.get(name), "__path__"):
        folder = os.path.dirname(folder)
    return os.path.join(folder, "instance")
