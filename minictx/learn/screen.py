"""Draw what the watcher shows: one screen at a time on a terminal, else one below the other."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import replace

from rich.console import Console
from rich.segment import Segment

from minictx.learn.parts import Line, Part, Rows, View
from minictx.learn.rendering import put, render, width_of

__all__ = ["Screen", "side_by_side"]

LEAST = 4  # lines of a body are shown, however low the terminal is
NO_BREAK = "\N{NO-BREAK SPACE}"
CURSOR = 1  # the line below all others


def bar(done: int, total: int, width: int) -> str:
    """Return how far the course is done.

    >>> bar(3, 12, 20)
    '[###.........]  3/12'
    """
    count = f"{done:>{len(str(total))}}/{total}"
    room = max(width - len(count) - 3, 4)
    filled = room * done // max(total, 1)
    return f"[{'#' * filled}{'.' * (room - filled)}] {count}"


def cut(count: int, room: int, page: int, focus: int | None) -> tuple[int, int]:
    """Return which page to show of so many lines, and how many pages there are.

    It is the page that was asked for, or the one with the line ``focus``; after the last
    page comes the first again.

    >>> cut(25, room=10, page=1, focus=None), cut(25, 10, 3, None), cut(25, 10, 0, 24)
    ((1, 3), (0, 3), (2, 3))
    """
    pages = max(-(-count // room), 1)
    return (page if focus is None else focus // room) % pages, pages


class Screen:
    """Draws views on a console."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.in_place = console.is_terminal and not console.is_dumb_terminal
        self.last: View | None = None

    def draw(self, view: View) -> None:
        """Show a view: in the place of the last one on a terminal, else below it."""
        with self.console:  # written at once, or else it flickers
            if self.in_place:
                if self.last is None:  # what stands on the terminal is not wiped out
                    self.console.print("\n" * (self.console.height - 1), end="")
                self.console.clear()
                self._draw_page(view)
            else:
                self._draw_below(view)
        self.last = view

    def say(self, text: str) -> None:
        """Print a line of text below the view, in one piece: it may have a command to copy."""
        put(self.console, [[Segment(text)]])

    def _draw_page(self, view: View) -> None:
        head, foot = self._head(view), self._foot(view)
        head_lines, foot_lines = (render(self.console, parts) for parts in (head, foot))
        body = render(self.console, view.body)
        room = self.console.height - len(head_lines) - len(foot_lines) - CURSOR
        if len(body) > room:
            room = max(room - 1, LEAST)  # one is for the number of the page
        chosen = focus(view)
        page, pages = cut(len(body), room, view.page, chosen)
        if self._start_of_reason(view) >= (page + 1) * room:
            foot_lines = render(self.console, self._foot(replace(view, status=view.ahead)))
        put(self.console, [*head_lines, *body[page * room : (page + 1) * room]])
        if pages > 1:
            how = "" if chosen is not None else ", space: the next"
            self._print([Rows((f"-- page {page + 1} of {pages}{how} --",))])
        put(self.console, foot_lines)

    def _start_of_reason(self, view: View) -> int:
        """Return the line of the body where the reason of the status begins."""
        if view.reason is None:
            return 0
        return len(render(self.console, view.body[: view.body.index(view.reason)]))

    def _draw_below(self, view: View) -> None:
        """Print what is new, below what was printed before."""
        last = self.last
        parts: list[Part] = [Line(view.status, view.style)]
        if not view.passing and (last is None or last.passing or view.body != last.body):
            parts = [Line(""), *self._head(view), *view.body, *parts]
        if not view.passing and (last is None or last.passing or view.keys != last.keys):
            parts.append(Line(wrapped(view.keys, width_of(self.console)), "dim"))
        self._print(parts)

    def _head(self, view: View) -> list[Part]:
        return [
            Line(bar(view.done, view.total, width_of(self.console)), "cyan"),
            Line(view.title, "bold"),
            Line(""),
        ]

    def _foot(self, view: View) -> list[Part]:
        keys = wrapped(view.keys, width_of(self.console))
        return [Line(view.status, view.style), Line(keys, "dim")]

    def _print(self, parts: Iterable[Part]) -> None:
        put(self.console, render(self.console, parts))


def wrapped(keys: str, width: int) -> str:
    """Return the line of keys in lines of a width, which begin and end between two keys.

    >>> print(wrapped(side_by_side(["n next", "h hint", "q quit"]), 16))
    n next  h hint
    q quit
    """
    return textwrap.fill(keys, width).replace(NO_BREAK, " ")


def side_by_side(keys: Iterable[str]) -> str:
    """Return the line of some keys, none of which is torn apart where it is wrapped."""
    return "  ".join(key.replace(" ", NO_BREAK) for key in keys)


def focus(view: View) -> int | None:
    """Return the line of the body that must be seen."""
    return next((part.chosen for part in view.body if isinstance(part, Rows)), None)
