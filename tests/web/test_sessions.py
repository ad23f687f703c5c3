"""Sessions in a signed cookie: what is kept, for whom, and who can sign."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode
from markupsafe import Markup
from werkzeug.http import parse_date

import minictx.web
from minictx.web import (
    MiniFlask,
    Request,
    Response,
    SecureCookieSessionInterface,
    flash,
    get_flashed_messages,
    session,
)
from minictx.web.sessions import SecureCookieSession, SessionInterface, SessionMixin
from tests.web.harness import needs_flask_3_1_3, new_app

VALUES: dict[str, Any] = {
    "plain": ["text", "ünïcode", 1, 1.5, True, None, [], {}],
    "tuple": (1, ("nested", ())),
    "bytes": b"\x00\xff",
    "datetime": datetime(2026, 1, 31, 12, 30, 59, tzinfo=UTC),
    "uuid": UUID("12345678123456781234567812345678"),
    "markup": Markup("<b>&amp;</b>"),
    "looks like a tuple": {" t": [1, 2]},
    "looks like a tagged dict": {" di": {" t__": [1, 2]}},
    "looks like nothing": {" t": 1, " b": 2},
    "all of it": [{"deep": ({" u": (b"x", Markup("<i>"))}, [{" d": None}])}],
}

WRITES: dict[str, Callable[[Any], Any]] = {
    "session[key] = value": lambda session: session.__setitem__("user", "bob"),
    "del session[key]": lambda session: session.__delitem__("user"),
    "pop": lambda session: session.pop("user"),
    "popitem": lambda session: session.popitem(),
    "clear": lambda session: session.clear(),
    "update": lambda session: session.update(user="bob"),
    "setdefault": lambda session: session.setdefault("role", "admin"),
    "|=": lambda session: session.__ior__({"user": "bob"}),
    "permanent": lambda session: setattr(session, "permanent", True),
}


def add_views(web: Any, app: Any) -> None:
    """Let requests see and change the session."""

    @app.route("/untouched")
    def untouched() -> str:
        return "untouched"

    @app.route("/")
    def look() -> str:
        return str(sorted(web.session.items()))

    @app.route("/log/out")
    def log_out() -> str:
        web.session.clear()
        return "out"

    @app.route("/<user>")
    def log_in(user: str) -> str:
        web.session["user"] = user
        return "saved"


def cookie_of(client: Any, name: str = "session") -> str:
    cookie = client.get_cookie(name)
    assert cookie is not None
    value: str = cookie.value
    return value


# In a cookie


@pytest.mark.parametrize("digest", [hashlib.sha1, hashlib.sha256, hashlib.sha512])
@pytest.mark.parametrize("maker_name", ["flask", "minictx.web"])
def test_a_cookie_of_one_framework_is_a_session_in_the_other_if_both_sign_alike(
    maker_name: str, digest: Any
) -> None:
    flask = pytest.importorskip("flask")
    maker, reader = (flask, minictx.web) if maker_name == "flask" else (minictx.web, flask)
    makes, reads = (_signing_with(digest, web).test_client() for web in (maker, reader))
    with makes.session_transaction() as written:
        written.update(VALUES)
        written.permanent = True
    reads.set_cookie("session", cookie_of(makes))
    with reads.session_transaction() as read:
        assert dict(read) == {**VALUES, "_permanent": True}
        assert read.permanent
        for name, value in VALUES.items():
            assert type(read[name]) is type(value), name


def _signing_with(digest: Any, web: Any) -> Any:
    """Return an app that signs as a subclass of its framework's interface says."""
    app = new_app(web)
    kind = type(app.session_interface)
    app.session_interface = type("Signing", (kind,), {"digest_method": staticmethod(digest)})()
    return app


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("salt", "another salt"),
        ("key_derivation", "concat"),
        ("digest_method", staticmethod(hashlib.sha512)),
    ],
)
def test_who_signs_in_another_way_reads_none_of_our_cookies(
    app: MiniFlask, name: str, value: Any
) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
    other = new_app(minictx.web)
    other.session_interface = type("Other", (SecureCookieSessionInterface,), {name: value})()
    reader = other.test_client()
    reader.set_cookie("session", cookie_of(client))
    with reader.session_transaction() as session:
        assert dict(session) == {}


def test_what_signs_is_made_once_for_each_key(app: MiniFlask) -> None:
    interface = SecureCookieSessionInterface()
    first = interface.get_signing_serializer(app)
    assert interface.get_signing_serializer(app) is first
    app.secret_key = "another secret"
    assert interface.get_signing_serializer(app) is not first


def test_a_session_that_cannot_notice_changes_counts_as_changed_and_not_as_new() -> None:
    class Plain(dict[str, Any], SessionMixin):
        pass

    assert Plain().modified
    assert not Plain().new


def test_a_cookie_that_is_signed_with_sha_1_is_no_session() -> None:
    """The key is right, and the data; the digest is what Flask 3.1 takes."""
    old = _signing_with(hashlib.sha1, minictx.web).test_client()
    with old.session_transaction() as session:
        session["user"] = "alice"
    client = new_app(minictx.web).test_client()
    client.set_cookie("session", cookie_of(old))
    with client.session_transaction() as session:
        assert dict(session) == {}


def test_a_cookie_is_signed_with_hmac_sha_256_and_a_key_derived_by_the_same(
    app: MiniFlask,
) -> None:
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
    signed, _, signature = cookie_of(client).rpartition(".")
    key = hmac.digest(b"a secret", b"cookie-session", "sha256")
    ours = base64_encode(hmac.digest(key, signed.encode(), "sha256")).decode()
    assert signature == ours


def test_signatures_are_compared_in_constant_time(
    app: MiniFlask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is: by the function that Python has for it, and by nothing else."""
    compared: list[bytes] = []
    compare = hmac.compare_digest

    def spy(ours: Any, theirs: Any) -> bool:
        compared.append(theirs)
        return compare(ours, theirs)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    client = app.test_client()
    good = signer("a secret").dumps({"user": "alice"})
    client.set_cookie("session", f"{str(good)[:-2]}xx")
    with client.session_transaction() as session:
        assert dict(session) == {}
    assert {len(signature) for signature in compared} == {32}


def test_flashed_messages_are_read_by_the_other_framework() -> None:
    flask = pytest.importorskip("flask")
    ours, theirs = new_app(minictx.web), new_app(flask)

    @ours.route("/")
    def save() -> str:
        flash("saved", "success")
        return "fine"

    theirs.add_url_rule("/", "show", lambda: flask.get_flashed_messages(with_categories=True))
    client, other = ours.test_client(), theirs.test_client()
    client.get("/")
    other.set_cookie("session", cookie_of(client))
    assert other.get("/").json == [["success", "saved"]]


@pytest.mark.parametrize("path", ["/untouched", "/", "/alice"])
def test_a_session_sets_a_cookie_if_changed_and_vary_if_touched(web: Any, path: str) -> None:
    if web is not minictx.web:
        needs_flask_3_1_3()
    app = new_app(web)
    add_views(web, app)
    response = app.test_client().get(path)
    assert response.headers.get("Vary") == (None if path == "/untouched" else "Cookie")
    assert ("Set-Cookie" in response.headers) == (path == "/alice")


@pytest.mark.parametrize("how", WRITES)
def test_every_way_to_write_a_key_is_noticed(web: Any, how: str) -> None:
    client = new_app(web).test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
    with client.session_transaction() as session:
        assert not session.modified
        WRITES[how](session)
        assert session.modified
        after = dict(session)
    with client.session_transaction() as session:
        assert dict(session) == after != {"user": "alice"}


def test_a_change_inside_of_a_value_is_saved_only_if_the_session_is_told(web: Any) -> None:
    app = new_app(web)

    @app.route("/add/<item>")
    def add(item: str) -> list[str]:
        cart: list[str] = web.session.setdefault("cart", [])
        cart.append(item)
        web.session.modified = web.session.modified or "tell" in web.request.args
        return cart

    client = app.test_client()
    assert client.get("/add/a").json == ["a"]
    assert client.get("/add/b").json == ["a", "b"]
    assert client.get("/add/c?tell").json == ["a", "c"]
    assert client.get("/add/d").json == ["a", "c", "d"]


def test_an_emptied_session_deletes_the_cookie(web: Any) -> None:
    app = new_app(web)
    add_views(web, app)
    client = app.test_client()
    client.get("/alice")
    response = client.get("/log/out")
    assert client.get_cookie("session") is None
    assert response.headers["Vary"] == "Cookie"
    assert "Max-Age=0" in response.headers["Set-Cookie"]
    assert client.get("/").text == "[]"


@pytest.mark.parametrize(
    ("config", "attributes"),
    [
        ({}, ["HttpOnly", "Path=/"]),
        ({"APPLICATION_ROOT": "/shop"}, ["HttpOnly", "Path=/shop"]),
        ({"APPLICATION_ROOT": "/shop", "SESSION_COOKIE_PATH": "/"}, ["HttpOnly", "Path=/"]),
        (
            {
                "SESSION_COOKIE_DOMAIN": "example.org",
                "SESSION_COOKIE_HTTPONLY": False,
                "SESSION_COOKIE_NAME": "sid",
                "SESSION_COOKIE_PARTITIONED": True,
                "SESSION_COOKIE_SAMESITE": "Strict",
                "SESSION_COOKIE_SECURE": True,
            },
            ["Domain=example.org", "Partitioned", "Path=/", "SameSite=Strict", "Secure"],
        ),
    ],
)
def test_the_options_of_the_cookie_are_configured(
    web: Any, config: dict[str, Any], attributes: list[str]
) -> None:
    app = new_app(web)
    app.config.update(config)
    add_views(web, app)
    set_cookie = app.test_client().get("/alice").headers["Set-Cookie"]
    (name, _, _), *found = (part.partition("=") for part in set_cookie.split("; "))
    assert name == config.get("SESSION_COOKIE_NAME", "session")
    assert sorted("".join(part) for part in found) == attributes
    # A browser deletes a cookie only if domain and path are the same.
    deleted = app.test_client().get("/log/out").headers["Set-Cookie"]
    assert set(attributes) <= set(deleted.split("; "))


def test_a_permanent_session_has_an_end_and_moves_it_at_every_request(web: Any) -> None:
    app = new_app(web)
    add_views(web, app)
    app.permanent_session_lifetime = timedelta(days=2)
    client = app.test_client()
    with client.session_transaction() as saved:
        saved["user"] = "alice"
        saved.permanent = True
    before = datetime.now(UTC).replace(microsecond=0)
    response = client.get("/untouched")
    expires = re.search("Expires=([^;]*)", response.headers["Set-Cookie"])
    assert expires is not None
    end = parse_date(expires[1])
    assert end is not None
    assert before <= end - timedelta(days=2) <= datetime.now(UTC)
    assert response.headers["Vary"] == "Cookie", "nobody looked at it, but it was sent"
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    assert "Set-Cookie" not in client.get("/untouched").headers


def test_the_lifetime_can_be_a_number_of_seconds(web: Any) -> None:
    app = new_app(web)
    add_views(web, app)
    app.config["PERMANENT_SESSION_LIFETIME"] = 3600
    client = app.test_client()
    client.get("/alice")
    assert client.get("/").text == "[('user', 'alice')]"
    assert app.permanent_session_lifetime == timedelta(hours=1)


def signer(key: str, signed_ago: timedelta = timedelta()) -> URLSafeTimedSerializer:
    """Return what signs cookies as Flask does, ``signed_ago`` before now."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() - int(signed_ago.total_seconds())

    interface = SecureCookieSessionInterface()
    app = MiniFlask("shop")
    app.secret_key = key
    serializer = copy(interface.get_signing_serializer(app))
    assert serializer is not None
    serializer.signer = Signer
    return serializer


@pytest.mark.parametrize(("days", "is_read"), [(30, True), (32, False)])
def test_a_cookie_that_is_older_than_the_lifetime_is_an_empty_session(
    web: Any, days: int, is_read: bool
) -> None:
    client = new_app(web).test_client()
    old = signer("a secret", timedelta(days=days)).dumps({"user": "alice"})
    client.set_cookie("session", str(old))
    with client.session_transaction() as session:
        assert dict(session) == ({"user": "alice"} if is_read else {})


def test_older_keys_open_a_cookie_and_the_newest_signs_the_next(web: Any) -> None:
    app = new_app(web)
    add_views(web, app)
    client = app.test_client()
    client.get("/alice")
    app.secret_key, app.config["SECRET_KEY_FALLBACKS"] = "a new secret", ["a secret"]
    assert client.get("/").text == "[('user', 'alice')]"
    client.get("/bob")
    app.config["SECRET_KEY_FALLBACKS"] = None
    assert client.get("/").text == "[('user', 'bob')]"
    app.secret_key = "yet another secret"
    assert client.get("/").text == "[]"


@pytest.mark.parametrize("key", ["the oldest", "an older", "a secret"])
def test_what_any_of_the_keys_signed_is_accepted(app: MiniFlask, key: str) -> None:
    app.config["SECRET_KEY_FALLBACKS"] = ["the oldest", b"an older"]
    client = app.test_client()
    client.set_cookie("session", str(signer(key).dumps({"user": "alice"})))
    with client.session_transaction() as session:
        assert dict(session) == {"user": "alice"}
        session["user"] = "bob"
    app.config["SECRET_KEY_FALLBACKS"] = None
    with client.session_transaction() as session:
        assert dict(session) == {"user": "bob"}, "it is the newest key that signs"


@pytest.mark.parametrize(
    "keys", ["an old secret", b"an old secret", [""], ["old", None], iter(["old"])]
)
def test_fallback_keys_that_could_be_guessed_are_refused(app: MiniFlask, keys: Any) -> None:
    """A text is a list of its letters: who signs with the key "a" would be let in."""
    app.config["SECRET_KEY_FALLBACKS"] = keys
    with pytest.raises(ValueError, match="SECRET_KEY_FALLBACKS must be a list of"):
        app.test_client().get("/")


def test_the_options_of_the_cookie_have_the_names_and_defaults_of_flask() -> None:
    flask = pytest.importorskip("flask")
    app, all_theirs = MiniFlask("shop"), flask.Flask.default_config
    kinds = ("SECRET_", "SESSION_", "TRUSTED_")
    theirs = {name: all_theirs[name] for name in all_theirs if name.startswith(kinds)}
    assert len(theirs) == 11
    assert {name: app.config[name] for name in theirs} == theirs


def test_a_session_in_a_cookie_has_no_id_and_stays_what_it_is(app: MiniFlask) -> None:
    with app.test_request_context() as context:
        context.session["user"] = "alice"
        context.session.regenerate()
        assert dict(context.session) == {"user": "alice"}


# Without a secret key


def test_without_a_secret_key_the_session_can_be_read(web: Any) -> None:
    app = new_app(web)
    app.secret_key = None
    add_views(web, app)
    response = app.test_client().get("/")
    assert (response.status_code, response.text) == (200, "[]")
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("how", WRITES)
def test_without_a_secret_key_a_write_is_an_error_that_names_the_view(how: str) -> None:
    app = MiniFlask("shop")
    app.testing = True

    @app.route("/")
    def log_in() -> None:
        WRITES[how](session)

    with pytest.raises(RuntimeError, match=r"view 'log_in'.*no secret.*app\.secret_key"):
        app.test_client().get("/")


def test_the_message_about_the_secret_key_has_code_that_makes_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = MiniFlask("shop")
    with app.test_request_context(), pytest.raises(RuntimeError) as raised:
        flash("hello")
    code = re.search('python -c "(.*)"', str(raised.value))
    assert code is not None
    exec(code[1])
    app.secret_key = capsys.readouterr().out.strip()
    assert len(app.secret_key) == 64
    with app.test_request_context():
        flash("hello")
        assert get_flashed_messages() == ["hello"]


def test_a_session_transaction_without_a_secret_key_says_what_is_missing() -> None:
    client = MiniFlask("shop").test_client()
    with (
        pytest.raises(RuntimeError, match=r"app\.secret_key"),
        client.session_transaction(),
    ):
        pass


# Interfaces of one's own


class OneSession(SessionInterface):
    """Keep one session for everybody, for those who ask for it."""

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}

    def open_session(self, app: MiniFlask, request: Request) -> SessionMixin | None:
        return SecureCookieSession(self.data) if "please" in request.args else None

    def store(self, app: MiniFlask, session: Any) -> str:
        self.data = dict(session)
        return "the-only-one"


def test_an_interface_says_where_the_data_is_and_who_gets_a_session(app: MiniFlask) -> None:
    app.session_interface = OneSession()
    add_views(minictx.web, app)
    client = app.test_client()
    client.get("/alice?please")
    assert cookie_of(client) == "the-only-one"
    assert app.test_client().get("/?please").text == "[('user', 'alice')]"
    assert client.get("/").text == "[]"
    with pytest.raises(
        RuntimeError, match="session was written to, in a request for the view 'log_in'"
    ):
        client.get("/bob")


def test_the_bare_interface_leaves_both_to_its_subclasses(app: MiniFlask) -> None:
    interface = SessionInterface()
    with app.test_request_context() as context:
        with pytest.raises(NotImplementedError):
            interface.open_session(app, context.request)
        interface.save_session(app, context.session, Response())  # unchanged: nothing to do
        context.session["user"] = "alice"
        with pytest.raises(NotImplementedError):
            interface.save_session(app, context.session, Response())
