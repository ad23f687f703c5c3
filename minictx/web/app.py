"""MiniFlask: the life of a request, from the server's call to the response.

Start with `MiniFlask.wsgi_app`: everything else is called from there. The views, hooks and
error handlers that it calls were registered before, in `minictx/web/scaffold.py`.
"""

from __future__ import annotations

import os
import string
from collections.abc import Iterable
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import werkzeug.serving
import werkzeug.utils
from werkzeug.exceptions import (
    BadRequest,
    BadRequestKeyError,
    HTTPException,
    InternalServerError,
)
from werkzeug.routing import BuildError, RoutingException, Rule
from werkzeug.wrappers import Response as BaseResponse
from werkzeug.wsgi import get_host

from minictx.web.config import debug_flag
from minictx.web.ctx import AppContext, RequestContext
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack, request
from minictx.web.helpers import URL_FRAGMENT, current_url_adapter, file_version
from minictx.web.left_out import LeavesOut, explain
from minictx.web.scaffold import Scaffold
from minictx.web.signals import got_request_exception, request_finished, request_started
from minictx.web.testing import PRESERVE_CONTEXT, EnvironBuilder, MiniClient
from minictx.web.wrappers import Request, Response, to_response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.routing import MapAdapter


class MiniFlask(LeavesOut, Scaffold):
    """A web app: a WSGI application with routes.

    >>> from minictx.web import MiniFlask, request
    >>> app = MiniFlask(__name__)
    >>> @app.route("/")
    ... def index():
    ...     return f"hello {request.args.get('name', 'world')}"
    >>> app.test_client().get("/?name=alice").text
    'hello alice'

    ``import_name`` is the module that the app is written in; the folders ``templates`` and
    ``static`` are looked for beside it.
    """

    def update_template_context(self, context: dict[str, Any]) -> None:
        """Add what every template knows, and what the context processors say."""
        given = dict(context)
        context["g"] = cast(AppContext, _app_ctx_stack.top).g
        if _request_ctx_stack.top is not None:
            context["request"] = _request_ctx_stack.top.request
        for function in self.template_context_processors:
            context.update(function())
        context.update(given)  # what the view passed wins

    # The life of a request

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request, for a WSGI server; wrap `wsgi_app` to add a middleware."""
        return self.wsgi_app(environ, start_response)

    def wsgi_app(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Push the contexts, find the response, and pop the contexts again."""
        ctx = self.request_context(environ)
        error: BaseException | None = None
        try:
            try:
                ctx._push()  # if this fails, the error page needs the context
                response = self.full_dispatch_request()
            except Exception as raised:
                error = raised
                if not ctx.pushes:  # not even its app context could be pushed
                    raise
                response = self.handle_exception(raised)
            except BaseException as raised:
                error = raised
                raise
            return response(environ, start_response)
        finally:
            if ctx.pushes:
                if PRESERVE_CONTEXT in environ:  # a test client in a `with` block
                    environ[PRESERVE_CONTEXT](_app_ctx_stack.top)
                    environ[PRESERVE_CONTEXT](_request_ctx_stack.top)
                ctx.pop(error)

    def full_dispatch_request(self) -> Response:
        """Call the before_request functions, and the view; make a response of the answer."""
        if not self._got_first_request:
            self._got_first_request = True
        try:
            request_started.send(self)
            answer = self.preprocess_request()
            if answer is None:
                answer = self.dispatch_request()
        except Exception as error:
            answer = self.handle_user_exception(error)
        return self.finalize_request(answer)

    def preprocess_request(self) -> Any:
        """Call the before_request functions, until one answers."""
        for preprocessor in self.url_value_preprocessors:
            preprocessor(request.endpoint, request.view_args)
        for function in self.before_request_funcs:
            answer = function()
            if answer is not None:
                return answer
        return None

    def dispatch_request(self) -> Any:
        """Call the view that the URL was matched to; raise if there is none."""
        ctx = cast(RequestContext, _request_ctx_stack.top)
        if ctx.request.routing_exception is not None:
            raise ctx.request.routing_exception
        rule, view_args = cast(Rule, ctx.request.url_rule), ctx.request.view_args or {}
        if ctx.request.method == "OPTIONS" and rule.provide_automatic_options:  # type: ignore[attr-defined]
            return self.make_default_options_response()
        return self.view_functions[rule.endpoint](**view_args)

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS with the methods that this URL allows."""
        adapter = cast("MapAdapter", cast(RequestContext, _request_ctx_stack.top).url_adapter)
        response = self.response_class()
        response.allow.update(adapter.allowed_methods())
        return response

    def finalize_request(self, rv: Any, from_error_handler: bool = False) -> Response:
        """Make a response of a view's answer, and give it to the hooks after the view."""
        response = self.make_response(rv)
        try:
            response = self.process_response(response)
            request_finished.send(self, response=response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("a function after the request failed, and so did the request")
        return response

    def process_response(self, response: Response) -> Response:
        """Call the after_request functions, and save the session."""
        ctx = cast(RequestContext, _request_ctx_stack.top)
        for function in ctx._after_request_functions:  # one of them may register another
            response = function(response)
        for function in reversed(self.after_request_funcs):
            response = function(response)
        interface, session = self.session_interface, ctx._session
        if session is not None and not interface.is_null_session(session):
            interface.save_session(self, session, response)
        return response

    # When something is raised

    def handle_user_exception(self, e: Exception) -> Any:
        """Answer an error with its handler, or, if it is an HTTP error, with itself."""
        if isinstance(e, BadRequestKeyError) and (
            self.debug or self.config["TRAP_BAD_REQUEST_ERRORS"]
        ):
            e.show_exception = True
        if isinstance(e, HTTPException) and not self.trap_http_exception(e):
            return self.handle_http_exception(e)
        handler = self._find_error_handler(e)
        if handler is None:
            raise e
        return handler(e)

    def handle_http_exception(self, e: HTTPException) -> Any:
        """Answer an HTTP error with its handler; without one, the error is the answer."""
        if e.code is None or isinstance(e, RoutingException):
            return e  # abort(response), and a redirect to the same URL with a slash at its end
        handler = self._find_error_handler(e)
        return e if handler is None else handler(e)

    def trap_http_exception(self, e: Exception) -> bool:
        """Tell whether an HTTP error counts as a bug: without a handler, it is raised."""
        trap = self.config["TRAP_BAD_REQUEST_ERRORS"]
        if trap is None:
            trap = self.debug and isinstance(e, BadRequestKeyError)
        return self.config["TRAP_HTTP_EXCEPTIONS"] or (trap and isinstance(e, BadRequest))

    def handle_exception(self, e: Exception) -> Response:
        """Log an unhandled error, and answer 500.

        When testing or debugging, raise it instead.
        """
        explain(e)
        got_request_exception.send(self, exception=e)
        propagate = self.config["PROPAGATE_EXCEPTIONS"]
        if propagate is None:
            propagate = self.testing or self.debug
        if propagate:
            raise e
        self.log_exception((type(e), e, e.__traceback__))
        server_error = InternalServerError(original_exception=e)
        handler = self._find_error_handler(server_error)
        answer = server_error if handler is None else handler(server_error)
        return self.finalize_request(answer, from_error_handler=True)

    def log_exception(self, exc_info: Any) -> None:
        """Log an error without a handler; the argument is what `sys.exc_info` returned."""
        where = request.path, request.method
        self.logger.error("Exception on %s [%s]", *where, exc_info=exc_info)

    # Responses and URLs

    def make_response(self, rv: Any) -> Response:
        """Make a response of what a view returned; `to_response` says of what."""
        return to_response(self, rv)

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: Any,
    ) -> str:
        """Do what `minictx.web.url_for` does: that calls this one, of the current app."""
        if _scheme is not None and _external is False:
            raise ValueError("a URL with _scheme is external: do not pass _external=False")
        if _external is None:
            _external = _request_ctx_stack.top is None or _scheme is not None
        for function in self.url_default_functions:
            function(endpoint, values)
        if endpoint == "static":
            values.setdefault("v", file_version(self.static_folder, values.get("filename")))
        try:
            url = current_url_adapter(self).build(
                endpoint, values, _method, force_external=_external, url_scheme=_scheme
            )
        except BuildError as error:
            endpoints = ", ".join(sorted(self.view_functions))
            error.add_note(f"This app's endpoints are: {endpoints}.")
            raise
        return url if _anchor is None else f"{url}#{quote(_anchor, safe=URL_FRAGMENT)}"

    def redirect(self, location: str, code: int = 302) -> BaseResponse:
        """Do what `minictx.web.redirect` does: that calls this one, of the current app."""
        return werkzeug.utils.redirect(location, code, self.response_class)

    # Contexts

    def app_context(self) -> AppContext:
        """Return an app context, for work outside of a request: ``with app.app_context():``."""
        return AppContext(self)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Return the context of the request that ``environ`` describes."""
        return RequestContext(self, environ)

    def test_request_context(self, *args: Any, **kwargs: Any) -> RequestContext:
        """Return the context of a made-up request, to ``"/path"`` for instance."""
        builder = EnvironBuilder(self, *args, **kwargs)
        try:
            return self.request_context(builder.get_environ())
        finally:
            builder.close()

    def make_request(self, environ: WSGIEnvironment) -> Request:
        """Return the request object."""
        # populate_request=True would put the request into the environ that it refers to: a
        # cycle, which only the garbage collector could free.
        request = self.request_class(environ, populate_request=False)
        if request.query_string:  # a raw byte in it would break request.args or a redirect
            request.query_string = quote(request.query_string, safe=string.punctuation).encode()
        return request

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what matches and builds URLs: for a request, or for SERVER_NAME."""
        server_name = self.config["SERVER_NAME"]
        if request is not None:
            if self.config["TRUSTED_HOSTS"] is not None:
                request.trusted_hosts = self.config["TRUSTED_HOSTS"]
            if request.trusted_hosts:
                get_host(request.environ, request.trusted_hosts)  # raises, for any other
            subdomain = None if self.subdomain_matching else self.url_map.default_subdomain
            if self.url_map.host_matching:
                server_name = subdomain = None
            adapter = self.url_map.bind_to_environ(request.environ, server_name, subdomain)
            adapter.query_args = request.query_string.decode()  # as make_request escaped it
            return adapter
        if server_name is None:
            return None
        return self.url_map.bind(
            server_name,
            script_name=self.config["APPLICATION_ROOT"],
            url_scheme=self.config["PREFERRED_URL_SCHEME"],
        )

    # Running it

    def test_client(self, use_cookies: bool = True, **kwargs: Any) -> MiniClient:
        """Return a client that calls the app without a server."""
        cls = self.test_client_class or MiniClient
        return cls(self, self.response_class, use_cookies=use_cookies, **kwargs)

    def run(
        self,
        host: str | None = None,
        port: int | None = None,
        debug: bool | None = None,
        load_dotenv: bool = True,
        *,
        allow_remote_debugging: bool = False,
        **options: Any,
    ) -> None:
        """Serve the app with werkzeug's threaded server, until it is interrupted.

        Without ``debug``, FLASK_DEBUG decides, and without that, the app's own setting. By
        default it listens at SERVER_NAME, and without one on 127.0.0.1, port 5000. Files
        named ``.env`` are not loaded, whatever ``load_dotenv`` says: use the shell.

        With ``debug``, the page of an error lets a browser run any code here. So the app is
        then served to this machine only, unless ``allow_remote_debugging`` is true as well.
        """
        if "MINICTX_RUN" in os.environ:
            return  # the file is being loaded by `minictx run`, which serves the app itself
        server_host, _, server_port = (self.config["SERVER_NAME"] or "").partition(":")
        host = host or server_host or "127.0.0.1"
        port = int(port or (0 if port == 0 else server_port or 5000))
        if debug is None and "FLASK_DEBUG" in os.environ:
            debug = debug_flag()
        if debug is not None:
            self.debug = bool(debug)
        options = {
            "use_reloader": self.debug,
            "use_debugger": self.debug,
            "threaded": True,
        } | options
        if (self.debug or options["use_debugger"]) and not allow_remote_debugging:
            check_loopback(host, "pass allow_remote_debugging=True")
        werkzeug.serving.run_simple(host, port, self, **options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a server that listens on ``host``.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)

    Names are not looked up, as their addresses may change. Only "localhost" is known, and
    "unix://" with a path, which is not a network address.
    """
    if host == "localhost" or host.startswith("unix://"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_loopback(host: str, way_out: str = "") -> None:
    """Raise a ValueError if other machines can reach ``host``: an app is debugged there."""
    if not is_loopback(host):
        raise ValueError(
            f"the app is in debug mode, and other machines may reach {host!r}: turn debug mode"
            f" off, or listen on 127.0.0.1{way_out and f', or {way_out}'}"
        )
