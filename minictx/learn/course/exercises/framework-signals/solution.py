"""A shop that tells its listeners which cakes were ordered."""

from blinker import Signal
from contexts import current_app, request

ordered = Signal()  # an app sends it, with cake=...


def order(cake):
    """Order a cake from the current app."""
    ordered.send(current_app._get_current_object(), cake=cake)


def write_orders(app, lines):
    """From now on, append a line to the list `lines` for each order from this app."""

    def write(sender, cake):
        place = request.path if request else "no request"
        lines.append(f"{sender.name}: {cake}, at {place}")

    ordered.connect(write, app, weak=False)  # nothing else refers to write
