"""Flask-Migrate: `flask db` finds the app and its models through current_app."""

# mypy: disable-error-code="import-not-found,import-untyped"
# mypy: allow-subclassing-any

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.pool import NullPool

pytestmark = [
    # What `flask db init` writes asks Flask-SQLAlchemy in the old way first.
    pytest.mark.filterwarnings("ignore:'get_engine' is deprecated:DeprecationWarning"),
    # Flask 1.1 finds the commands of extensions with it.
    pytest.mark.filterwarnings("ignore:pkg_resources is deprecated as an API:UserWarning"),
]


def make_shop(folder: Path, *columns: str) -> Flask:
    """Return the app as it is when its one model has got these columns."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{folder / 'shop.db'}"
    app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
    # A pool would keep the file open when the test is over.
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    db = SQLAlchemy(app)
    Migrate(app, db, directory=str(folder / "migrations"))
    names: dict[str, Any] = {"id": db.Column(db.Integer, primary_key=True)}
    names |= {name: db.Column(db.String) for name in columns}
    type("Cake", (db.Model,), names)
    return app


def flask_db(app: Flask, *arguments: str) -> None:
    """Run `flask db` with the arguments."""
    flask = FlaskGroup(create_app=lambda *_: app)
    result = app.test_cli_runner().invoke(flask, ["db", *arguments])
    assert result.exit_code == 0, result.output


def columns_in(folder: Path) -> list[str]:
    """Ask the database itself."""
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        rows = database.execute("SELECT name FROM pragma_table_info('cake')").fetchall()
    return [name for (name,) in rows]


def test_init_migrate_and_upgrade_create_the_table(tmp_path: Path) -> None:
    shop = make_shop(tmp_path, "name")
    flask_db(shop, "init")
    flask_db(shop, "migrate", "-m", "the first cake")
    [version] = (tmp_path / "migrations/versions").glob("*.py")
    assert version.name.endswith("_the_first_cake.py")
    assert columns_in(tmp_path) == []
    flask_db(shop, "upgrade")
    assert columns_in(tmp_path) == ["id", "name"]


def test_the_next_version_of_a_model_keeps_the_data(tmp_path: Path) -> None:
    first, second = make_shop(tmp_path, "name"), make_shop(tmp_path, "name", "filling")
    for arguments in (["init"], ["migrate"], ["upgrade"]):
        flask_db(first, *arguments)
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.execute("INSERT INTO cake (name) VALUES ('carrot')")
    flask_db(second, "migrate")
    flask_db(second, "upgrade")
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database:
        assert database.execute("SELECT * FROM cake").fetchall() == [(1, "carrot", None)]
    flask_db(second, "downgrade")
    assert columns_in(tmp_path) == ["id", "name"]
