"""A browser for tests: it calls the app without a server, and keeps cookies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import werkzeug.test
from werkzeug.wrappers import Request as BaseRequest

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from minictx.web.app import MiniFlask
    from minictx.web.sessions import SessionMixin

# The environ key by which a client asks the app to hand out the contexts of a request.
PRESERVE_CONTEXT = "werkzeug.debug.preserve_context"


class EnvironBuilder(werkzeug.test.EnvironBuilder):
    """The description of a request to ``app``, at the place where it is served."""

    def __init__(
        self,
        app: MiniFlask,
        path: str = "/",
        base_url: str | None = None,
        subdomain: str | None = None,
        url_scheme: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        if base_url is not None and (subdomain or url_scheme):
            raise TypeError("base_url has the subdomain and the scheme in it: pass it alone")
        if base_url is None:
            url = urlsplit(path)
            scheme = url.scheme or url_scheme or app.config["PREFERRED_URL_SCHEME"]
            host = app.config["SERVER_NAME"] or "localhost"
            host = url.netloc or (f"{subdomain}.{host}" if subdomain else host)
            base_url = f"{scheme}://{host}/{app.config['APPLICATION_ROOT'].lstrip('/')}"
            path = urlunsplit(("", "", url.path, url.query, ""))
        self.app = app
        super().__init__(path, base_url, *args, **kwargs)

    def json_dumps(self, obj: Any, **kwargs: Any) -> str:
        """Write ``json=...`` as the app writes its responses."""
        return self.app.json.dumps(obj, **kwargs)


class MiniClient(werkzeug.test.Client):
    """Send requests to an app, as a browser would.

    >>> from minictx.web import MiniFlask, request
    >>> app = MiniFlask(__name__)
    >>> @app.route("/<name>")
    ... def hello(name):
    ...     return f"hello {name}"
    >>> app.test_client().get("/alice").text
    'hello alice'

    In a ``with`` block the contexts of the last request stay, to be looked at:

    >>> with app.test_client() as client:
    ...     response = client.get("/alice")
    ...     print(request.view_args)
    {'name': 'alice'}
    """

    application: MiniFlask

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.preserve_context = False
        self.environ_base = {
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_USER_AGENT": f"Werkzeug/{version('werkzeug')}",
        }
        self._new_contexts: list[AbstractContextManager[Any]] = []
        self._context_stack = ExitStack()

    def open(
        self, *args: Any, buffered: bool = False, follow_redirects: bool = False, **kwargs: Any
    ) -> TestResponse:
        """Send a request; the arguments are those of `EnvironBuilder`."""
        if args and isinstance(args[0], werkzeug.test.EnvironBuilder | dict | BaseRequest):
            request: Any = args[0]
        else:
            kwargs["environ_base"] = self.environ_base | kwargs.get("environ_base", {})
            builder = EnvironBuilder(self.application, *args, **kwargs)
            try:
                request = builder.get_request()
            finally:
                builder.close()
        self._context_stack.close()  # those of the request before
        response = super().open(request, buffered=buffered, follow_redirects=follow_redirects)
        contexts, self._new_contexts = self._new_contexts, []
        for context in contexts:
            self._context_stack.enter_context(context)
        return response

    def run_wsgi_app(self, environ: Any, buffered: bool = False) -> Any:
        """Call the app; in a ``with`` block, ask it for its contexts."""
        for key, value in self.environ_base.items():
            environ.setdefault(key, value)
        if self.preserve_context:
            environ[PRESERVE_CONTEXT] = self._new_contexts.append
        return super().run_wsgi_app(environ, buffered)

    @contextmanager
    def session_transaction(self, *args: Any, **kwargs: Any) -> Iterator[SessionMixin]:
        """Open the session as the next request would find it, and save what is changed."""
        if self._cookies is None:
            raise TypeError("this client keeps no cookies: app.test_client(use_cookies=True)")
        app = self.application
        context = app.test_request_context(*args, **kwargs)
        self._add_cookies_to_wsgi(context.request.environ)
        interface = app.session_interface
        with context:
            session = interface.open_session(app, context.request)
        if session is None:
            raise RuntimeError("no session could be opened: is app.secret_key set?")
        yield session
        response = app.response_class()
        with context:
            interface.save_session(app, session, response)
        self._update_cookies_from_response(
            context.request.host.partition(":")[0],
            context.request.path,
            response.headers.getlist("Set-Cookie"),
        )

    def __enter__(self) -> MiniClient:
        if self.preserve_context:
            raise RuntimeError("this client is in a `with` block already: make another client")
        self.preserve_context = True
        return self

    def __exit__(self, *error: object) -> None:
        self.preserve_context = False
        self._context_stack.close()


FlaskClient = MiniClient  # its name in Flask
