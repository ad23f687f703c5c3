"""An app that uses everything a recorder can see, written for MiniFlask and for Flask."""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["make_app", "story"]


def make_app(web: Any) -> Any:
    """Return the app; ``web`` is the module flask or minictx.web."""
    app = (web.MiniFlask if hasattr(web, "MiniFlask") else web.Flask)("shop")
    app.secret_key = "only for this test"
    app.logger = logging.Logger("one that nobody else has", logging.CRITICAL)

    @app.url_value_preprocessor
    def preprocess(endpoint: Any, values: Any) -> None: ...

    @app.before_request
    def before() -> None: ...

    @app.after_request
    def after(response: Any) -> Any:
        return response

    @app.teardown_request
    def tear_down(error: Any) -> None: ...

    @app.teardown_appcontext
    def tear_down_app(error: Any) -> None: ...

    @app.context_processor
    def process() -> dict[str, Any]:
        return {"word": "hello"}

    @app.errorhandler(KeyError)
    def on_key_error(error: Any) -> Any:
        return "no key", 404

    @app.route("/")
    def index() -> str:
        web.session["user"] = "alice"

        @web.after_this_request
        def just_now(response: Any) -> Any:
            return response

        return str(web.render_template_string("{{ word }}"))

    @app.route("/key")
    def key() -> str:
        raise KeyError("name")

    @app.route("/boom")
    def boom() -> str:
        raise ZeroDivisionError("boom")

    return app


def story(trace: Any) -> list[str]:
    """Return what the framework did, without what is of minictx or of one version only."""
    words = []
    for event in trace.events:
        match event["kind"]:
            case "context_push" | "context_pop":
                words.append(f"{event['kind']} {event['type']} {event['phase']}")
            case "hook":
                words.append(f"{event['name']} {event['function_name']} {event['phase']}")
            case "view":
                words.append(f"view {event['name']} {event['phase']}")
            case "signal":
                words.append(f"signal {event['name']}")
            case "session":
                words.append(f"session {event['name']} {event['value']}")
            case "error":
                how = "handled" if event["handled"] else "not handled"
                words.append(f"error {event['value']} {how}")
    return words


START = """\
context_push request begin
context_push app begin
signal appcontext_pushed
context_push app end
session open <SecureCookieSession {}>
context_push request end
signal request_started
url_value_preprocessor preprocess begin
url_value_preprocessor preprocess end
before_request before begin
before_request before end
""".splitlines()

END = """\
context_pop request begin
teardown_request tear_down begin
teardown_request tear_down end
signal request_tearing_down
context_pop app begin
teardown_appcontext tear_down_app begin
teardown_appcontext tear_down_app end
signal appcontext_tearing_down
signal appcontext_popped
context_pop app end
context_pop request end
""".splitlines()

AFTER = """\
after_request after begin
after_request after end
session save <SecureCookieSession {}>
signal request_finished
""".splitlines()

# {path: what happens between the start and the end}
STORIES = {
    "/": """\
view index begin
context_processor process begin
context_processor process end
signal before_render_template
signal template_rendered
view index end
after_this_request just_now begin
after_this_request just_now end
after_request after begin
after_request after end
session save <SecureCookieSession {'user': 'alice'}>
signal request_finished
""".splitlines(),
    "/key": [
        "view key begin",
        "view key end",
        "error KeyError('name') handled",
        "error_handler on_key_error begin",
        "error_handler on_key_error end",
        *AFTER,
    ],
    "/boom": [
        "view boom begin",
        "view boom end",
        "error ZeroDivisionError('boom') not handled",
        "signal got_request_exception",
        *AFTER,
    ],
}
STORIES = {path: [*START, *middle, *END] for path, middle in STORIES.items()}
