"""The app as a whole: its name and place, its logger, and how errors come out of it."""

from __future__ import annotations

import io
import logging
import re
import signal
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from minictx.web import MiniFlask, Request, request
from tests.web.harness import new_app, open_body

# Name and place


def test_the_folders_of_an_app_are_beside_its_module(web: Any) -> None:
    app = new_app(web, __name__)
    assert app.name == app.import_name == "tests.web.test_app"
    assert app.root_path == str(Path(__file__).parent)
    assert app.static_folder == str(Path(__file__).parent / "static")
    with app.open_resource("test_app.py") as file:
        assert file.read() == Path(__file__).read_bytes()
    with app.open_resource("test_app.py", "r") as file:
        assert file.read() == Path(__file__).read_text("utf-8")
    with app.open_resource("test_app.py", "r", encoding="latin-1") as file:
        assert file.read() == Path(__file__).read_text("latin-1")  # an ü is two letters there


def test_resources_are_only_for_reading(web: Any) -> None:
    for mode in ("w", "a", "r+", "wb"):
        with pytest.raises(ValueError, match="read"):
            new_app(web, __name__).open_resource("test_app.py", mode)


def test_an_app_of_no_module_is_in_the_current_folder(
    web: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert new_app(web, "no_such_module").root_path == str(tmp_path)


def test_a_script_gives_its_name_to_the_app(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    code = "from minictx.web import MiniFlask\napp = MiniFlask(__name__)\n"
    script.write_text(f"{code}print(app, app.root_path)", "utf-8")
    root = Path(__file__).parents[2]
    run = [sys.executable, str(script)]
    output = subprocess.run(run, env={"PYTHONPATH": str(root)}, capture_output=True, text=True)
    assert output.stdout == f"<MiniFlask 'shop'> {tmp_path}\n"
    run = [sys.executable, "-c", f"{code}print(app.name)"]
    output = subprocess.run(run, env={"PYTHONPATH": str(root)}, capture_output=True, text=True)
    assert output.stdout == "__main__\n"


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"static_folder": "files"}, "/files/hello.txt"),
        ({"static_folder": "files", "static_url_path": "/public/"}, "/public/hello.txt"),
        ({"static_folder": "files", "static_url_path": ""}, "/hello.txt"),
    ],
)
def test_the_static_folder_and_its_url_can_be_chosen(
    web: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: Any, url: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "hello.txt").write_text("hello", "utf-8")
    app = new_app(web, **options)
    with app.test_client().get(url) as response:
        assert response.text == "hello"
    with app.test_request_context():
        assert web.url_for("static", filename="hello.txt").partition("?")[0] == url


def test_without_a_static_folder_there_is_no_static_route(web: Any) -> None:
    app = new_app(web, static_folder=None)
    assert app.static_folder is None
    assert "static" not in app.view_functions
    assert app.test_client().get("/static/hello.txt").status_code == 404


# The request


def test_a_middleware_can_be_put_around_the_app(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/", "index", lambda: web.request.environ["shop.user"])
    inner = app.wsgi_app

    def middleware(environ: Any, start_response: Any) -> Any:
        return inner({**environ, "shop.user": "alice"}, start_response)

    app.wsgi_app = middleware
    assert app.test_client().get("/").text == "alice"


def test_an_app_may_have_a_request_class_of_its_own(app: MiniFlask) -> None:
    class Greeted(Request):
        greeting = "hello"

    app.request_class = Greeted
    app.add_url_rule("/", "index", lambda: getattr(request, "greeting", "none"))
    assert app.test_client().get("/").text == "hello"


def test_a_head_request_is_answered_like_get_but_without_the_body(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/", "index", lambda: f"{web.request.method}")
    response = app.test_client().head("/")
    assert (response.text, response.content_length) == ("", 4)


# Errors


class AppError(Exception):
    """What the views below raise."""


def fail() -> None:
    raise AppError("in the view")


@pytest.mark.parametrize(
    ("config", "goes_through"),
    [
        ({}, False),
        ({"TESTING": True}, True),
        ({"DEBUG": True}, True),
        ({"PROPAGATE_EXCEPTIONS": True}, True),
        ({"TESTING": True, "PROPAGATE_EXCEPTIONS": False}, False),
    ],
)
def test_an_unhandled_error_goes_through_or_is_logged(
    web: Any, config: dict[str, Any], goes_through: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app(web)
    app.config.update({"TESTING": False, **config})
    app.add_url_rule("/path", "fail", fail)
    if goes_through:
        with pytest.raises(AppError):
            app.test_client().get("/path")
        assert caplog.records == []
    else:
        response = app.test_client().get("/path")
        assert response.status_code == 500
        assert "AppError" not in response.text
        [record] = caplog.records
        assert record.getMessage() == "Exception on /path [GET]"
        assert "AppError: in the view" in caplog.text


def test_a_hook_that_fails_after_a_failed_request_does_not_hide_its_error(
    web: Any, caplog: pytest.LogCaptureFixture
) -> None:
    app = new_app(web)
    app.testing = False
    app.add_url_rule("/", "fail", fail)

    @app.after_request
    def fail_too(response: Any) -> Any:
        raise LookupError("in the hook")

    assert app.test_client().get("/").status_code == 500
    assert len(caplog.records) == 2
    assert "AppError: in the view" in caplog.text
    assert "LookupError: in the hook" in caplog.text


def test_got_request_exception_is_sent_with_the_error(web: Any) -> None:
    app = new_app(web)
    app.testing = False
    app.add_url_rule("/", "fail", fail)
    app.add_url_rule("/abort", "abort", lambda: web.abort(404))
    heard = []

    def hear(sender: Any, exception: Exception, **_: Any) -> None:
        heard.append((sender is app, str(exception)))

    with web.got_request_exception.connected_to(hear, app):
        app.test_client().get("/abort")
        assert heard == []
        app.test_client().get("/")
    assert heard == [(True, "in the view")]


def test_after_an_error_the_next_request_begins_anew(web: Any) -> None:
    app = new_app(web)
    app.add_url_rule("/fail", "fail", fail)
    app.add_url_rule("/", "index", lambda: str(sorted(web.g)))

    @app.before_request
    def bind() -> None:
        if web.request.path == "/fail":
            web.g.left = True

    client = app.test_client()
    with pytest.raises(AppError):
        client.get("/fail")
    assert not web.has_app_context()
    assert client.get("/").text == "[]"


def test_an_app_is_freed_with_its_last_reference(web: Any, no_gc: None) -> None:
    app = new_app(web)
    app.add_url_rule("/", "index", lambda: web.jsonify(web.url_for("index")))
    assert app.test_client().get("/").json == "/"
    ref = weakref.ref(app)
    del app
    assert ref() is None


@pytest.mark.parametrize("folder", ["files/", Path("files/"), "files"])
def test_the_static_folder_may_end_in_a_slash(web: Any, folder: Any) -> None:
    app = new_app(web, static_folder=folder)
    app.add_url_rule("/<path:path>", "catch_all", lambda path: path)
    client = app.test_client()
    assert client.get("/some/where").text == "some/where"
    assert client.get("/files/missing").status_code == 404
    assert Path(app.static_folder).name == "files"


@pytest.mark.parametrize("options", [{"host_matching": True}, {"static_host": "example.org"}])
def test_a_static_host_goes_with_host_matching(web: Any, options: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        new_app(web, **options)
    new_app(web, host_matching=True, static_folder=None)
    app = new_app(web, host_matching=True, static_host="example.org")
    with app.test_request_context("/", base_url="http://example.org"):
        assert web.request.host == "example.org"


# The logger


@pytest.fixture
def no_handlers() -> Iterator[Callable[[str], logging.Logger]]:
    """Give loggers that see no handler, not even that of pytest, and put them back."""
    changed = []

    def prepare(name: str) -> logging.Logger:
        logger = logging.getLogger(name)
        logger.propagate = False
        changed.append(logger)
        return logger

    yield prepare
    for logger in changed:
        logger.propagate = True
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)


def test_without_other_handlers_the_log_goes_to_the_server_and_else_to_stderr(
    no_handlers: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    no_handlers("shop.to_the_server")
    app = MiniFlask("shop.to_the_server")
    app.add_url_rule("/", "fail", fail)
    errors = io.StringIO()
    open_body(app, "/", errors_stream=errors).close()
    assert "ERROR in app: Exception on / [GET]" in errors.getvalue()
    assert "AppError: in the view" in errors.getvalue()
    assert capsys.readouterr().err == ""
    app.logger.error("outside of a request")
    assert re.fullmatch(
        r"\[.*\] ERROR in test_app: outside of a request\n", capsys.readouterr().err
    )
    assert "outside" not in errors.getvalue()


def test_a_handler_that_is_there_already_is_enough(
    no_handlers: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    logger = no_handlers("shop.has_one")
    stream = io.StringIO()
    logger.addHandler(logging.StreamHandler(stream))
    app = MiniFlask("shop.has_one")
    app.logger.error("once")
    assert app.logger is logger
    assert stream.getvalue() == "once\n"
    assert capsys.readouterr().err == ""


def test_a_handler_that_takes_only_errors_is_not_enough_for_more(
    web: Any, no_handlers: Callable[[str], logging.Logger], capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"shop.only_errors.{web.__name__}"
    for logger, level in ((no_handlers(name), logging.ERROR), (no_handlers("other"), 0)):
        handler = logging.StreamHandler(io.StringIO())
        handler.setLevel(level)
        logger.addHandler(handler)
    app = new_app(web, name)
    app.debug = True
    app.logger.info("seen")
    assert "seen" in capsys.readouterr().err


def test_an_app_may_log_its_errors_in_its_own_way(web: Any) -> None:
    logged = []

    class App(type(new_app(web))):  # type: ignore[misc]
        def log_exception(self, exc_info: Any) -> None:
            logged.append(exc_info[0])

    app = App("shop")
    app.add_url_rule("/", "fail", fail)
    assert app.test_client().get("/").status_code == 500
    assert logged == [AppError]


def test_in_debug_mode_everything_is_logged_unless_a_level_is_set(
    no_handlers: Callable[[str], logging.Logger],
) -> None:
    def level(name: str, debug: bool, level: int = logging.NOTSET) -> int:
        no_handlers(name).setLevel(level)
        app = MiniFlask(name)
        app.debug = debug
        return app.logger.level

    assert level("shop.a", debug=True) == logging.DEBUG
    assert level("shop.b", debug=False) == logging.NOTSET
    assert level("shop.c", debug=True, level=logging.ERROR) == logging.ERROR


# The server


def test_run_says_it_where_the_port_is_taken(
    app: MiniFlask, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit):
        app.run(port=taken.getsockname()[1], debug=False)
    assert "Address already in use" in capsys.readouterr().err


def test_run_leaves_the_serving_to_the_command_that_loads_the_file(
    app: MiniFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINICTX_RUN", "1")
    app.run(host="no such host")


def test_run_serves_the_app_until_it_is_interrupted(tmp_path: Path) -> None:
    script = tmp_path / "shop.py"
    script.write_text(
        "from minictx.web import MiniFlask, request\n"
        "app = MiniFlask(__name__)\n"
        "app.add_url_rule('/', 'index', lambda: f'{app.debug} {request.args[\"name\"]}')\n"
        "app.run(port=0, debug=True, use_reloader=False)\n",
        "utf-8",
    )
    server = subprocess.Popen(
        [sys.executable, "-u", str(script)],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stderr is not None
        lines = iter(server.stderr.readline, "")
        port = next(found[1] for line in lines if (found := re.search(r"1:(\d+)", line)))
        connection = HTTPConnection("127.0.0.1", int(port), timeout=30)
        connection.request("GET", "/?name=alice")
        assert connection.getresponse().read() == b"True alice"
        # In debug mode werkzeug's debugger shows the error, and to nobody else.
        connection.request("GET", "/")
        assert b"KeyError" in connection.getresponse().read()
        connection.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=30)
    assert server.returncode == 0
