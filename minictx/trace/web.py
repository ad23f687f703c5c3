"""Record what MiniFlask and Flask do: contexts, hooks, views, signals, sessions and errors.

Both keep the functions that were registered in lists of the app. No list is changed or
copied here: the class of the app gets descriptors in the place of these attributes. The
framework code that calls the functions gets a view of the list, whose functions record
themselves; all other code gets the list itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import update_wrapper
from inspect import iscoroutinefunction, unwrap
from typing import Any

import minictx.trace.patch as patch
from minictx.trace.patch import Patches, hide_frame
from minictx.trace.places import Place, is_user_file

__all__ = ["patch_app", "patch_contexts", "patch_signals"]

# {attribute of an app: name of the hook}
HOOKS = {
    "before_first_request_funcs": "before_first_request",
    "url_value_preprocessors": "url_value_preprocessor",
    "before_request_funcs": "before_request",
    "after_request_funcs": "after_request",
    "teardown_request_funcs": "teardown_request",
    "teardown_appcontext_funcs": "teardown_appcontext",
    "template_context_processors": "context_processor",
}

# The functions, in any of the frameworks, that call what was registered.
CALLERS = {
    "_pop",
    "_push",
    "_tear_down",
    "dispatch_request",
    "do_teardown_appcontext",
    "do_teardown_request",
    "full_dispatch_request",
    "preprocess_request",
    "process_response",
    "push",
    "try_trigger_before_first_request_functions",
    "update_template_context",
}

SIGNALS = (
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
)


def patch_contexts(patches: Patches, module: Any) -> None:
    """Patch the two contexts of minictx.web.ctx or flask.ctx."""
    for kind, cls in (("app", module.AppContext), ("request", module.RequestContext)):
        # MiniFlask pushes a request context by `_push`, and pops an app context by `_pop`.
        push = "_push" if "_push" in vars(cls) else "push"
        patches.wrap(cls, push, _in_phases("context_push", kind))
        pop = "_pop" if "_pop" in vars(cls) else "pop"
        patches.wrap(cls, pop, _in_phases("context_pop", kind))
    functions = _Registered("_after_request_functions", _hook("after_this_request"))
    patches.set(module.RequestContext, functions.name, functions)


def patch_app(patches: Patches, cls: Any) -> None:
    """Patch MiniFlask or Flask, and the subclasses that there are or will be."""
    for attribute, name in HOOKS.items():
        patches.set(cls, attribute, _Registered(attribute, _hook(name)))
    patches.set(cls, "view_functions", _Registered("view_functions", _views))
    patches.wrap(cls, "handle_user_exception", _wrap_user_exception)
    patches.wrap(cls, "handle_exception", _wrap_exception)
    for each in _with_subclasses(cls):
        _patch_overridden(patches, each, is_base=each is cls)

    def __init_subclass__(sub: Any, /, **options: Any) -> None:  # noqa: N807
        super(cls, sub).__init_subclass__(**options)
        _patch_overridden(patches, sub)

    if "__init_subclass__" not in vars(cls):
        patches.set(cls, "__init_subclass__", classmethod(__init_subclass__))


def _patch_overridden(patches: Patches, cls: Any, is_base: bool = False) -> None:
    """Patch what a subclass of an app may have of its own."""
    if is_base or "session_interface" in vars(cls):
        descriptor = _Registered("session_interface", _Sessions, cls.session_interface)
        patches.set(cls, "session_interface", descriptor)
    for name, wrap in (
        ("ensure_sync", _wrap_ensure_sync),
        ("_find_error_handler", _wrap_find_handler),
    ):
        if is_base or name in vars(cls):
            patches.wrap(cls, name, wrap)


def patch_signals(patches: Patches, module: Any) -> None:
    """Patch the class of the ten signals, blinker's; for others it does as before."""
    names = {id(getattr(module, name)): name for name in SIGNALS if hasattr(module, name)}

    def wrap(original: Any) -> Any:
        def send(self: Any, *sender: Any, **values: Any) -> Any:
            name = names.get(id(self))
            if name is not None:
                for recorder in patch.recorders:
                    recorder.signal(name, values)
            try:
                return original(self, *sender, **values)
            except BaseException as error:
                hide_frame(error)
                raise

        return send

    for cls in {type(getattr(module, name)) for name in SIGNALS if hasattr(module, name)}:
        patches.wrap(cls, "send", wrap)


def _with_subclasses(cls: Any) -> list[Any]:
    return [cls, *(each for sub in cls.__subclasses__() for each in _with_subclasses(sub))]


def _tell(place: Place | None, kind: str, *fields: Any, error: Any = None) -> None:
    for recorder in patch.recorders:
        recorder.phase(kind, *fields, error=error, place=place)


def _in_phases(event: str, kind: str) -> Callable[[Any], Any]:
    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **options: Any) -> Any:
            for recorder in patch.recorders:
                recorder.context(event, kind, self, "begin")
            try:
                result = original(self, *args, **options)
            except BaseException as error:
                hide_frame(error)
                for recorder in patch.recorders:
                    recorder.context(event, kind, self, "end", error)
                raise
            for recorder in patch.recorders:
                recorder.context(event, kind, self, "end")
            return result

        return method

    return make


# What was registered

_NONE = object()


class _Registered:
    """Stand in a class for an attribute of its objects, and see who reads it."""

    def __init__(
        self, name: str, recording: Callable[[Any], Any], default: Any = _NONE
    ) -> None:
        self.name, self._recording, self._default = name, recording, default

    def __get__(self, obj: Any, owner: type) -> Any:
        if obj is None:
            if self._default is _NONE:
                raise AttributeError(f"type object {owner.__name__!r} has no {self.name!r}")
            return self._default
        value = obj.__dict__.get(self.name, self._default)
        if value is _NONE:
            raise AttributeError(f"{owner.__name__!r} object has no attribute {self.name!r}")
        caller = sys._getframe(1).f_code
        if caller.co_name in CALLERS and not is_user_file(caller.co_filename):
            return self._recording(value)
        return value

    def __set__(self, obj: Any, value: Any) -> None:
        obj.__dict__[self.name] = value

    def __delete__(self, obj: Any) -> None:
        try:
            del obj.__dict__[self.name]
        except KeyError:
            raise AttributeError(self.name) from None


class _View:
    """Show a list or a dict of functions, as it is at each moment; ``record`` makes each tell.

    It is no copy: a function that runs may register another one, which then runs as well.
    """

    def __init__(self, real: Any, record: Callable[[Any, Any], Any]) -> None:
        self._real, self._record = real, record

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __len__(self) -> int:
        return len(self._real)

    def __contains__(self, item: object) -> bool:
        return item in self._real

    def __getitem__(self, key: Any) -> Any:
        return self._record(key, self._real[key])

    def get(self, key: Any, default: Any = None) -> Any:
        return self[key] if key in self._real else default

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self._real, dict):
            return iter(self._real)
        return (self._record(None, each) for each in self._real)

    def __reversed__(self) -> Iterator[Any]:
        return (self._record(None, each) for each in reversed(self._real))


def _hook(name: str) -> Callable[[Any], Any]:
    def record(_: object, value: Any) -> Any:
        # Flask has {name of a blueprint, or None: [functions]}, MiniFlask a list.
        if isinstance(value, list | dict):
            return _View(value, record)
        return _recorded(value, "hook", name, _name_of(value))

    return lambda functions: record(None, functions)


def _views(views: Any) -> Any:
    return _View(views, lambda endpoint, view: _recorded(view, "view", endpoint))


def _recorded(function: Any, kind: str, *names: str, place: Place | None = None) -> Any:
    """Return a function that does the same, and tells when it begins and ends."""
    if (getattr(function, "__module__", None) or "").startswith("flask."):
        return function  # Flask's own: its user has not registered it
    code = getattr(_unwrap(function), "__code__", None)
    place = place or (None if code is None else (code, 0))

    if iscoroutinefunction(function):  # Flask asks this, too, and runs it in another way

        async def recorded_async(*args: Any, **values: Any) -> Any:
            _tell(place, kind, *names, "begin")
            try:
                result = await function(*args, **values)
            except BaseException as error:
                hide_frame(error)
                _tell(place, kind, *names, "end", error=error)
                raise
            _tell(place, kind, *names, "end")
            return result

        return _mark(recorded_async, function, kind, names, place)

    def recorded(*args: Any, **values: Any) -> Any:
        _tell(place, kind, *names, "begin")
        try:
            result = function(*args, **values)
        except BaseException as error:
            hide_frame(error)
            _tell(place, kind, *names, "end", error=error)
            raise
        _tell(place, kind, *names, "end")
        return result

    return _mark(recorded, function, kind, names, place)


def _mark(recorded: Any, function: Any, kind: str, names: Any, place: Any) -> Any:
    """Let a function look like the one that it calls, and remember which one that is."""
    with suppress(AttributeError):  # whatever a callable object raises when it is asked
        update_wrapper(recorded, function)
    recorded.minictx_recorded = function, kind, names, place
    return recorded


def _wrap_ensure_sync(original: Any) -> Any:
    def ensure_sync(self: Any, func: Any) -> Any:
        # A class may have its own: that is given the function itself.
        mark = getattr(func, "minictx_recorded", None)
        if mark is None:
            return original(self, func)
        function, kind, names, place = mark
        return _recorded(original(self, function), kind, *names, place=place)

    return ensure_sync


def _unwrap(function: Any) -> Any:
    try:
        return unwrap(function)
    except ValueError:  # it wraps itself
        return function


def _name_of(function: Any) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


# Sessions and errors


class _Sessions:
    """Do what a session interface does, and tell when a session is opened or saved."""

    def __init__(self, interface: Any) -> None:
        self._interface = interface

    def __getattr__(self, name: str) -> Any:
        return getattr(self._interface, name)

    def open_session(self, *args: Any, **options: Any) -> Any:
        try:
            session = self._interface.open_session(*args, **options)
        except BaseException as error:
            hide_frame(error)
            raise
        for recorder in patch.recorders:
            recorder.session("open", session)
        return session

    def save_session(self, app: Any, session: Any, *args: Any, **options: Any) -> Any:
        try:
            result = self._interface.save_session(app, session, *args, **options)
        except BaseException as error:
            hide_frame(error)
            raise
        for recorder in patch.recorders:
            recorder.session("save", session)
        return result


def _wrap_find_handler(original: Any) -> Any:
    def _find_error_handler(self: Any, *args: Any, **options: Any) -> Any:
        handler = original(self, *args, **options)
        if handler is None or is_user_file(sys._getframe(1).f_code.co_filename):
            return handler  # a method that overrides this one looks at it
        return _recorded(handler, "hook", "error_handler", _name_of(handler))

    return _find_error_handler


def _wrap_user_exception(original: Any) -> Any:
    def handle_user_exception(self: Any, *args: Any, **options: Any) -> Any:
        handled = [True]  # the event comes first, and this is known only later
        for recorder in patch.recorders:
            recorder.error(*args, *options.values(), handled)
        try:
            return original(self, *args, **options)
        except BaseException as raised:
            hide_frame(raised)
            handled[0] = False
            for recorder in patch.recorders:
                recorder.gave_up(raised)
            raise

    return handle_user_exception


def _wrap_exception(original: Any) -> Any:
    def handle_exception(self: Any, *args: Any, **options: Any) -> Any:
        for recorder in patch.recorders:
            recorder.error_at_last(*args, *options.values())
        try:
            return original(self, *args, **options)
        except BaseException as raised:
            hide_frame(raised)
            raise

    return handle_exception
