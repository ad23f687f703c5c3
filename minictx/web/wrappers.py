"""Request and Response: werkzeug's, and what Flask adds to them."""

from __future__ import annotations

import json
from functools import cached_property
from typing import Any

from werkzeug import wrappers
from werkzeug.datastructures import Authorization, ImmutableMultiDict, MultiDict
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import Rule

from minictx.web.config import DEFAULTS
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


class _NoFiles(ImmutableMultiDict[str, Any]):
    """The files of a form that cannot send any: in debug mode, say how to mend the form."""

    def __init__(self, form: MultiDict[str, str]) -> None:
        super().__init__()
        self._form = form

    def __getitem__(self, key: str) -> Any:
        if key in self._form:
            raise _NoFileError(
                f"the form sent {key!r} as a text, {self._form[key]!r}, and no file: it lacks"
                ' <form enctype="multipart/form-data">'
            )
        return super().__getitem__(key)


class _NoFileError(KeyError, AssertionError):
    def __str__(self) -> str:
        return str(self.args[0])  # a KeyError shows the repr


class _Limit:
    """A limit that the app's configuration sets, and that a view may set on its request."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name.upper()

    def __get__(self, message: object, owner: type) -> Any:
        return (current_app.config if current_app else DEFAULTS)[self._key]


class Request(wrappers.Request):
    """Hold one HTTP request, and what its URL was matched to.

    ``url_rule`` and ``view_args`` are set when the URL matched; ``routing_exception`` when
    it did not: it is raised later, so that the functions before the view still run.
    """

    json_module = _JSON  # type: ignore[assignment]
    max_content_length = _Limit()
    max_form_memory_size = _Limit()
    max_form_parts = _Limit()
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

    def _load_form_data(self) -> None:
        super()._load_form_data()
        multipart = self.mimetype == "multipart/form-data"
        if not multipart and not self.files and current_app and current_app.debug:
            self.__dict__["files"] = _NoFiles(self.form)

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
    max_cookie_size = _Limit()
