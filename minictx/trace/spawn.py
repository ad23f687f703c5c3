"""Notice threads, greenlets and tasks when they begin, are switched to, and end."""

from __future__ import annotations

import threading
from typing import Any

import minictx.trace.patch as patch
from minictx.trace.patch import Patches, hide_frame

__all__ = ["patch_asyncio", "patch_greenlet", "patch_threading"]


def patch_threading(patches: Patches, module: Any) -> None:
    """Tell the recorders who starts a thread, and when it begins and ends."""

    def wrap_start(original: Any) -> Any:
        def start(self: Any) -> None:
            for recorder in patch.recorders:
                recorder.runners.started(self)
            try:
                original(self)
            except BaseException as error:
                hide_frame(error)
                raise

        return start

    def wrap_bootstrap(original: Any) -> Any:
        # Not `run`: a subclass of Thread has its own, and need not call this one.
        def _bootstrap_inner(self: Any) -> None:
            trace_greenlets()
            for recorder in patch.recorders:
                recorder.thread_begins(self)
            try:
                original(self)
            finally:
                for recorder in patch.recorders:
                    recorder.thread_ends()

        return _bootstrap_inner

    patches.wrap(module.Thread, "start", wrap_start)
    patches.wrap(module.Thread, "_bootstrap_inner", wrap_bootstrap)


def patch_asyncio(patches: Patches, module: Any) -> None:
    """Tell the recorders who makes a task."""

    def wrap(original: Any) -> Any:
        def create_task(self: Any, *args: Any, **options: Any) -> Any:
            # An eager task runs its first step before this returns.
            makers = [recorder.runners.begin_making() for recorder in patch.recorders]
            try:
                task = original(self, *args, **options)
            except BaseException as error:
                hide_frame(error)
                raise
            finally:
                for done in makers:
                    done()
            for recorder in patch.recorders:
                recorder.runners.started(task)
            return task

        return create_task

    patches.wrap(module.BaseEventLoop, "create_task", wrap)


# Greenlets: each thread has a trace function of its own, which greenlet calls at a switch.

_greenlet: Any = None
_before: dict[int, Any] = {}  # {ident of a thread: the trace function that was there}


def patch_greenlet(patches: Patches, module: Any) -> None:
    """Tell the recorders of switches between greenlets, in this thread and in new ones."""
    global _greenlet
    _greenlet = module
    trace_greenlets()
    patches.call_later(_untrace_greenlets)


def trace_greenlets() -> None:
    """Set the trace function of this thread, if it is not there yet."""
    if _greenlet is not None and patch.recorders:
        before = _greenlet.gettrace()
        if before is not _on_switch:
            _before[threading.get_ident()] = before
            _greenlet.settrace(_on_switch)


def _untrace_greenlets() -> None:
    # Those of other threads go as soon as they are called.
    if _greenlet.gettrace() is _on_switch:
        _greenlet.settrace(_before.pop(threading.get_ident(), None))


def _on_switch(event: str, greenlets: tuple[Any, Any]) -> None:
    before = _before.get(threading.get_ident())
    if patch.recorders:
        for recorder in patch.recorders:
            recorder.switched(*greenlets)
    else:
        _untrace_greenlets()
    if before is not None:
        before(event, greenlets)
