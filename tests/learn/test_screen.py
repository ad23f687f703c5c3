from __future__ import annotations

import io
from dataclasses import replace

import pytest

pytest.importorskip("rich")

from rich.console import Console

from minictx.learn.watcher.screen import Code, Line, Prose, Rows, Screen, View, new_console

VIEW = View("Local / local-get: a title", 3, 12, (Prose("Do it."),), "NOT YET", keys="q quit")


class Terminal(io.StringIO):
    """A terminal, or a pipe, of some encoding; it keeps what is written."""

    def __init__(self, is_terminal: bool = True) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


class Ascii(Terminal):
    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "ascii"


@pytest.fixture(autouse=True)
def xterm(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def screen_on(file: Terminal, width: int = 80, height: int = 24) -> Screen:
    return Screen(Console(file=file, width=width, height=height, no_color=True))


def drawn(view: View, width: int = 80, height: int = 24) -> list[str]:
    """Return the lines that are on the terminal when a view was drawn."""
    file = Terminal()
    screen = screen_on(file, width, height)
    screen.draw(view)
    shown = file.getvalue().rpartition("\x1b[H")[2]
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[3m", "\x1b[7m"):
        shown = shown.replace(code, "")
    return shown.splitlines()


def body(count: int) -> tuple[Line, ...]:
    return tuple(Line(f"line {number}") for number in range(1, count + 1))


def test_a_view_has_a_bar_a_title_a_body_a_status_and_keys() -> None:
    assert drawn(VIEW) == [
        f"[{'#' * 18}{'.' * 54}]  3/12",
        "Local / local-get: a title",
        "",
        "Do it.",
        "NOT YET",
        "q quit",
    ]


@pytest.mark.parametrize("width", [80, 60, 40, 20])
@pytest.mark.parametrize("height", [24, 20, 12])
def test_a_view_is_never_larger_than_the_terminal(width: int, height: int) -> None:
    long = " ".join(f"word{number}" for number in range(400))
    text = f"{long}\n\n- {long}\n\n    code = {'x' * 100}\n"
    view = replace(VIEW, body=(Prose(text), Line(long), Code(f"a = '{'y' * 200}'")))
    lines = drawn(view, width, height)
    assert len(lines) < height
    assert max(map(len, lines)) <= width


def test_on_a_wide_terminal_lines_stay_readable() -> None:
    text = " ".join(["word"] * 100)
    assert max(map(len, drawn(replace(VIEW, body=(Line(text),)), width=200))) <= 88


def test_what_fits_has_one_page() -> None:
    assert drawn(replace(VIEW, body=body(18)))[-3:] == ["line 18", "NOT YET", "q quit"]


def test_what_does_not_fit_has_pages_and_the_first_comes_after_the_last() -> None:
    def page(number: int) -> list[str]:
        return drawn(replace(VIEW, body=body(19), page=number))[3:]

    first = [f"line {number}" for number in range(1, 18)]
    assert page(0) == [*first, "-- page 1 of 2, space: the next --", "NOT YET", "q quit"]
    assert page(1)[:3] == ["line 18", "line 19", "-- page 2 of 2, space: the next --"]
    assert page(2) == page(0)


@pytest.mark.parametrize("width, height", [(80, 24), (50, 20)])
def test_as_long_as_the_reason_is_on_a_later_page_the_status_says_so(
    width: int, height: int
) -> None:
    ahead = "NOT YET; why: press space"
    reason = Line("T2 read what T1 stored")
    long = "NOT YET beyond/beyond_pool.py:19: save it to check it again"
    view = replace(VIEW, status=long, reason=reason, ahead=ahead)

    def page(number: int, *parts: Line) -> list[str]:
        return drawn(replace(view, body=parts, page=number), width, height)

    task = body(30)
    assert page(0, *task, reason)[-2] == ahead
    last = page(1, *task, reason)
    while reason.text not in last:
        assert last[-2] == ahead
        last = page(2, *task, reason)
    assert ahead not in last
    assert ahead not in page(0, *body(5), reason)
    assert page(0, reason, *task)[3] == reason.text
    assert ahead not in page(0, reason, *task)
    assert ahead not in page(1, reason, *task)


def test_the_page_where_the_reason_begins_has_the_status() -> None:
    reason = Line("no")
    view = replace(VIEW, reason=reason, ahead="why: press space")
    on_first = drawn(replace(view, body=(*body(16), reason, *body(9))))  # its last line
    assert on_first[-4:] == ["no", "-- page 1 of 2, space: the next --", "NOT YET", "q quit"]
    on_second = drawn(replace(view, body=(*body(17), reason, *body(9))))
    assert on_second[-2:] == ["why: press space", "q quit"]


def test_what_is_said_at_the_end_is_in_one_piece() -> None:
    file = Terminal()
    command = f"To go on: minictx learn -C /{'folder' * 20}"
    screen_on(file).say(command)
    assert file.getvalue() == f"{command}\n"


def test_the_page_of_a_list_is_that_of_the_chosen_row() -> None:
    rows = Rows(tuple(f"row {number}" for number in range(30)), chosen=20)
    lines = drawn(replace(VIEW, body=(rows,)))
    assert "row 20" in lines
    assert "row 0" not in lines
    assert "-- page 2 of 2 --" in lines


def test_a_row_is_cut_where_text_is_wrapped() -> None:
    long = "a long line that does not fit into forty columns"
    lines = drawn(replace(VIEW, body=(Rows((long,), 0), Line(long))), width=40)
    assert lines[3:6] == [long[:40], "a long line that does not fit into forty", "columns"]


def test_on_a_very_low_terminal_some_of_the_body_is_seen() -> None:
    assert "line 4" in drawn(replace(VIEW, body=body(9)), height=5)


def test_code_in_a_text_takes_no_more_lines_than_it_has() -> None:
    lines = drawn(replace(VIEW, body=(Prose("Look:\n\n    a = 1\n    b = 2\n\nWell?"),)))
    assert lines[3:-2] == ["Look:", "", "    a = 1", "    b = 2", "", "Well?"]


def test_a_bold_word_at_the_start_of_a_line_begins_a_line() -> None:
    text = "**Question**: who is it?\n**Do**: find\nout."
    assert drawn(replace(VIEW, body=(Prose(text),)))[3:-2] == [
        "Question: who is it?",
        "Do: find out.",
    ]


def test_what_looks_like_markup_is_shown_as_it_is() -> None:
    view = replace(VIEW, body=(Line("notes[0] is [bold]"),), status="NOT YET [red]a.py:1")
    assert drawn(view)[3:5] == ["notes[0] is [bold]", "NOT YET [red]a.py:1"]


def test_keys_are_not_torn_apart_at_the_end_of_a_line() -> None:
    keys = "n\xa0next  h\xa0hint  q\xa0quit"
    assert drawn(replace(VIEW, keys=keys), width=20)[-2:] == ["n next  h hint", "q quit"]


def test_where_only_ascii_is_known_signs_are_replaced() -> None:
    file = Ascii()
    view = replace(VIEW, body=(Prose("- “one” → two…"),), status="— 3 × 4 –")  # noqa: RUF001
    screen_on(file).draw(view)
    assert file.getvalue().isascii()
    assert '"one" -> two...' in file.getvalue()
    assert " * " in file.getvalue()
    assert "- 3 x 4 -" in file.getvalue()


@pytest.mark.parametrize(
    "name, locale, is_ascii",
    [("LC_ALL", "C", True), ("LANG", "POSIX", True), ("LC_CTYPE", "C.UTF-8", False)],
)
def test_a_terminal_without_a_locale_gets_ascii(
    monkeypatch: pytest.MonkeyPatch, name: str, locale: str, is_ascii: bool
) -> None:
    for each in ("LC_ALL", "LC_CTYPE", "LANG"):
        monkeypatch.delenv(each, raising=False)
    monkeypatch.setenv(name, locale)
    written = io.BytesIO()
    file = io.TextIOWrapper(written, encoding="utf-8")
    file.isatty = lambda: True  # type: ignore[method-assign]
    console = new_console(file)
    assert console.options.ascii_only == is_ascii
    Screen(console).say("é")
    file.flush()
    assert written.getvalue() == (b"?\n" if is_ascii else "é\n".encode())


def test_what_stands_on_the_terminal_is_scrolled_away_and_not_wiped_out() -> None:
    file = Terminal()
    screen = screen_on(file, height=10)
    screen.draw(VIEW)
    screen.draw(VIEW)
    before, first, second = file.getvalue().split("\x1b[2J")
    assert before == "\n" * 9
    assert first == second


# In a pipe


def printed(*views: View) -> str:
    file = Terminal(is_terminal=False)
    screen = screen_on(file)
    for view in views:
        screen.draw(view)
    assert "\x1b" not in file.getvalue()
    return file.getvalue()


def test_in_a_pipe_a_view_is_printed_in_full() -> None:
    text = printed(replace(VIEW, body=body(100)))
    assert "line 1\n" in text
    assert "line 100\nNOT YET\nq quit\n" in text


def test_in_a_pipe_the_same_is_not_printed_twice() -> None:
    first = printed(VIEW)
    assert printed(VIEW, replace(VIEW, status="no hint")) == f"{first}no hint\n"


def test_in_a_pipe_something_else_is_printed_below() -> None:
    text = printed(VIEW, replace(VIEW, body=(Line("Hint 1"),)))
    assert text.index("Do it.") < text.index("Hint 1")
    assert text.count("Local / local-get") == 2
    assert text.count("q quit") == 1


def test_in_a_pipe_a_check_is_one_line() -> None:
    checking = replace(VIEW, status="checking ...", passing=True)
    assert printed(checking) == "checking ...\n"
    assert printed(checking, VIEW).startswith("checking ...\n\n[")


def test_a_dumb_terminal_is_written_to_like_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    file = Terminal()
    screen_on(file).draw(replace(VIEW, body=body(100)))
    assert "line 1\n" in file.getvalue()
    assert "line 100\nNOT YET\nq quit\n" in file.getvalue()
