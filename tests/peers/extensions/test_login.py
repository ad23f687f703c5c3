"""Flask-Login: current_user is a proxy, to the user of the current request."""

# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: allow-subclassing-any

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask_login import (
    LoginManager,
    UserMixin,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from werkzeug.local import LocalProxy

from minictx.stage import Kind, run
from tests.peers.extensions.conftest import Meeting


class User(UserMixin):
    def __init__(self, id: str) -> None:
        self.id = id


def add_members(app: Flask) -> Flask:
    """Have the app know who is logged in."""
    LoginManager(app).user_loader(User)
    return app


@pytest.fixture
def club(app: Flask) -> Flask:
    """An app with members."""
    add_members(app)

    @app.route("/login/<name>")
    def log_in(name: str) -> str:
        login_user(User(name))
        return f"hello {current_user.id}"

    @app.route("/logout")
    def log_out() -> str:
        logout_user()
        return f"anonymous: {current_user.is_anonymous}"

    @app.route("/")
    @login_required
    def members_only() -> str:
        return f"for {current_user.id}"

    return app


def test_current_user_is_a_proxy_of_the_same_kind() -> None:
    assert type(current_user) is LocalProxy


def test_a_member_comes_in_and_a_stranger_is_sent_to_the_login(club: Flask) -> None:
    club.add_url_rule("/login", "log_in_page", lambda: "who are you?")
    club.login_manager.login_view = "log_in_page"  # type: ignore[attr-defined]
    client = club.test_client()
    stranger = client.get("/")
    assert stranger.status_code == 302
    assert stranger.headers["Location"].endswith("/login?next=%2F")
    assert client.get("/login/alice").data == b"hello alice"
    assert client.get("/").data == b"for alice"


def test_who_has_logged_out_is_a_stranger_again(club: Flask) -> None:
    client = club.test_client()
    client.get("/login/alice")
    assert client.get("/logout").data == b"anonymous: True"
    assert client.get("/").status_code == 401


def test_a_view_that_raises_leaves_nobody_logged_in(club: Flask) -> None:
    @club.route("/broken")
    def broken() -> str:
        login_user(User("alice"))
        raise ValueError("oops")

    @club.route("/who")
    def who() -> str:
        return str(current_user.is_authenticated)

    client = club.test_client()
    with pytest.raises(ValueError, match="oops"):
        client.get("/broken")
    assert club.test_client().get("/who").data == b"False"


def test_two_requests_in_flight_have_a_user_each(club: Flask, meeting: Meeting) -> None:
    @club.route("/meet")
    @login_required
    def meet() -> str:
        with meeting:
            return f"for {current_user.id}"

    def visit(name: str) -> Any:
        client = club.test_client()
        client.get(f"/login/{name}")
        return client.get("/meet")

    responses = meeting.of(partial(visit, "alice"), partial(visit, "bob"))
    assert [each.data for each in responses] == [b"for alice", b"for bob"]


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_a_login_is_seen_by_nobody_else(club: Flask, on: Kind) -> None:
    def visit(name: str) -> Iterator[None]:
        with club.test_request_context("/"):
            assert current_user.is_anonymous
            yield
            login_user(User(name))
            yield
            assert current_user.id == name

    run("A B A B B A", on=on, A=partial(visit, "alice"), B=partial(visit, "bob"))
    assert not current_user, "no request, no user"


def test_inside_of_a_request_another_app_has_its_own_user(club: Flask) -> None:
    other = Flask("other")
    other.secret_key = "another one"
    with club.test_request_context("/"):
        login_user(User("alice"))
        with add_members(other).test_request_context("/"):
            assert current_user.is_anonymous
            login_user(User("bob"))
            assert current_user.id == "bob"
        assert current_user.id == "alice"
