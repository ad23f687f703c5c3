"""All targets, by their names."""

from tests.fuzz import files, programs, web

__all__ = ["TARGETS"]

TARGETS = {each.name: each for each in (*web.TARGETS, *files.TARGETS, *programs.TARGETS)}
