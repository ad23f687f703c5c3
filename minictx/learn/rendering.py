"""Turn text, Markdown and code into lines for a terminal, or a pipe, whatever it can show."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
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

from minictx.learn.parts import Code, Line, Part, Prose, Rows

__all__ = ["Lines", "new_console", "put", "render", "width_of"]

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
    """Return a console that shows something for whatever the terminal cannot show."""
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
