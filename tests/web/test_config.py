"""The configuration, and the ways to fill it."""

from __future__ import annotations

import json
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from minictx.web import MiniFlask
from minictx.web.config import DEFAULTS, ConfigAttribute
from tests.web.harness import new_app


class Production:
    COLOUR = "green"
    SIZE = 3
    lower = "is not taken"


COLOUR = "of this module"


@pytest.fixture
def config(web: Any) -> Any:
    return new_app(web).config


def test_the_defaults_are_flasks() -> None:
    flask = pytest.importorskip("flask")
    assert flask.Flask.default_config == DEFAULTS


def test_each_app_has_a_configuration_of_its_own() -> None:
    first, second = MiniFlask("first"), MiniFlask("second")
    first.config["TESTING"] = True
    assert not second.config["TESTING"]
    assert not DEFAULTS["TESTING"]


@pytest.mark.parametrize(
    ("attribute", "key", "value"),
    [
        ("debug", "DEBUG", True),
        ("testing", "TESTING", True),
        ("secret_key", "SECRET_KEY", b"bytes"),
        ("permanent_session_lifetime", "PERMANENT_SESSION_LIFETIME", timedelta(days=1)),
    ],
)
def test_an_attribute_of_the_app_is_another_way_to_write_the_key(
    web: Any, attribute: str, key: str, value: Any
) -> None:
    app = new_app(web)
    setattr(app, attribute, value)
    assert app.config[key] == value
    app.config[key] = DEFAULTS[key]
    assert getattr(app, attribute) == DEFAULTS[key]


def test_the_attribute_of_the_class_is_the_descriptor() -> None:
    assert isinstance(MiniFlask.testing, ConfigAttribute)


def test_a_mapping_gives_its_upper_case_keys(config: Any) -> None:
    assert config.from_mapping({"COLOUR": "green", "lower": 1}, SIZE=3, other=2) is True
    assert (config["COLOUR"], config["SIZE"]) == ("green", 3)
    assert not {"lower", "other"} & set(config)
    config.from_mapping(COLOUR="red")
    assert config["COLOUR"] == "red"
    config.from_mapping([("COLOUR", "blue"), ("lower", 1)], SIZE=4)
    assert (config["COLOUR"], config["SIZE"], "lower" in config) == ("blue", 4, False)


@pytest.mark.parametrize("source", [Production(), f"{__name__}.Production"])
def test_an_object_or_its_name_gives_its_upper_case_attributes(
    config: Any, source: Any
) -> None:
    config.from_object(source)
    assert (config["COLOUR"], config["SIZE"]) == ("green", 3)
    assert "lower" not in config


def test_a_module_is_an_object_too(config: Any) -> None:
    config.from_object(__name__)
    assert config["COLOUR"] == "of this module"


def test_an_import_string_that_names_nothing_is_an_error(config: Any) -> None:
    with pytest.raises(ImportError):
        config.from_object("tests.web.test_config.Missing")


def test_a_python_file_gives_its_upper_case_names(web: Any, tmp_path: Path) -> None:
    (tmp_path / "settings.cfg").write_text(
        "import os\nSIZE = 1 + 2\nlower = 1\nWHERE = __file__\n", "utf-8"
    )
    app = new_app(web)
    app.config.root_path = str(tmp_path)
    assert app.config.from_pyfile("settings.cfg") is True
    assert app.config["SIZE"] == 3
    assert app.config.from_pyfile(tmp_path / "settings.cfg") is True
    assert "lower" not in app.config
    assert app.config["WHERE"] == str(tmp_path / "settings.cfg")


def test_a_missing_python_file_is_an_error_unless_silent(config: Any, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"missing\.cfg"):
        config.from_pyfile(tmp_path / "missing.cfg")
    (tmp_path / "file").touch()
    for path in (tmp_path / "missing.cfg", tmp_path, tmp_path / "file" / "below.cfg"):
        with pytest.raises(OSError):
            config.from_pyfile(path)
        assert config.from_pyfile(path, silent=True) is False


def test_an_error_in_a_python_file_shows_its_line(app: MiniFlask, tmp_path: Path) -> None:
    (tmp_path / "broken.cfg").write_text("SIZE = 1\nSIZE = 1 / 0\n", "utf-8")
    with pytest.raises(ZeroDivisionError) as raised:
        app.config.from_pyfile(tmp_path / "broken.cfg")
    assert str(raised.traceback[-1].path) == str(tmp_path / "broken.cfg")
    assert raised.traceback[-1].lineno + 1 == 2


def test_an_environment_variable_names_the_file(
    config: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "settings.cfg").write_text("SIZE = 3\n", "utf-8")
    monkeypatch.setenv("SHOP_SETTINGS", str(tmp_path / "settings.cfg"))
    assert config.from_envvar("SHOP_SETTINGS") is True
    assert config["SIZE"] == 3
    monkeypatch.delenv("SHOP_SETTINGS")
    with pytest.raises(RuntimeError, match="SHOP_SETTINGS"):
        config.from_envvar("SHOP_SETTINGS")
    assert config.from_envvar("SHOP_SETTINGS", silent=True) is False


def test_the_environment_gives_what_has_the_prefix(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "FLASK_COLOUR": "green",
        "FLASK_SIZE": "3",
        "FLASK_ON": "true",
        "FLASK_LIST": "[1, 2]",
        "FLASK_QUOTED": '"3"',
        "FLASK_BROKEN": "{",
        "FLASK_DB__HOST": "localhost",
        "FLASK_DB__POOL__SIZE": "5",
        "FLASK_OTHER__KEY": "new",
        "SHOP_COLOUR": "red",
        "FLASKCOLOUR": "blue",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    config["DB"] = {"HOST": "example.org", "PORT": 5432}
    assert config.from_prefixed_env() is True
    expected = {
        "COLOUR": "green",
        "SIZE": 3,
        "ON": True,
        "LIST": [1, 2],
        "QUOTED": "3",
        "BROKEN": "{",
        "DB": {"HOST": "localhost", "PORT": 5432, "POOL": {"SIZE": 5}},
        "OTHER": {"KEY": "new"},
    }
    assert {name: config[name] for name in expected} == expected
    config.from_prefixed_env("SHOP")
    assert config["COLOUR"] == "red"
    config.from_prefixed_env("SHOP", loads=str.upper)
    assert config["COLOUR"] == "RED"


def test_a_part_of_a_dict_from_the_environment_goes_into_the_whole_in_any_order(
    config: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_DB__HOST", "localhost")
    monkeypatch.setenv("FLASK_DB", '{"PORT": 5432}')
    config.from_prefixed_env()
    assert config["DB"] == {"HOST": "localhost", "PORT": 5432}


def test_a_file_is_read_by_a_function(config: Any, tmp_path: Path) -> None:
    config.root_path = tmp_path
    (tmp_path / "config.json").write_text('{"COLOUR": "green", "size": 3}')
    assert config.from_file("config.json", load=json.load) is True
    (tmp_path / "config.toml").write_text('SHAPE = "round"')
    assert config.from_file(tmp_path / "config.toml", load=tomllib.load, text=False) is True
    assert (config["COLOUR"], config["SHAPE"]) == ("green", "round")
    assert "size" not in config


def test_a_missing_file_is_an_error_unless_silent(config: Any, tmp_path: Path) -> None:
    for missing in (tmp_path / "missing.json", tmp_path):
        assert config.from_file(missing, load=json.load, silent=True) is False
        with pytest.raises(OSError, match=tmp_path.name):
            config.from_file(missing, load=json.load)


def test_the_keys_with_a_prefix_can_be_taken_out(config: Any) -> None:
    config.from_mapping(MAIL_HOST="localhost", MAIL_PORT=25, MAILER="other")
    assert config.get_namespace("MAIL_") == {"host": "localhost", "port": 25}
    assert config.get_namespace("MAIL_", lowercase=False) == {"HOST": "localhost", "PORT": 25}
    assert config.get_namespace("MAIL_", trim_namespace=False) == {
        "mail_host": "localhost",
        "mail_port": 25,
    }
