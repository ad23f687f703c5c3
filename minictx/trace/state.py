"""State: what all stacks and locals hold after a number of events, and who runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from minictx.trace.trace import Event

__all__ = ["State"]

# A Local has one value for each name; a LocalStack is a list of values, from bottom to top.
Namespace = dict[str, str]
Stack = list[str]


@dataclass
class State:
    """Follow the events of a trace, and hold what they lead to.

    >>> state = State()
    >>> state.apply({"kind": "begin", "context": 1})
    >>> state.apply({"kind": "set", "context": 1, "object": 7, "name": "user", "value": "'a'"})
    >>> state.apply({"kind": "push", "context": 1, "object": 8, "value": "<ctx>"})
    >>> state.running, state.locals, state.stacks
    (1, {7: {1: {'user': "'a'"}}}, {8: {1: ['<ctx>']}})
    """

    running: int | None = None  # the id of the context that runs
    alive: set[int] = field(default_factory=set)
    ended: set[int] = field(default_factory=set)
    locals: dict[int, dict[int, Namespace]] = field(default_factory=dict)  # {object: {context:
    stacks: dict[int, dict[int, Stack]] = field(default_factory=dict)
    proxies: dict[int, dict[int, str | None]] = field(default_factory=dict)  # None: unbound

    def apply(self, event: Event) -> None:
        """Take one more event into account."""
        context, obj = event["context"], event.get("object", 0)
        self.running = context
        owner: int = event.get("owner") or context  # whose namespace it is: a task has none
        match event["kind"]:
            case "begin":
                self.alive.add(context)
            case "end":
                self.alive.discard(context)
                self.ended.add(context)
            case "set":
                namespaces = self.locals.setdefault(obj, {})
                namespaces.setdefault(owner, {})[event["name"]] = event["value"]
            case "delete":
                self.locals.get(obj, {}).get(owner, {}).pop(event["name"], None)
            case "inherit":
                for entry in event["held"]:
                    self._inherit(context, obj, entry["name"], entry["value"])
            case "release":
                self.locals.get(obj, {}).pop(owner, None)
                self.stacks.get(obj, {}).pop(owner, None)
            case "push":
                stacks = self.stacks.setdefault(obj, {})
                stacks.setdefault(owner, []).append(event["value"])
            case "pop":
                stack = self.stacks.get(obj, {}).get(owner, [])
                if stack:
                    stack.pop()
                if not stack:
                    self.stacks.get(obj, {}).pop(owner, None)
            case "change":
                values = [entry["value"] for entry in event["held"]]
                self.stacks.setdefault(obj, {})[owner] = values
            case "resolve":
                self.proxies.setdefault(obj, {})[context] = event["value"]
            case "unbound":
                self.proxies.setdefault(obj, {})[context] = None

    def _inherit(self, context: int, obj: int, name: str | None, value: str) -> None:
        if name is None:
            self.stacks.setdefault(obj, {}).setdefault(context, []).append(value)
        else:
            self.locals.setdefault(obj, {}).setdefault(context, {})[name] = value

    def apply_all(self, events: Iterable[Event]) -> State:
        """Take all these events into account, and return the state itself."""
        for event in events:
            self.apply(event)
        return self
