"""Where does an actor stand? At a line of the student's, not of a library."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from threading import Thread
from types import FrameType
from typing import Any

from minictx.stage.actor import Actor

__all__ = ["is_on", "where"]


def where(actor: Actor, thread: Thread) -> str:
    """Say which file, line and function an actor runs, or is suspended in."""
    if actor.generator is None:
        return f"{actor.name} has not begun"
    frames = list(_running(actor, thread)) or list(_suspended(actor.generator))
    if not frames:
        return f"{actor.name} stands at its end"
    # The innermost that is somebody's own code: waiting ends in `threading` or `asyncio`.
    frame = next((frame for frame in frames if _is_of_interest(frame)), frames[-1])
    code = frame.f_code
    place = f"{os.path.basename(code.co_filename)}:{frame.f_lineno}, {code.co_name}()"
    return f"{actor.name} stands at {place}"


def is_on(actor: Actor, thread: Thread) -> bool:
    """Return whether ``thread`` is busy with this actor at this moment."""
    return any(_running(actor, thread))


def _running(actor: Actor, thread: Thread) -> Iterator[FrameType]:
    """Yield the frames that run on the thread, innermost first, up to the actor's own."""
    own = next(_own_frames(actor.generator), None)
    frame = sys._current_frames().get(thread.ident or 0)
    frames = []
    while frame is not None:
        frames.append(frame)
        if frame is own:
            yield from frames
            return
        frame = frame.f_back


def _suspended(generator: Any) -> Iterator[FrameType]:
    """Yield the frames of what the generator awaits or delegates to, innermost first."""
    yield from reversed(list(_own_frames(generator)))


def _own_frames(awaited: Any) -> Iterator[FrameType]:
    # Generators, async generators and coroutines have the same attributes under other names.
    while awaited is not None:
        prefix = next((p for p in ("gi", "ag", "cr") if hasattr(awaited, f"{p}_frame")), None)
        if prefix is None or getattr(awaited, f"{prefix}_frame") is None:
            return
        yield getattr(awaited, f"{prefix}_frame")
        awaited = getattr(awaited, "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await")


def _is_of_interest(frame: FrameType) -> bool:
    module = frame.f_globals.get("__name__", "")
    is_library = module.partition(".")[0] in sys.stdlib_module_names
    # A doctest, or a script, is called __main__: that is nobody's library.
    return module == "__main__" or not (is_library or module.startswith(f"{__package__}."))
