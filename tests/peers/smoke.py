"""Use one Flask with minictx in the place of ``werkzeug.local``. `suites.py` runs it.

python -m minictx.dropin --storage STORAGE tests/peers/smoke.py STORAGE [--no-greenlet]
"""

from __future__ import annotations

import importlib.util
import inspect
import os
import subprocess
import sys
import threading
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["main"]

HOMES = {"ident": "minictx.stack", "contextvar": "minictx.contextual"}


def main(storage: str, greenlet: bool) -> None:
    """Check all of it; a child of the reloader says only what it has."""
    if os.environ.get("WERKZEUG_RUN_MAIN"):
        from werkzeug.local import LocalStack

        print(*(base.__module__ for base in LocalStack.__mro__))
        return
    check_names()
    check_place(storage, greenlet)
    app = make_app()
    for check in (check_requests, check_nested, check_outside, check_template, check_threads):
        check(app)
    check_end(app)
    check_reloader(storage)
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("flask", "werkzeug"))
    print(f"{versions}, {storage}, {'greenlet' if greenlet else 'no greenlet'}: works")


def check_names() -> None:
    """Check that what werkzeug's own file defines is there, with all public attributes."""
    import werkzeug.local

    for name, value in defined_in(real_local()):
        assert hasattr(werkzeug.local, name), f"werkzeug.local has no {name}"
        ours = getattr(werkzeug.local, name)
        members = [each for each in vars(value) if each[0] != "_"]
        # An instance, as what is a slot there may be set in __init__ here.
        missing = [each for each in members if not hasattr(ours(), each)]
        assert not missing, f"{name} has no {', '.join(missing)}"


def real_local() -> ModuleType:
    """Load the file that minictx stands in for, under another name."""
    spec = importlib.util.find_spec("werkzeug")
    assert spec is not None and spec.origin is not None
    path = Path(spec.origin).with_name("local.py")
    spec = importlib.util.spec_from_file_location("werkzeug.its_own_local", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def defined_in(module: ModuleType) -> list[tuple[str, Any]]:
    """Return the public classes and functions of a module, without what it imports."""
    found = [
        (name, value)
        for name, value in vars(module).items()
        if name[0] != "_" and getattr(value, "__module__", None) == module.__name__
        if inspect.isclass(value) or inspect.isfunction(value)
    ]
    assert len(found) >= 5, found
    return found


def check_place(storage: str, greenlet: bool) -> None:
    """Check that Flask has minictx's classes, and that nothing else is installed."""
    import flask
    import werkzeug.local

    import minictx

    assert issubclass(type(flask.request), minictx.LocalProxy)
    bases = {base.__module__ for base in werkzeug.local.LocalStack.__mro__}
    assert HOMES[storage] in bases, bases
    stack = vars(flask.globals).get("_request_ctx_stack")
    if stack is not None and metadata.version("flask") < "2.2":
        assert isinstance(stack, werkzeug.local.LocalStack)
    assert (importlib.util.find_spec("greenlet") is not None) == greenlet


def make_app() -> Any:
    """Return an app whose views use all four names."""
    import flask

    app = flask.Flask("peer")
    app.secret_key = "not a secret"
    app.config["WHO"] = "peer"

    @app.before_request
    def count() -> None:
        flask.g.path = flask.request.path

    @app.route("/visits")
    def visits() -> str:
        flask.session["visits"] = flask.session.get("visits", 0) + 1
        return f"{flask.g.path} {flask.session['visits']} {flask.current_app.config['WHO']}"

    @app.route("/stream")
    def stream() -> Any:
        lines = (f"{flask.request.args['word']}{number} " for number in range(3))
        return flask.Response(flask.stream_with_context(lines))

    @app.route("/page")
    def page() -> str:
        return flask.render_template_string(
            "{{ request.path }} {{ g.path }} {{ session.get('visits') }} {{ config.WHO }}"
        )

    @app.route("/thread")
    def thread() -> str:
        return ", ".join([in_thread(copied()), in_thread(plain)])

    def copied() -> Any:
        return flask.copy_current_request_context(plain)

    def plain() -> str:
        return flask.request.path if flask.has_request_context() else "outside"

    return app


def in_thread(function: Any) -> str:
    """Return what a function returns that another thread calls."""
    found: list[str] = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def text(client: Any, path: str) -> str:
    """Return the body of an answer."""
    response = client.get(path)
    assert response.status_code == 200, response.get_data(as_text=True)
    body: str = response.get_data(as_text=True)
    return body


def check_requests(app: Any) -> None:
    """Check request, session, g and current_app; and that the client can keep a context."""
    import flask

    with app.test_client() as client:
        assert text(client, "/visits") == "/visits 1 peer"
        assert flask.request.path == "/visits"
        assert text(client, "/visits") == "/visits 2 peer"
        assert text(client, "/stream?word=line") == "line0 line1 line2 "


def check_nested(app: Any) -> None:
    """Check that an inner context hides the outer one until it is popped."""
    import flask

    other = flask.Flask("other")
    with app.test_request_context("/outer"):
        flask.g.name = "outer"
        with other.test_request_context("/inner"):
            assert (flask.request.path, flask.current_app.name) == ("/inner", "other")
            assert not hasattr(flask.g, "name")
            with app.app_context():
                assert flask.current_app.name == "peer"
        assert (flask.request.path, flask.current_app.name) == ("/outer", "peer")
        assert flask.g.name == "outer"
        assert flask.request._get_current_object() is not flask.request  # type: ignore[attr-defined]


def check_outside(app: Any) -> None:
    """Check what the names say where there is nothing that they could stand for."""
    import flask

    for use, message in (
        (lambda: flask.request.path, "Working outside of request context."),
        (lambda: flask.session.get("visits"), "Working outside of request context."),
        (lambda: flask.g.name, "Working outside of application context."),
        (lambda: flask.current_app.name, "Working outside of application context."),
    ):
        try:
            use()
        except RuntimeError as error:
            assert str(error).startswith(message), error
        else:
            raise AssertionError(f"nothing said {message}")


def check_template(app: Any) -> None:
    """Check that a template sees the names."""
    client = app.test_client()
    text(client, "/visits")
    assert text(client, "/page") == "/page /page 1 peer"


def check_threads(app: Any) -> None:
    """Check that a thread has no context, but for one that is copied into it."""
    assert text(app.test_client(), "/thread") == "/thread, outside"


def check_end(app: Any) -> None:
    """Check that nothing is left."""
    import flask

    assert not flask.has_request_context()
    assert not flask.has_app_context()


def check_reloader(storage: str) -> None:
    """Check that the process that the reloader starts has minictx's classes, too."""
    from werkzeug._reloader import _get_args_for_reloading

    environ = {**os.environ, "WERKZEUG_RUN_MAIN": "true"}
    command = _get_args_for_reloading()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    assert HOMES[storage] in done.stdout.split(), done.stdout


if __name__ == "__main__":
    main(sys.argv[1], "--no-greenlet" not in sys.argv)
