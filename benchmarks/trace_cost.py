"""What an event costs while it is recorded: the median, for each kind.

Run it with ``uv run python benchmarks/trace_cost.py``. The cost is that of the recorded
call less that of the same call while nothing records.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import perf_counter

from minictx import Local, LocalProxy, LocalStack, release_local
from minictx.trace import record

ROUNDS = 20_000
TARGET = 5.0  # microseconds

local, stack = Local(), LocalStack[object]()
user = local("user")
top = LocalProxy(stack)
nobody = LocalProxy(LocalStack[object]())


class Context:
    """Something with a repr of its own, as a web framework pushes it."""

    def __repr__(self) -> str:
        return "<Context of shop>"


context = Context()


def pop() -> None:
    stack.pop()


def unbound() -> None:
    bool(nobody)


def set_and_delete() -> None:
    local.other = 1
    del local.other


def set_and_release() -> None:
    local.other = 1
    release_local(local)


# {kind: (a call, the events in it)}
CALLS: dict[str, tuple[Callable[[], object], int]] = {
    "set": (lambda: setattr(local, "user", "alice"), 1),
    "get": (lambda: local.user, 1),
    "set + delete": (set_and_delete, 2),
    "push": (lambda: stack.push(context), 1),
    "pop": (pop, 1),
    "resolve (stack)": (lambda: top.__class__, 1),
    "resolve (local: + get)": (lambda: user.__class__, 2),
    "unbound": (unbound, 1),
    "proxy": (lambda: LocalProxy(stack), 1),
    "set + release": (set_and_release, 2),
}


def measure(call: Callable[[], object]) -> float:
    """Return the median time of a call, in microseconds."""
    times = []
    for _ in range(ROUNDS):
        start = perf_counter()
        call()
        times.append(perf_counter() - start)
    return median(times) * 1e6


def main() -> None:
    """Print a table."""
    print(f"{'kind':<24}{'off':>8}{'on':>8}   cost of an event, in µs (target: {TARGET})")
    stack.push(context)
    local.user = "alice"
    for kind, (call, events) in CALLS.items():
        if kind == "pop":  # something to pop in each round, with and without recording
            for _ in range(2 * ROUNDS + 10):
                stack.push(context)
        elif kind.startswith("resolve"):
            stack.push(context)
            local.user = "alice"
        off = measure(call)
        with record(limit=10_000_000):
            on = measure(call)
        print(f"{kind:<24}{off:>8.2f}{on:>8.2f}{(on - off) / events:>8.2f}")


if __name__ == "__main__":
    main()
