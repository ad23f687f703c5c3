"""A stack in a Local: each thread or greenlet has its own, and pops only what it pushed.

Look for what is stored after alice and bob have both pushed, and for what alice pops then.
The order is written: A B A B.

Question: alice pops after bob has pushed. How does a LocalStack know that the item that
came last is not hers to take?
"""

from functools import partial

from minictx import Local, LocalStack, get_ident
from minictx.stage import run


class Stack:
    """A stack on a list: what was pushed last is popped first."""

    def __init__(self):
        self.__storage__ = []

    def push(self, item):
        self.__storage__.append(item)

    def pop(self):
        return self.__storage__.pop()


class StackInLocal:
    """The same, but the list is an attribute of a Local: each has its own."""

    def __init__(self, ident_func):
        self.local = Local(ident_func)

    def push(self, item):
        if not hasattr(self.local, "stack"):
            self.local.stack = []
        self.local.stack.append(item)

    def pop(self):
        return self.local.stack.pop()

    @property
    def __storage__(self):
        return self.local.__storage__


def numbers():
    """Return a function that answers as get_ident does, but with 1 and 2 at every run."""
    seen = {}
    return lambda: seen.setdefault(get_ident(), len(seen) + 1)


def play(title, stack, on):
    def visit(user):
        stack.push(f"{user}'s page")
        yield str(stack.__storage__)  # here the other one comes in between
        return stack.pop()

    result = run("A B A B", A=partial(visit, "alice"), B=partial(visit, "bob"), on=on)
    print(f"{title}, on {on}:")
    print("  stored:     ", result.yielded["B"][0])
    print("  alice popped", result.returned["A"])


play("one list", Stack(), on="threads")
play("a list in a Local", StackInLocal(numbers()), on="threads")
play("LocalStack", LocalStack(numbers()), on="threads")
play("LocalStack", LocalStack(numbers()), on="greenlets")

# Answer: it does not need to know. `local.stack` asks who is running and finds that one's
# list; hers has only her own item. Flask 1 kept its contexts like this, and MiniFlask does:
# {ident: {"stack": [context]}}.
#
# Chapter: Stack
# Topics: 4 (docs/topics.md)
#
# Output:
# one list, on threads:
#   stored:      ["alice's page", "bob's page"]
#   alice popped bob's page
# a list in a Local, on threads:
#   stored:      {1: {'stack': ["alice's page"]}, 2: {'stack': ["bob's page"]}}
#   alice popped alice's page
# LocalStack, on threads:
#   stored:      {1: {'stack': ["alice's page"]}, 2: {'stack': ["bob's page"]}}
#   alice popped alice's page
# LocalStack, on greenlets:
#   stored:      {1: {'stack': ["alice's page"]}, 2: {'stack': ["bob's page"]}}
#   alice popped alice's page
