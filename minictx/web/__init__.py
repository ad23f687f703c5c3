"""MiniFlask: the part of Flask that shows how its contexts work.

A single-file Flask app runs on it after changing one line:

>>> from minictx.web import Flask, request, session, g, current_app

``Flask`` is another name of `MiniFlask`.
"""

from minictx.web.app import MiniFlask
from minictx.web.config import Config
from minictx.web.ctx import (
    after_this_request,
    copy_current_request_context,
    has_app_context,
    has_request_context,
)
from minictx.web.globals import current_app, g, request, session
from minictx.web.helpers import (
    abort,
    flash,
    get_flashed_messages,
    make_response,
    redirect,
    send_file,
    send_from_directory,
    stream_with_context,
    url_for,
)
from minictx.web.json import jsonify
from minictx.web.left_out import watch_imports
from minictx.web.sessions import SecureCookieSessionInterface, ServerSideSessionInterface
from minictx.web.signals import (
    appcontext_popped,
    appcontext_pushed,
    appcontext_tearing_down,
    before_render_template,
    got_request_exception,
    message_flashed,
    request_finished,
    request_started,
    request_tearing_down,
    template_rendered,
)
from minictx.web.templating import (
    get_template_attribute,
    render_template,
    render_template_string,
    stream_template,
    stream_template_string,
)
from minictx.web.wrappers import Request, Response

Flask = MiniFlask
watch_imports()

__all__ = [
    "Config",
    "Flask",
    "MiniFlask",
    "Request",
    "Response",
    "SecureCookieSessionInterface",
    "ServerSideSessionInterface",
    "abort",
    "after_this_request",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "copy_current_request_context",
    "current_app",
    "flash",
    "g",
    "get_flashed_messages",
    "get_template_attribute",
    "got_request_exception",
    "has_app_context",
    "has_request_context",
    "jsonify",
    "make_response",
    "message_flashed",
    "redirect",
    "render_template",
    "render_template_string",
    "request",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "send_file",
    "send_from_directory",
    "session",
    "stream_template",
    "stream_template_string",
    "stream_with_context",
    "template_rendered",
    "url_for",
]
