"""A for loop asks an iterable for an iterator, and the iterator for one value after another.

Look for what a second loop over the same object gets, right of the arrow, and for what
happens to a loop that deletes each name it reaches.

Question: a loop over a dict may not delete its keys meanwhile. Why can a loop over a
Local, which keeps its names in a dict, delete them?
"""

from minictx import Local


class Countdown:
    """An iterator: it gives the next value, knows its place, and is used up in the end."""

    def __init__(self, start):
        self.left = start

    def __iter__(self):
        print("__iter__", end=" ")
        return self

    def __next__(self):
        print("__next__", end=" ")
        if self.left == 0:
            raise StopIteration  # so the loop learns that there is no more
        self.left -= 1
        return self.left


class Names:
    """An iterable: it gives no values itself, but a new iterator to each loop."""

    def __init__(self, names):
        self.names = names

    def __iter__(self):
        return iter(self.names)


def show(title, iterable):
    print(f"{title:<25}", end=" ")
    values = [value for value in iterable]
    print("->", values)


countdown = Countdown(2)
show("an iterator, first loop:", countdown)
show("an iterator, second loop:", countdown)

names = Names({"user": "alice", "page": "/cakes"})
show("an iterable, first loop:", names)
show("an iterable, second loop:", names)

print("\ndeleting in a loop over a dict")
try:
    for name in names:
        print("    deletes", name)
        del names.names[name]
except RuntimeError as error:
    print("    RuntimeError:", error)

print("deleting in a loop over a Local")
local = Local()
local.user, local.page = "alice", "/cakes"
for name, _ in local:
    print("    deletes", name)
    delattr(local, name)

# Answer: the iterator of a dict has a place in the dict, and gives up when keys come or go.
# Local.__iter__ makes a list of all that is there now, and returns the iterator of that: the
# loop and the dict don't disturb each other. It is a new one for each loop; what is its own
# iterator, as Countdown is, can be looped over only once.
#
# Chapter: The Python you need
# Topics: 6 (docs/topics.md)
#
# Output:
# an iterator, first loop:  __iter__ __next__ __next__ __next__ -> [1, 0]
# an iterator, second loop: __iter__ __next__ -> []
# an iterable, first loop:  -> ['user', 'page']
# an iterable, second loop: -> ['user', 'page']
#
# deleting in a loop over a dict
#     deletes user
#     RuntimeError: dictionary changed size during iteration
# deleting in a loop over a Local
#     deletes user
#     deletes page
