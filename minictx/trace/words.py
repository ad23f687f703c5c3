"""Words: say in one line what an event of a trace means."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from minictx.trace.trace import Event, Trace

__all__ = ["clean", "describe", "list_left", "owner_of"]


def clean(text: object) -> str:
    """Return a text as one printable line: a repr may hold line ends, colours, or worse.

    >>> clean("two\\nlines, one \\x1b[31m red") == r"two\\nlines, one \\x1b[31m red"
    True
    """
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode()
        for char in str(text)
    )


def owner_of(event: Event) -> int:
    """Return the id of the context in whose storage an event happened.

    >>> owner_of({"kind": "push", "context": 1, "owner": 2}), owner_of({"context": 1})
    (2, 1)
    """
    return int(event["owner"] if "owner" in event else event["context"])


def describe(trace: Trace, event: Event, arrow: str = "→") -> str:
    """Say what happened, where it can be in the words of the code that did it.

    >>> from minictx.trace.trace import Object, Trace
    >>> trace = Trace("app.py", objects={7: Object(7, "Local", "local")})
    >>> event = {"kind": "get", "context": 1, "object": 7, "name": "user", "value": "'a'"}
    >>> describe(trace, event, arrow="is")
    "local.user is 'a'"
    """
    said = _storage(trace, event, arrow) or _framework(event) or _running(trace, event)
    if owner_of(event) != event["context"]:
        said += f" (in the storage of {_runner(trace, owner_of(event))})"
    return clean(said)


def _storage(trace: Trace, event: Event, arrow: str) -> str:
    """Say what happened to a Local, a LocalStack or a LocalProxy."""
    obj, name, value = _object(trace, event), event.get("name"), event.get("value")
    match event["kind"]:
        case "set":
            return f"{obj}.{name} = {value}"
        case "get":
            return (
                f"{obj}.{name} is not there"
                if value is None
                else f"{obj}.{name} {arrow} {value}"
            )
        case "delete":
            return f"del {obj}.{name}"
        case "release":
            return f"release {obj}"
        case "inherit":
            return f"finds in its context: {_list_held(obj, event['held'])}"
        case "push":
            return f"push {value}"
        case "pop":
            return f"pop, but {obj} is empty" if value is None else f"pop {value}"
        case "change":
            items = ", ".join(item["value"] for item in event["held"])
            return f"{obj} was changed by hand: [{items}]"
        case "proxy":
            source = _object(trace, event, "source")
            return f"{obj} = LocalProxy({source}" + (f", {name!r})" if name else ")")
        case "resolve":
            return f"{obj} {arrow} {value}"
        case "unbound":
            # Its further lines are advice, which whoever caught the error has seen.
            reason = str(event.get("message") or "").strip().partition("\n")[0]
            return f"{obj} is unbound" + (f": {reason}" if reason else "")
    return ""


def _list_held(obj: str, held: Iterable[dict[str, Any]]) -> str:
    items = [item["value"] for item in held if item["name"] is None]
    names = [
        f"{obj}.{item['name']} = {item['value']}" for item in held if item["name"] is not None
    ]
    return ", ".join([f"{obj} = [{', '.join(items)}]"] * bool(items) + names)


def _framework(event: Event) -> str:
    """Say what Flask, or MiniFlask, did."""
    name, value = event.get("name"), event.get("value")
    match event["kind"]:
        case "context_push" | "context_pop" as kind:
            return (
                f"{kind.removeprefix('context_')} of the {event.get('type')} context"
                + _phase(event)
            )
        case "hook":
            return f"{name} {event.get('function_name')}" + _phase(event)
        case "view":
            return f"view {name}" + _phase(event)
        case "signal":
            return f"signal {name}" + (f" ({value})" if value else "")
        case "session":
            done = {"open": "opened", "save": "saved"}.get(str(name), str(name))
            return f"session {done}" + (f": {value}" if value else "")
        case "error":
            return f"error {value}" + (", handled" if event.get("handled") else ", not handled")
    return ""


def _phase(event: Event) -> str:
    if event.get("error") is not None:
        return f" raises {event['error']}"
    return f" {event['phase']}s" if event.get("phase") else ""


def _running(trace: Trace, event: Event) -> str:
    """Say who runs, and whether that ends."""
    match event["kind"]:
        case "begin":
            return "begins" + _origin(trace, event["context"])
        case "switch":
            return f"switch to {_runner(trace, event['context'])}"
        case "end":
            left = "; ".join(list_left(trace, event.get("left") or ()))
            return "ends" + (f", and leaves {left}" if left else "")
        case "line":
            line = "a line" if event["line"] is None else f"line {event['line']}"
            return f"{line} is about to run"
        case "left":
            return "the recording ends"
        case "limit":
            return f"the limit of {event.get('limit')} events is reached"
    return str(event["kind"])  # a kind of a later version of the format


def _origin(trace: Trace, context: int) -> str:
    runner = trace.runners.get(context)
    if runner is None:
        return ""
    parent = "" if runner.parent is None else f", made by {_runner(trace, runner.parent)}"
    return f" (a {runner.type}{parent})"


def list_left(trace: Trace, left: Iterable[dict[str, Any]]) -> list[str]:
    """Say what is still stored: a text for each stack, and for each name in a Local.

    >>> from minictx.trace.trace import Object, Runner, Trace
    >>> trace = Trace("app.py", {1: Runner(1, "thread", "bob")})
    >>> trace.objects[7] = Object(7, "LocalStack", "s")
    >>> list_left(trace, [{"object": 7, "context": 1, "name": None, "value": "<ctx>"}])
    ["bob's s = [<ctx>]"]
    """
    stacks: dict[tuple[str, str], list[str]] = {}  # {(whose, stack): [bottom, ..., top]}
    values: list[str] = []
    for item in left:
        owner, obj = _runner(trace, item["context"]), _object(trace, item)
        if item.get("name") is None:
            stacks.setdefault((owner, obj), []).append(str(item["value"]))
        else:
            values.append(f"{owner}'s {obj}.{item['name']} = {item['value']}")
    drawn = [f"{owner}'s {obj} = [{', '.join(s)}]" for (owner, obj), s in stacks.items()]
    return [clean(text) for text in drawn + values]


def _runner(trace: Trace, number: int) -> str:
    runner = trace.runners.get(number)
    return runner.label if runner else f"context {number}"


def _object(trace: Trace, event: Event, key: str = "object") -> str:
    obj = trace.objects.get(event.get(key) or 0)
    return obj.label if obj else "..."
