"""Write a file where the user wants it, without losing another; and put a page together."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path
from string import Template
from typing import IO

from minictx.errors import MinictxError

__all__ = [
    "MARKS",
    "OutputError",
    "check_output",
    "make_page",
    "read_asset",
    "whole_file",
    "write_output",
]

# {kind of file: how each begins that minictx writes, and what is near its start or its end}
MARKS = {
    "page": ("<!doctype html>", '<meta name="generator" content="minictx">'),
    "trace": ('{"format": "minictx-trace"', ""),
    "Chrome trace": ('{"traceEvents":', '"displayTimeUnit": "ms", "otherData": {"title": '),
    "JUnit file": ("<?xml", "<!-- minictx learn verify -->"),
}
NEAR = 4096  # bytes


class OutputError(MinictxError):
    """Say in one line why a file is not written."""


def check_output(path: str | os.PathLike[str], kind: str) -> None:
    """Raise `OutputError` if a file cannot be written: ask before an hour of work, not after.

    ``kind`` is one of `MARKS`. A file that is there is overwritten only if it is empty, or if
    minictx wrote it, as the same kind of file. A device or a pipe has nothing to lose.

    >>> from tempfile import NamedTemporaryFile
    >>> with NamedTemporaryFile(suffix=".py") as mine:
    ...     check_output(mine.name, "page")
    ...     _ = mine.write(b"x = 1")
    ...     mine.flush()
    ...     try:
    ...         check_output(mine.name, "page")
    ...     except OutputError as error:
    ...         print(str(error).replace(mine.name, "mine.py"))
    cannot write 'mine.py': it is there already, and is not a page that minictx wrote: \
name another file, or move it away
    """
    name = os.fspath(path)
    folder = os.path.dirname(name) or "."
    if os.path.isdir(name):
        raise OutputError(f"cannot write {name!r}: it is a folder")
    if not os.path.isdir(folder):
        raise OutputError(f"cannot write {name!r}: there is no folder {folder!r}")
    if not os.access(name if os.path.exists(name) else folder, os.W_OK):
        raise OutputError(f"cannot write {name!r}: permission denied")
    _check_that_nothing_is_lost(name, kind)


def write_output(path: str | os.PathLike[str], content: str | bytes, kind: str) -> None:
    """Write a file, under the same conditions; a text is written as UTF-8."""
    name = os.fspath(path)
    try:
        _check_that_nothing_is_lost(name, kind)
        # The same line ends everywhere: a page names a hash of every byte of its script.
        Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise OutputError(f"cannot write {name!r}: {error.strerror}") from error


@contextmanager
def whole_file(path: str | os.PathLike[str]) -> Iterator[IO[str]]:
    """Open a file to be written as a whole: it is there at the end, or is as it was.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     try:
    ...         with whole_file(f"{folder}/a.txt") as file:
    ...             print("the first half", file=file)
    ...             raise KeyboardInterrupt
    ...     except KeyboardInterrupt:
    ...         print(os.listdir(folder))
    []
    """
    place = os.path.realpath(path)
    folder = os.path.dirname(place)
    is_special = os.path.exists(path) and not os.path.isfile(path)  # a pipe, a device
    if is_special or not os.access(folder, os.W_OK):
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            yield file
        return
    part = f"{place}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8", newline="\n") as file:
            yield file
        if os.path.exists(place):
            shutil.copymode(place, part)
        os.replace(part, place)
    except BaseException:
        with suppress(OSError):
            os.remove(part)
        raise


def _check_that_nothing_is_lost(name: str, kind: str) -> None:
    if not os.path.isfile(name) or not os.path.getsize(name):
        return
    with open(name, "rb") as file:
        near = file.read(NEAR)
        file.seek(max(os.path.getsize(name) - NEAR, 0))
        near += file.read(NEAR)
    start, mark = MARKS[kind]
    if not near.startswith(start.encode()) or mark.encode() not in near:
        raise OutputError(
            f"cannot write {name!r}: it is there already, and is not a {kind} that minictx"
            " wrote: name another file, or move it away"
        )


def read_asset(package: str, name: str) -> str:
    """Return the text of a file in the folder ``assets`` of a package."""
    return resources.files(package).joinpath("assets", name).read_text("utf-8")


def make_page(package: str, *, style: str = "", script: str = "", **parts: str) -> str:
    """Fill in the ``page.html`` of a package, and return it with its ``page.css`` in it.

    ``style`` is more of that. The page loads nothing: its policy lets only this style and this
    script run, which it names by their hashes.
    """
    style = read_asset(package, "page.css") + style
    policy = ["default-src 'none'", f"style-src {_hash_of(style)}"]
    if script:
        policy += [f"script-src {_hash_of(script)}", "require-trusted-types-for 'script'"]
    policy += ["base-uri 'none'", "form-action 'none'"]
    template = Template(read_asset(package, "page.html"))
    return template.substitute(parts, policy="; ".join(policy), style=style, script=script)


def _hash_of(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
