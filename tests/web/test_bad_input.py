"""Whatever comes in, the answer is a status below 500, or one that tells nothing of the app.

What is said of both frameworks is asked of Flask too, so that "right" is not our idea alone.
"""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from wsgiref.validate import validator

import pytest
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import create_environ, run_wsgi_app

import minictx.web
from minictx.web import MiniFlask, SecureCookieSessionInterface, url_for
from tests.web.harness import new_app, send, serve


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a secret file, and beside it ``static``, with files for everybody."""
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    static = tmp_path / "static"
    (static / "sub").mkdir(parents=True)
    (static / "hello.txt").write_text("hello", "utf-8")
    (static / "sub" / "deep.txt").write_text("deep", "utf-8")
    (static / "back\\slash.txt").write_text("an odd name, on this system", "utf-8")
    return tmp_path


def build(web: Any, folder: Path, **config: Any) -> Any:
    app = new_app(web, static_folder=str(folder / "static"))
    app.testing = False
    app.config.update(config)

    @app.route("/")
    def index() -> dict[str, Any]:
        return dict(web.session)

    @app.post("/form")
    def form() -> Any:
        files = {name: len(file.read()) for name, file in web.request.files.items()}
        return {**web.request.form, **files}

    @app.post("/name")
    def name() -> str:
        return str(web.request.form["name"])

    @app.post("/json")
    def takes_json() -> Any:
        return web.jsonify(web.request.get_json())

    @app.route("/url")
    def url() -> str:
        return str(web.url_for("url", _external=True))

    @app.route("/args")
    def args() -> Any:
        return web.request.args.to_dict()

    @app.route("/who")
    def who() -> str:
        return str(web.request.authorization)

    @app.route("/broken")
    def broken() -> None:
        raise LookupError("the detail that nobody shall see")

    return app


@pytest.fixture
def anything(web: Any, folder: Path) -> Any:
    """A client of an app, of one or the other framework."""
    return build(web, folder).test_client()


@pytest.fixture
def port(folder: Path) -> Iterator[int]:
    """The port of a real server that runs MiniFlask."""
    with serve(build(minictx.web, folder, MAX_FORM_MEMORY_SIZE=1_000)) as port:
        yield port


def tells_nothing(text: str) -> bool:
    """Tell whether an answer is free of what only the app's author should see."""
    return re.search(r"Traceback|[a-z]Error|\.py|secret|detail", text) is None


# Cookies


def sign(data: Any, key: str = "a secret") -> str:
    app = MiniFlask("shop")
    app.secret_key = key
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return str(serializer.dumps(data))


def sign_text(text: str) -> str:
    """Sign a text that may be no JSON at all."""

    class Plain:
        def dumps(self, obj: Any, **kwargs: Any) -> str:
            return str(obj)

        def loads(self, text: Any) -> Any:
            return text

    app = MiniFlask("shop")
    app.secret_key = "a secret"
    theirs = SecureCookieSessionInterface().get_signing_serializer(app)
    assert theirs is not None
    serializer: Any = URLSafeTimedSerializer(
        theirs.secret_keys,
        salt=theirs.salt,
        serializer=Plain(),
        signer_kwargs=theirs.signer_kwargs,
    )
    return str(serializer.dumps(text))


GOOD = sign({"user": "alice"})
BAD_COOKIES = {
    "empty": "",
    "not signed": "hello",
    "only dots": "..",
    "not base64": "!!!.???.***",
    "truncated": GOOD[:-5],
    "truncated data": GOOD[5:],
    "changed": GOOD.replace("e", "f", 1),
    "not ASCII": "\xff\xfe\xfc",
    "UTF-8": "ü€".encode().decode("latin-1"),
    "control characters": "\x01\x02\x7f",
    "quoted badly": '"\\777\\',
    "huge": "x" * 60_000,
    "huge and signed badly": GOOD + "x" * 60_000,
    "signed with another key": sign({"user": "alice"}, key="another"),
    "says to be compressed": "." + GOOD,
    "no JSON": sign_text("{user"),
    "no UTF-8": sign_text("\udcff".encode("utf-8", "surrogateescape").decode("latin-1")),
    "null": sign_text("null"),
    "tag with nonsense": sign_text('{" u":"no uuid"}'),
    "tagged dict with nonsense": sign_text('{" di":5}'),
    "deeply nested": sign_text("[" * 100_000),
}
NOT_A_DICT = {
    "a list": sign_text("[1, 2]"),
    "a list of pairs": sign_text('[["user", "alice"]]'),
    "a text": sign_text('"alice"'),
    "a number": sign_text("5"),
}


def test_the_good_cookie_is_good(anything: Any) -> None:
    """Or else those made from it would prove nothing."""
    anything.set_cookie("session", GOOD)
    assert anything.get("/").json == {"user": "alice"}
    anything.set_cookie("session", sign_text('{"user": "alice"}'))
    assert anything.get("/").json == {"user": "alice"}


@pytest.mark.parametrize("name", BAD_COOKIES)
def test_a_bad_cookie_is_an_empty_session(anything: Any, name: str) -> None:
    cookie = f"other=1; session={BAD_COOKIES[name]}; ; =; last"
    response = anything.get("/", environ_overrides={"HTTP_COOKIE": cookie})
    assert (response.status_code, response.json) == (200, {})


@pytest.mark.parametrize("name", NOT_A_DICT)
def test_a_signed_cookie_that_holds_no_dict_is_an_empty_session(
    folder: Path, name: str
) -> None:
    """Here Flask fails; but such a cookie is as bad as the others."""
    client = build(minictx.web, folder).test_client()
    client.set_cookie("session", NOT_A_DICT[name])
    response = client.get("/")
    assert (response.status_code, response.json) == (200, {})


@pytest.mark.parametrize(
    "cookie",
    [b"session=\xff\xfe\x80", b"session", b";;;===", b'session="\\', GOOD.encode()[:-1]],
    ids=["no text", "no value", "no name", "open quotes", "cut short"],
)
def test_bad_cookies_do_no_harm_to_a_real_server(port: int, cookie: bytes) -> None:
    answer = send(port, f"GET / HTTP/1.0\nCookie: {cookie.decode('latin-1')}")
    assert (answer.status, json.loads(answer.text)) == (200, {})
    assert send(port, f"GET / HTTP/1.0\nCookie: session={GOOD}").text == '{"user":"alice"}\n'


def test_a_cookie_can_be_read_by_whoever_has_it_but_not_forged(port: int) -> None:
    payload, forged_payload = (
        urlsafe_b64encode(f'{{"user":"{user}"}}'.encode()).rstrip(b"=").decode()
        for user in ("alice", "bob")
    )
    assert GOOD.startswith(payload)
    forged = GOOD.replace(payload, forged_payload)
    answer = send(port, f"GET / HTTP/1.0\nCookie: session={forged}")
    assert (answer.status, json.loads(answer.text)) == (200, {})


# Paths and files


@pytest.mark.parametrize(
    "path",
    ["/%ff", "/%ff%fe/%00", "/%", "/%zz", "/%e2%82", "/" + "x" * 10_000, "/" + "%ff" * 5_000],
)
def test_a_path_that_no_rule_matches_is_not_found(anything: Any, port: int, path: str) -> None:
    assert anything.get(path).status_code == 404
    answer = send(port, f"GET {path} HTTP/1.0")
    assert answer.status == 404
    assert tells_nothing(answer.text)


@pytest.mark.parametrize(
    ("query", "escaped"),
    [("a=\xff", "a=%ff"), ("\x88=%C3%BC&b=\xc3\xbc+1%26", "%88=%C3%BC&b=%C3%BC+1%26")],
)
def test_a_query_of_bytes_that_are_no_text_is_read_as_if_they_were_escaped(
    folder: Path, query: str, escaped: str
) -> None:
    """Some servers pass such bytes on, and then Flask 3.1 fails. Fuzzing has found it."""
    client = build(minictx.web, folder).test_client()
    answers = [
        client.get("/args", environ_overrides={"QUERY_STRING": each})
        for each in (query, escaped)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json


@pytest.mark.parametrize("query", ["\r", "a=\n&b", "\x00 \x0b"])
def test_a_redirect_keeps_a_query_that_cannot_stand_in_a_header_escaped(
    folder: Path, query: str
) -> None:
    client = build(minictx.web, folder).test_client()
    response = client.get("/static//x", environ_overrides={"QUERY_STRING": query})
    assert response.status_code == 308
    assert response.headers["Location"].endswith("/static/x?" + quote(query, safe="=&"))


@pytest.mark.parametrize("header", ["Basic \xfc", "Basic e\xde\xbfc:", "Basic x"])
def test_an_authorization_that_cannot_be_read_is_none(port: int, header: str) -> None:
    """Here Flask 3.1 fails for those that are not ASCII. Fuzzing has found it."""
    answer = send(port, f"GET /who HTTP/1.0\nAuthorization: {header}")
    assert (answer.status, answer.text) == (200, "None")


def test_a_good_authorization_is_read(port: int) -> None:
    answer = send(port, "GET /who HTTP/1.0\nAuthorization: Basic YWxpY2U6eA==")
    assert (answer.status, answer.text) == (200, "Basic YWxpY2U6eA==")


@pytest.mark.parametrize(
    "path",
    [
        "/static/../secret.txt",
        "/static/sub/../../secret.txt",
        "/static/%2e%2e/secret.txt",
        "/static/..%2fsecret.txt",
        "/static/%2e%2e%2fsecret.txt",
        "/static/%252e%252e%252fsecret.txt",
        "/static/..%252fsecret.txt",
        "/static/..%5csecret.txt",
        "/static/..\\secret.txt",
        "/static/../static/hello.txt",
        "/static/....//secret.txt",
        "/static/%c0%ae%c0%ae/secret.txt",
        "/static/..%00/secret.txt",
        "/static/hello.txt%00",
        "/static/%00",
        "/static/../../../../../../../../../../etc/passwd",
        "/static/C:/secret.txt",
        "/static/~/secret.txt",
        "/static/" + "x" * 5_000,
    ],
)
def test_a_static_path_that_climbs_out_is_not_found(
    anything: Any, port: int, path: str
) -> None:
    response = anything.get(path)
    assert response.status_code == 404
    assert tells_nothing(response.text)
    answer = send(port, f"GET {path} HTTP/1.0")
    assert answer.status == 404
    assert tells_nothing(answer.text)


@pytest.mark.parametrize("absolute", ["{}", "%2f{}", "/{}", "%2f%2f{}"])
def test_a_static_path_is_never_absolute(anything: Any, folder: Path, absolute: str) -> None:
    path = "/static/" + absolute.format(folder / "secret.txt")
    response = anything.get(path, follow_redirects=True)
    assert response.status_code == 404
    assert tells_nothing(response.text)


def test_a_path_that_begins_with_two_slashes_is_no_other_host(port: int) -> None:
    answer = send(port, "GET //etc/passwd HTTP/1.0\nHost: localhost")
    assert answer.status in (308, 404)
    assert answer.headers.get("Location", "http://localhost/").startswith("http://localhost/")


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("/static/hello.txt", 200, "hello"),
        ("/static/sub/deep.txt", 200, "deep"),
        ("/static/sub/../hello.txt", 200, "hello"),
        ("/static/back%5cslash.txt", 200, "an odd name, on this system"),
        ("/static/missing.txt", 404, None),
        ("/static/sub", 404, None),
        ("/static/sub/", 404, None),
        ("/static/.", 404, None),
        ("/static/", 404, None),
        ("/static", 404, None),
    ],
)
def test_a_static_file_is_sent_and_a_folder_is_not(
    anything: Any, path: str, status: int, text: str | None
) -> None:
    with anything.get(path) as response:
        assert response.status_code == status
        assert text is None or response.text == text


def test_a_static_file_can_be_asked_for_but_not_written(anything: Any) -> None:
    assert anything.post("/static/hello.txt").status_code == 405
    assert anything.delete("/static/hello.txt").status_code == 405


def test_a_link_leads_to_no_place_outside_of_the_static_folder(folder: Path) -> None:
    """In Flask it does. Here a file is sent only if it is in there."""
    static = folder / "static"
    (static / "inner.txt").symlink_to(static / "sub" / "deep.txt")
    (static / "outer.txt").symlink_to(folder / "secret.txt")
    (static / "out").symlink_to(folder)
    (static / "loop").symlink_to(static / "loop")
    client = build(minictx.web, folder).test_client()
    with client.get("/static/inner.txt") as response:
        assert (response.status_code, response.text) == (200, "deep")
    for path in ("outer.txt", "out/secret.txt", "out/static/../secret.txt", "loop"):
        assert client.get(f"/static/{path}").status_code == 404, path
    with client.application.test_request_context():
        assert "?v=" in url_for("static", filename="inner.txt")
        assert "?v=" not in url_for("static", filename="outer.txt")


def test_the_static_folder_itself_may_be_a_link(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "static").symlink_to(folder / "static")
    client = build(minictx.web, folder / "elsewhere").test_client()
    with client.get("/static/hello.txt") as response:
        assert response.text == "hello"


# Forms and bodies


def multipart(parts: int = 1, size: int = 1, name: str = "field") -> dict[str, Any]:
    fields = {f"{name}{number}": "x" * size for number in range(parts)}
    return {"data": fields, "content_type": "multipart/form-data"}


@pytest.mark.parametrize(
    ("config", "options", "status"),
    [
        ({}, multipart(size=400_000), 200),
        ({}, multipart(size=500_001), 413),
        ({"MAX_FORM_MEMORY_SIZE": None}, multipart(size=500_001), 200),
        ({}, multipart(parts=999), 200),
        ({}, multipart(parts=1_001), 413),
        ({"MAX_FORM_PARTS": 2}, multipart(parts=3), 413),
        ({"MAX_FORM_PARTS": None}, multipart(parts=1_001), 200),
        ({"MAX_CONTENT_LENGTH": 100}, {"data": {"field": "x" * 50}}, 200),
        ({"MAX_CONTENT_LENGTH": 100}, {"data": {"field": "x" * 100}}, 413),
        ({"MAX_CONTENT_LENGTH": 100}, {"data": b"x" * 101, "content_type": "text/plain"}, 413),
    ],
)
def test_the_limits_for_forms_are_those_of_the_configuration(
    web: Any, folder: Path, config: dict[str, Any], options: dict[str, Any], status: int
) -> None:
    response = build(web, folder, **config).test_client().post("/form", **options)
    assert response.status_code == status
    assert tells_nothing(response.text)


def test_a_file_may_be_larger_than_a_field(anything: Any) -> None:
    head = 'Content-Disposition: form-data; name="file"; filename="name.bin"'
    body = f"--b\r\n{head}\r\n\r\n{'x' * 600_000}\r\n--b--\r\n"
    response = anything.post("/form", data=body, content_type="multipart/form-data; boundary=b")
    assert response.json == {"file": 600_000}


def test_a_json_body_can_be_too_large_as_well(web: Any, folder: Path) -> None:
    client = build(web, folder, MAX_CONTENT_LENGTH=100).test_client()
    assert client.post("/json", json="x" * 50).json == "x" * 50
    assert client.post("/json", json="x" * 100).status_code == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--wrong\r\nabc", "multipart/form-data; boundary=right"),
        (b"abc", "multipart/form-data"),
        (b"--b\r\n\r\nno name\r\n--b--\r\n", "multipart/form-data; boundary=b"),
        (b"--b\r\nno header", "multipart/form-data; boundary=b"),
        (
            b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nno end',
            "multipart/form-data; boundary=b",
        ),
        (b"%ff=%fe&&==&%", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"a=1", "nonsense"),
        (b"a=1", ""),
    ],
)
def test_a_broken_form_is_no_server_error_and_the_same_as_in_flask(
    folder: Path, body: bytes, content_type: str
) -> None:
    answers = []
    for web in (minictx.web, pytest.importorskip("flask")):
        client = build(web, folder).test_client()
        response = client.post("/form", data=body, content_type=content_type)
        assert response.status_code in (200, 400)
        answers.append((response.status_code, response.text))
    assert answers[0] == answers[1]


@pytest.mark.parametrize(
    ("length", "status"), [("100", 400), ("nonsense", 200), ("-1", 200), ("1", 200), ("", 200)]
)
def test_a_wrong_content_length_is_no_server_error(port: int, length: str, status: int) -> None:
    head = f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {length}"
    answer = send(port, f"POST /form HTTP/1.0\n{head}", b"a=1")
    assert answer.status == status
    assert tells_nothing(answer.text)


def test_a_real_server_answers_to_a_form_that_is_too_large(port: int) -> None:
    start = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    body = start + b"x" * 1_001 + b"\r\n--b--\r\n"
    head = f"Content-Type: multipart/form-data; boundary=b\nContent-Length: {len(body)}"
    answer = send(port, f"POST /form HTTP/1.0\n{head}", body)
    assert answer.status == 413
    assert tells_nothing(answer.text)


def test_a_missing_form_field_is_a_bad_request_that_does_not_name_it(anything: Any) -> None:
    response = anything.post("/name", data={"user": "alice"})
    assert response.status_code == 400
    assert "name" not in response.text
    assert tells_nothing(response.text)


@pytest.mark.parametrize("body", ["{", "", "nonsense", "\xff"])
def test_malformed_json_is_a_bad_request(anything: Any, body: str) -> None:
    response = anything.post("/json", data=body, content_type="application/json")
    assert response.status_code == 400
    assert tells_nothing(response.text)
    assert "JSON" not in response.text, "what is wrong with it, only debug mode says"


def test_json_that_is_nested_too_deeply_is_a_bad_request_too(folder: Path) -> None:
    client = build(minictx.web, folder).test_client()
    body = "[" * 100_000
    response = client.post("/json", data=body, content_type="application/json")
    assert response.status_code == 400
    assert tells_nothing(response.text)


def test_in_debug_mode_malformed_json_is_explained(web: Any, folder: Path) -> None:
    client = build(web, folder, DEBUG=True).test_client()
    response = client.post("/json", data="{", content_type="application/json")
    assert response.status_code == 400
    assert "Failed to decode JSON object" in response.text


def test_json_under_another_content_type_is_refused(anything: Any) -> None:
    assert anything.post("/json", data="{}", content_type="text/plain").status_code == 415


# Methods and hosts


@pytest.mark.parametrize("method", ["PUT", "BREW", "get", "x" * 1_000])
def test_a_method_that_no_rule_has_is_refused_with_those_that_are(
    anything: Any, method: str
) -> None:
    response = anything.open("/name", environ_overrides={"REQUEST_METHOD": method})
    assert response.status_code == 405
    assert response.headers["Allow"] in ("OPTIONS, POST", "POST, OPTIONS")


@pytest.mark.parametrize(
    "host", ["", "a b", "<script>", "[::1", "example.org:port", "\xff\xfe", "a/b", "@"]
)
def test_a_host_that_is_not_one_is_no_server_error_and_the_same_as_in_flask(
    folder: Path, port: int, host: str
) -> None:
    """What becomes of it is werkzeug's to decide, and its releases differ."""
    answer = send(port, f"GET /url HTTP/1.0\nHost: {host}")
    assert answer.status in (200, 400)
    with serve(build(pytest.importorskip("flask"), folder)) as flasks_port:
        theirs = send(flasks_port, f"GET /url HTTP/1.0\nHost: {host}")
    assert (answer.status, answer.text.replace(str(port), "")) == (
        theirs.status,
        theirs.text.replace(str(flasks_port), ""),
    )


def test_a_host_that_cannot_be_encoded_is_a_bad_request(anything: Any, port: int) -> None:
    host = "x" * 64 + ".example.org"  # a label has at most 63 characters
    assert anything.get("/url", headers={"Host": host}).status_code == 400
    answer = send(port, f"GET /url HTTP/1.0\nHost: {host}")
    assert answer.status == 400
    assert tells_nothing(answer.text)


def test_without_trusted_hosts_an_external_url_has_whatever_host_the_client_names(
    anything: Any,
) -> None:
    response = anything.get("/url", headers={"Host": "evil.example"})
    assert response.text == "http://evil.example/url"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("example.org", 200),
        ("example.org:8000", 200),
        ("shop.example.net", 200),
        ("example.net", 200),
        ("[::1]:5000", 400),
        ("evil.example", 400),
        ("example.org.evil.example", 400),
        ("evil-example.org", 400),
        ("evilexample.net", 400),
        ("example.org@evil.example", 400),
        ("example.org, evil.example", 400),
        ("example.org/", 400),
        ("", 400),
    ],
)
def test_a_host_that_is_not_trusted_is_a_bad_request(
    web: Any, folder: Path, host: str, status: int
) -> None:
    app = build(web, folder, TRUSTED_HOSTS=["example.org", ".example.net"])
    response = app.test_client().get("/url", headers={"Host": host})
    assert response.status_code == status
    assert tells_nothing(response.text)
    if status == 200:
        assert response.text == f"http://{host}/url"


def test_a_real_server_trusts_no_other_host_either(folder: Path) -> None:
    with serve(build(minictx.web, folder, TRUSTED_HOSTS=["example.org"])) as port:
        assert send(port, "GET /url HTTP/1.0\nHost: example.org").status == 200
        assert send(port, "GET /url HTTP/1.0\nHost: evil.example").status == 400
        assert send(port, "GET /url HTTP/1.0").status == 400


def test_no_view_runs_for_a_host_that_is_not_trusted(web: Any, folder: Path) -> None:
    app = build(web, folder, TRUSTED_HOSTS="example.org")  # one alone may be a text
    seen: list[str] = []
    app.before_request(lambda: seen.append(web.request.host))

    @app.route("/seen")
    def view() -> str:
        seen.append("the view")
        return "seen"

    client = app.test_client()
    assert client.get("/seen", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/nowhere", headers={"Host": "evil.example"}).status_code == 400
    assert seen == []
    assert client.get("/seen", headers={"Host": "example.org"}).status_code == 200
    assert seen == ["example.org", "the view"]


@pytest.mark.parametrize(
    ("server_name", "there"), [(None, "localhost"), ("example.org", "example.org")]
)
def test_the_page_that_refuses_a_host_can_have_links(
    folder: Path, server_name: str | None, there: str
) -> None:
    """In Flask 3.1 they make an error of it."""
    app = build(minictx.web, folder, TRUSTED_HOSTS=["example.org"], SERVER_NAME=server_name)

    @app.errorhandler(400)
    def refuse(error: Exception) -> Any:
        return [url_for("index"), url_for("index", _external=True)], 400

    response = app.test_client().get("/sub/url", base_url="https://evil.example/shop")
    assert response.status_code == 400
    assert response.json == ["/shop/", f"https://{there}/shop/"]


# Errors of the app


def test_an_unhandled_error_says_nothing_to_the_client_and_all_to_the_log(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = build(minictx.web, folder)
    response = app.test_client().get("/broken")
    assert response.status_code == 500
    assert tells_nothing(response.text)
    [record] = caplog.records
    assert record.getMessage() == "Exception on /broken [GET]"
    assert "Traceback" in caplog.text
    assert "LookupError: the detail that nobody shall see" in caplog.text
    assert "in broken" in caplog.text


def test_a_real_server_does_the_same(port: int, caplog: pytest.LogCaptureFixture) -> None:
    answer = send(port, "GET /broken HTTP/1.0")
    assert answer.status == 500
    assert tells_nothing(answer.text)
    assert "the detail that nobody shall see" in caplog.text


def test_in_debug_mode_the_missing_form_field_is_named(web: Any, folder: Path) -> None:
    """By the debugger, in Flask as here: the error goes through."""
    app = build(web, folder, DEBUG=True)
    with pytest.raises(KeyError, match="name"):
        app.test_client().post("/name")


@pytest.mark.parametrize(
    ("path", "options"),
    [
        ("/", {}),
        ("/nowhere", {}),
        ("/broken", {}),
        ("/static/hello.txt", {}),
        ("/url", {"method": "HEAD"}),
        ("/form", {"method": "POST", "data": {"field": "x"}}),
        ("/form", {"method": "OPTIONS"}),
    ],
)
def test_the_app_keeps_to_the_wsgi_protocol(
    folder: Path, path: str, options: dict[str, Any]
) -> None:
    """The validator raises where it does not."""
    app = validator(build(minictx.web, folder))
    _, status, _ = run_wsgi_app(app, create_environ(path, **options), buffered=True)
    assert int(status[:3]) in (200, 404, 500)
