"""What a view may return, and the response that is made of it.

    str, bytes, an iterator     the body
    dict, list                  the body, as JSON
    a tuple                     (body, status), (body, headers) or (body, status, headers)
    a Response                  stays what it is; any other WSGI app is called

None is none of them: a view that forgets its ``return`` is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response as BaseResponse

from minictx.web.globals import request
from minictx.web.json import jsonify
from minictx.web.wrappers import Response

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask

__all__ = ["to_response"]


def to_response(app: MiniFlask, answer: Any) -> Response:
    """Make a response of what a view of ``app`` returned."""
    body, status, headers = _unpack(answer)
    if isinstance(body, str | bytes | bytearray | Iterator):
        return app.response_class(cast(Any, body), status=status, headers=headers)
    if isinstance(body, dict | list):
        response = jsonify(body)
    elif isinstance(body, app.response_class):
        response = body
    elif isinstance(body, BaseResponse) or callable(body):
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
