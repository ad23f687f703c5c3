"""Sessions in a store: the cookie has an id, and who knows it has the session."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import minictx.web
from minictx.web import MiniFlask, ServerSideSessionInterface, session
from minictx.web.sessions import ServerSideSession
from tests.web.harness import new_app
from tests.web.test_sessions import VALUES, add_views, cookie_of


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


@pytest.mark.parametrize("forged", ["chosen-by-somebody-else", "x" * 43])
def test_an_id_that_the_store_does_not_know_is_not_taken_over(
    stored: MiniFlask, store: Store, forged: str
) -> None:
    client = stored.test_client()
    client.set_cookie("session", forged)
    client.get("/alice")
    assert cookie_of(client) != forged
    assert store.raw(forged) is None
    assert store.raw(cookie_of(client)) == '{"user":"alice"}'


@pytest.mark.parametrize(
    "sid",
    [
        "of another kind",
        "x" * 42,
        "x" * 44,
        "x" * 60_000,
        f"\n{'x' * 42}",
        f"{'x' * 42}é",
        "\0",
    ],
)
def test_the_store_is_not_asked_for_what_cannot_be_an_id(stored: MiniFlask, sid: str) -> None:
    """Or else a user could name any key that begins with the prefix."""
    interface: Any = stored.session_interface
    interface._store.set(interface._prefix + sid, '{"user": "root"}')
    with stored.test_request_context() as context:
        context.request.cookies = {"session": sid}  # type: ignore[assignment]
        opened = interface.open_session(stored, context.request)
    assert dict(opened) == {}
    assert opened.sid != sid
    interface._store.delete(interface._prefix + sid)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe",
        b"",
        b"{",
        b"[1, 2]",
        b'[["user", "alice"]]',
        b'"text"',
        b"5",
        b'{" di": 5}',
        b'{" u": "x"}',
        b"[" * 100_000,
    ],
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
    assert sid[8:12] not in caplog.text, "who reads the log must not be able to use the session"
    client.get("/bob")
    assert cookie_of(client) != sid


@pytest.mark.parametrize(
    ("lifetime", "seconds"),
    [
        (timedelta(hours=1), 3600),
        (60, 60),
        (timedelta(milliseconds=5), 1),  # to a cache, 0 would mean for ever
        (0, 1),
        (timedelta(seconds=-1), 1),
    ],
)
def test_stored_data_is_kept_for_the_lifetime_of_a_session(
    app: MiniFlask, lifetime: Any, seconds: int
) -> None:
    cachelib = pytest.importorskip("cachelib")
    timeouts = []

    class Cache(cachelib.SimpleCache):  # type: ignore[misc,name-defined]
        def set(self, key: str, value: Any, timeout: int | None = None) -> Any:
            timeouts.append(timeout)
            return super().set(key, value, timeout=timeout)

    app.session_interface = ServerSideSessionInterface(Cache())
    app.permanent_session_lifetime = lifetime
    add_views(minictx.web, app)
    client = app.test_client()
    client.get("/alice")
    client.get("/untouched")  # this one saves nothing
    client.get("/bob")
    assert timeouts == [seconds] * 2


def test_each_request_renews_the_time_of_a_permanent_session(
    app: MiniFlask, redis_server: Store
) -> None:
    app.session_interface = ServerSideSessionInterface(redis_server.store, redis_server.prefix)
    add_views(minictx.web, app)
    client = app.test_client()
    with client.session_transaction() as session:
        session["user"] = "alice"
        session.permanent = True
    key = redis_server.prefix + cookie_of(client)
    redis_server.store.expire(key, 100)
    client.get("/untouched")
    assert redis_server.store.ttl(key) > 100


def test_redis_forgets_the_data_by_itself(app: MiniFlask, redis_server: Store) -> None:
    app.session_interface = ServerSideSessionInterface(redis_server.store, redis_server.prefix)
    app.permanent_session_lifetime = timedelta(days=1)
    add_views(minictx.web, app)
    client = app.test_client()
    client.get("/alice")
    key = redis_server.prefix + cookie_of(client)
    seconds = redis_server.store.ttl(key)
    assert 24 * 60 * 60 - 60 < seconds <= 24 * 60 * 60
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


def add_login(app: MiniFlask) -> None:
    @app.route("/sign/in/<user>")
    def sign_in(user: str) -> str:
        session.regenerate()
        session["user"] = user
        return "in"


def test_a_login_changes_the_id_and_keeps_the_data(stored: MiniFlask, store: Store) -> None:
    add_login(stored)
    client = stored.test_client()
    with client.session_transaction() as session:
        session["cart"] = "cake"
    known = cookie_of(client)
    client.get("/sign/in/alice")
    assert re.fullmatch(r"[\w-]{43}", cookie_of(client))
    assert cookie_of(client) != known
    assert client.get("/").text == "[('cart', 'cake'), ('user', 'alice')]"
    assert store.raw(known) is None
    thief = stored.test_client()
    thief.set_cookie("session", known)
    assert thief.get("/").text == "[]"


def test_a_new_id_is_saved_and_sent_even_if_the_data_stays(
    stored: MiniFlask, store: Store
) -> None:
    client = stored.test_client()
    client.get("/alice")
    known = cookie_of(client)
    with client.session_transaction() as session:
        session.regenerate()
    assert cookie_of(client) != known
    assert store.raw(known) is None
    assert client.get("/").text == "[('user', 'alice')]"


def test_an_id_has_256_bits_that_nobody_can_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is: from the function that Python has for it."""
    monkeypatch.setattr(secrets, "token_urlsafe", lambda nbytes: f"{nbytes} random bytes")
    session = ServerSideSession()
    assert session.sid == "32 random bytes"
    session.sid = "old"
    session.regenerate()
    assert session.sid == "32 random bytes"


def test_an_id_that_was_fixed_by_somebody_else_is_worth_nothing_after_the_login(
    stored: MiniFlask,
) -> None:
    add_login(stored)
    thief, victim = stored.test_client(), stored.test_client()
    thief.get("/mallory")
    victim.set_cookie("session", cookie_of(thief))  # the thief finds some way to do that
    victim.get("/sign/in/alice")
    assert victim.get("/").text == "[('user', 'alice')]"
    assert thief.get("/").text == "[]"


def test_a_session_that_changes_its_id_twice_and_is_emptied_leaves_nothing(
    stored: MiniFlask, store: Store
) -> None:
    client = stored.test_client()
    client.get("/alice")
    sids = [cookie_of(client)]
    with client.session_transaction() as session:
        for _ in range(2):
            session.regenerate()
            sids.append(session.sid)  # type: ignore[attr-defined]
        session.clear()
    assert client.get_cookie("session") is None
    assert len(set(sids)) == 3
    assert [store.raw(sid) for sid in sids] == [None] * 3


@pytest.mark.parametrize("end", ["/log/out", "/sign/in/bob"])
@pytest.mark.parametrize("signs_in", [False, True])
def test_a_slow_request_does_not_bring_back_a_session_that_has_ended(
    stored: MiniFlask, store: Store, end: str, signs_in: bool
) -> None:
    add_login(stored)
    client, slow = stored.test_client(), stored.test_client()

    @stored.route("/slow/report")
    def slow_report() -> str:
        session["seen"] = "report"
        client.get(end)  # the same user has clicked on something else
        if signs_in:
            session.regenerate()
        return "done"

    client.get("/alice")
    sid = cookie_of(client)
    slow.set_cookie("session", sid)
    response = slow.get("/slow/report")
    assert response.text == "done"
    assert "Set-Cookie" not in response.headers
    assert store.raw(sid) is None


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
    client.set_cookie("session", "x" * 43)
    assert client.get("/").status_code == 500
    assert "ConnectionError" in caplog.text


@pytest.mark.parametrize(
    "store", [None, {}, "redis://localhost", dict, SimpleNamespace(get=print, set=print)]
)
def test_what_is_no_store_is_refused_with_the_names_of_those_that_are(store: Any) -> None:
    with pytest.raises(TypeError, match=r"pass a cachelib cache or redis\.Redis"):
        ServerSideSessionInterface(store)


def test_a_login_in_a_slow_request_does_not_bring_back_a_session_that_has_ended(
    stored: MiniFlask, store: Store
) -> None:
    client, slow = stored.test_client(), stored.test_client()

    @stored.route("/slow/confirm")
    def confirm() -> str:
        client.get("/log/out")  # the same user has clicked on something else
        session.regenerate()
        return "confirmed"

    client.get("/alice")
    slow.set_cookie("session", cookie_of(client))
    assert "Set-Cookie" not in slow.get("/slow/confirm").headers
    assert slow.get("/").text == "[]"


def test_two_apps_that_share_a_store_and_the_prefix_share_their_sessions(
    stored: MiniFlask, store: Store
) -> None:
    """So each needs a prefix of its own."""
    client = stored.test_client()
    client.get("/alice")
    for prefix, seen in ((store.prefix, "[('user', 'alice')]"), ("other:", "[]")):
        other = new_app(minictx.web)
        other.session_interface = ServerSideSessionInterface(store.store, prefix)
        add_views(minictx.web, other)
        reader = other.test_client()
        reader.set_cookie("session", cookie_of(client))
        assert reader.get("/").text == seen
