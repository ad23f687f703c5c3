"""Apps of both frameworks, called as a server calls them, or by a real server."""

from __future__ import annotations

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from importlib.metadata import version
from typing import Any, NamedTuple

import pytest
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from minictx.web import MiniFlask


def needs_flask_3_1_3() -> None:
    """Skip the test with an older Flask: not every use of the session made a response vary."""
    if tuple(int(part) for part in version("flask").split(".")[:3]) < (3, 1, 3):
        pytest.skip("Flask 3.1.3 mended when a response varies by cookie")


def new_app(web: Any, import_name: str = "shop", **options: Any) -> Any:
    """Return an app of the framework ``web`` that can keep a session and raises its errors."""
    app = getattr(web, "Flask", MiniFlask)(import_name, **options)
    if not isinstance(app, MiniFlask):  # Flask signs with SHA-1, if it is not told otherwise
        app.session_interface = type(app.session_interface)()
        app.session_interface.digest_method = hashlib.sha256
    app.secret_key = "a secret"
    app.testing = True
    return app


def open_body(app: Any, path: str = "/", **options: Any) -> Any:
    """Call the app as a server does, and return the body, not yet read, of its response."""
    environ = EnvironBuilder(path, **options).get_environ()
    return app(environ, lambda status, headers, exc_info=None: None)


class Answer(NamedTuple):
    """What came back over the wire."""

    status: int
    headers: dict[str, str]
    text: str


@contextmanager
def serve(app: Any) -> Iterator[int]:
    """Run werkzeug's threaded server, and give its port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(port: int, head: str, body: bytes = b"") -> Answer:
    """Send these very bytes, ``head`` as Latin-1, and read the answer to its end."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall("\r\n".join([*head.splitlines(), "", ""]).encode("latin-1") + body)
        connection.shutdown(socket.SHUT_WR)
        response = HTTPResponse(connection)
        response.begin()
        text = response.read().decode()
        response.close()
    return Answer(response.status, dict(response.getheaders()), text)
