"""url_for, flash, files, and the other functions that views call."""

from __future__ import annotations

import io
import os
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import werkzeug.wrappers
from werkzeug.exceptions import Forbidden, HTTPException, NotFound
from werkzeug.routing import BuildError

import minictx.web
from minictx.web import MiniFlask, flash, get_flashed_messages, redirect, session, url_for
from tests.web.harness import new_app

# url_for


def add_routes(app: Any) -> Any:
    app.add_url_rule("/", "index", lambda: "")
    app.add_url_rule("/user/<name>", "user", lambda name: "")
    app.add_url_rule("/page/<int:number>", "page", lambda number: "")
    app.add_url_rule("/user/", "users", lambda: "", methods=["GET"])
    app.add_url_rule("/user/new", "users", methods=["POST"])
    app.add_url_rule("/<lang>/about", "about", lambda lang: "")
    return app


@pytest.mark.parametrize(
    ("endpoint", "values", "url"),
    [
        ("index", {}, "/"),
        ("user", {"name": "alice"}, "/user/alice"),
        ("user", {"name": "a b?ü"}, "/user/a%20b%3F%C3%BC"),
        ("page", {"number": 3}, "/page/3"),
        ("index", {"q": "a b&c", "none": None, "many": [1, 2]}, "/?q=a+b%26c&many=1&many=2"),
        ("index", {"_anchor": "top"}, "/#top"),
        ("index", {"q": 1, "_anchor": "a b"}, "/?q=1#a%20b"),
        ("index", {"_anchor": "x=1&y=/?:@!$'()*+,;"}, "/#x=1&y=/?:@!$'()*+,;"),
        ("index", {"_anchor": 'ü"<>'}, "/#%C3%BC%22%3C%3E"),
        ("index", {"_anchor": ""}, "/#"),
        ("index", {"_external": True}, "https://example.org/"),
        ("index", {"_scheme": "http"}, "http://example.org/"),
        ("index", {"_scheme": "http", "_external": True}, "http://example.org/"),
        ("users", {}, "/user/"),
        ("users", {"_method": "POST"}, "/user/new"),
    ],
)
def test_url_for_builds(web: Any, endpoint: str, values: dict[str, Any], url: str) -> None:
    app = add_routes(new_app(web))
    with app.test_request_context("/page/1", base_url="https://example.org"):
        assert web.url_for(endpoint, **values) == url


def test_outside_of_a_request_url_for_needs_to_know_the_server(web: Any) -> None:
    app = add_routes(new_app(web))
    app.config.update(
        SERVER_NAME="example.org", PREFERRED_URL_SCHEME="https", APPLICATION_ROOT="/shop"
    )
    with app.app_context():
        assert web.url_for("index") == "https://example.org/shop/"
        assert web.url_for("index", _external=False) == "/shop/"
        assert web.url_for("index", _scheme="http") == "http://example.org/shop/"


def test_without_a_server_name_the_error_says_what_to_set(app: MiniFlask) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="url_for cannot know") as raised:
        url_for("static", filename="x")
    advice = re.search(r'app\.config\["SERVER_NAME"\], to "(.+?)"', str(raised.value))
    assert advice is not None
    app.config["SERVER_NAME"] = advice[1]
    with app.app_context():
        assert url_for("static", filename="x") == "http://example.org/static/x"


def test_without_any_context_url_for_needs_an_app() -> None:
    with pytest.raises(RuntimeError, match="outside of application context"):
        url_for("index")


def test_a_scheme_makes_no_sense_in_a_url_without_a_host(web: Any) -> None:
    app = add_routes(new_app(web))
    with app.test_request_context(), pytest.raises(ValueError, match="_external"):
        web.url_for("index", _scheme="https", _external=False)


@pytest.mark.parametrize(
    ("endpoint", "values"), [("usr", {"name": "alice"}), ("user", {}), ("page", {"n": 1})]
)
def test_a_url_that_cannot_be_built_is_an_error_that_names_the_endpoints(
    app: MiniFlask, endpoint: str, values: dict[str, Any]
) -> None:
    add_routes(app)
    with app.test_request_context(), pytest.raises(BuildError, match=endpoint) as raised:
        url_for(endpoint, **values)
    assert raised.value.__notes__ == [
        "This app's endpoints are: about, index, page, static, user, users."
    ]


def test_url_defaults_add_values_that_were_not_given(web: Any) -> None:
    app = add_routes(new_app(web))

    @app.url_value_preprocessor
    def take_lang(endpoint: str, values: dict[str, Any]) -> None:
        web.g.lang = values.pop("lang", "en")

    @app.url_defaults
    def add_lang(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "about":
            values.setdefault("lang", web.g.lang)

    @app.route("/<lang>/links")
    def links() -> list[str]:
        return [web.url_for("about"), web.url_for("about", lang="fr"), web.url_for("index")]

    assert app.test_client().get("/de/links").json == ["/de/about", "/fr/about", "/"]


def test_the_url_of_a_static_file_changes_with_its_content(tmp_path: Path) -> None:
    file = tmp_path / "static" / "sub" / "style.css"
    file.parent.mkdir(parents=True)
    app = new_app(minictx.web, static_folder=str(tmp_path / "static"))

    def url() -> str:
        with app.test_request_context():
            return url_for("static", filename="sub/style.css")

    assert url() == "/static/sub/style.css", "no such file, no version"
    versions = set()
    for saved, content in enumerate(("one", "two", "one")):
        file.write_text(content, "utf-8")
        os.utime(file, (saved, saved))  # two quick saves may have the very same time
        versions.add(url())
        with app.test_client().get(url()) as response:
            assert response.text == content
    assert len(versions) == 2
    assert all(re.fullmatch(r"/static/sub/style\.css\?v=[0-9a-f]{8}", url) for url in versions)


def test_a_static_file_is_read_for_its_version_once_until_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "static" / "film.mp4"
    file.parent.mkdir()
    app = new_app(minictx.web, static_folder=str(tmp_path / "static"))

    def url(content: str, saved: int) -> str:
        file.write_text(content, "utf-8")
        os.utime(file, (saved, saved))
        with app.test_request_context():
            return url_for("static", filename="film.mp4")

    first = url("one", saved=1)
    assert url("two", saved=1) == first, "it has the same time and size: it is not read again"
    assert url("two", saved=2) != first
    assert url("three", saved=1) != first


def test_the_version_of_a_static_file_can_be_chosen_or_left_out(tmp_path: Path) -> None:
    (tmp_path / "style.css").write_text("", "utf-8")
    app = new_app(minictx.web, static_folder=str(tmp_path), static_url_path="/files")
    with app.test_request_context():
        assert url_for("static", filename="style.css", v="1") == "/files/style.css?v=1"
        assert url_for("static", filename="style.css", v=None) == "/files/style.css"


@pytest.mark.parametrize("filename", ["../secret.txt", "/etc/passwd", "sub", ".", "a\0b"])
def test_what_is_not_a_static_file_has_no_version(tmp_path: Path, filename: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    (tmp_path / "static" / "sub").mkdir(parents=True)
    app = new_app(minictx.web, static_folder=str(tmp_path / "static"))
    with app.test_request_context():
        assert "?" not in url_for("static", filename=filename)


def test_an_endpoint_named_static_needs_no_static_folder() -> None:
    app = new_app(minictx.web, static_folder=None)
    app.add_url_rule("/mine/<filename>", "static", lambda filename: filename)
    with app.test_request_context():
        assert url_for("static", filename="x") == "/mine/x"


# redirect, abort, make_response


def test_redirect_is_a_response_that_names_the_new_place(web: Any) -> None:
    app = add_routes(new_app(web))

    @app.route("/old")
    def old() -> Any:
        return web.redirect(web.url_for("user", name="alice"))

    @app.route("/older")
    def older() -> Any:
        return web.redirect("/old?a=1#b", code=301)

    client = app.test_client()
    response = client.get("/old")
    assert (response.status_code, response.location) == (302, "/user/alice")
    assert response.mimetype == "text/html"
    response = client.get("/older")
    assert (response.status_code, response.location) == (301, "/old?a=1#b")
    assert client.get("/older", follow_redirects=True).request.path == "/user/alice"


def test_abort_raises_and_can_say_why_or_answer(web: Any) -> None:
    app = new_app(web)

    @app.route("/<how>")
    def index(how: str) -> str:
        if how == "code":
            web.abort(403)
        elif how == "reason":
            web.abort(404, "no such <page>")
        elif how == "response":
            web.abort(web.make_response("wait", 503))
        return "not reached"

    client = app.test_client()
    assert client.get("/code").status_code == 403
    assert "no such &lt;page&gt;" in client.get("/reason").text
    assert (client.get("/response").status_code, client.get("/response").text) == (503, "wait")
    with pytest.raises(Forbidden):
        web.abort(403)
    with pytest.raises(LookupError):
        web.abort(999)
    with pytest.raises(HTTPException):
        web.abort(minictx.web.Response("wait", 503))


def test_make_response_takes_what_a_view_may_return(web: Any) -> None:
    app = new_app(web)
    with app.test_request_context():
        assert web.make_response().status_code == 200
        assert web.make_response("text").get_data() == b"text"
        assert web.make_response({"a": 1}).json == {"a": 1}
        assert web.make_response("no", 404).status == "404 NOT FOUND"
        assert web.make_response(("no", 404)).status == "404 NOT FOUND"
        response = web.make_response("text", 201, {"X-Seen": "yes"})
        assert (response.status_code, response.headers["X-Seen"]) == (201, "yes")
        assert web.make_response(response) is response


# Flashed messages


def test_a_flashed_message_is_shown_once_on_the_next_page_that_asks(web: Any) -> None:
    app = new_app(web)

    @app.route("/flash/<message>")
    def add(message: str) -> str:
        web.flash(message)
        return "fine"

    @app.route("/quiet")
    def quiet() -> str:
        return "fine"

    @app.route("/show")
    def show() -> list[list[str]]:
        return [web.get_flashed_messages(), web.get_flashed_messages()]

    client = app.test_client()
    for path in ("/flash/one", "/flash/two", "/quiet"):
        client.get(path)
    assert client.get("/show").json == [["one", "two"], ["one", "two"]]
    assert client.get("/show").json == [[], []]
    assert client.get_cookie("session") is None


def test_flashed_messages_have_categories_and_can_be_chosen_by_them(web: Any) -> None:
    with new_app(web).test_request_context():
        web.flash("saved")
        web.flash("no <b>", "error")
        web.flash("careful", "warning")
        get = web.get_flashed_messages
        everything = [("message", "saved"), ("error", "no <b>"), ("warning", "careful")]
        assert get(with_categories=True) == everything
        assert get() == ["saved", "no <b>", "careful"]
        assert get(category_filter=["error", "warning"]) == ["no <b>", "careful"]
        assert get(True, ["error"]) == [("error", "no <b>")]
        assert get(category_filter=["unknown"]) == []


def test_a_message_flashed_while_messages_are_shown_waits_for_the_next_page(web: Any) -> None:
    app = new_app(web)

    @app.route("/")
    def index() -> list[list[str]]:
        before = web.get_flashed_messages()
        web.flash("later")
        return [before, web.get_flashed_messages()]

    client = app.test_client()
    assert client.get("/").json == [[], []]
    assert client.get("/").json == [["later"], ["later"]]


def test_reading_no_messages_does_not_change_the_session(app: MiniFlask) -> None:
    with app.test_request_context():
        assert get_flashed_messages() == []
        assert not session.modified


def test_flash_tells_those_who_subscribed_to_the_app_itself(web: Any) -> None:
    app = new_app(web)
    heard = []

    def hear(sender: Any, message: str, category: str, **_: Any) -> None:
        heard.append((sender is app, message, category))

    with app.test_request_context(), web.message_flashed.connected_to(hear, app):
        web.flash("hello", "greeting")
    assert heard == [(True, "hello", "greeting")]


def test_what_was_flashed_before_is_not_overwritten(app: MiniFlask) -> None:
    client = app.test_client()
    with client.session_transaction() as saved:
        saved["_flashes"] = [("message", "first")]

    @app.route("/")
    def index() -> list[str]:
        flash("second")
        messages = get_flashed_messages()
        return [str(message) for message in messages]

    assert client.get("/").json == ["first", "second"]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "hello.txt").write_text("hello, file", "utf-8")
    return tmp_path


def test_send_file_sends_a_path_or_an_open_file(web: Any, folder: Path) -> None:
    app = new_app(web)
    app.root_path = str(folder)

    @app.route("/<kind>")
    def send(kind: str) -> Any:
        files: dict[str, Any] = {
            "absolute": folder / "hello.txt",
            "relative": "hello.txt",
            "open": io.BytesIO(b"hello, file"),
        }
        return web.send_file(files[kind], mimetype="text/plain")

    client = app.test_client()
    for kind in ("absolute", "relative", "open"):
        with client.get(f"/{kind}") as response:
            assert response.text == "hello, file"
            assert response.mimetype == "text/plain"
            assert response.headers["Cache-Control"] == "no-cache"
    app.testing = False
    assert client.get("/missing").status_code == 500


def test_a_sent_file_answers_to_ranges_and_conditions(web: Any, folder: Path) -> None:
    app = new_app(web)

    @app.route("/")
    def send() -> Any:
        return web.send_file(
            folder / "hello.txt", as_attachment=True, download_name="other.txt"
        )

    client = app.test_client()
    with client.get("/") as response:
        assert response.headers["Content-Disposition"] == "attachment; filename=other.txt"
        etag = response.headers["ETag"]
    with client.get("/", headers={"If-None-Match": etag}) as response:
        assert (response.status_code, response.data) == (304, b"")
    with client.get("/", headers={"Range": "bytes=7-"}) as response:
        assert (response.status_code, response.data) == (206, b"file")


@pytest.mark.parametrize("max_age", [60, timedelta(minutes=1)])
def test_how_long_a_file_may_be_cached_is_configured(
    web: Any, folder: Path, max_age: Any
) -> None:
    app = new_app(web, static_folder=str(folder))
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = max_age
    app.add_url_rule("/file", "file", lambda: web.send_file(folder / "hello.txt"))
    app.add_url_rule("/own", "own", lambda: web.send_file(folder / "hello.txt", max_age=5))
    client = app.test_client()
    static = f"/{folder.name}/hello.txt"
    for path, seconds in (("/file", 60), (static, 60), ("/own", 5)):
        with client.get(path) as response:
            assert response.headers["Cache-Control"] == f"public, max-age={seconds}"


def test_send_from_directory_sends_what_is_below_it(web: Any, folder: Path) -> None:
    app = new_app(web)
    (folder / "files").mkdir()
    (folder / "files" / "inner.txt").write_text("inner", "utf-8")

    @app.route("/<path:path>")
    def send(path: str) -> Any:
        return web.send_from_directory(folder / "files", path)

    with app.test_client().get("/inner.txt") as response:
        assert response.text == "inner"
    with app.test_request_context():
        for path in ("../hello.txt", "missing.txt", ".", ""):
            with pytest.raises(NotFound):
                web.send_from_directory(folder / "files", path)


def test_a_relative_directory_is_below_the_app_wherever_the_server_was_started(
    web: Any, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = new_app(web)
    app.root_path = str(folder)
    (folder / "files").mkdir()
    (folder / "files" / "inner.txt").write_text("inner", "utf-8")
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    app.add_url_rule("/", "send", lambda: web.send_from_directory("files", "inner.txt"))
    with app.test_client().get("/") as response:
        assert (response.status_code, response.text) == (200, "inner")


def test_files_are_sent_in_the_response_class_of_the_app(app: MiniFlask, folder: Path) -> None:
    class Loud(minictx.web.Response):
        pass

    app.response_class = Loud
    with app.test_request_context():
        for response in (
            minictx.web.send_file(folder / "hello.txt"),
            minictx.web.send_from_directory(str(folder), "hello.txt"),
        ):
            assert isinstance(response, Loud)
            response.close()
        assert isinstance(minictx.web.make_response(redirect("/")), Loud)
        assert isinstance(redirect("/"), werkzeug.wrappers.Response)


def test_an_app_builds_urls_and_redirects_as_the_functions_that_ask_it_do(web: Any) -> None:
    class App(type(new_app(web))):  # type: ignore[misc]
        def url_for(self, /, endpoint: str, **values: Any) -> Any:
            return super().url_for(endpoint, **{**values, "_anchor": "here"})

        def redirect(self, location: str, code: int = 302) -> Any:
            return super().redirect(f"{location}?next", code)

    app = App("shop")
    app.config["SERVER_NAME"] = "example.org"
    app.add_url_rule("/<self>", "page", lambda self: "")
    assert app.url_for("page", self="a") == "http://example.org/a#here"
    assert web.redirect("/there", 301).location == "/there"
    with app.test_request_context("/", base_url="http://example.org"):
        assert web.url_for("page", self="a") == "/a#here"
        response = web.redirect("/there", code=301)
        assert (response.location, response.status_code) == ("/there?next", 301)
        assert type(response) is app.response_class
