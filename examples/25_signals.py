"""A signal tells all its subscribers; the sender need not know them.

Look for the order of Flask's ten signals: in a request that flashes a message and renders a
page, and in one that fails. On the right stands what is sent with each.

Question: our own signal is sent twice, once with `current_app` as the sender and once with
the app itself. Who hears which?
"""

from blinker import NamedSignal, Namespace

from minictx.web import MiniFlask, current_app, flash, render_template_string, signals

app = MiniFlask("shop")
app.secret_key = "only for this example"
app.logger.disabled = True  # the error here is meant
cake_ordered = Namespace().signal("cake-ordered")  # a signal of our own


@app.route("/order")
def order():
    flash("ordered")
    page = render_template_string("{{ get_flashed_messages()[0] }}")
    cake_ordered.send(current_app, how="current_app")
    cake_ordered.send(current_app._get_current_object(), how="the app itself")
    return page


@app.route("/fail")
def fail():
    raise ValueError("no cake")


def tell(name):
    def receive(sender, **details):
        print(f"    {name:<24}", ", ".join(details) or "-")

    return receive


for name, signal in vars(signals).items():
    if isinstance(signal, NamedSignal):
        # For this app only; and kept (not weak), as nothing else refers to the receiver.
        signal.connect(tell(name), sender=app, weak=False)


@cake_ordered.connect_via(app)
def bake(sender, how):
    print(f"    -> bake, for this app:    sent with {how}")


@cake_ordered.connect
def count(sender, how):
    print(f"    -> count, for any sender: sent with {how}")


for path in ("/order", "/fail"):
    print(path)
    app.test_client().get(path)

# Answer: count hears both, and bake only what the app itself sends: blinker asks whether the
# sender is the very object that was subscribed for, and a proxy is another object than what
# it stands for. So send current_app._get_current_object(). Receivers are called at once, and
# the request waits for them.
#
# Chapter: The life of a request
# Topics: 16 (docs/topics.md)
# Learners ask: 8 (docs/topics.md)
#
# Output:
# /order
#     appcontext_pushed        -
#     request_started          -
#     message_flashed          message, category
#     before_render_template   template, context
#     template_rendered        template, context
#     -> count, for any sender: sent with current_app
#     -> count, for any sender: sent with the app itself
#     -> bake, for this app:    sent with the app itself
#     request_finished         response
#     request_tearing_down     exc
#     appcontext_tearing_down  exc
#     appcontext_popped        -
# /fail
#     appcontext_pushed        -
#     request_started          -
#     got_request_exception    exception
#     request_finished         response
#     request_tearing_down     exc
#     appcontext_tearing_down  exc
#     appcontext_popped        -
