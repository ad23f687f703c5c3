"""Targets in MiniFlask: whatever a client sends, the answer is below 500, and leaks nothing."""

from __future__ import annotations

import json
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from itsdangerous import URLSafeTimedSerializer

from minictx.web import MiniFlask, flash, get_flashed_messages, request, session, url_for
from minictx.web.globals import _app_ctx_stack, _request_ctx_stack
from minictx.web.sessions import SecureCookieSessionInterface
from tests.fuzz.target import Target, mutated

__all__ = ["TARGETS"]

SECRET = "a file that is not for everybody"
FOLDER = tempfile.TemporaryDirectory(prefix="minictx-fuzz-")

# What werkzeug reads out of headers when a view asks for it.
PARSED = (
    "accept_charsets accept_encodings accept_languages accept_mimetypes access_route args"
    " access_control_request_headers access_control_request_method authorization base_url"
    " cache_control content_encoding content_length content_md5 content_type cookies date"
    " endpoint full_path host host_url if_match if_modified_since if_none_match if_range"
    " if_unmodified_since is_json max_forwards mimetype mimetype_params origin path pragma"
    " query_string range referrer remote_addr root_path root_url scheme url url_root"
    " user_agent values"
)


def make_app() -> MiniFlask:
    """Return an app with views of all sorts, whose unhandled errors come out of the call."""
    static = Path(FOLDER.name) / "static"
    static.mkdir(exist_ok=True)
    (static / "hello.txt").write_text("hello", "utf-8")
    (static.parent / "secret.txt").write_text(SECRET, "utf-8")
    app = MiniFlask("fuzz", static_folder=str(static))
    app.secret_key = SECRET
    app.config.update(PROPAGATE_EXCEPTIONS=True, MAX_CONTENT_LENGTH=100_000)

    @app.route("/", methods=["GET", "POST"])
    def index() -> str:
        return repr(dict(session))

    @app.post("/form")
    def form() -> Any:
        files = {
            name: [file.filename, len(file.read())] for name, file in request.files.items()
        }
        # Beside names there may be None, that of a part without one: JSON cannot sort the two.
        every = {**request.form.to_dict(flat=False), **files}
        return {str(name): values for name, values in every.items()}

    @app.post("/json")
    def takes_json() -> Any:
        return [request.get_json()]

    @app.route("/parsed")
    def parsed() -> Any:
        for name in PARSED.split():
            getattr(request, name)
        return [request.method]

    @app.route("/urls/<path:rest>")
    def urls(rest: str) -> Any:
        return [url_for("urls", rest=rest), url_for("urls", rest=rest, _external=True)]

    @app.route("/kinds/<int:a>/<float:b>/<uuid:c>/<any(x, y):d>/<string(length=2):e>/")
    def kinds(**values: Any) -> Any:
        return [str(value) for value in values.values()]

    @app.route("/flash/<message>")
    def flashes(message: str) -> Any:
        flash(message)
        return get_flashed_messages()

    return app


app = make_app()


def call(path: str = "/", method: str = "GET", body: bytes = b"", /, **more: str) -> bytes:
    """Call the app as a server does; check the answer, and that no context stays behind."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: Any = None
    ) -> Any:
        started.append((status, headers))

    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": None,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    chunks: Any = app(environ | more, start_response)
    try:
        answer = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    assert _request_ctx_stack.top is None
    assert _app_ctx_stack.top is None
    [(status, headers)] = started
    assert 200 <= int(status[:3]) < 500, status
    for _, value in [*headers, ("Status", status)]:
        assert "\n" not in value and "\r" not in value, f"a header of two lines: {value!r}"
    assert SECRET.encode() not in answer
    return answer


def text(data: bytes) -> str:
    """Return bytes as a server hands them to a WSGI app."""
    return data.decode("latin-1")


# Cookies


class _Plain:
    """Let any text be signed, and not only JSON."""

    def dumps(self, obj: Any, **options: Any) -> str:
        return str(obj)

    def loads(self, text: Any) -> Any:
        return text


def _signer() -> URLSafeTimedSerializer:
    ours = SecureCookieSessionInterface().get_signing_serializer(app)
    assert ours is not None
    plain: Any = _Plain()
    return URLSafeTimedSerializer(
        ours.secret_keys, salt=ours.salt, serializer=plain, signer_kwargs=ours.signer_kwargs
    )


SIGNER = _signer()
GOOD = b"session=" + str(SIGNER.dumps('{"user": "alice"}')).encode()


def feed_cookie(data: bytes) -> None:
    """Send a Cookie header."""
    opened = call(HTTP_COOKIE=text(data))
    assert opened in (b"{}", b"{'user': 'alice'}"), "a session that nobody signed"


def feed_signed(data: str) -> None:
    """Send a cookie that holds any text, well signed: as if the key had been stolen."""
    call(HTTP_COOKIE=f"session={SIGNER.dumps(data)}")


TAGS = [" t", " b", " m", " u", " d", " di", " di__", "_permanent", "_flashes", "user"]
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.just("eA==")
)
json_values: SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.one_of(st.sampled_from(TAGS), st.text(max_size=3)), inner, max_size=3
        ),
    ),
    max_leaves=12,
)
signed = st.one_of(json_values.map(json.dumps), st.text(max_size=50))


# Paths


def feed_path(data: bytes) -> None:
    """Send a path and, after a question mark, a query."""
    path, _, query = data.partition(b"?")
    call("/" + text(path), QUERY_STRING=text(query))


def feed_static(data: bytes) -> None:
    """Ask for a file below the static folder."""
    call("/static/" + text(data))


PATHS = (
    b"",
    b"static/../secret.txt",
    b"static/hello.txt",
    b"static//etc/passwd",
    b"urls/a/../b?x=%ff&y[]=1",
    b"kinds/12/1.5/12345678-1234-5678-1234-567812345678/x/ab",
    b"flash/\xc3\xbc",
    b"parsed?a=1;b=2&&=&c",
)
STATIC = (
    b"hello.txt",
    b"../secret.txt",
    b"%2e%2e/secret.txt",
    b"..\\secret.txt",
    b"a/\0b",
    b"/",
)


# Forms


CONTENT_TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=b",
    "application/json",
    "multipart/form-data",
    'multipart/form-data; boundary="b c"; charset=utf-16',
    "application/x-www-form-urlencoded; charset=nonsense",
    "text/plain",
    "",
]


def feed_form(data: bytes) -> None:
    """Send a body; its first byte chooses the content type and the view."""
    kind = data[0] if data else 0
    content_type = CONTENT_TYPES[kind % len(CONTENT_TYPES)]
    path = "/json" if kind >= 128 else "/form"
    call(path, "POST", data[1:], CONTENT_TYPE=content_type)


DISPOSITION = b'Content-Disposition: form-data; name="a"'
FORMS = (
    b"\x00a=1&b=%ff&c",
    b"\x01--b\r\n" + DISPOSITION + b"\r\n\r\nvalue\r\n--b--\r\n",
    b"\x01--b\r\n"
    + DISPOSITION
    + b'; filename="x"\r\nContent-Type: text/plain\r\n\r\n\r\n--b--',
    b"\x01--b\r\n" + DISPOSITION + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n!\r\n--b--",
    b'\x82{"a": [1, 2.5, null, "\\ud800"]}',
    b"\x82[[[[[[[[[[[[[[]",
    b"\x01--b\r\nContent-Disposition: form-data\r\n\r\n\r\n"
    + DISPOSITION
    + b"\r\n\r\n\r\n--b--",
)
boundaries = st.sampled_from([b"b", b"b c", b"", b"--b"])
part_headers = st.one_of(
    st.just(DISPOSITION),
    st.just(b"Content-Disposition: form-data; filename*=utf-8''%ff; name=\"n\""),
    st.just(b"Content-Type: text/plain; charset=utf-7"),
    st.binary(max_size=40),
)
parts = st.tuples(boundaries, st.lists(part_headers, max_size=3), st.binary(max_size=40)).map(
    lambda part: (
        b"--" + part[0] + b"\r\n" + b"\r\n".join(part[1]) + b"\r\n\r\n" + part[2] + b"\r\n"
    )
)
multipart = st.lists(parts, max_size=4).map(
    lambda found: b"\x01" + b"".join(found) + b"--b--\r\n"
)


# Headers


def feed_headers(data: bytes) -> None:
    """Send header lines, and let the view read all that is parsed out of them."""
    more: dict[str, str] = {}
    for line in text(data).split("\n"):
        name, _, value = line.partition(":")
        name = name.strip().upper().replace("-", "_")
        plain = {"CONTENT_TYPE", "CONTENT_LENGTH", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR"}
        more[name if name in plain else f"HTTP_{name}"] = value.strip(" \r")
    call("/parsed", **more)
    call("/static/hello.txt", **more)
    call("/form", "POST", b"a=1", **more)


HEADERS = (
    b"Host: example.org:8000\nContent-Length: 1",
    b"Range: bytes=0-1,3-\nIf-Range: x",
    b'If-Modified-Since: Sat, 31 Jan 2026 12:00:00 GMT\nIf-None-Match: W/"x", *',
    b"Authorization: Basic eDp5\nAccept: text/html;q=0.5, */*;q=nan",
    b'Authorization: Digest username="x", nonce=y\nCache-Control: max-age=x, no-cache',
    b"Content-Type: multipart/form-data; boundary=\xff\nContent-Length: -1",
    b"Accept-Language: de;q=1, en;q=-1\nAccept-Charset: *\nAccept-Encoding: gzip, ",
    b"X-Forwarded-For: 1.2.3.4, \nUser-Agent: \xfc\nDate: 99 Foo 99999\nMax-Forwards: x",
    b"Content-Type: text/html; charset*=utf-8''%zz; x*0=\"a; x*1=b\nTransfer-Encoding: chunked",
)
names = st.sampled_from(
    sorted({line.partition(b":")[0] for seed in HEADERS for line in seed.split(b"\n")})
)
lines = st.tuples(names, st.binary(max_size=30)).map(lambda pair: pair[0] + b": " + pair[1])

TARGETS = [
    Target("cookies", mutated(GOOD, b"a=1; session=x.y.z"), feed_cookie, seeds=(GOOD,)),
    Target("signed", signed, feed_signed),
    Target("paths", mutated(*PATHS), feed_path, seeds=PATHS),
    Target("static", mutated(*STATIC), feed_static, seeds=STATIC),
    Target("forms", st.one_of(mutated(*FORMS), multipart), feed_form, seeds=FORMS, cost=2),
    Target(
        "headers",
        st.one_of(mutated(*HEADERS), st.lists(lines, max_size=4).map(b"\n".join)),
        feed_headers,
        seeds=HEADERS,
        cost=5,
    ),
]
