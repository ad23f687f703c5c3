"""The four names that a Flask program imports, and the two stacks behind them.

For each HTTP request, an app context is pushed on one stack, and a request context on the
other; both are popped at the end. In between, each name stands for an attribute of the top:

    request, session    ->  _request_ctx_stack.top.request, .session
    current_app, g      ->  _app_ctx_stack.top.app, .g

There are two stacks because an app sometimes works without a request: in a script, a test,
a background job. Then only the second stack has something on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from minictx.proxy import LocalProxy
from minictx.stack import LocalStack

if TYPE_CHECKING:
    from minictx.web.app import MiniFlask
    from minictx.web.ctx import AppContext, RequestContext, _AppCtxGlobals
    from minictx.web.sessions import SessionMixin
    from minictx.web.wrappers import Request

_request_ctx_stack: LocalStack[RequestContext] = LocalStack()
_app_ctx_stack: LocalStack[AppContext] = LocalStack()

_NO_REQUEST = """\
Working outside of request context.

`{name}` belongs to one HTTP request, and none is being handled in this thread
(or greenlet). It is bound
  - in a view function, and in everything that it calls;
  - in a test: with app.test_request_context("/path"): ...
A thread that a view starts handles no request: pass it values, such as
{values}, or wrap its function with copy_current_request_context
before it starts. A generator that a view returns runs after the request:
wrap it in stream_with_context."""

_NO_APP = """\
Working outside of application context.

`{name}` belongs to one app, and none is active in this thread
(or greenlet). It is bound
  - during a request: in a view function, and in everything that it calls;
  - in a script, a shell or a test: with app.app_context(): ...
In a thread that a view starts, no app is active: {instead}."""

# The annotations say what each proxy stands for, so that an editor completes `request.`

request: Request = LocalProxy(  # type: ignore[assignment]
    _request_ctx_stack,
    "request",
    unbound_message=_NO_REQUEST.format(name="request", values="request.path"),
)
session: SessionMixin = LocalProxy(  # type: ignore[assignment]
    _request_ctx_stack,
    "session",
    unbound_message=_NO_REQUEST.format(name="session", values="dict(session)"),
)
current_app: MiniFlask = LocalProxy(  # type: ignore[assignment]
    _app_ctx_stack,
    "app",
    unbound_message=_NO_APP.format(
        name="current_app",
        instead="pass it the app itself,\n"
        "current_app._get_current_object(), for: with app.app_context(): ...",
    ),
)
g: _AppCtxGlobals = LocalProxy(  # type: ignore[assignment]
    _app_ctx_stack,
    "g",
    unbound_message=_NO_APP.format(
        name="g",
        instead="values, such as\ng.user: each app context starts with an empty g",
    ),
)
