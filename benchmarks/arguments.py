"""Read the command line, with one clear line for what makes no sense; write the figures."""

import argparse
import json
import math
import shlex
import sys

__all__ = ["command", "new_file", "positive", "positive_int", "write_json"]


def command(start):
    """Return the command that this process was called with: ``start``, and its options."""
    return shlex.join([*start.split(), *sys.argv[1:]])


def new_file(text):
    """Return the name of a file that can be written: told now, and not when all is measured."""
    try:
        open(text, "a").close()
    except OSError as error:
        raise argparse.ArgumentTypeError(f"cannot write {text}: {error.strerror}") from error
    return text


def positive(text):
    """Return a number above zero, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above zero")
    return number


def positive_int(text):
    """Return a whole number above zero, for argparse."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above zero")
    return int(text)


def write_json(figures, file):
    """Write figures as JSON, one row of them a line: a file that can be read, and compared."""
    with open(file, "w", encoding="utf-8") as stream:
        stream.write(_rows(figures) + "\n")


def _rows(value, indent=""):
    inner = value.values() if isinstance(value, dict) else value
    if not isinstance(value, (dict, list)) or not any(
        isinstance(x, (dict, list)) for x in inner
    ):
        return json.dumps(value)
    deeper = f"{indent} "
    if isinstance(value, dict):
        rows = [f"{json.dumps(key)}: {_rows(each, deeper)}" for key, each in value.items()]
    else:
        rows = [_rows(each, deeper) for each in value]
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n{deeper}" + f",\n{deeper}".join(rows) + f"\n{indent}{last}"
