"""MiniFlask: the part of Flask that shows how its contexts work.

A single-file Flask app runs on it after changing one line:

>>> from minictx.web import Flask, request, session, g, current_app

``Flask`` is another name of `MiniFlask`.
"""

from minictx.web.app import MiniFlask as MiniFlask
from minictx.web.config import Config as Config
from minictx.web.ctx import after_this_request as after_this_request
from minictx.web.ctx import copy_current_request_context as copy_current_request_context
from minictx.web.ctx import has_app_context as has_app_context
from minictx.web.ctx import has_request_context as has_request_context
from minictx.web.globals import current_app as current_app
from minictx.web.globals import g as g
from minictx.web.globals import request as request
from minictx.web.globals import session as session
from minictx.web.helpers import abort as abort
from minictx.web.helpers import flash as flash
from minictx.web.helpers import get_flashed_messages as get_flashed_messages
from minictx.web.helpers import make_response as make_response
from minictx.web.helpers import redirect as redirect
from minictx.web.helpers import send_file as send_file
from minictx.web.helpers import send_from_directory as send_from_directory
from minictx.web.helpers import stream_with_context as stream_with_context
from minictx.web.helpers import url_for as url_for
from minictx.web.json import jsonify as jsonify
from minictx.web.left_out import watch_imports
from minictx.web.sessions import SecureCookieSessionInterface as SecureCookieSessionInterface
from minictx.web.sessions import ServerSideSessionInterface as ServerSideSessionInterface
from minictx.web.signals import *  # noqa: F403
from minictx.web.templating import get_template_attribute as get_template_attribute
from minictx.web.templating import render_template as render_template
from minictx.web.templating import render_template_string as render_template_string
from minictx.web.templating import stream_template as stream_template
from minictx.web.templating import stream_template_string as stream_template_string
from minictx.web.wrappers import Request as Request
from minictx.web.wrappers import Response as Response

Flask = MiniFlask
watch_imports()
