from __future__ import annotations

import io
import re
from typing import Any

import pytest

pytest.importorskip("rich")

from rich.cells import cell_len
from rich.console import Console

from minictx.trace.trace import Trace
from minictx.trace.transcript import print_transcript
from tests.trace.traces import (
    Story,
    hostile,
    left_behind,
    limited,
    locals_of,
    many,
    two_requests,
)


def show(
    trace: Trace, columns: int = 80, encoding: str = "utf-8", color: bool = False, **how: Any
) -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Console(
        file=file,
        width=columns,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    print_transcript(trace, console, **how)
    file.flush()
    return file.buffer.getvalue().decode(encoding)


def traces() -> list[Trace]:
    return [
        two_requests(),
        two_requests("greenlet"),
        locals_of(),
        left_behind(),
        limited(),
        hostile(),
        many(40, 3),
        many(40, 9),
        Trace("nothing.py"),
    ]


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_terminal(width: int, encoding: str) -> None:
    for trace in traces():
        for line in show(trace, width, encoding).splitlines():
            assert cell_len(line) <= width, line
            assert line == line.rstrip()


def test_the_width_can_be_given() -> None:
    lines = show(two_requests(), 200, width=60).splitlines()
    assert 50 < max(map(len, lines)) <= 60


def test_two_contexts_have_a_column_each_in_80_columns() -> None:
    shown = show(locals_of())
    assert re.search(r"^ +greenlet worker {10,}task worker", shown, re.MULTILINE)
    column = shown.splitlines()[3].index("task worker")
    row = next(line for line in shown.splitlines() if "local.user = 'task'" in line)
    assert row.index("┃ local.user") == column


def test_the_columns_say_who_runs_who_waits_and_who_is_gone() -> None:
    lines = show(two_requests(), 120).splitlines()
    first = next(line for line in lines if "switch to alice" in line)
    assert re.fullmatch(r"29 ┆ +┃ switch to alice +┆", first)
    last = next(line for line in lines if "switch to bob" in line)
    assert re.fullmatch(r"35 ┆ +┃ switch to bob", last)  # alice has ended


def test_where_columns_would_be_too_narrow_the_label_stands_before_each_row() -> None:
    shown = show(two_requests(), 80)
    assert "┃" not in shown
    assert re.search(r"^ 6  alice +push <RequestContext '/hello/alice' of shop>$", shown, re.M)
    assert re.search(r"^19  bob +push <RequestContext '/hello/bob' of shop>$", shown, re.M)


def test_labels_that_are_cut_still_differ() -> None:
    story = Story()
    stack = story.object("stack", "LocalStack")
    for number in range(9):
        worker = story.runner(f"a worker of some kind-{number}, in a pool")
        story.add(worker, "push", object=stack, value=str(number))
    found = re.findall(r"^ *\d+  (a worker \S.*?)  push", show(story.trace), re.M)
    assert len(set(found)) == 9
    assert max(map(len, found)) == len("a worker of some kind-0…")


def test_who_only_starts_others_takes_no_column_but_is_told() -> None:
    story = Story()
    main = story.runner("MainThread")
    stack = story.object("stack", "LocalStack")
    for name in ("alice", "bob"):
        story.add(main, "proxy", object=stack, source=None, name=None)
        story.add(story.runner(name, "thread", main), "push", object=stack, value="1")
    lines = show(story.trace).splitlines()
    assert re.fullmatch(r" +alice +bob", lines[3].rstrip())
    assert any(re.fullmatch(r" *1 MainThread: begins \(a thread\)", line) for line in lines)
    assert any(re.fullmatch(r" *6 switch to MainThread", line) for line in lines)


def test_rows_have_the_number_the_line_of_code_the_words_and_the_storage() -> None:
    shown = show(two_requests(), 120)
    assert re.search(
        r"┃ line 5: session\[.user.\] = g.user = …\n"
        r"13 ┆ +┃  request → <Request\n.*\n.*\(3 times\)",
        shown,
    )
    assert re.search(
        r"┃    _request_ctx_stack:\n.*┃    \[<RequestContext '/hello/alice'…\]", shown
    )


def test_a_line_of_code_is_told_once_for_all_that_happens_in_it() -> None:
    story = Story()
    who, local = story.runner("main"), story.object("local", "Local")
    for name in "abc":
        story.add(who, "set", 5, object=local, name=name, value="1")
    assert show(story.trace).count("g.user = name") == 1


def test_a_trace_of_several_files_names_the_file_of_a_line() -> None:
    trace = two_requests()
    assert "app.py:5" not in show(trace)
    trace.events[1]["file"] = "/somewhere/else.py"
    shown = show(trace)
    assert "else.py:1: in hello" in shown
    assert "app.py:5: session" in shown


def test_what_was_left_behind_is_said_at_the_end() -> None:
    ends = show(left_behind()).split("the recording ends")[1].strip().splitlines()
    assert ends == [
        "Left behind when worker ended: worker's _app_ctx_stack = [<AppContext of shop>]",
        "Left behind at the end: MainThread's local.user = 'carol'",
    ]
    assert show(two_requests()).endswith("\nNothing was left behind.\n")
    assert "left behind" not in show(limited())  # nobody knows
    cut_off = two_requests()
    cut_off.events = cut_off.events[:40]  # with the end of both threads, not of the script
    assert "left behind" not in show(cut_off)


def test_a_limit_that_was_reached_is_said_at_the_end() -> None:
    shown = show(limited())
    assert shown.endswith(
        "The limit of 4 events was reached: nothing after that was recorded.\n"
    )


def test_of_a_long_trace_the_rest_is_counted_and_where_to_see_it_is_said() -> None:
    shown = show(many(1000), limit=50)
    assert re.search(r"^ *50 ", shown, re.M)
    assert not re.search(r"^ *51 ", shown, re.M)
    assert "951 more events are not shown: --json FILE writes all, --page FILE" in shown
    assert "not shown" not in show(many(1000), limit=None)
    assert "not shown" in show(many(1000))


def test_what_is_left_behind_is_said_even_if_the_rows_are_not_shown() -> None:
    assert "MainThread's local.user = 'carol'" in show(left_behind(), limit=2)


def test_without_utf8_all_is_ascii() -> None:
    for trace in traces():
        assert show(trace, 120, "ascii").isascii()
    shown = show(two_requests(), 120, "ascii")
    assert "| runs   : waits" in shown
    assert "request -> <Request" in shown


def test_without_utf8_a_value_of_other_letters_is_told_by_their_codes() -> None:
    story = Story()
    local = story.object("local", "Local")
    story.add(story.runner("zoë"), "set", object=local, name="name", value="'名前'")
    assert r"local.name = '\u540d\u524d'" in show(story.trace, encoding="ascii")
    assert "local.name = '名前'" in show(story.trace)


def test_plain_is_one_sentence_a_line_without_any_drawing() -> None:
    trace = two_requests()
    lines = show(trace, plain=True).splitlines()
    assert lines[0] == "app.py: 43 events, 3 threads."
    assert lines[1] == "1. MainThread: begins (a thread)."
    assert lines[5] == (
        "6. alice, app.py line 1: push <RequestContext '/hello/alice' of shop>."
        " Now _request_ctx_stack: [<RequestContext '/hello/alice' of shop>]."
    )
    assert (
        "13. alice, app.py line 5: request is"
        " <Request 'http://localhost/hello/alice' [GET]> (3 times)." in lines
    )
    assert lines[-1] == "Nothing was left behind."
    assert "\n".join(lines).isascii()
    assert not [line for line in lines if not line.strip() or "  " in line]


def test_the_story_is_the_same_without_colour() -> None:
    for trace in traces():
        coloured = show(trace, color=True)
        assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == show(trace)
    assert "\x1b[" in coloured
    assert "\x1b" not in show(two_requests())


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    colours = re.compile(r"\x1b\[[0-9;]*(3[0-7]|9[0-7])m")
    assert not colours.search(show(two_requests(), color=True))
    monkeypatch.delenv("NO_COLOR")
    assert colours.search(show(two_requests(), color=True))


def test_a_value_can_neither_colour_the_terminal_nor_be_taken_for_markup() -> None:
    story = Story()
    stack = story.object("stack", "LocalStack")
    story.add(story.runner("main"), "push", object=stack, value="[bold]\x1b[31m[/]\n:smile:")
    for plain in (True, False):
        assert r"push [bold]\x1b[31m[/]\n:smile:" in show(story.trace, plain=plain)
