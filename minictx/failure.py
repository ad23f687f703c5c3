"""How a command fails: one line, and exit code 2."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["Failure"]


class Failure(click.ClickException):
    """Say in one line what is wrong, and exit with 2, as click does for wrong usage."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        """Print the line."""
        click.echo(f"minictx: {self.message}", file=file, err=True)
