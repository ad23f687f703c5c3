"""A context keeps every ContextVar that was set in it, with its value, to its end.

Look for how many things live on after 1000 locals have been made, used and dropped, and for
how many variables are in the context for it.

Question: no name refers to the dropped locals any more. What keeps their values alive, and
how does minictx.contextual avoid it?
"""

import gc
import weakref
from contextvars import copy_context

import werkzeug.local

import minictx
from minictx import contextual


class Thing:
    """Something that a Local holds, and that a WeakSet can watch without keeping it."""


def use_and_drop(local_class, number, release=False):
    """Store a thing in each of many locals, and keep none of them; return the things."""
    things = weakref.WeakSet()
    for _ in range(number):
        local = local_class()
        local.thing = thing = Thing()
        things.add(thing)
        if release:
            werkzeug.local.release_local(local)
    return things


def show(title, local_class, **options):
    before = len(copy_context())
    things = use_and_drop(local_class, 1000, **options)
    gc.collect()
    added = len(copy_context()) - before
    print(f"{title:<26} things alive: {len(things):>4},  new variables: {added:>4}")


show("werkzeug.local.Local", werkzeug.local.Local)
show("  released, then dropped", werkzeug.local.Local, release=True)
show("minictx.Local", minictx.Local)
show("minictx.contextual.Local", contextual.Local)

# Answer: werkzeug's Local makes a ContextVar for itself. The context of the thread or task
# refers to it, and to its value, until it ends; releasing empties it, and the variable
# stays. So make such a Local once, at the top of a module, never for each request.
# minictx.contextual has one ContextVar for all, which refers to each Local weakly: what is
# stored there goes with the Local.
#
# Chapter: Why it changed
#
# Output:
# werkzeug.local.Local       things alive: 1000,  new variables: 1000
#   released, then dropped   things alive:    0,  new variables: 1000
# minictx.Local              things alive:    0,  new variables:    0
# minictx.contextual.Local   things alive:    0,  new variables:    1
