"""``minictx``, and ``python -m minictx``: run a command, or say which package it needs."""

from __future__ import annotations

import sys

__all__ = ["main"]

# Which extra brings a package, for whoever installed minictx without it.
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


if __name__ == "__main__":
    main()
