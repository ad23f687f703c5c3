"""Flask-SQLAlchemy: each context has a session of its own, and teardown removes it."""

# mypy: disable-error-code="import-not-found,import-untyped,name-defined"
# mypy: allow-subclassing-any

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import inspect

from minictx.stage import Kind, run

try:
    from flask_sqlalchemy.record_queries import get_recorded_queries
except ImportError:
    from flask_sqlalchemy import get_debug_queries as get_recorded_queries

db = SQLAlchemy()


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String, nullable=False)


@pytest.fixture
def shop(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """An app with a database of its own, whose tables were created offline."""
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path / 'shop.db'}"
    app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
    app.config["SQLALCHEMY_RECORD_QUERIES"] = True
    db.init_app(app)
    with app.app_context():
        db.create_all()
    yield app
    with app.app_context():
        db.engine.dispose()


def test_tables_are_created_in_an_app_context_without_a_request(
    shop: Flask, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        columns = database.execute("SELECT name FROM pragma_table_info('user')").fetchall()
    assert columns == [("id",), ("name",)]


def test_outside_of_an_app_context_there_is_no_database(shop: Flask) -> None:
    with pytest.raises(RuntimeError, match="application"):
        db.session.query(User).count()
    with shop.app_context():
        assert db.session.query(User).count() == 0


def test_what_one_request_commits_the_next_one_finds(shop: Flask) -> None:
    @shop.route("/add/<name>")
    def add(name: str) -> str:
        db.session.add(User(name=name))
        db.session.commit()
        return " ".join(user.name for user in db.session.query(User).order_by(User.id))

    client = shop.test_client()
    assert client.get("/add/alice").data == b"alice"
    assert client.get("/add/bob").data == b"alice bob"


def test_teardown_removes_the_session_and_what_was_not_committed(shop: Flask) -> None:
    added = []

    @shop.route("/")
    def add() -> str:
        added.append(User(name="alice"))
        db.session.add(added[-1])
        db.session.flush()
        assert inspect(added[-1]).persistent
        return str(db.session.query(User).count())

    client = shop.test_client()
    for _ in range(2):
        assert client.get("/").data == b"1", "nothing is left of the request before"
        assert inspect(added[-1]).detached


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_two_requests_in_flight_have_a_session_each(shop: Flask, on: Kind) -> None:
    def visit(name: str) -> Iterator[None]:
        with shop.test_request_context("/"):
            db.session.add(User(name=name))
            yield
            assert [user.name for user in db.session.new] == [name]
            db.session.commit()
            yield
            assert not db.session.new

    run("A B A B A B", on=on, A=partial(visit, "alice"), B=partial(visit, "bob"))
    with shop.app_context():
        assert [user.name for user in db.session.query(User).order_by(User.id)] == [
            "alice",
            "bob",
        ]


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_a_request_that_ends_leaves_the_session_of_the_other_one(shop: Flask, on: Kind) -> None:
    def short() -> Iterator[None]:
        with shop.test_request_context("/"):
            db.session.add(User(name="never committed"))
            yield

    def long() -> Iterator[None]:
        with shop.test_request_context("/"):
            user = User(name="alice")
            db.session.add(user)
            yield
            assert user in db.session
            db.session.commit()

    run("L S S L", on=on, L=long, S=short)
    with shop.app_context():
        assert [user.name for user in db.session.query(User)] == ["alice"]


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_queries_are_recorded_in_the_context_that_asks(shop: Flask, on: Kind) -> None:
    def ask(queries: int) -> Iterator[None]:
        with shop.app_context():
            for _ in range(queries):
                db.session.query(User).count()
                yield
            assert len(get_recorded_queries()) == queries

    run("A B A B B", on=on, A=partial(ask, 1), B=partial(ask, 2))
