"""What views call: URLs, responses, flashed messages, files and streams."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, AnyStr, NoReturn

import werkzeug.exceptions
import werkzeug.utils
from werkzeug.security import safe_join

from minictx.web.ctx import RequestContext, current_request_context, pop_through
from minictx.web.globals import (
    _app_ctx_stack,
    _request_ctx_stack,
    current_app,
    request,
    session,
)
from minictx.web.signals import message_flashed

if TYPE_CHECKING:
    from werkzeug.routing import MapAdapter
    from werkzeug.wrappers import Response as BaseResponse

    from minictx.web.app import MiniFlask
    from minictx.web.wrappers import Response


def abort(code: Any, *args: Any, **kwargs: Any) -> NoReturn:
    """Answer with an HTTP error, by raising it; ``code`` may be a whole response instead.

    >>> abort(404, "no such user")
    Traceback (most recent call last):
        ...
    werkzeug.exceptions.NotFound: 404 Not Found: no such user
    """
    werkzeug.exceptions.abort(code, *args, **kwargs)


URL_FRAGMENT = "%!#$&'()*+,/:;=?@"  # what may stand in a URL's fragment


def url_for(
    endpoint: str,
    *,
    _anchor: str | None = None,
    _method: str | None = None,
    _scheme: str | None = None,
    _external: bool | None = None,
    **values: Any,
) -> str:
    """Return the URL of an endpoint; values that its rule has no place for become the query.

    >>> from minictx.web import MiniFlask, url_for
    >>> app = MiniFlask(__name__)
    >>> @app.route("/user/<name>")
    ... def user(name):
    ...     return name
    >>> with app.test_request_context():
    ...     url_for("user", name="alice", page=2, _anchor="top")
    ...     url_for("user", name="alice", _external=True)
    '/user/alice?page=2#top'
    'http://localhost/user/alice'

    Outside of a request, URLs are external, and ``app.config["SERVER_NAME"]`` must be set.
    In a request without it, an external URL has the host that the request names, and the
    client may name any: a link in a mail, or a redirect, could lead to another site. Set
    ``SERVER_NAME``, or ``TRUSTED_HOSTS`` to a list of your hosts: others get 400 then.

    A static file gets a version in its query, which changes when the file does. The file is
    read for it at the first call, and again when its time or its size has changed.
    """
    return current_app.url_for(
        endpoint,
        _anchor=_anchor,
        _method=_method,
        _scheme=_scheme,
        _external=_external,
        **values,
    )


def current_url_adapter(app: MiniFlask) -> MapAdapter:
    ctx = _request_ctx_stack.top or _app_ctx_stack.top
    adapter = app.create_url_adapter(None) if ctx is None else ctx.url_adapter
    if adapter is not None:
        return adapter
    if _request_ctx_stack.top is None:
        raise RuntimeError(
            "url_for cannot know the host outside of a request: set"
            ' app.config["SERVER_NAME"], to "example.org" for instance'
        )
    # The Host header is not one, or is not trusted. The page that says so may have links.
    host = app.config["SERVER_NAME"] or "localhost"
    return app.url_map.bind(host, request.root_path, url_scheme=request.scheme)


def file_version(folder: str | None, filename: str | None) -> str | None:
    """Return eight characters that change with the file's content; None if it is not there."""
    if not folder or not filename:
        return None
    path = safe_join(folder, filename)
    if path is None or not _is_below(folder, path):
        return None  # a value of None is left out of the URL
    stat = os.stat(path)
    return _digest(path, stat.st_mtime_ns, stat.st_size)


@lru_cache(maxsize=1024)
def _digest(path: str, mtime: int, size: int) -> str:
    with open(path, "rb") as file:  # a large one takes seconds: read it once, until it changes
        return hashlib.file_digest(file, "sha256").hexdigest()[:8]


def redirect(
    location: str,
    code: int = 302,
    Response: type[BaseResponse] | None = None,  # noqa: N803
) -> BaseResponse:
    """Return a response that sends the browser to another URL.

    >>> redirect("/login").headers["Location"]
    '/login'
    """
    if current_app:
        return current_app.redirect(location, code)
    return werkzeug.utils.redirect(location, code, Response)


def make_response(*args: Any) -> Response:
    """Return what a view would have answered with ``args``, to set headers or cookies on it.

    >>> from minictx.web import MiniFlask, make_response
    >>> with MiniFlask(__name__).test_request_context():
    ...     make_response("not here", 404).status
    '404 NOT FOUND'
    """
    if not args:
        return current_app.response_class()
    return current_app.make_response(args[0] if len(args) == 1 else args)


def flash(message: str, category: str = "message") -> None:
    """Keep a message in the session until the next page that shows the flashed messages."""
    # Set the key anew: a session does not see what is appended to a list inside of it.
    session["_flashes"] = [*session.get("_flashes", []), (category, message)]
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    message_flashed.send(app, message=message, category=category)


def get_flashed_messages(
    with_categories: bool = False, category_filter: Iterable[str] = ()
) -> list[Any]:
    """Return the flashed messages, and take them out of the session.

    Within one request it gives the same messages again.
    """
    ctx = current_request_context("get_flashed_messages")
    if ctx.flashes is None:
        ctx.flashes = session.pop("_flashes") if "_flashes" in session else []
    wanted = set(category_filter)
    flashes = [flash for flash in ctx.flashes if not wanted or flash[0] in wanted]
    return flashes if with_categories else [message for _, message in flashes]


def send_file(
    path_or_file: Any,
    mimetype: str | None = None,
    as_attachment: bool = False,
    download_name: str | None = None,
    conditional: bool = True,
    etag: bool | str = True,
    last_modified: Any = None,
    max_age: Any = None,
) -> Response:
    """Return a response with a file: a path below the app's root, or an open file."""
    return werkzeug.utils.send_file(  # type: ignore[return-value]
        path_or_file,
        mimetype=mimetype,
        as_attachment=as_attachment,
        download_name=download_name,
        conditional=conditional,
        etag=etag,
        last_modified=last_modified,
        **_send_options(max_age),
    )


def send_from_directory(
    directory: str | os.PathLike[str], path: str | os.PathLike[str], **kwargs: Any
) -> Response:
    """Return a response with a file from below ``directory``; 404 for any other path.

    A symbolic link is followed, but not to a place outside of ``directory``.
    """
    folder = os.path.join(current_app.root_path, directory)
    file = safe_join(folder, os.fspath(path))
    if file is None or not _is_below(folder, file):
        abort(404)
    return werkzeug.utils.send_from_directory(  # type: ignore[return-value]
        directory, path, **_send_options(kwargs.pop("max_age", None)), **kwargs
    )


def _is_below(folder: str, file: str) -> bool:
    """Tell whether there is a file of this name, and its place is below ``folder``."""
    return os.path.isfile(file) and Path(file).resolve().is_relative_to(Path(folder).resolve())


def _send_options(max_age: Any) -> dict[str, Any]:
    return {
        "environ": request.environ,
        "max_age": current_app.get_send_file_max_age if max_age is None else max_age,
        "use_x_sendfile": current_app.use_x_sendfile,
        "response_class": current_app.response_class,
        "_root_path": current_app.root_path,
    }


def stream_with_context(generator_or_function: Any) -> Any:
    """Let a generator that is a response's body see the request that it answers.

    >>> from minictx.web import MiniFlask, request
    >>> app = MiniFlask(__name__)
    >>> @app.route("/")
    ... def index():
    ...     @stream_with_context
    ...     def body():
    ...         yield "hello "
    ...         yield request.args["name"]
    ...     return body()
    >>> app.test_client().get("/?name=alice").text
    'hello alice'

    It takes a generator, or decorates a function that returns one.

    The body is made while it is sent, when the contexts of its request are popped. They are
    put back for each chunk, and taken off again after it. In between they are on no stack: a
    stream that is not read to its end leaves nothing there, and two streams on one thread do
    not meet. The teardown functions run once: at the end of the body, or when it is closed
    or dropped before.
    """
    if hasattr(generator_or_function, "__iter__"):
        stream = _stream(
            current_request_context("stream_with_context"), iter(generator_or_function)
        )
        next(stream)  # run to the first yield: from there on, closing it runs its `finally`
        return stream

    @wraps(generator_or_function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return stream_with_context(generator_or_function(*args, **kwargs))

    return wrapper


def _stream(ctx: RequestContext, body: Iterator[AnyStr]) -> Iterator[AnyStr | None]:
    error: BaseException | None = None
    ctx.streams += 1
    try:
        yield None
        while True:
            with _contexts_of(ctx):
                try:
                    chunk = next(body)
                except StopIteration:
                    return
            yield chunk
    except BaseException as raised:  # GeneratorExit, where it is closed before its end
        error = raised
        raise
    finally:
        try:
            with _contexts_of(ctx):
                close: Callable[[], None] | None = getattr(body, "close", None)
                if close is not None:
                    close()
        finally:
            ctx.streams -= 1
            if ctx.waits_for_streams and not ctx.streams:
                ctx.finish(error)


@contextmanager
def _contexts_of(ctx: RequestContext) -> Iterator[None]:
    ctx.put_back()
    try:
        yield
    finally:
        pop_through(_request_ctx_stack, ctx)
        pop_through(_app_ctx_stack, ctx.app_ctx)
