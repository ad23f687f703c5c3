"""The ten signals: whoever wants to know subscribes, and nobody has to ask.

>>> from minictx.web import MiniFlask, request_started
>>> app = MiniFlask(__name__)
>>> @request_started.connect_via(app)
... def tell(sender):
...     print("a request to", sender.name)
>>> response = app.test_client().get("/nowhere")
a request to minictx.web.signals

The sender is always the app itself. Subscribe with the app, never with the proxy
``current_app``: that is another object, and the signal would not be seen.
"""

from blinker import Namespace

__all__ = [
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
]

_signals = Namespace()

# In the order in which a request sends them.
appcontext_pushed = _signals.signal("appcontext-pushed")
request_started = _signals.signal("request-started")
message_flashed = _signals.signal("message-flashed")  # message, category
before_render_template = _signals.signal("before-render-template")  # template, context
template_rendered = _signals.signal("template-rendered")  # template, context
got_request_exception = _signals.signal("got-request-exception")  # exception
request_finished = _signals.signal("request-finished")  # response
request_tearing_down = _signals.signal("request-tearing-down")  # exc
appcontext_tearing_down = _signals.signal("appcontext-tearing-down")  # exc
appcontext_popped = _signals.signal("appcontext-popped")
