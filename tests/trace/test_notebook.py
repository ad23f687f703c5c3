from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from minictx import LocalStack
from minictx.trace.notebook import trace_html
from minictx.trace.trace import Trace
from tests.trace.traces import HOSTILE, hostile, left_behind, limited, many, two_requests

TAGS = {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td", "br", "code", "small"}

# What JupyterLab's sanitizer lets through. A colour would be right on light or on dark only.
STYLES = {
    "text-align": "left|right",
    "vertical-align": "top",
    "padding": "(\\d+px ?)+",
    "border-left": "1px solid #888",
    "border-bottom": "1px solid #888",
    "opacity": "0\\.\\d",
}


class Check(HTMLParser):
    """Read HTML, and raise AssertionError where a notebook would strip something."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        for name, value in attrs:
            assert name == "style" and value is not None
            for declaration in value.split(";"):
                style, _, how = declaration.strip().partition(": ")
                assert re.fullmatch(STYLES[style], how)
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


class Raises:
    def __repr__(self) -> str:
        raise ValueError("no repr")


@pytest.mark.parametrize(
    "trace",
    [two_requests(), left_behind(), limited(), hostile(), many(30, 9), Trace("nothing.py")],
    ids=lambda trace: trace.title[:10],
)
def test_a_trace_is_html_without_anything_that_a_notebook_strips(trace: Trace) -> None:
    Check(trace_html(trace))


def test_the_table_tells_what_the_transcript_tells() -> None:
    text = Check(trace_html(two_requests())).text
    for told in (
        "app.py: 43 events, 3 threads",
        "request → <Request 'http://localhost/hello/alice' [GET]> (3 times)",
        "_request_ctx_stack: [<RequestContext '/hello/bob' of shop>]",
        'app.py:5 session["user"] = g.user = name',
        "Nothing was left behind.",
    ):
        assert told in text
    assert "Left behind at the end: MainThread's" in Check(trace_html(left_behind())).text
    assert "The limit of 4 events was reached" in Check(trace_html(limited())).text


def test_each_context_has_a_column_unless_there_are_too_many() -> None:
    assert trace_html(two_requests()).count("</th>", 0, 900) >= 4
    assert re.search(r">alice</th>.*>bob</th>", trace_html(two_requests()))
    assert re.search(r">who</th>.*>what happened</th>", trace_html(many(30, 9)))


def test_of_a_long_trace_the_rest_is_counted() -> None:
    assert "951 more events are not shown" in trace_html(many(1000), limit=50)


def test_values_labels_and_titles_are_escaped() -> None:
    html = trace_html(hostile())
    assert "<img" not in html and "<script" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;" in html


def test_a_stack_is_a_table_with_a_row_for_each_ident() -> None:
    ident = "alice"
    stack: LocalStack[object] = LocalStack(ident_func=lambda: ident)
    stack.push("bottom")
    stack.push("top")
    ident = "bob"
    stack.push("other")
    assert stack._repr_html_() == (
        "<table><tr><th>ident</th><th>stack, from bottom to top</th></tr>"
        "<tr><td>&#x27;alice&#x27;</td><td>&#x27;bottom&#x27;</td><td>&#x27;top&#x27;</td></tr>"
        "<tr><td>&#x27;bob&#x27;</td><td>&#x27;other&#x27;</td></tr></table>"
    )


def test_what_lies_on_a_stack_is_escaped_bounded_and_may_raise() -> None:
    stack: LocalStack[object] = LocalStack()
    for item in (HOSTILE, "x" * 10_000, Raises()):
        stack.push(item)
    html = stack._repr_html_()
    text = Check(html).text
    assert "<img" not in html and len(html) < 1000
    assert "<Raises instance at 0x" in text


def test_ipython_draws_traces_and_stacks() -> None:
    formatters = pytest.importorskip("IPython.core.formatters")
    draw = formatters.HTMLFormatter()
    trace = two_requests()
    assert draw(trace) == trace_html(trace)
    stack: LocalStack[str] = LocalStack()
    stack.push("<b>")
    assert draw(stack) == stack._repr_html_()
    assert "&lt;b&gt;" in draw(stack)
    assert draw(stack()) is None  # a proxy to a text is as plain as the text
