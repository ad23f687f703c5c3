"""Serve an app, with a thread or a greenlet for each request."""

from __future__ import annotations

import os
import runpy
import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from minictx.errors import MinictxError
from minictx.web import MiniFlask
from minictx.web.app import check_loopback

__all__ = ["ServeError", "load_app", "serve_on_greenlets", "serve_on_threads"]


class ServeError(MinictxError):
    """Say in one line why an app cannot be served."""


def load_app(target: str) -> MiniFlask:
    """Run the file of ``FILE:APP``, and return the MiniFlask app that is named APP there."""
    file, colon, name = target.rpartition(":")
    if not colon or name.endswith(".py"):  # no APP; the colon is that of a drive, C:\\app.py
        file, name = target, "app"
    if not os.path.isfile(file):
        raise ServeError(f"there is no file {file!r}: name one, as in: minictx run app.py:app")
    names = _run(file)
    app = names.get(name or "app")
    if isinstance(app, MiniFlask):
        return app
    if app is not None:
        raise ServeError(
            f"{name!r} of {file} is a {type(app).__module__}.{type(app).__name__}, not a"
            " MiniFlask: write: from minictx.web import Flask"
        )
    apps = [name for name, value in names.items() if isinstance(value, MiniFlask)]
    hint = f"it has {', '.join(apps)}" if apps else "write: app = MiniFlask(__name__)"
    raise ServeError(f"{file} has no MiniFlask app named {name!r}: {hint}")


def _run(file: str) -> dict[str, Any]:
    os.environ["MINICTX_RUN"] = "1"  # an app.run() in the file does nothing now
    # Modules beside the file can be imported, as `python FILE` lets them be.
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    try:
        return runpy.run_path(file, run_name=os.path.splitext(os.path.basename(file))[0])
    except SyntaxError as error:
        raise ServeError(f"{file} cannot be run: SyntaxError: {error}") from error
    except Exception as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        raise ServeError(
            f"{file} cannot be run: {type(error).__name__}: {error}"
            f" (at {at.filename}, line {at.lineno})"
        ) from error


def serve_on_threads(
    app: MiniFlask, host: str, port: int, allow_remote_debugging: bool = False
) -> None:
    """Serve with werkzeug, which handles each request in a thread of its own.

    An app in debug mode tells more in its answers than others should know. So it is served
    to this machine only, unless ``allow_remote_debugging`` is true as well.
    """
    from werkzeug.serving import make_server

    _check_debug(app, host, allow_remote_debugging)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # werkzeug would exit the process if it could not listen. So it is given a socket.
    with _saying_why(host, port):
        listener = socket.create_server((host, port), family=family)
    with listener:
        server = make_server(host, port, app, threaded=True, fd=listener.fileno())
        _say_where(host, server.port, "a thread")
        with server:
            server.serve_forever()  # returns on Ctrl+C


def serve_on_greenlets(
    app: MiniFlask, host: str, port: int, allow_remote_debugging: bool = False
) -> None:
    """Serve with gevent, which handles all requests on one thread, each in a greenlet."""
    import gevent
    from gevent.pywsgi import WSGIServer

    _check_debug(app, host, allow_remote_debugging)
    server = WSGIServer((host, port), app)
    with _saying_why(host, port):
        server.start()
    _say_where(host, server.server_port, "a greenlet")
    gevent.signal_handler(signal.SIGINT, server.stop)
    server.serve_forever()


def _check_debug(app: MiniFlask, host: str, allow_remote_debugging: bool) -> None:
    if app.debug and not allow_remote_debugging:
        try:
            check_loopback(host, "add --allow-remote-debugging")
        except ValueError as error:
            raise ServeError(str(error)) from error


@contextmanager
def _saying_why(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror
        raise ServeError(
            f"cannot listen on {host}:{port}: {why}; try another --port"
        ) from error


def _say_where(host: str, port: int | None, runner: str) -> None:
    host = f"[{host}]" if ":" in host else host
    url = f"http://{host}:{port}"
    print(f"serving on {url}, {runner} for each request; Ctrl+C stops", flush=True)
