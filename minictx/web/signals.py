"""The ten signals: functions subscribe to them, and are told what happens in a request.

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

from blinker import Namespace as _Namespace  # only the signals are public here

_signal = _Namespace().signal

# In the order in which a request sends them.
appcontext_pushed = _signal("appcontext-pushed")
request_started = _signal("request-started")
message_flashed = _signal("message-flashed")  # message, category
before_render_template = _signal("before-render-template")  # template, context
template_rendered = _signal("template-rendered")  # template, context
got_request_exception = _signal("got-request-exception")  # exception
request_finished = _signal("request-finished")  # response
request_tearing_down = _signal("request-tearing-down")  # exc
appcontext_tearing_down = _signal("appcontext-tearing-down")  # exc
appcontext_popped = _signal("appcontext-popped")
