"""Request and Response: werkzeug's, and what Flask adds to them."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from werkzeug import wrappers
from werkzeug.datastructures import Authorization
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule

from minictx.web.globals import current_app

__all__ = ["Request", "Response"]


class _JSON:
    """What a body is read with: as json, but too deep a nesting is an error in the body."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str | bytes, **options: Any) -> Any:
        try:
            return (current_app.json if current_app else json).loads(text, **options)
        except RecursionError as error:
            raise ValueError("it is nested too deeply") from error


class Request(wrappers.Request):
    """Hold one HTTP request, and what its URL was matched to.

    ``url_rule`` and ``view_args`` are set when the URL matched; ``routing_exception`` when
    it did not: it is raised later, so that the functions before the view still run.
    """

    json_module = _JSON  # type: ignore[assignment]
    url_rule: Rule | None = None
    view_args: dict[str, Any] | None = None
    blueprint: str | None = None  # there are no blueprints
    routing_exception: HTTPException | None = None

    @property
    def endpoint(self) -> str | None:
        """The name of the view that was matched, or None."""
        return None if self.url_rule is None else self.url_rule.endpoint

    @cached_property
    def authorization(self) -> Authorization | None:
        """Who the client says it is; None where the header cannot be read."""
        try:
            return super().authorization
        except ValueError:  # werkzeug 3.1 lets this one out where base64 is not ASCII
            return None

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Answer 400 to a body that is not JSON; say what is wrong with it when debugging."""
        try:
            return super().on_json_loading_failed(e)
        except BadRequest as error:
            if current_app and current_app.debug:
                raise
            raise BadRequest from error


class Response(wrappers.Response):
    """Hold one HTTP response, HTML unless it says something else."""

    json_module = _JSON  # type: ignore[assignment]
    default_mimetype = "text/html"
