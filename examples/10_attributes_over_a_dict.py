"""An object's attributes can live in a dict elsewhere, with a place for each ident.

Look for what is in the storage after two idents have set an attribute of the same name, and
for the chain of calls that the second class starts.

Question: `self.storage = {}` is a most ordinary line of an __init__. Why does it end in a
RecursionError here?
"""

import traceback

running = 1  # the running ident: written here, to be the same every time


def get_ident():
    """Answer "who is running?"; minictx.get_ident asks Python instead."""
    return running


class Local:
    """An object that keeps {ident: {name: value}}."""

    def __init__(self):
        object.__setattr__(self, "storage", {})  # stored in the object itself

    def __setattr__(self, name, value):  # Python calls this for each `local.name = value`
        self.storage.setdefault(get_ident(), {})[name] = value

    def __getattr__(self, name):  # and this for a name that is not in the object
        try:
            return self.storage[get_ident()][name]
        except KeyError:
            raise AttributeError(f"ident {get_ident()} has no {name!r}") from None


class NaiveLocal(Local):
    """The same with the ordinary line."""

    def __init__(self):
        self.storage = {}


local = Local()
local.user = "alice"
running = 2
try:
    print(local.user)
except AttributeError as error:
    print("ident 2 reads:", error)
local.user = "bob"
print("ident 2 reads:", local.user)
running = 1
print("ident 1 reads:", local.user)
print("storage:      ", local.storage)

try:
    NaiveLocal()
except RecursionError as error:
    print(f"\nNaiveLocal() raises {type(error).__name__}. The first calls were:")
    for call in traceback.extract_tb(error.__traceback__, limit=5):
        print(f"    {call.name:<12} {call.line}")

# Answer: `self.storage = {}` calls __setattr__, which needs self.storage. It is not there
# yet, so Python calls __getattr__, which needs self.storage, so Python calls __getattr__,
# and so on. object.__setattr__ stores the dict in the object itself, past our methods.
#
# Chapter: Local
# Topics: 3 (docs/topics.md)
#
# Output:
# ident 2 reads: ident 2 has no 'user'
# ident 2 reads: bob
# ident 1 reads: alice
# storage:       {1: {'user': 'alice'}, 2: {'user': 'bob'}}
#
# NaiveLocal() raises RecursionError. The first calls were:
#     <module>     NaiveLocal()
#     __init__     self.storage = {}
#     __setattr__  self.storage.setdefault(get_ident(), {})[name] = value
#     __getattr__  return self.storage[get_ident()][name]
#     __getattr__  return self.storage[get_ident()][name]
