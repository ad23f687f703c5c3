"""Where nothing is current, or only the very object will do, take it out of the proxy.

Look for what another thread finds, and for how many receivers a signal has.

Question: `current_app == shop` is True here. Who finds nothing all the same when you hand
out `current_app` instead of `shop`, and why?
"""

import threading

from blinker import Signal

from minictx.web import MiniFlask, current_app

shop = MiniFlask("shop")
order_placed = Signal()  # subscribe to it to learn of each order


@order_placed.connect_via(shop)
def write_bill(sender):
    """Subscribe to the orders of the shop, and of no other app."""
    print("    a bill for an order in the", sender.name)


def print_name(app):
    try:
        print("    in the thread:", app.name)
    except RuntimeError as error:
        print("    in the thread:", str(error).splitlines()[0])


def in_thread(function, *args):
    thread = threading.Thread(target=function, args=args)
    thread.start()
    thread.join()


def place_order(sender):
    receivers = order_placed.send(sender)
    print("    receivers of the signal:", len(receivers))


with shop.app_context():
    print(f"hand out the proxy, {current_app == shop = }")
    in_thread(print_name, current_app)
    place_order(current_app)

    app = current_app._get_current_object()
    print(f"hand out the object, {app is shop = }")
    in_thread(print_name, app)
    place_order(app)

# Answer: the thread gets a proxy that asks "what is current here?", and in a new thread
# nothing is. A signal looks its receivers up by the id() of the sender, and a proxy is
# another object than the app. _get_current_object() gives the object itself; pass that on.
#
# Chapter: Proxy
# Learners ask: 2, 8 (docs/topics.md)
#
# Output:
# hand out the proxy, current_app == shop = True
#     in the thread: Working outside of application context.
#     receivers of the signal: 0
# hand out the object, app is shop = True
#     in the thread: shop
#     a bill for an order in the shop
#     receivers of the signal: 1
