"""Story: a trace as the list of the framework's steps, readable, and the same in each run.

A step is a line; one that happens inside of another is indented, so that no line has to say
where something ends. Lines that begin with ``*`` are what the scenario itself saw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minictx.compare.flask_versions.kit import Entry
    from minictx.trace.trace import Event, Trace

__all__ = ["Story", "make_story"]

Story = list[str]

INDENT = "  "


def make_story(trace: Trace, said: list[tuple[int, Entry]]) -> Story:
    """Return the story of a trace, and of what was said after so many of its events.

    >>> from minictx.trace.trace import Trace
    >>> begin = {"kind": "view", "name": "ok", "phase": "begin", "context": 1}
    >>> trace = Trace("recording", events=[begin, {**begin, "phase": "end"}])
    >>> make_story(trace, [(1, ("nested", "app g1 /ok")), (2, ("at the end", "-"))])
    ['view ok', '  * nested (current: app, g1, /ok)', '* at the end (current: nothing)']
    """
    story, depth = [], 0
    for line in _in_order(trace, said):
        if isinstance(line, str):
            story.append(INDENT * depth + line)
        else:
            depth += line
    return story


def _in_order(trace: Trace, said: list[tuple[int, Entry]]) -> Iterator[str | int]:
    """Yield the lines, and +1 and -1 where the indentation changes."""
    waiting = list(said)
    for number, event in enumerate(trace.events):
        while waiting and waiting[0][0] <= number:
            yield _quote(waiting.pop(0)[1])
        phase = event.get("phase")
        if phase == "end":
            yield -1
        elif text := _describe(event):
            yield _who(trace, event) + text
        if phase == "begin":
            yield +1
    yield from (_quote(entry) for _, entry in waiting)


def _who(trace: Trace, event: Event) -> str:
    """Name the thread, where it is not the one that the story begins with."""
    is_first = event["context"] == trace.events[0]["context"]
    return "" if is_first else "in the thread: "


def _quote(entry: Entry) -> str:
    event, *details, contexts = entry
    words = (
        ": ".join([event, ", ".join(str(detail) for detail in details)]) if details else event
    )
    return f"* {words} (current: {_current(contexts)})"


def _current(contexts: str) -> str:
    """Say what the log of a kit says in short.

    >>> _current("shop g1 /ok"), _current("shop g1 -"), _current("-")
    ('shop, g1, /ok', 'shop, g1', 'nothing')
    """
    return ", ".join(part for part in contexts.split() if part != "-") or "nothing"


def _describe(event: Event) -> str:
    """Say what the framework does, without what is of one run only."""
    match event:
        case {"kind": "context_push" | "context_pop" as kind, "type": which}:
            return f"{kind.removeprefix('context_')} {which} context{_path(event['value'])}"
        case {"kind": "hook", "name": name, "function_name": function}:
            return f"{name} {function}"
        case {"kind": "view", "name": name}:
            return f"view {name}"
        case {"kind": "signal", "name": name}:
            return f"signal {name}{_argument(event['value'])}"
        case {"kind": "session", "name": "open"}:
            return f"session opened: {_dict(event['value'])}"
        case {"kind": "session", "name": "save"}:
            return f"session saved: {_dict(event['value'])}"
        case {"kind": "error", "handled": handled}:
            return f"error {_class(event['value'])}, {'handled' if handled else 'not handled'}"
    return ""


# What is read from a repr: each version of each framework writes it in another way.


def _path(value: str) -> str:
    """Return the path of a request context.

    >>> _path("<RequestContext 'http://localhost/ok?a=1' [GET] of shop>")
    ' /ok'
    >>> _path("<RequestContext '/ok' of shop>"), _path("<AppContext of shop>")
    (' /ok', '')
    """
    found = re.search(r"'(?:http://localhost)?(/[^'?]*)", value)
    return f" {found[1]}" if found else ""


def _dict(value: str) -> str:
    """Return what is in a session.

    >>> _dict("<SecureCookieSession {'user': 'alice'}>")
    "{'user': 'alice'}"
    """
    return value[value.index("{") : value.rindex("}") + 1]


def _class(value: str) -> str:
    """Return the name of an error's class.

    >>> _class("KeyError('name')"), _class("<NotFound '404: Not Found'>"), _class("None")
    ('KeyError', 'NotFound', 'None')
    """
    return re.sub(r"\W.*", "", value.lstrip("<"))


def _argument(values: str) -> str:
    """Return what a signal tells: the error, or the status of the response.

    >>> _argument("exc=KeyError('name')"), _argument("response=<Response 4 bytes [200 OK]>")
    (' (KeyError)', ' (200)')
    """
    if found := re.match(r"exc(?:eption)?=(.*)", values):
        return f" ({_class(found[1])})"
    if found := re.match(r"response=.*\[(\d+)", values):
        return f" ({found[1]})"
    return ""
