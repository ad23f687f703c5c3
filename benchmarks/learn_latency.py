"""From a save to the result on the screen of ``minictx learn``: the median.

Run it with ``uv run python benchmarks/learn_latency.py``. A watcher runs on a terminal of its
own; the file of the first exercise is saved again and again, solved and unsolved, as a student
does it, with some time between two saves, and without.
"""

from __future__ import annotations

import os
import pty
import sys
import tempfile
from pathlib import Path
from select import select
from statistics import median
from time import perf_counter, sleep

from minictx.learn.course import OURS, Course
from minictx.learn.workspace import init

SAVES = 20
PAUSE = 2.0  # seconds between two saves of a student
TARGET = 0.7  # seconds
LONGEST = 60.0


class Watcher:
    """A watcher on a terminal."""

    def __init__(self, workspace: Path) -> None:
        pid, self.screen = pty.fork()
        if pid == 0:
            os.environ |= {"TERM": "xterm", "COLUMNS": "80", "LINES": "24"}
            command = [sys.executable, "-m", "minictx", "learn", "-C", str(workspace)]
            os.execv(sys.executable, command)
        self.pid = pid

    def wait_for(self, text: str) -> None:
        """Wait until a text is on the screen."""
        shown = ""
        while text not in shown:
            if not select([self.screen], [], [], LONGEST)[0]:
                raise SystemExit(f"{text!r} does not come: {shown!r}")
            shown += os.read(self.screen, 65536).decode(errors="replace")

    def quit(self) -> None:
        """End the watcher, and wait for its end."""
        os.write(self.screen, b"\x03")  # a key would be ignored while a check runs
        self.wait_for("To go on:")
        os.waitpid(self.pid, 0)


def measure(workspace: Path) -> dict[float, list[float]]:
    """Return, for each pause between two saves, the seconds from each save to its result."""
    course = Course.load(OURS)
    exercise = init(course, workspace, None).current
    solved, unsolved = exercise.solution.read_bytes(), exercise.shipped.read_bytes()
    watcher = Watcher(workspace)
    watcher.wait_for("NOT YET")
    times: dict[float, list[float]] = {PAUSE: [], 0: []}
    for pause, measured in times.items():
        for content, result in [(solved, "PASSED"), (unsolved, "NOT YET")] * (SAVES // 2):
            sleep(pause)
            start = perf_counter()
            (workspace / exercise.file).write_bytes(content)
            watcher.wait_for(result)
            measured.append(perf_counter() - start)
    watcher.quit()
    return times


def main() -> None:
    """Print medians."""
    with tempfile.TemporaryDirectory() as folder:
        times = measure(Path(folder) / "workspace")
    print(f"from save to result, in seconds (target: {TARGET}), {SAVES} saves each")
    print("pause   median  shortest  longest")
    for pause, measured in times.items():
        low, middle, high = min(measured), median(measured), max(measured)
        print(f"{pause:>5}{middle:>9.2f}{low:>10.2f}{high:>9.2f}")


if __name__ == "__main__":
    main()
