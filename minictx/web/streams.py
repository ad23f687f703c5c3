"""A streamed response: its body is made while it is sent, after its request is over.

By then the contexts are popped, but the body may want to read ``request``. So they are put
back for each chunk, and taken off again after it. In between they are on no stack: a
stream that nobody reads to its end leaves nothing there, and of two streams on one thread
none gets in the way of the other. The teardown functions wait for the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, AnyStr

from minictx.web.ctx import RequestContext, current_request_context, pop_through
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack

__all__ = ["stream_with_context"]


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

    It takes a generator, or decorates a function that returns one. The teardown functions
    run once: at the end of the body, or when it is closed or dropped before.
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
