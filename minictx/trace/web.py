"""Record what MiniFlask and Flask do: contexts, hooks, views, signals, sessions and errors.

Both keep the functions that were registered in lists of the app. Here, no list is touched:
the class of the app gets descriptors in the place of these attributes, which give those
who *call* the functions recording ones, and everybody else the list itself.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
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
    """Patch MiniFlask or Flask."""
    for attribute, name in HOOKS.items():
        patches.set(cls, attribute, _Registered(attribute, _hook(name)))
    patches.set(cls, "view_functions", _Registered("view_functions", _Views))
    # A class attribute, which a subclass may have of its own.
    for each in _with_subclasses(cls):
        if each is cls or "session_interface" in vars(each):
            default = each.session_interface
            descriptor = _Registered("session_interface", _Sessions, default)
            patches.set(each, "session_interface", descriptor)
    patches.wrap(cls, "_find_error_handler", _wrap_find_handler)
    patches.wrap(cls, "handle_user_exception", _wrap_user_exception)
    patches.wrap(cls, "handle_exception", _wrap_exception)


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


def _tell(place: Place | None, kind: str, *fields: Any) -> None:
    for recorder in patch.recorders:
        recorder.tell(kind, *fields, place=place)


def _in_phases(event: str, kind: str) -> Callable[[Any], Any]:
    def make(original: Any) -> Any:
        def method(self: Any, *args: Any, **options: Any) -> Any:
            for recorder in patch.recorders:
                recorder.context(event, kind, self, "begin")
            try:
                return original(self, *args, **options)
            except BaseException as error:
                hide_frame(error)
                raise
            finally:
                for recorder in patch.recorders:
                    recorder.context(event, kind, self, "end")

        return method

    return make


# What was registered


class _Registered:
    """Stand in a class for an attribute of its objects, and see who reads it."""

    def __init__(self, name: str, recording: Callable[[Any], Any], default: Any = None) -> None:
        self.name, self._recording, self._default = name, recording, default

    def __get__(self, obj: Any, owner: type) -> Any:
        if obj is None:
            if self._default is None:
                raise AttributeError(f"type object {owner.__name__!r} has no {self.name!r}")
            return self._default
        value = obj.__dict__.get(self.name, self._default)
        if value is None:
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


def _hook(name: str) -> Callable[[Any], Any]:
    def recording(functions: Any) -> Any:
        if isinstance(functions, dict):  # Flask: {name of a blueprint, or None: [functions]}
            return {key: recording(each) for key, each in functions.items()}
        return [_recorded(function, "hook", name) for function in functions]

    return recording


class _Views:
    """Give out views that record themselves."""

    def __init__(self, views: Any) -> None:
        self._views = views

    def __getitem__(self, endpoint: str) -> Any:
        return _recorded(self._views[endpoint], "view", endpoint)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._views, name)


def _recorded(function: Any, kind: str, name: str) -> Any:
    """Return a function that does the same, and tells when it begins and ends."""
    if (getattr(function, "__module__", None) or "").startswith("flask."):
        return function  # Flask's own: its user has not registered it
    code = getattr(_unwrap(function), "__code__", None)
    place = None if code is None else (code, 0)
    names = [name] if kind == "view" else [name, _name_of(function)]

    if iscoroutinefunction(function):  # Flask asks this, too, and runs it in another way

        async def recorded_async(*args: Any, **values: Any) -> Any:
            _tell(place, kind, *names, "begin")
            try:
                return await function(*args, **values)
            except BaseException as error:
                hide_frame(error)
                raise
            finally:
                _tell(place, kind, *names, "end")

        return recorded_async

    def recorded(*args: Any, **values: Any) -> Any:
        _tell(place, kind, *names, "begin")
        try:
            return function(*args, **values)
        except BaseException as error:
            hide_frame(error)
            raise
        finally:
            _tell(place, kind, *names, "end")

    return recorded


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

    def open_session(self, app: Any, request: Any) -> Any:
        try:
            session = self._interface.open_session(app, request)
        except BaseException as error:
            hide_frame(error)
            raise
        for recorder in patch.recorders:
            recorder.session("open", session)
        return session

    def save_session(self, app: Any, session: Any, response: Any) -> Any:
        try:
            result = self._interface.save_session(app, session, response)
        except BaseException as error:
            hide_frame(error)
            raise
        for recorder in patch.recorders:
            recorder.session("save", session)
        return result


def _wrap_find_handler(original: Any) -> Any:
    def _find_error_handler(self: Any, *args: Any) -> Any:
        handler = original(self, *args)
        return handler and _recorded(handler, "hook", "error_handler")

    return _find_error_handler


def _wrap_user_exception(original: Any) -> Any:
    def handle_user_exception(self: Any, error: Any) -> Any:
        handled = [True]  # the event comes first, and this is known only later
        for recorder in patch.recorders:
            recorder.error(error, handled)
        try:
            return original(self, error)
        except BaseException as raised:
            hide_frame(raised)
            handled[0] = False
            for recorder in patch.recorders:
                recorder.gave_up(raised)
            raise

    return handle_user_exception


def _wrap_exception(original: Any) -> Any:
    def handle_exception(self: Any, error: Any) -> Any:
        for recorder in patch.recorders:
            recorder.error_at_last(error)
        try:
            return original(self, error)
        except BaseException as raised:
            hide_frame(raised)
            raise

    return handle_exception
