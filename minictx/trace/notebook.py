"""Notebook: a trace as an HTML table that survives in a notebook that nobody trusts.

A notebook strips scripts, style sheets and classes from such output, and is shown on light
and on dark: so there is a plain table here, with inline styles, and without colours.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from minictx.trace.rows import Row, make_rows
from minictx.trace.summary import sum_up, title
from minictx.trace.words import clean

if TYPE_CHECKING:
    from minictx.trace.trace import Trace

__all__ = ["trace_html"]

LINE = "1px solid #888"
CELL = f"text-align: left; vertical-align: top; padding: 2px 8px; border-left: {LINE}"
HEAD = f"text-align: left; padding: 2px 8px; border-left: {LINE}; border-bottom: {LINE}"
FAINT = "opacity: 0.8"
MOST_COLUMNS = 6  # with more contexts than that, a row says whose it is

LOUD = {"begin", "switch", "end", "unbound", "error", "left", "limit"}


def trace_html(trace: Trace, limit: int = 200) -> str:
    """Return what happened as an HTML table: a row for each event.

    >>> from minictx.trace.trace import Runner, Trace
    >>> trace = Trace("<b>", {1: Runner(1, "thread", "alice")})
    >>> trace_html(trace).partition("</p>")[0]
    '<div><p><b>&lt;b&gt;: 0 events, 1 thread</b>'
    """
    rows = list(islice(make_rows(trace), limit))
    here = {row.event["context"] for row in rows}
    columns = [number for number in trace.runners if number in here]
    if len(columns) > MOST_COLUMNS:
        columns = []
    heads = [clean(trace.runners[number].label) for number in columns] or [
        "who",
        "what happened",
    ]
    head = "".join(_cell("th", escape(text), HEAD) for text in ["", *heads])
    body = "".join(f"<tr>{''.join(_cells(trace, row, columns))}</tr>" for row in rows)
    ends = "".join(
        f"<p>{escape(text)}</p>" for text in sum_up(trace, rows[-1].last if rows else 0)
    )
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<div><p><b>{escape(title(trace))}</b></p>{table if rows else ''}{ends}</div>"


def _cells(trace: Trace, row: Row, columns: list[int]) -> Iterator[str]:
    yield _cell("th", str(row.event["n"]), "text-align: right; vertical-align: top")
    if not columns:
        yield _cell("td", escape(clean(trace.runners[row.event["context"]].label)), CELL)
        yield _cell("td", _tell(row), CELL)
    for column in columns:
        yield _cell("td", _tell(row) if column == row.event["context"] else "", CELL)


def _cell(tag: str, html: str, style: str) -> str:
    return f'<{tag} style="{style}">{html}</{tag}>'


def _tell(row: Row) -> str:
    text = escape(row.text)
    lines = [f"<b>{text}</b>" if row.event["kind"] in LOUD else text]
    if row.file:
        code = f"{escape(row.file)}:{row.line} <code>{escape(row.code)}</code>"
        lines.insert(0, f'<small style="{FAINT}">{code}</small>')
    if row.holding:
        lines.append(f"<code>{escape(row.holding.text())}</code>")
    return "<br>".join(lines)
