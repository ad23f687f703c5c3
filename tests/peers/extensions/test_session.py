"""Flask-Session: the session's data is in Redis, and the cookie only has its key."""

# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import redis
from flask import Flask, session
from flask_session import Session

from tests.peers.extensions.conftest import Meeting

PREFIX = f"minictx-test-{secrets.token_hex(8)}:"


@pytest.fixture
def store() -> Iterator[Any]:
    """The Redis on this machine, without what the test has put there."""
    store = redis.Redis("127.0.0.1", 6379, socket_connect_timeout=2)
    try:
        store.ping()
    except redis.RedisError as error:
        store.close()
        if os.environ.get("MINICTX_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no Redis at 127.0.0.1:6379: {error}")
    yield store
    for key in store.scan_iter(f"{PREFIX}*"):
        store.delete(key)
    store.close()


@pytest.fixture
def shop(app: Flask, store: Any) -> Flask:
    """An app with a cart for each visitor."""
    app.config.update(SESSION_TYPE="redis", SESSION_REDIS=store, SESSION_KEY_PREFIX=PREFIX)
    Session(app)

    @app.route("/add/<item>")
    def add(item: str) -> str:
        session["cart"] = [*session.get("cart", []), item]
        return " ".join(session["cart"])

    @app.route("/pay")
    def pay() -> str:
        session.clear()
        return "thank you"

    return app


def test_a_session_lasts_from_one_request_to_the_next(shop: Flask) -> None:
    alice, bob = shop.test_client(), shop.test_client()
    assert alice.get("/add/apple").data == b"apple"
    assert bob.get("/add/plum").data == b"plum"
    assert alice.get("/add/pear").data == b"apple pear"


def test_the_data_is_in_redis_and_not_in_the_cookie(shop: Flask, store: Any) -> None:
    cookie = shop.test_client().get("/add/apple").headers["Set-Cookie"]
    [key] = store.scan_iter(f"{PREFIX}*")
    assert f"session={key.decode().removeprefix(PREFIX)};" in cookie
    assert b"apple" in store.get(key)


def test_what_redis_forgets_is_gone(shop: Flask, store: Any) -> None:
    client = shop.test_client()
    client.get("/add/apple")
    [key] = store.scan_iter(f"{PREFIX}*")
    assert 0 < store.ttl(key) <= shop.permanent_session_lifetime.total_seconds()
    store.delete(key)
    assert client.get("/add/pear").data == b"pear"


def test_a_session_that_is_cleared_is_deleted(shop: Flask, store: Any) -> None:
    client = shop.test_client()
    client.get("/add/apple")
    assert client.get("/pay").data == b"thank you"
    assert list(store.scan_iter(f"{PREFIX}*")) == []


def test_two_requests_in_flight_have_a_session_each(
    shop: Flask, store: Any, meeting: Meeting
) -> None:
    @shop.route("/meet/<item>")
    def meet(item: str) -> str:
        session["cart"] = [item]
        with meeting:
            return " ".join(session["cart"])

    alice, bob = shop.test_client(), shop.test_client()
    responses = meeting.of(
        partial(alice.get, "/meet/apple"),
        partial(bob.get, "/meet/plum"),
    )
    assert [each.data for each in responses] == [b"apple", b"plum"]
    assert alice.get("/add/pear").data == b"apple pear"
    assert bob.get("/add/fig").data == b"plum fig"
    assert len(list(store.scan_iter(f"{PREFIX}*"))) == 2
