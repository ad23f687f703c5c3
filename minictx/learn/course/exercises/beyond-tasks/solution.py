"""Predict: what do asyncio tasks share, and what does each have for itself?

You fill in `prediction`, at the end. Do not change anything above it.
"""

import asyncio
from contextvars import ContextVar

from local import Local

local = Local()
variable = ContextVar("variable", default=None)


def store(note):
    local.note = note
    variable.set(note)


def read():
    return local.note, variable.get()


async def child():
    """Read what is there at the start, then store its own note."""
    found = read()
    store("green")
    return found


async def a():
    store("red")
    yield "stored"
    yield read()
    task = asyncio.create_task(child(), name="child")
    store("white")
    yield await task
    yield read()


async def b():
    store("blue")
    yield "stored"
    yield read()


ORDER = "A B A A A B"
ACTORS = {"A": a, "B": b}

# What is read at the steps 3 to 6: each time from the Local, then from the
# ContextVar. Step 4 shows what the child has read.
prediction = ["blue", "red", "white", "red", "green", "white", "green", "blue"]
