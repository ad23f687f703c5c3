"""Debug mode: for this machine only, unless it is asked for twice."""

from __future__ import annotations

import importlib.util
from typing import Any

import pytest
import werkzeug.serving

from minictx.serve import ServeError, serve_on_greenlets, serve_on_threads
from minictx.web import MiniFlask
from minictx.web.app import is_loopback

LOCAL = ["127.0.0.1", "127.8.9.10", "::1", "localhost", "unix:///run/app.sock"]
REACHABLE = [
    "0.0.0.0",
    "::",
    "192.168.1.5",
    "example.org",
    "",
    "0",
    "127.1",
    "localhost.evil",
    "unix.org",
]


@pytest.mark.parametrize("host", [*LOCAL, *REACHABLE])
def test_a_host_is_loopback_only_if_that_is_certain(host: str) -> None:
    assert is_loopback(host) == (host in LOCAL)


class ServedError(Exception):
    """The app would be served now."""


@pytest.fixture(autouse=True)
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no server begin: whether it would is all that is asked here."""

    def stop(*args: Any, **options: Any) -> None:
        raise ServedError

    monkeypatch.delenv("MINICTX_RUN", raising=False)
    monkeypatch.setattr(werkzeug.serving, "run_simple", stop)
    monkeypatch.setattr(werkzeug.serving, "make_server", stop)
    if importlib.util.find_spec("gevent") is not None:
        monkeypatch.setattr("gevent.pywsgi.WSGIServer", stop)


@pytest.mark.parametrize("host", [host for host in REACHABLE if host])
@pytest.mark.parametrize(
    "options",
    [{"debug": True}, {"use_debugger": True}, {"debug": True, "use_debugger": False}],
    ids=["debug", "only the debugger", "debug without the debugger"],
)
def test_run_refuses_to_debug_where_others_can_reach_it(
    host: str, options: dict[str, Any]
) -> None:
    with pytest.raises(
        ValueError, match=r"debug mode.*or pass allow_remote_debugging"
    ) as error:
        MiniFlask("shop").run(host, **options)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("host", [None, ""])
def test_without_a_host_it_is_this_machine_as_in_flask(
    monkeypatch: pytest.MonkeyPatch, host: str | None
) -> None:
    asked = []
    monkeypatch.setattr(
        werkzeug.serving, "run_simple", lambda *where, **options: asked.append(where[:2])
    )
    MiniFlask("shop").run(host, None, debug=True)
    assert asked == [("127.0.0.1", 5000)]


@pytest.mark.parametrize(
    ("host", "options"),
    [
        ("127.0.0.1", {"debug": True}),
        ("localhost", {"debug": True}),
        ("0.0.0.0", {}),
        ("0.0.0.0", {"debug": False}),
        ("0.0.0.0", {"debug": True, "allow_remote_debugging": True}),
    ],
)
def test_run_serves_to_this_machine_or_without_debugging_or_if_told_twice(
    host: str, options: dict[str, Any]
) -> None:
    with pytest.raises(ServedError):
        MiniFlask("shop").run(host, **options)


@pytest.mark.parametrize("serve", [serve_on_threads, serve_on_greenlets])
def test_serve_refuses_an_app_in_debug_mode_where_others_can_reach_it(serve: Any) -> None:
    pytest.importorskip("gevent")
    app = MiniFlask("shop")
    app.debug = True
    with pytest.raises(ServeError, match=r"debug mode.*'0\.0\.0\.0'.*listen on 127\.0\.0\.1"):
        serve(app, "0.0.0.0", 0)


@pytest.mark.parametrize("serve", [serve_on_threads, serve_on_greenlets])
@pytest.mark.parametrize(
    ("host", "debug", "allow"),
    [("127.0.0.1", True, False), ("0.0.0.0", False, False), ("0.0.0.0", True, True)],
)
def test_serve_serves_to_this_machine_or_without_debugging_or_if_told_twice(
    serve: Any, host: str, debug: bool, allow: bool
) -> None:
    pytest.importorskip("gevent")
    app = MiniFlask("shop")
    app.debug = debug
    with pytest.raises(ServedError):
        serve(app, host, 0, allow_remote_debugging=allow)
