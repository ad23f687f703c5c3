"""Jinja templates that see the request, the session and g."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, Template

from minictx.web.globals import current_app, g, request, session
from minictx.web.helpers import get_flashed_messages, stream_with_context, url_for
from minictx.web.json import dumps
from minictx.web.signals import before_render_template, template_rendered

if TYPE_CHECKING:
    from minictx.web.scaffold import Scaffold


def create_jinja_environment(app: Scaffold) -> Environment:
    """Return the app's Jinja environment. Its globals are proxies: it is made only once."""
    reload = app.config["TEMPLATES_AUTO_RELOAD"]
    options: dict[str, Any] = {
        "loader": _Loader(app),
        "autoescape": _is_markup,
        "auto_reload": app.debug if reload is None else reload,
    }
    env = Environment(**{**options, **app.jinja_options})
    env.globals.update(
        config=app.config,
        g=g,
        get_flashed_messages=get_flashed_messages,
        request=request,
        session=session,
        url_for=url_for,
    )
    env.policies["json.dumps_function"] = dumps
    return env


class _Loader(FileSystemLoader):
    """Load the app's templates; if EXPLAIN_TEMPLATE_LOADING is set, log where."""

    def __init__(self, app: Scaffold) -> None:
        folder = app.template_folder
        super().__init__([] if folder is None else [os.path.join(app.root_path, folder)])
        self._app = app

    def get_source(self, environment: Environment, template: str) -> Any:
        if not self._app.config["EXPLAIN_TEMPLATE_LOADING"]:
            return super().get_source(environment, template)
        self._app.logger.info("Locating template %r in %s", template, self.searchpath)
        source = super().get_source(environment, template)
        self._app.logger.info("-> found (%r)", source[1])
        return source


def _is_markup(filename: str | None) -> bool:
    return filename is None or filename.endswith((".html", ".htm", ".xml", ".xhtml", ".svg"))


def render_template(
    template_name_or_list: str | Template | list[str | Template], **context: Any
) -> str:
    """Render a file of the template folder; of a list of names, the first that exists."""
    return _render(current_app.jinja_env.get_or_select_template(template_name_or_list), context)


def render_template_string(source: str, **context: Any) -> str:
    """Render ``source`` as a template.

    >>> from minictx.web import MiniFlask, render_template_string
    >>> with MiniFlask(__name__).test_request_context("/<b>"):
    ...     render_template_string("{{ request.path }} for {{ user }}", user="alice")
    '/&lt;b&gt; for alice'
    """
    return _render(current_app.jinja_env.from_string(source), context)


def get_template_attribute(template_name: str, attribute: str) -> Any:
    """Return what a template defines under a name: a macro, to call it from Python."""
    return getattr(current_app.jinja_env.get_template(template_name).module, attribute)


def stream_template(
    template_name_or_list: str | Template | list[str | Template], **context: Any
) -> Iterator[str]:
    """Do `render_template` piece by piece: return it from a view, and each piece is sent."""
    return _stream(current_app.jinja_env.get_or_select_template(template_name_or_list), context)


def stream_template_string(source: str, **context: Any) -> Iterator[str]:
    """Do `render_template_string` piece by piece.

    >>> from minictx.web import MiniFlask, stream_template_string
    >>> with MiniFlask(__name__).app_context():
    ...     "|".join(stream_template_string("{{ a }} and {{ b }}", a=1, b=2))
    '1| and |2'
    """
    return _stream(current_app.jinja_env.from_string(source), context)


def _render(template: Template, context: dict[str, Any]) -> str:
    app = _begin(template, context)
    text = template.render(context)
    template_rendered.send(app, template=template, context=context)
    return text


def _stream(template: Template, context: dict[str, Any]) -> Iterator[str]:
    app = _begin(template, context)

    def pieces() -> Iterator[str]:
        yield from template.generate(context)
        template_rendered.send(app, template=template, context=context)

    stream: Iterator[str] = stream_with_context(pieces()) if request else pieces()
    return stream


def _begin(template: Template, context: dict[str, Any]) -> Any:
    """Complete ``context``, and return the current app."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    app.update_template_context(context)
    before_render_template.send(app, template=template, context=context)
    return app
