"""JSON as Flask writes it: in responses, and with type tags in its session cookie.

An app may change how: `dumps` and the others ask ``current_app.json``, which is a
`DefaultJSONProvider` by default.
"""

from __future__ import annotations

import dataclasses
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Protocol, cast, runtime_checkable
from uuid import UUID
from weakref import proxy

from markupsafe import Markup
from werkzeug.http import http_date, parse_date

from minictx.web.globals import _app_ctx_stack, current_app
from minictx.web.wrappers import Response

if TYPE_CHECKING:
    from minictx.web.scaffold import Scaffold


def _default(o: Any) -> Any:
    if isinstance(o, date):
        return http_date(o)
    if isinstance(o, Decimal | UUID):
        return str(o)
    if dataclasses.is_dataclass(o) and not isinstance(o, type):
        return dataclasses.asdict(o)
    if isinstance(o, _HasHTML):
        return str(o.__html__())
    raise TypeError(f"a {type(o).__name__} cannot be written as JSON: {o!r}")


class DefaultJSONProvider:
    """How one app writes and reads JSON: ``app.json``.

    >>> from minictx.web import MiniFlask
    >>> app = MiniFlask(__name__)
    >>> app.json.sort_keys = False
    >>> app.json.dumps({"user": "alice", "id": 1})
    '{"user": "alice", "id": 1}'
    """

    default: Callable[[Any], Any] = staticmethod(_default)  # for what JSON does not know
    ensure_ascii = True
    sort_keys = True
    compact: bool | None = None  # a response on one line; None: if not debugging
    mimetype = "application/json"

    def __init__(self, app: Scaffold) -> None:
        self._app: Any = proxy(app)  # no cycle: an app is freed with its last reference

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """Return ``obj`` as JSON; the arguments are those of `json.dumps`."""
        kwargs.setdefault("default", self.default)
        kwargs.setdefault("ensure_ascii", self.ensure_ascii)
        kwargs.setdefault("sort_keys", self.sort_keys)
        return json.dumps(obj, **kwargs)

    def dump(self, obj: Any, fp: IO[str], **kwargs: Any) -> None:
        """Write ``obj`` as JSON to a file."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """Return the value of a JSON text."""
        return json.loads(s, **kwargs)

    def load(self, fp: IO[Any], **kwargs: Any) -> Any:
        """Return the value of a JSON file."""
        return self.loads(fp.read(), **kwargs)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Return a JSON response, as `jsonify` does."""
        if args and kwargs:
            raise TypeError("jsonify() takes positional or keyword arguments, not both")
        obj = args[0] if len(args) == 1 else args or kwargs or None
        compact = not self._app.debug if self.compact is None else self.compact
        layout: dict[str, Any] = {"separators": (",", ":")} if compact else {"indent": 2}
        text = f"{self.dumps(obj, **layout)}\n"
        return cast(Response, self._app.response_class(text, mimetype=self.mimetype))


def dumps(obj: Any, **kwargs: Any) -> str:
    """Write ``obj`` as JSON; dates, UUIDs, Decimals, dataclasses and markup become strings.

    >>> from decimal import Decimal
    >>> dumps({"price": Decimal("1.50"), "items": 2})
    '{"price": "1.50", "items": 2}'
    """
    ctx = _app_ctx_stack.top
    if ctx is not None:
        return ctx.app.json.dumps(obj, **kwargs)
    return json.dumps(obj, **{"default": _default, **kwargs})


def dump(obj: Any, fp: IO[str], **kwargs: Any) -> None:
    """Write ``obj`` as JSON to a file."""
    fp.write(dumps(obj, **kwargs))


def loads(s: str | bytes, **kwargs: Any) -> Any:
    """Return the value of a JSON text."""
    ctx = _app_ctx_stack.top
    return json.loads(s, **kwargs) if ctx is None else ctx.app.json.loads(s, **kwargs)


def load(fp: IO[Any], **kwargs: Any) -> Any:
    """Return the value of a JSON file."""
    return loads(fp.read(), **kwargs)


def jsonify(*args: Any, **kwargs: Any) -> Response:
    """Return a JSON response of one value, of a list of ``args``, or of a dict of ``kwargs``.

    >>> from minictx.web import MiniFlask, jsonify
    >>> with MiniFlask(__name__).app_context():
    ...     jsonify(user="alice").get_data(as_text=True)
    '{"user":"alice"}\\n'
    """
    return current_app.json.response(*args, **kwargs)


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

    def dumps(self, value: Any) -> str:
        """Return ``value`` as compact JSON."""
        return dumps(_tag(value), separators=(",", ":"), sort_keys=False)

    def loads(self, value: str | bytes) -> Any:
        """Return what `dumps` was given."""
        return _untag(loads(value))


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
