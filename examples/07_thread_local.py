"""threading.local keeps a value for each thread, and drops it when that thread ends.

Look for who reads bob's name as her own, and for what is left when a thread has ended.

Question: many say that threading.local is a dict with the number of the thread as its key.
What would be left then of a thread that has ended?
"""

import _threading_local
import inspect
import threading
from functools import partial
from types import SimpleNamespace
from weakref import ref

from minictx import Local
from minictx.stage import run


def play(title, shared, on):
    def visit(name):
        shared.user = name
        yield  # here the other one comes in between
        return shared.user

    result = run("A B A B", on=on, A=partial(visit, "alice"), B=partial(visit, "bob"))
    print(f"{title:<15} on {on + ':':<10} alice reads", result.returned["A"])


def in_thread(function):
    thread = threading.Thread(target=function, name="another thread")
    thread.start()
    thread.join()


class Basket(threading.local):
    def __init__(self):
        print("    __init__ runs in", threading.current_thread().name)
        self.items = ["bag"]


def store():
    by_number[threading.get_ident()] = {"cake"}
    local.items = {"cake"}
    watched.append(ref(local.items))  # a weak reference: it doesn't keep the items alive


play("a plain object", SimpleNamespace(), on="threads")
play("threading.local", threading.local(), on="threads")
play("threading.local", threading.local(), on="greenlets")  # these take turns on one thread
play("minictx.Local", Local(), on="greenlets")

print("a class made of threading.local")
basket = Basket()
in_thread(lambda: basket.items.append("cake"))
print("    items here:", *basket.items)

by_number, local, watched = {}, threading.local(), []
in_thread(store)
print("left of a thread that has ended")
print("    in a dict, keyed by its number:", *by_number.values())
print("    in a threading.local:          ", watched[0]())

source = inspect.getsource(_threading_local)  # threading.local, written in Python
shape = next(line.strip() for line in source.splitlines() if "{ id(Thread)" in line)
print("\nPython's source says:", shape)

# Answer: all of it, as {'cake'} here: no dict is told when a thread ends, and a new one may
# get its number. threading.local keeps the values in the thread itself, and they go with it.
# (Its version in Python, quoted here, watches the Thread with a weak reference.) Is `request`
# the same? Nearly: it is kept apart for greenlets, too, which share a thread.
#
# Chapter: Who is running
# Topics: 1 (docs/topics.md)
# Learners ask: 6 (docs/topics.md)
#
# Output:
# a plain object  on threads:   alice reads bob
# threading.local on threads:   alice reads alice
# threading.local on greenlets: alice reads bob
# minictx.Local   on greenlets: alice reads alice
# a class made of threading.local
#     __init__ runs in MainThread
#     __init__ runs in another thread
#     items here: bag
# left of a thread that has ended
#     in a dict, keyed by its number: {'cake'}
#     in a threading.local:           None
#
# Python's source says: # { id(Thread) -> (ref(Thread), thread-local dict) }
