"""Numbers on the command line, and one clear line for those that make no sense."""

import argparse
import math

__all__ = ["positive", "positive_int"]


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
