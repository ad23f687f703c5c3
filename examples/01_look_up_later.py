"""A name keeps what was found once; a function looks again each time it is called.

Look for what each of the four says when bob has replaced alice.

Question: `found = find("user")` and `find_user = partial(find, "user")` look alike. Which
of the two never hears of bob, and why?
"""

from functools import partial

current = {"user": "alice", "page": "/cakes"}
wanted = "user"


def find(name):
    """Return what is current now."""
    return current[name]


found = find(wanted)  # find runs here, once; `found` keeps its result
find_user = partial(find, wanted)  # find does not run yet; partial keeps "user" for it


def find_wanted():
    return find(wanted)  # runs at each call, and only then reads what `wanted` is


class StandIn:
    """Stand in for whatever a function finds at that moment: the seed of a proxy."""

    def __init__(self, look_up):
        self.look_up = look_up

    def __str__(self):  # print() calls this to learn what to print
        return self.look_up()


user = StandIn(find_user)


def show(when):
    print(when)
    print("    found:        ", found)
    print("    find_user():  ", find_user())
    print("    find_wanted():", find_wanted())
    print("    user:         ", user)


show("alice is here")
current["user"] = "bob"
show("bob is here")
wanted = "page"
show('wanted = "page"')

print("\nfind_user keeps a function and its arguments:")
print("   ", find_user.func.__name__, find_user.args)

# Answer: `found` is the result of a call that is over: nothing tells it that bob has come.
# find_user is a call still to be made: the function and its argument are kept, and each
# find_user() makes it anew. (find_wanted looks up even the argument.) So whoever needs what
# is current keeps the function, not its result. `user` does that, and yet it is used like a
# value: this is how Flask's `request` begins.
#
# Chapter: The Python you need
# Topics: 5 (docs/topics.md)
# Learners ask: 7 (docs/topics.md)
#
# Output:
# alice is here
#     found:         alice
#     find_user():   alice
#     find_wanted(): alice
#     user:          alice
# bob is here
#     found:         alice
#     find_user():   bob
#     find_wanted(): bob
#     user:          bob
# wanted = "page"
#     found:         alice
#     find_user():   bob
#     find_wanted(): /cakes
#     user:          bob
#
# find_user keeps a function and its arguments:
#     find ('user',)
