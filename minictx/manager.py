"""LocalManager: release several locals when a request is over.

A thread that serves one request after another would find what the last request stored. Contexts
are popped, so they do not need this; a bare `Local` in a web app does.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from functools import update_wrapper
from typing import TYPE_CHECKING

from minictx.ident import get_ident
from minictx.local import Releasable, release_local

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["LocalManager"]


class LocalManager:
    """Several locals that are released together, at the end of each request.

    >>> from minictx import Local, LocalManager
    >>> local = Local()
    >>> manager = LocalManager([local])
    >>> local.user = "alice"
    >>> manager.cleanup()
    >>> list(local)
    []

    If ``ident_func`` is given, it replaces that of each local.
    """

    def __init__(
        self,
        locals: Releasable | Iterable[Releasable] | None = None,
        ident_func: Callable[[], Hashable] | None = None,
    ) -> None:
        if locals is None:
            self.locals: list[Releasable] = []
        elif isinstance(locals, Releasable):
            self.locals = [locals]
        else:
            self.locals = list(locals)
        self.ident_func = ident_func or get_ident
        if ident_func is not None:
            for local in self.locals:
                object.__setattr__(local, "__ident_func__", ident_func)

    def get_ident(self) -> Hashable:
        """Return the current ident, as the locals of this manager see it."""
        return self.ident_func()

    def cleanup(self) -> None:
        """Release all locals of this manager, for the running greenlet or thread."""
        for local in self.locals:
            release_local(local)

    def make_middleware(self, app: WSGIApplication) -> WSGIApplication:
        """Wrap a WSGI app, so that the locals are released when its response is closed."""

        def application(
            environ: WSGIEnvironment, start_response: StartResponse
        ) -> Iterable[bytes]:
            try:
                return _ClosingBody(app(environ, start_response), self.cleanup)
            except BaseException:
                self.cleanup()  # there will be no body to close
                raise

        return application

    def middleware(self, app: WSGIApplication) -> WSGIApplication:
        """Do what `make_middleware` does, as a decorator: the function keeps its name."""
        return update_wrapper(self.make_middleware(app), app)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.locals)} locals>"


class _ClosingBody:
    """Pass on the chunks of a WSGI response; when the server closes it, call ``cleanup``."""

    def __init__(self, body: Iterable[bytes], cleanup: Callable[[], None]) -> None:
        self._body, self._chunks, self._cleanup = body, iter(body), cleanup

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._chunks)

    def close(self) -> None:
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._cleanup()
