"""sqlacodegen: models written from a database, and used in a scoped session."""

# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import importlib.util
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine
from sqlalchemy.orm import scoped_session, sessionmaker

from minictx import get_ident
from minictx.stage import Kind, run

TABLES = """
CREATE TABLE author (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE book (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL,
    author_id INTEGER NOT NULL REFERENCES author (id)
);
INSERT INTO author VALUES (1, 'Jane Austen'), (2, 'Mary Shelley');
INSERT INTO book VALUES (1, 'Emma', 1), (2, 'Persuasion', 1), (3, 'Frankenstein', 2);
"""


def make_database(folder: Path) -> str:
    """Return the URL of a library that was there before any model."""
    path = folder / "library.db"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES)
    return f"sqlite:///{path}"


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The module that sqlacodegen writes."""
    folder = tmp_path_factory.mktemp("library")
    path = folder / "models.py"
    subprocess.run(["sqlacodegen", make_database(folder), "--outfile", str(path)], check=True)
    spec = importlib.util.spec_from_file_location("models", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def session(app: Flask, tmp_path: Path) -> Iterator[Any]:
    """A session for each thread or greenlet, which is removed at teardown."""
    engine = create_engine(make_database(tmp_path))
    session = scoped_session(sessionmaker(bind=engine), scopefunc=get_ident)
    app.teardown_appcontext(lambda error: session.remove())
    yield session
    session.remove()
    engine.dispose()


def test_the_models_know_the_tables_and_what_refers_to_what(models: Any) -> None:
    assert sorted(models.Base.metadata.tables) == ["author", "book"]
    [key] = models.Book.__table__.foreign_keys
    assert key.target_fullname == "author.id"


def test_a_request_follows_a_foreign_key(app: Flask, models: Any, session: Any) -> None:
    @app.route("/<title>")
    def author_of(title: str) -> str:
        book = session.query(models.Book).filter_by(title=title).one()
        name: str = book.author.name
        return name

    client = app.test_client()
    assert client.get("/Emma").data == b"Jane Austen"
    assert client.get("/Frankenstein").data == b"Mary Shelley"
    assert not session.registry.has()


@pytest.mark.parametrize("on", ["threads", "greenlets"])
def test_two_requests_in_flight_have_a_session_each(
    app: Flask, models: Any, session: Any, on: Kind
) -> None:
    def rename(title: str, name: str) -> Iterator[None]:
        with app.test_request_context("/"):
            book = session.query(models.Book).filter_by(title=title).one()
            yield
            book.author.name = name
            assert [author.name for author in session.dirty] == [name]
            yield
            session.commit()

    run(
        "A B A B A B",
        on=on,
        A=partial(rename, "Emma", "J. Austen"),
        B=partial(rename, "Frankenstein", "M. Shelley"),
    )
    names = [author.name for author in session.query(models.Author).order_by("id")]
    assert names == ["J. Austen", "M. Shelley"]
