"""Who is running? A dict with the answer as key has a place for each of them.

Look for the line that each part prints: what the dict holds after alice and bob have both
stored their name.

Question: two greenlets on one thread store their names. Which of them is lost if the key
is the ident of the thread, and why is none lost if it is that of the greenlet?
"""

import threading

from greenlet import getcurrent, greenlet

from minictx import get_ident

USERS = ("alice", "bob")


def on_threads(get_key):
    """Let two threads, which live at the same time, each store its name."""
    storage = {}
    both_stored = threading.Barrier(2)

    def store(user):
        storage[get_key()] = user
        both_stored.wait()  # a thread that has ended may give its number to the next

    threads = [threading.Thread(target=store, args=(user,)) for user in USERS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(storage.values())


def on_greenlets(get_key):
    """Let two greenlets, which take turns on this thread, each store its name."""
    storage = {}
    here = getcurrent()

    def store(user):
        storage[get_key()] = user
        here.switch()  # pause: the greenlet stays alive, and the loop below goes on

    greenlets = {user: greenlet(store) for user in USERS}
    for user in USERS:
        greenlets[user].switch(user)
    return sorted(storage.values())


print("threads,   keyed by thread:  ", on_threads(threading.get_ident))
print("greenlets, keyed by thread:  ", on_greenlets(threading.get_ident))
print("threads,   keyed by greenlet:", on_threads(get_ident))
print("greenlets, keyed by greenlet:", on_greenlets(get_ident))

# Answer: both greenlets run on one thread, so under its ident the second name takes the
# place of the first. minictx.get_ident() answers with the greenlet; and as every thread has
# a main greenlet, threads are kept apart as well.
#
# Chapter: Who is running
# Topics: 2 (docs/topics.md)
#
# Output:
# threads,   keyed by thread:   ['alice', 'bob']
# greenlets, keyed by thread:   ['bob']
# threads,   keyed by greenlet: ['alice', 'bob']
# greenlets, keyed by greenlet: ['alice', 'bob']
