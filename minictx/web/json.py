"""JSON as Flask writes it: in responses, and with type tags in its session cookie."""

from __future__ import annotations

import dataclasses
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from markupsafe import Markup
from werkzeug.http import http_date, parse_date

from minictx.web.globals import current_app
from minictx.web.wrappers import Response

__all__ = ["TaggedJSONSerializer", "dumps", "jsonify"]


def dumps(obj: Any, **options: Any) -> str:
    """Write ``obj`` as JSON; dates, UUIDs, Decimals, dataclasses and markup become strings.

    >>> from decimal import Decimal
    >>> dumps({"price": Decimal("1.50"), "items": 2})
    '{"items": 2, "price": "1.50"}'
    """
    defaults: dict[str, Any] = {"default": _default, "sort_keys": True}
    return json.dumps(obj, **defaults | options)


def _default(obj: Any) -> Any:
    if isinstance(obj, date):
        return http_date(obj)
    if isinstance(obj, Decimal | UUID):
        return str(obj)
    if dataclasses.is_dataclass(obj) and not isinstance(obj, type):
        return dataclasses.asdict(obj)
    if isinstance(obj, _HasHTML):
        return str(obj.__html__())
    raise TypeError(f"a {type(obj).__name__} cannot be written as JSON: {obj!r}")


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Return a JSON response of one value, of a list of ``args``, or of a dict of ``kwargs``.

    >>> from minictx.web import MiniFlask, jsonify
    >>> with MiniFlask(__name__).app_context():
    ...     jsonify(user="alice").get_data(as_text=True)
    '{"user":"alice"}\\n'
    """
    if args and kwargs:
        raise TypeError("jsonify() takes positional or keyword arguments, not both")
    obj = args[0] if len(args) == 1 else args or kwargs or None
    layout: dict[str, Any] = {"indent": 2} if current_app.debug else {"separators": (",", ":")}
    return current_app.response_class(f"{dumps(obj, **layout)}\n", mimetype="application/json")


@runtime_checkable
class _HasHTML(Protocol):
    def __html__(self) -> str: ...


# A tagged value is a dict with one key, the tag. A user's dict that looks like one gets a
# tag of its own, and two underscores behind its key.
_TAGS: dict[str, tuple[type, Callable[[Any], Any], Callable[[Any], Any]]] = {
    " t": (tuple, list, tuple),
    " b": (bytes, lambda value: b64encode(value).decode(), b64decode),
    " m": (_HasHTML, lambda value: str(value.__html__()), Markup),
    " u": (UUID, lambda value: value.hex, UUID),
    " d": (datetime, http_date, parse_date),
}
_DICT_TAG = " di"
_AS_IT_IS = frozenset({str, int, float, bool, type(None)})  # but not what inherits from them


class TaggedJSONSerializer:
    """Write and read JSON that keeps tuples, bytes, Markup, UUIDs and datetimes apart.

    >>> serializer = TaggedJSONSerializer()
    >>> serializer.dumps({"point": (1, 2)})
    '{"point":{" t":[1,2]}}'
    >>> serializer.loads('{"point":{" t":[1,2]}}')
    {'point': (1, 2)}

    The format is that of Flask's session cookie: each can read the other's.
    """

    def dumps(self, obj: Any) -> str:
        """Return ``obj`` as compact JSON."""
        return dumps(_tag(obj), separators=(",", ":"), sort_keys=False)

    def loads(self, text: str | bytes) -> Any:
        """Return what `dumps` was given."""
        return _untag(json.loads(text))


def _tag(value: Any) -> Any:
    if type(value) in _AS_IT_IS:
        return value
    if isinstance(value, dict):
        tagged = {key: _tag(item) for key, item in value.items()}
        if len(value) == 1 and (key := next(iter(value))) in {*_TAGS, _DICT_TAG}:
            return {_DICT_TAG: {f"{key}__": tagged[key]}}
        return tagged
    if isinstance(value, list):
        return [_tag(item) for item in value]
    for tag, (kind, to_json, _) in _TAGS.items():
        if isinstance(value, kind):
            return {tag: _tag(to_json(value)) if kind is tuple else to_json(value)}
    return value


def _untag(value: Any) -> Any:
    if isinstance(value, list):
        return [_untag(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: _untag(item) for key, item in value.items()}
    if len(value) == 1:
        [(tag, item)] = value.items()
        if tag in _TAGS:
            return _TAGS[tag][2](item)
        if tag == _DICT_TAG:
            [(key, item)] = item.items()
            return {key.removesuffix("__"): item}
    return value
