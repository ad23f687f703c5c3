"""Page: draw a trace as one HTML file, which can be stepped through and loads nothing.

The page is made of plain files beside this one, in ``assets``: a template, a stylesheet and
JavaScript modules. Its policy lets that one style and that one script run, and nothing else;
the trace is in it as data, which nothing executes.
"""

from __future__ import annotations

import html
import json
import os
import re
from typing import Any

from minictx.files import make_page, read_asset, whole_file
from minictx.trace.trace import Event, Trace

__all__ = ["render_page", "write_page"]

PACKAGE = "minictx.trace"

# Each imports only from those before it: that is the order to read them in, too.
MODULES = [
    "dom.js",
    "data.js",
    "state.js",
    "describe.js",
    "filter.js",
    "address.js",
    "towers.js",
    "lanes.js",
    "proxies.js",
    "lines.js",
    "source.js",
    "list.js",
    "controls.js",
    "main.js",
]


def write_page(trace: Trace, path: str | os.PathLike[str]) -> None:
    """Write the page of a trace to a file of that name.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_page(Trace("app.py"), Path(folder) / "app.html")
    ...     print((Path(folder) / "app.html").read_text(encoding="utf-8")[:15])
    <!doctype html>
    """
    with whole_file(path) as file:
        file.write(render_page(trace))


def render_page(trace: Trace) -> str:
    """Return the page of a trace, as HTML."""
    return make_page(
        PACKAGE,
        script=_script(),
        title=_text(trace.title),
        data=_data(trace),
    )


def _script() -> str:
    """Return all modules as one: without imports and exports, each finds the others' names.

    So no two modules may give the same name to what stands at their top level.
    """
    modules = "\n".join(f"// {name}\n{read_asset(PACKAGE, name)}" for name in MODULES)
    modules = re.sub(r"^import [^;]*;\n", "", modules, flags=re.MULTILINE)
    return "\n" + re.sub(r"^export ", "", modules, flags=re.MULTILINE)


def _text(text: str) -> str:
    """Escape text for HTML, and what is not ASCII: half of a pair has no UTF-8."""
    return html.escape(text).encode("ascii", "xmlcharrefreplace").decode()


def _data(trace: Trace) -> str:
    """Return the trace as JSON that is inert in HTML, whatever its texts hold.

    Only a ``<`` could end the script element or begin a comment. What is not ASCII, such as
    U+2028, which ends a line in JavaScript, is escaped by json itself.
    """
    places: dict[tuple[Any, ...], int] = {}  # most events share their place with others
    data = {
        "title": trace.title,
        "python": trace.python,
        "contexts": [vars(runner) for runner in trace.runners.values()],
        "objects": [vars(obj) for obj in trace.objects.values()],
        "sources": [vars(source) for source in trace.sources],
        "events": [_event(event, places) for event in trace.events],
        "places": list(places),
    }
    return json.dumps(data, separators=(",", ":")).replace("<", r"\u003c")


def _event(event: Event, places: dict[tuple[Any, ...], int]) -> Event:
    """Return an event as the page has it: in short, and numbered by its position."""
    place = (event["file"], event["line"], event["function"])
    short = {key: value for key, value in event.items() if key not in _IN_PLACES}
    return short | {"at": places.setdefault(place, len(places))}


_IN_PLACES = {"n", "file", "line", "function"}
