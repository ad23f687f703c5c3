"""Flask's own commands: they run in an app context, without a request."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import click
import pytest
from flask import Flask, current_app, has_request_context
from flask.cli import with_appcontext

SHOP = '''
import click
import flask
import werkzeug.local

app = flask.Flask(__name__)
app.config["CURRENCY"] = "EUR"


@app.cli.command("price")
@click.argument("cake")
@click.option("--slices", default=1)
def price(cake, slices):
    """Tell what a cake costs."""
    assert not flask.has_request_context()
    print(slices, "of", cake, slices * 3, flask.current_app.config["CURRENCY"])
    print(type(flask.current_app).__module__)
'''


@pytest.fixture
def shop(app: Flask) -> Flask:
    """An app with a command that has an argument and an option."""
    app.config["CURRENCY"] = "EUR"

    @app.cli.command("price")
    @click.argument("cake")
    @click.option("--slices", default=1)
    @with_appcontext
    def price(cake: str, slices: int) -> None:
        """Tell what a cake costs."""
        assert not has_request_context()
        click.echo(f"{slices} of {cake}: {slices * 3} {current_app.config['CURRENCY']}")

    return app


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["carrot"], "1 of carrot: 3 EUR\n"),
        (["carrot", "--slices", "4"], "4 of carrot: 12 EUR\n"),
    ],
)
def test_a_command_finds_the_app(shop: Flask, arguments: list[str], printed: str) -> None:
    result = shop.test_cli_runner().invoke(args=["price", *arguments])
    assert (result.output, result.exit_code) == (printed, 0)


def test_a_wrong_command_line_is_told(shop: Flask) -> None:
    result = shop.test_cli_runner().invoke(args=["price"])
    assert result.exit_code == 2
    assert "CAKE" in result.output


def test_a_command_leaves_no_context_behind(shop: Flask) -> None:
    shop.test_cli_runner().invoke(args=["price", "carrot"])
    assert not current_app


def test_flask_runs_the_command_as_a_program_of_its_own(
    python: list[str], root: Path, tmp_path: Path
) -> None:
    (tmp_path / "shop.py").write_text(SHOP)
    program = subprocess.run(
        [*python, "-m", "flask", "price", "carrot", "--slices", "4"],
        env=os.environ | {"FLASK_APP": "shop.py", "PYTHONPATH": str(root)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    proxy = "minictx.proxy" if "minictx.dropin" in python else "werkzeug.local"
    assert program.stdout == f"4 of carrot 12 EUR\n{proxy}\n", program.stderr
