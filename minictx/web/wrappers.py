"""Request and Response: werkzeug's, and what Flask adds to them; what a view may return."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from werkzeug import wrappers
from werkzeug.datastructures import Authorization, Headers, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule

from minictx.web.config import DEFAULTS
from minictx.web.globals import current_app, request

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask


class _JSON:
    """Read a body as json does, but treat too deep a nesting as an error in the body."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str | bytes, **options: Any) -> Any:
        try:
            return (current_app.json if current_app else json).loads(text, **options)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


class _NoFiles(ImmutableMultiDict[str, Any]):
    """The files of a form that cannot send any: in debug mode, say how to mend the form."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        super().__init__()
        self._form = form

    def __getitem__(self, key: str) -> Any:
        if key in self._form:
            raise _NoFileError(
                f"the form sent {key!r} as text, {self._form[key]!r}, not as a file: it lacks"
                ' <form enctype="multipart/form-data">'
            )
        return super().__getitem__(key)


class _NoFileError(KeyError, AssertionError):
    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows the repr


class _Limit:
    """A limit that the app's configuration sets, and that a view may set on its request."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name.upper()

    def __get__(self, message: object, owner: type) -> Any:
        return (current_app.config if current_app else DEFAULTS)[self._key]


class Request(wrappers.Request):
    """Hold one HTTP request, and what its URL was matched to.

    ``url_rule`` and ``view_args`` are set when the URL matched; ``routing_exception`` when
    it did not: it is raised later, so that the functions before the view still run.
    """

    json_module = _JSON  # type: ignore[assignment]
    max_content_length = _Limit()
    max_form_memory_size = _Limit()
    max_form_parts = _Limit()
    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    blueprint: str | None = None  # there are no blueprints
    blueprints = property(lambda self: [])
    routing_exception: HTTPException | None = None

    @property
    def endpoint(self) -> str | None:
        """The name of the view that was matched, or None."""
        return None if self.url_rule is None else self.url_rule.endpoint

    @cached_property
    def authorization(self) -> Authorization | None:
        """Who the client says it is; None if the header cannot be read."""
        try:
            return super().authorization
        except ValueError:  # werkzeug 3.1 raises this for base64 that is not ASCII
            return None

    def _load_form_data(self) -> None:
        super()._load_form_data()
        multipart = self.mimetype == "multipart/form-data"
        if not multipart and not self.files and current_app and current_app.debug:
            self.__dict__["files"] = _NoFiles(self.form)

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400 to a body that is not JSON; say what is wrong with it when debugging."""
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            if current_app and current_app.debug:
                raise
            raise BadRequest from error


class Response(wrappers.Response):
    """Hold one HTTP response, HTML unless it says otherwise."""

    json_module = _JSON  # type: ignore[assignment]
    default_mimetype = "text/html"
    max_cookie_size = _Limit()


def to_response(app: MiniFlask, answer: Any) -> Response:
    """Make a response of what a view of ``app`` returned.

        str, bytes, an iterator     the body
        dict, list                  the body, as JSON
        a tuple                     (body, status), (body, headers) or (body, status, headers)
        a Response                  stays what it is; any other WSGI app is called

    None is none of them: a view that forgets its ``return`` is an error.
    """
    body, status, headers = _unpack(answer)
    if isinstance(body, str | bytes | bytearray | Iterator):
        return app.response_class(cast(Any, body), status=status, headers=headers)
    if isinstance(body, dict | list):
        response = app.json.response(body)
    elif isinstance(body, app.response_class):
        response = body
    elif isinstance(body, wrappers.Response) or callable(body):
        try:
            response = cast(Response, app.response_class.force_type(body, request.environ))
        except TypeError as error:  # a function that was meant to be called, most likely
            message = f"{_not_a_response(body)}; called as a WSGI app, it failed: {error}"
            raise TypeError(message) from error
    else:
        raise TypeError(_not_a_response(body))
    if isinstance(status, int):
        response.status_code = status
    elif status is not None:
        response.status = status
    response.headers.update(headers or {})
    return response


def _unpack(answer: Any) -> tuple[Any, Any, Any]:
    """Return body, status and headers of an answer; the last two may be None."""
    if not isinstance(answer, tuple):
        return answer, None, None
    match answer:
        case (body, status, headers):
            return body, status, headers
        case (body, Headers() | dict() | list() | tuple() as headers):
            return body, None, headers
        case (body, status):
            return body, status, None
    raise TypeError(
        f"The view function for {request.endpoint!r} returned a tuple of {len(answer)}: it may"
        " be (body, status), (body, headers) or (body, status, headers)"
    )


def _not_a_response(body: Any) -> str:
    view = f"The view function for {request.endpoint!r} did not return a valid response."
    if body is None:
        return f"{view} It returned None: does every path through it end in a `return`?"
    return (
        f"{view} It returned {body!r}, of type {type(body).__name__}. Return a str, bytes, a"
        " dict or list (for JSON), a Response, or a tuple (body, status, headers)"
    )
