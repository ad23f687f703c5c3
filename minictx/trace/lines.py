"""Record each line of user code that runs, by Python's own trace function."""

from __future__ import annotations

import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

from minictx.trace.places import is_user_file

if TYPE_CHECKING:
    from minictx.trace.recorder import Recorder

__all__ = ["Lines"]


class Lines:
    """Trace the thread that begins the recording, and all that start from then on.

    A debugger uses the same function: while lines are recorded, it waits.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._before: tuple[Any, Any] = (None, None)
        self._frames: list[tuple[FrameType, Any]] = []
        self._on = False

    def start(self) -> None:
        """Begin, with the line after the one that runs."""
        self._on = True
        self._before = sys.gettrace(), threading.gettrace()
        # Python asks the function below only for frames that begin now.
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if is_user_file(frame.f_code.co_filename):
                self._frames.append((frame, frame.f_trace))
                frame.f_trace = self._on_line
            frame = frame.f_back
        threading.settrace(self._on_call)
        sys.settrace(self._on_call)

    def stop(self) -> None:
        """Put back what was there before."""
        self._on = False
        sys.settrace(self._before[0])
        threading.settrace(self._before[1])
        for frame, function in self._frames:
            frame.f_trace = function
        self._frames.clear()

    def _on_call(self, frame: FrameType, event: str, arg: object) -> Any:
        return self._on_line if self._on and is_user_file(frame.f_code.co_filename) else None

    def _on_line(self, frame: FrameType, event: str, arg: object) -> Any:
        if not self._on:
            return None
        if event == "line":
            self._recorder.tell("line", place=(frame.f_code, frame.f_lasti))
        return self._on_line
