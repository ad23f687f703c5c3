"""Lanes: the rows of a transcript in columns, a column for each context."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from minictx.trace.rows import Row
from minictx.trace.words import clean

if TYPE_CHECKING:
    from minictx.trace.trace import Trace

__all__ = ["make_drawing"]

NARROWEST = 30  # what a context's column needs for its text
DEEPEST = 3  # rows are indented no further
LONGEST_LABEL = 14  # longer ones are cut

# A context that does only this needs no column: its rows say who it is.
QUIET = {"begin", "switch", "end", "proxy", "left", "limit"}

ASCII = str.maketrans({"┃": "|", "┆": ":", "…": "~", "─": "-"})

STYLES = {
    **dict.fromkeys(["begin", "switch", "end", "left"], "bold"),
    **dict.fromkeys(["set", "push"], "green"),
    **dict.fromkeys(["pop", "delete", "release"], "yellow"),
    **dict.fromkeys(["get", "resolve"], "cyan"),
    **dict.fromkeys(["context_push", "context_pop", "hook", "view"], "magenta"),
    **dict.fromkeys(["unbound", "error", "limit"], "bold red"),
}


def make_drawing(trace: Trace, rows: list[Row], console: Console, width: int) -> Drawing:
    """Return columns, or where those would be too narrow, a list."""
    busy = {
        row.event["context"]
        for row in rows
        if row.event["kind"] not in QUIET or row.event.get("left")
    }
    columns = [number for number in trace.runners if number in busy]
    lanes = Lanes(trace, rows, console, width, columns)
    if columns and lanes.room >= NARROWEST:
        return lanes
    return Drawing(trace, rows, console, width)


class Drawing:
    """Draw rows as a list: number, label, what happened."""

    def __init__(self, trace: Trace, rows: list[Row], console: Console, width: int) -> None:
        self.trace, self.rows, self.console, self.width = trace, rows, console, width
        self.signs = ASCII if console.options.ascii_only else {}
        self.files = {row.file for row in rows if row.file}
        self.digits = len(str(rows[-1].last)) if rows else 1
        labels = {self.label(row.event["context"]) for row in rows}
        self.label_width = min(max(map(cell_len, labels), default=1), LONGEST_LABEL)
        while self.label_width < width // 2:  # no two may look the same
            if len({self.cut(label, self.label_width) for label in labels}) == len(labels):
                break
            self.label_width += 1
        self.room = max(width - self.digits - self.label_width - 4, 10)

    def draw(self, title: str, ends: Iterable[str]) -> Iterator[Text]:
        """Yield the lines."""
        yield from self.wrap(Text(title, "bold"), self.width)
        yield from self.head()
        before = None
        for row in self.rows:
            if before and before.event["context"] != row.event["context"]:
                yield from self.turn()
                before = None
            has_moved = not before or (before.file, before.line) != (row.file, row.line)
            yield from self.row(row, has_moved and row.file != "")
            before = row
        yield Text()
        for text in ends:
            style = "bold red" if text.startswith("Left") else "bold"
            yield from self.wrap(Text(text, style), self.width)

    def head(self) -> Iterator[Text]:
        yield Text()

    def turn(self) -> Iterator[Text]:
        """Yield what stands between the rows of one context and those of another."""
        yield Text()

    def row(self, row: Row, has_moved: bool) -> Iterator[Text]:
        label = set_cell_size(
            self.cut(self.label(row.event["context"]), self.label_width), self.label_width
        )
        indent = " " * (self.digits + self.label_width + 4)
        for is_first, line in self.cell(row, has_moved, self.room):
            start = f"{row.event['n']:>{self.digits}}  {label}  " if is_first else indent
            yield Text.assemble((start, "bold" if is_first else ""), line)

    def cell(self, row: Row, has_moved: bool, room: int) -> Iterator[tuple[bool, Text]]:
        """Yield the lines that tell a row; with True for the one that has its number."""
        if has_moved:
            yield False, Text(self.cut(f"{self.place(row)}: {row.code}", room), "dim")
        indent = " " * min(row.depth, DEEPEST)
        text = Text(row.text, STYLES.get(row.event["kind"], ""))
        for index, line in enumerate(self.wrap(text, room - len(indent))):
            yield index == 0, Text.assemble(indent, line)
        if row.holding:
            indent += "  "
            for held in row.holding.lines(room - len(indent)):
                yield False, Text(indent + self.cut(self.sign(held), room - len(indent)))

    def place(self, row: Row) -> str:
        return f"line {row.line}" if len(self.files) == 1 else f"{row.file}:{row.line}"

    def wrap(self, text: Text, width: int) -> Iterator[Text]:
        for line in text.wrap(self.console, max(width, 8), overflow="fold"):
            line.rstrip()
            yield line

    def cut(self, text: str, width: int) -> str:
        if cell_len(text) <= width:
            return text
        return set_cell_size(text, width - 1) + self.sign("…")

    def label(self, context: int) -> str:
        runner = self.trace.runners.get(context)
        return clean(runner.label) if runner else "?"

    def sign(self, text: str) -> str:
        """Return a text with all drawing signs as this terminal can show them."""
        return text.translate(self.signs)


class Lanes(Drawing):
    """Draw rows in columns: a bar in each says who runs, and who waits."""

    def __init__(
        self, trace: Trace, rows: list[Row], console: Console, width: int, columns: list[int]
    ) -> None:
        super().__init__(trace, rows, console, width)
        self.columns = columns
        self.pitch = (width - self.digits - 1) // max(len(columns), 1)
        self.room = self.pitch - 3  # a bar, a space, and a space behind

    def head(self) -> Iterator[Text]:
        runs, waits = self.sign("┃"), self.sign("┆")
        yield Text(f"{runs} runs   {waits} waits", "dim")
        yield Text()
        line = Text(" " * (self.digits + 1))
        for column in self.columns:
            line.append(self.cut(self.label(column), self.room), "bold underline")
            line.pad_right(self.pitch - (line.cell_len - self.digits - 1) % self.pitch)
        line.rstrip()
        yield line

    def turn(self) -> Iterator[Text]:
        yield from ()  # the next column says it

    def row(self, row: Row, has_moved: bool) -> Iterator[Text]:
        context = row.event["context"]
        if context not in self.columns:
            yield from self.across(row)
            return
        for is_first, line in self.cell(row, has_moved, self.room):
            number = str(row.event["n"]) if is_first else ""
            text = Text.assemble((f"{number:>{self.digits}} ", "bold"))
            for column in self.columns:
                text.append_text(self.lane(column, row, line))
            text.rstrip()
            yield text

    def lane(self, column: int, row: Row, line: Text) -> Text:
        """Return one column of one line."""
        if column == row.event["context"]:
            text = Text.assemble(self.sign("┃"), " ", line)
        else:
            text = Text(self.sign("┆") if column in row.alive else " ", "dim")
        text.pad_right(self.pitch - text.cell_len)
        return text

    def across(self, row: Row) -> Iterator[Text]:
        """Yield the lines of a row of someone who has no column."""
        label = self.label(row.event["context"])
        said = row.text if row.event["kind"] == "switch" else f"{label}: {row.text}"
        indent = " " * (self.digits + 1)
        text = Text(said, STYLES.get(row.event["kind"], ""))
        for index, line in enumerate(self.wrap(text, self.width - len(indent))):
            start = f"{row.event['n']:>{self.digits}} " if index == 0 else indent
            yield Text.assemble((start, "bold"), line)
