"""``minictx``, and ``python -m minictx``: run a command, or say which package it needs."""

from __future__ import annotations

import os
import sys

__all__ = ["main"]

# The extra that brings each package.
EXTRAS = {
    "asgiref": "compare",
    "blinker": "web",
    "click": "learn",
    "gevent": "gevent",
    "itsdangerous": "web",
    "jinja2": "web",
    "markupsafe": "web",
    "pytest": "learn",
    "rich": "learn",
    "werkzeug": "web",
}


def main() -> None:
    """Run the command; where a package is missing, say what to install, and exit with 2."""
    _open_what_is_closed()
    try:
        from minictx.cli import minictx

        minictx(prog_name="minictx")
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        print(
            f"minictx: {package} is not installed: pip install 'minictx[all]',"
            f" or at least [{EXTRAS[package]}]",
            file=sys.stderr,
        )
        raise SystemExit(2) from None


def _open_what_is_closed() -> None:
    """Open input, output and errors where the shell has closed them (``minictx learn <&-``).

    The next file to be opened would get their number, and be read or written by mistake.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free
            os.set_inheritable(number, True)


if __name__ == "__main__":
    main()
