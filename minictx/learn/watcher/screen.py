"""Draw what the watcher shows: one screen at a time on a terminal, else one below the other."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar, TextIO

from rich.console import (
    Console,
    ConsoleDimensions,
    ConsoleOptions,
    Group,
    RenderableType,
    RenderResult,
)
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.syntax import Syntax
from rich.text import Text
from rich.theme import Theme

__all__ = [
    "GAP",
    "Code",
    "Line",
    "Lines",
    "Part",
    "Prose",
    "Rows",
    "Screen",
    "View",
    "new_console",
    "put",
    "render",
    "side_by_side",
    "width_of",
]


@dataclass(frozen=True)
class Prose:
    """Markdown."""

    text: str


@dataclass(frozen=True)
class Line:
    """Plain text, wrapped if it is too long."""

    text: str
    style: str = ""


@dataclass(frozen=True)
class Code:
    """Python code."""

    text: str


@dataclass(frozen=True)
class Rows:
    """Lines that are cut if they are too long; one of them may be chosen."""

    rows: tuple[str, ...]
    chosen: int | None = None


Part = Prose | Line | Code | Rows
GAP = Line("")


@dataclass(frozen=True)
class View:
    """One screen: a bar, a title, a body that may take several pages, and a status."""

    title: str
    done: int
    total: int
    body: tuple[Part, ...]
    status: str
    style: str = ""
    keys: str = ""
    page: int = 0
    passing: bool = False  # the next view comes without the student doing anything
    reason: Part | None = None  # the part of the body that says why the status is as it is
    ahead: str = ""  # the status as long as the reason is on a later page


# From parts to lines, whatever a terminal can show

Lines = list[list[Segment]]

WIDEST = 88  # a longer line is hard to read
THEME = "ansi_dark"
ASCII = str.maketrans(
    {"•": "*", "…": "...", "→": "->", "─": "-", "—": "-", "–": "-", "×": "x"}  # noqa: RUF001
    | dict.fromkeys("“”„", '"')
    | dict.fromkeys("‘’", "'")  # noqa: RUF001
)


def is_ascii_only() -> bool:
    """Tell whether a locale says that the terminal knows no more than ASCII.

    Python writes UTF-8 in such a locale, which the terminal may not be able to show.
    """
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_CTYPE", "LANG"))
    locale = next(filter(None, names), "C")
    return sys.platform != "win32" and locale in ("C", "POSIX")


def new_console(file: TextIO | None = None) -> Console:
    """Return a console that shows a substitute for each character that the terminal lacks."""
    file = sys.stdout if file is None else file
    if reconfigure := getattr(file, "reconfigure", None):
        encoding = "ascii" if is_ascii_only() and file.isatty() else None
        reconfigure(encoding=encoding, errors="replace")
    console = Console(file=file, highlight=False, theme=Theme({"markdown.code": "bold cyan"}))
    if console.is_dumb_terminal:  # rich would take it to be 80 columns wide
        console.size = ConsoleDimensions(*shutil.get_terminal_size())
    return console


def width_of(console: Console) -> int:
    """Return how long a line may be."""
    return min(console.width, WIDEST)


def render(console: Console, parts: Iterable[Part]) -> Lines:
    """Return the lines that some parts of a view take."""
    options = console.options.update_width(width_of(console))
    group = Group(*(renderable(part) for part in parts))
    lines = [stripped(line) for line in console.render_lines(group, options, pad=False)]
    if console.options.ascii_only:
        return [
            [each._replace(text=each.text.translate(ASCII)) for each in line] for line in lines
        ]
    return lines


def put(console: Console, lines: Iterable[list[Segment]]) -> None:
    """Print lines."""
    for line in lines:
        console.print(Segments([*line, Segment.line()]), end="", soft_wrap=True)


def renderable(part: Part) -> RenderableType:
    """Return what rich draws for a part of a view."""
    match part:
        case Prose(text):
            return markdown(text)
        case Line(text, style):
            return Text(text, style)
        case Code(text):
            return syntax(text)
        case Rows(rows, chosen):
            texts = [Text(row, no_wrap=True) for row in rows]
            if chosen is not None:
                texts[chosen].stylize("reverse")
            return Group(*texts)


class TightCode(CodeBlock):
    """A code block without the empty line that rich adds above and below."""

    def __rich_console__(self, _: Console, __: ConsoleOptions) -> RenderResult:
        yield Padding(syntax(str(self.text).rstrip(), self.lexer_name), (0, 0, 0, 4))


class TightMarkdown(Markdown):
    """Markdown that takes few lines."""

    elements: ClassVar = {
        **Markdown.elements,
        "fence": TightCode,
        "code_block": TightCode,
    }


def markdown(text: str) -> TightMarkdown:
    """Return Markdown in which a line that begins in bold stays a line of its own."""
    return TightMarkdown(text.replace("\n**", "  \n**"))


def syntax(code: str, lexer: str = "python") -> Syntax:
    return Syntax(code, lexer, theme=THEME, background_color="default", word_wrap=True)


def stripped(line: list[Segment]) -> list[Segment]:
    """Return a line without the spaces that fill it up to the width of the screen."""
    while line and not line[-1].text.rstrip():
        line = line[:-1]
    return [*line[:-1], line[-1]._replace(text=line[-1].text.rstrip())] if line else []


# From lines to a screen

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
        """Show a view: on a terminal instead of the last one, else below it."""
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
    """Return the line of some keys, none of which is split when it is wrapped."""
    return "  ".join(key.replace(" ", NO_BREAK) for key in keys)


def focus(view: View) -> int | None:
    """Return the line of the body that must be seen."""
    return next((part.chosen for part in view.body if isinstance(part, Rows)), None)
