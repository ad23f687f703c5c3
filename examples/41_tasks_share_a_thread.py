"""Asyncio tasks take turns on one thread: what is kept for each thread, all of them share.

Look for what each of three tasks reads back after all of them have stored their user. The
order is written: A B C A B C.

Question: threading.local keeps threads apart, and minictx.Local keeps greenlets apart as
well. Why does neither help here, and what does?
"""

import asyncio
import threading
from contextvars import ContextVar
from functools import partial

from minictx import Local, contextual
from minictx.stage import run


class UserInContextVar:
    """A ContextVar, in the form that the others have: an attribute `user`."""

    def __init__(self):
        self.var = ContextVar("user")

    @property
    def user(self):
        return self.var.get()

    @user.setter
    def user(self, user):
        self.var.set(user)


def play(title, store):
    def serve(user):
        store.user = user
        yield  # as at an `await`, the other tasks run now
        return store.user

    users = {"A": "alice", "B": "bob", "C": "carol"}
    actors = {name: partial(serve, user) for name, user in users.items()}
    result = run("A B C A B C", on="tasks", **actors)
    print(f"{title:<29}", result.returned)


print("the user is stored in         and each task reads")
play("threading.local", threading.local())
play("minictx.Local", Local())
play("ContextVar", UserInContextVar())
play("minictx.contextual.Local", contextual.Local())

by_task = Local(asyncio.current_task)  # who is running? the answer is the task
play("minictx.Local, keyed by task", by_task)
print("    users still stored:       ", len(by_task.__storage__))

# Answer: they ask which thread or greenlet runs, and all three tasks have the same one.
# With the task as ident they are kept apart, but nothing tells the Local when a task is done:
# each must call release_local. A ContextVar has a value for each context, and a task has a
# context of its own, which goes with it. Use threading.local for what belongs to a thread,
# such as a connection; a ContextVar, or minictx.contextual, for what belongs to a request.
#
# Chapter: Why it changed
# Learners ask: 13 (docs/topics.md)
#
# Output:
# the user is stored in         and each task reads
# threading.local               {'A': 'carol', 'B': 'carol', 'C': 'carol'}
# minictx.Local                 {'A': 'carol', 'B': 'carol', 'C': 'carol'}
# ContextVar                    {'A': 'alice', 'B': 'bob', 'C': 'carol'}
# minictx.contextual.Local      {'A': 'alice', 'B': 'bob', 'C': 'carol'}
# minictx.Local, keyed by task  {'A': 'alice', 'B': 'bob', 'C': 'carol'}
#     users still stored:        3
