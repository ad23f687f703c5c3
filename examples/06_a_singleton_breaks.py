"""Between "there is none yet" and "so I make one", another thread may make one as well.

Threads are functions that run at the same time. The stage runs them step by step, in a
written order: A B A B.

Look for the orders that break the shop, and for what B does in one of them with a lock.

Question: thread A has seen that there is no shop yet; then it is B's turn. What does B see,
and which cake is gone in the end?
"""

from functools import partial
from threading import Lock

from minictx.stage import every_order, run


class Shop:
    only = None
    lock = Lock()

    def __init__(self):
        self.cakes = []


def get_shop():
    """Return the only shop; who is the first to ask makes it."""
    if Shop.only is None:
        yield "sees none"  # a step ends here: another thread may go on now
        Shop.only = Shop()
    return Shop.only


def get_shop_with_lock():
    """Do the same `with Shop.lock:`, which lets one thread in, and the others wait."""
    while not Shop.lock.acquire(blocking=False):
        yield "waits"  # as `with` does; but on the stage, waiting is a step, too
    try:
        return (yield from get_shop())
    finally:
        Shop.lock.release()


def customers(get):
    """Begin without a shop; return two customers, who will run in a thread each."""
    Shop.only = None

    def buy(cake):
        shop = yield from get()
        shop.cakes.append(cake)
        return shop.cakes

    return {"A": partial(buy, "pie"), "B": partial(buy, "tart")}


def both_buy():
    yield customers(get_shop)
    assert len(Shop.only.cakes) == 2


result = every_order(both_buy)  # runs it once for each order that the steps can have
broken = [order for order, error in result.broken]
print(f"{len(broken)} of {result.tried} orders break:", ", ".join(broken))

print("\nwithout a lock", run(broken[0], **customers(get_shop)), sep="\n")
print("\nwith a lock", run(broken[0], **customers(get_shop_with_lock)), sep="\n")

# Answer: B sees none, too, and makes a shop that replaces A's: the pie is lost with it.
# Without a stage this takes bad luck, so it is found late. Put asking and making into one
# `with lock:`, or take a module: import has such a lock. The other four of 05 have none.
#
# Chapter: The Python you need
# Topics: 7 (docs/topics.md)
#
# Output:
# 4 of 6 orders break: A B A B, A B B A, B A A B, B A B A
#
# without a lock
#    A                   B
# 1  yields 'sees none'
# 2                      yields 'sees none'
# 3  returns ['pie']
# 4                      returns ['tart']
#
# with a lock
#    A                   B
# 1  yields 'sees none'
# 2                      yields 'waits'
# 3  returns ['pie']
# 4                      returns ['pie', 'tart']
