"""What is on the command line, and one clear line for what makes no sense there."""

import argparse
import math
import shlex
import sys

__all__ = ["command", "new_file", "positive", "positive_int"]


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
