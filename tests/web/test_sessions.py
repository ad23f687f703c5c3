"""Sessions: in a cookie that Flask can read, and in a store behind an id."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from itsdangerous import TimestampSigner, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.http import parse_date

import minictx.web
from minictx.web import (
    MiniFlask,
    Request,
    Response,
    SecureCookieSessionInterface,
    ServerSideSessionInterface,
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


@pytest.mark.parametrize("maker_name", ["flask", "minictx.web"])
def test_a_cookie_of_one_framework_is_a_session_in_the_other(maker_name: str) -> None:
    flask = pytest.importorskip("flask")
    maker, reader = (flask, minictx.web) if maker_name == "flask" else (minictx.web, flask)
    makes, reads = new_app(maker).test_client(), new_app(reader).test_client()
    with makes.session_transaction() as written:
        written.update(VALUES)
        written.permanent = True
    reads.set_cookie("session", cookie_of(makes))
    with reads.session_transaction() as read:
        assert dict(read) == {**VALUES, "_permanent": True}
        assert read.permanent
        for name, value in VALUES.items():
            assert type(read[name]) is type(value), name


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
    serializer = interface.get_signing_serializer(app)
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


# In a store


class Store:
    """A store, and what a test wants to know of it."""

    def __init__(self, store: Any, prefix: str) -> None:
        self.store, self.prefix = store, prefix

    def raw(self, sid: str) -> Any:
        text = self.store.get(self.prefix + sid)
        return text.decode() if isinstance(text, bytes) else text


@pytest.fixture
def simple_cache() -> Iterator[Store]:
    cachelib = pytest.importorskip("cachelib")
    yield Store(cachelib.SimpleCache(), "session:")


@pytest.fixture
def redis_server() -> Iterator[Store]:
    redis = pytest.importorskip("redis")
    client = redis.Redis("127.0.0.1", 6379, socket_connect_timeout=2)
    try:
        client.ping()
    except redis.RedisError as error:
        client.close()
        if os.environ.get("MINICTX_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no Redis at 127.0.0.1:6379: {error}")
    prefix = f"minictx-test-{secrets.token_hex(8)}:"
    yield Store(client, prefix)
    for key in client.scan_iter(f"{prefix}*"):
        client.delete(key)
    client.close()


@pytest.fixture(params=["simple_cache", "redis_server"])
def store(request: pytest.FixtureRequest) -> Store:
    store: Store = request.getfixturevalue(request.param)
    return store


@pytest.fixture
def stored(app: MiniFlask, store: Store) -> MiniFlask:
    """The app, with its sessions in the store."""
    app.secret_key = None  # there is nothing to sign
    app.session_interface = ServerSideSessionInterface(store.store, store.prefix)
    add_views(minictx.web, app)
    return app


def test_the_cookie_holds_an_id_and_the_store_the_data(stored: MiniFlask, store: Store) -> None:
    alice, bob = stored.test_client(), stored.test_client()
    alice.get("/alice")
    bob.get("/bob")
    sid = cookie_of(alice)
    assert re.fullmatch(r"[\w-]{43}", sid)
    assert sid != cookie_of(bob)
    assert store.raw(sid) == '{"user":"alice"}'
    assert alice.get("/").text == "[('user', 'alice')]"
    alice.get("/carol")
    assert cookie_of(alice) == sid, "the id stays for as long as the session"
    assert store.raw(sid) == '{"user":"carol"}'


def test_stored_values_come_back_as_what_they_were(stored: MiniFlask, store: Store) -> None:
    client = stored.test_client()
    with client.session_transaction() as session:
        session.update(VALUES)
    with client.session_transaction() as session:
        assert dict(session) == VALUES


def test_an_id_that_the_store_does_not_know_is_not_taken_over(
    stored: MiniFlask, store: Store
) -> None:
    client = stored.test_client()
    client.set_cookie("session", "chosen-by-somebody-else")
    client.get("/alice")
    assert cookie_of(client) != "chosen-by-somebody-else"
    assert store.raw("chosen-by-somebody-else") is None
    assert store.raw(cookie_of(client)) == '{"user":"alice"}'


@pytest.mark.parametrize(
    "data", [b"\xff\xfe", b"", b"{", b"[1, 2]", b'"text"', b"5", b'{" di": 5}', b'{" u": "x"}']
)
def test_stored_data_that_is_no_session_is_an_empty_session(
    stored: MiniFlask, store: Store, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = stored.test_client()
    client.get("/alice")
    sid = cookie_of(client)
    store.store.set(store.prefix + sid, data)
    assert client.get("/").text == "[]"
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert sid[:8] in caplog.text
    assert sid not in caplog.text, "who reads the log must not be able to use the session"
    client.get("/bob")
    assert cookie_of(client) != sid


def test_stored_data_is_kept_for_the_lifetime_of_a_session(app: MiniFlask) -> None:
    cachelib = pytest.importorskip("cachelib")
    timeouts = []

    class Cache(cachelib.SimpleCache):  # type: ignore[misc,name-defined]
        def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
            timeouts.append(timeout)
            return super().set(key, value, timeout=timeout)

    app.session_interface = ServerSideSessionInterface(Cache())
    app.permanent_session_lifetime = timedelta(hours=1)
    add_views(minictx.web, app)
    app.test_client().get("/alice")
    assert timeouts == [3600]


def test_redis_forgets_the_data_by_itself(app: MiniFlask, redis_server: Store) -> None:
    app.session_interface = ServerSideSessionInterface(redis_server.store, redis_server.prefix)
    app.permanent_session_lifetime = timedelta(days=1)
    add_views(minictx.web, app)
    client = app.test_client()
    client.get("/alice")
    key = redis_server.prefix + cookie_of(client)
    seconds = redis_server.store.ttl(key)
    assert 0 < seconds <= 24 * 60 * 60
    redis_server.store.delete(key)  # as Redis does when the time is over
    assert client.get("/").text == "[]"


def test_a_redis_client_that_decodes_its_answers_will_do(
    app: MiniFlask, redis_server: Store
) -> None:
    redis = pytest.importorskip("redis")
    decoding = redis.Redis("127.0.0.1", 6379, decode_responses=True)
    app.session_interface = ServerSideSessionInterface(decoding, redis_server.prefix)
    add_views(minictx.web, app)
    client = app.test_client()
    client.get("/alice")
    assert client.get("/").text == "[('user', 'alice')]"
    decoding.close()


def test_an_emptied_session_is_deleted_from_the_store(stored: MiniFlask, store: Store) -> None:
    client = stored.test_client()
    client.get("/alice")
    sid = cookie_of(client)
    client.get("/log/out")
    assert store.raw(sid) is None
    assert client.get_cookie("session") is None


def test_a_change_inside_of_a_stored_value_needs_to_be_told_too(
    stored: MiniFlask, store: Store
) -> None:
    client = stored.test_client()
    for tell in (True, False):
        with client.session_transaction() as session:
            session.setdefault("cart", []).append("item") if tell else session["cart"].append(1)
    assert store.raw(cookie_of(client)) == '{"cart":["item"]}'
    with client.session_transaction() as session:
        session["cart"].append("another")
        session.modified = True
    assert store.raw(cookie_of(client)) == '{"cart":["item","another"]}'


def test_a_store_that_cannot_be_reached_is_answered_with_500(
    app: MiniFlask, caplog: pytest.LogCaptureFixture
) -> None:
    redis = pytest.importorskip("redis")
    nobody_listens = redis.Redis("127.0.0.1", port=1, retry=None)
    app.testing = False
    app.session_interface = ServerSideSessionInterface(nobody_listens)
    add_views(minictx.web, app)
    client = app.test_client()
    client.set_cookie("session", "some-id")
    assert client.get("/").status_code == 500
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize("store", [None, {}, "redis://localhost", dict])
def test_what_is_no_store_is_refused_with_the_names_of_those_that_are(store: Any) -> None:
    with pytest.raises(TypeError, match=r"pass a cachelib cache or redis\.Redis"):
        ServerSideSessionInterface(store)
