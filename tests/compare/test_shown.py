"""All answers in every form, and one behaviour in full with its trace."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from rich.console import Console

from minictx.compare import CompareError
from minictx.compare.command import compare_one
from minictx.compare.locals.behaviours import BEHAVIOURS, TOPICS
from minictx.compare.locals.implementations import IMPLEMENTATIONS
from minictx.compare.locals.page import render_page
from minictx.compare.locals.results import (
    NOT_INSTALLED,
    Results,
    find_behaviour,
    find_implementation,
    find_results,
    load,
)
from minictx.compare.locals.show import make_markdown, print_behaviour, print_table, shorten
from minictx.compare.locals.tracing import choose, trace_behaviour
from minictx.files import OutputError
from minictx.trace.state import State
from tests.actors import needs_greenlet

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "compare.md"
BEGIN, END = "<!-- begin: minictx compare --markdown -->\n", "<!-- end -->"


def printed(results: Results, width: int, **options: object) -> str:
    file = io.StringIO()
    print_table(results, Console(file=file, width=width, **options))  # type: ignore[arg-type]
    return file.getvalue()


@pytest.mark.parametrize("width", [60, 80, 95, 100, 160])
def test_every_answer_is_in_the_table_and_no_line_is_too_long(
    width: int, results: Results
) -> None:
    lines = printed(results, width).splitlines()
    assert max(map(len, lines)) <= width
    for topic in TOPICS:
        columns = [each.key for each in results.columns(topic)]
        for behaviour, row in results.rows(topic):
            parts = [line.split()[1:] for line in lines if line.startswith(behaviour.key + " ")]
            answers = [shorten(row[key]) for key in columns if row[key] != NOT_INSTALLED]
            assert [cell for part in parts for cell in part] == answers, behaviour.key


def test_at_100_columns_each_topic_is_one_table_and_at_80_two_at_most(
    results: Results,
) -> None:
    for width, most in ((100, 1), (80, 2)):
        lines = printed(results, width).splitlines()
        assert sum(line.startswith("threads-isolated ") for line in lines) <= most


def test_no_two_answers_look_the_same_when_they_are_shortened(results: Results) -> None:
    seen = {answer for row in results.answers.values() for answer in row.values()}
    short = [shorten(answer) for answer in seen if shorten(answer) != "some"]
    assert len(short) == len(set(short))


def test_the_legend_explains_every_column_and_every_error(results: Results) -> None:
    text = printed(results, 160)
    for each in IMPLEMENTATIONS.values():
        assert f"\n{each.head:<5} {each.title}" in text
    assert "Recu! RecursionError" in text
    assert "recorded 2" in text


def test_no_color_is_obeyed(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[36m" in printed(results, 100, force_terminal=True)
    monkeypatch.setenv("NO_COLOR", "1")
    text = printed(results, 100, force_terminal=True)
    assert "\x1b[36m" not in text
    assert "\x1b[33m" not in text


def test_the_table_in_the_documentation_is_fresh(results: Results) -> None:
    missing = [
        each.title for each in IMPLEMENTATIONS.values() if results.note(each) == NOT_INSTALLED
    ]
    if missing or any(row["minictx"] == "-" for row in results.answers.values()):
        pytest.skip(f"not installed: {', '.join(missing) or 'greenlet'}")
    text = DOCUMENT.read_text("utf-8")
    table = text.partition(BEGIN)[2].partition(END)[0]
    assert table == make_markdown(results), (
        "docs/compare.md is stale: put what `uv run minictx compare --markdown` prints between"
        " its two comments"
    )


def test_markdown_has_the_same_number_of_cells_in_all_lines_of_a_table(
    results: Results,
) -> None:
    width = 0
    for line in make_markdown(results).splitlines():
        cells = line.replace("\\|", "").count("|")
        if line.startswith("|"):
            assert width in (0, cells), line
        width = cells
    assert "`not ** << >> & \\| ^`" in make_markdown(results)


def test_json_has_everything(results: Results) -> None:
    found = json.loads(results.to_json())
    assert list(found["implementations"]) == list(IMPLEMENTATIONS)
    assert list(found["behaviours"]) == list(BEHAVIOURS)
    row = found["behaviours"]["child-pop-seen-by-parent"]
    assert row["topic"] == "Stacks"
    assert row["answers"]["werkzeug-2.0"] == "yes"
    assert row["why"].startswith("werkzeug 2.0 copied the list in push")
    assert "1.0.1" in found["implementations"]["werkzeug-1.0"]["note"]


class Elements(HTMLParser):
    """Collect the elements of a page, and the text of its cells."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.rows: list[list[str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "wbr"):
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data

    def all(self, name: str) -> list[str | None]:
        return [value for key, value in self.attributes if key == name]


def test_the_page_has_every_answer_under_its_head(results: Results) -> None:
    rows = {row[0].partition(" ")[0]: row[1:] for row in Elements(render_page(results)).rows}
    for topic in TOPICS:
        columns = results.columns(topic)
        for behaviour, row in results.rows(topic):
            assert rows[behaviour.key] == [each.head + row[each.key] for each in columns]


def test_the_page_runs_no_script_and_loads_nothing(results: Results) -> None:
    page = Elements(render_page(results))
    assert page.open == []
    assert not {"script", "img", "link", "iframe", "object"} & set(page.tags)
    assert page.all("src") == []
    assert not any(name.startswith("on") for name, _ in page.attributes)
    policy = page.all("content")[0] or ""
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_rows_and_cells_stay_rows_and_cells_where_the_style_makes_cards_of_them(
    results: Results,
) -> None:
    text = render_page(results)
    page = Elements(text)
    roles = {"tr": "row", "td": "cell", "table": "table"}
    for tag, role in roles.items():
        assert page.all("role").count(role) == page.tags.count(tag)
    heads = page.all("role").count("rowheader") + page.all("role").count("columnheader")
    assert heads == page.tags.count("th")
    assert "Recursion<wbr>Error" in text


def test_every_link_of_the_page_leads_to_one_place_on_it(results: Results) -> None:
    page = Elements(render_page(results))
    places = page.all("id")
    assert len(places) == len(set(places))
    targets = [str(link).removeprefix("#") for link in page.all("href")]
    assert set(targets) == {*BEHAVIOURS, *(topic.title.lower() for topic in TOPICS)}
    assert set(targets) <= set(places)


def test_the_page_shows_the_code_and_nothing_in_it_is_taken_for_html(
    results: Results,
) -> None:
    text = render_page(results)
    assert "def reflected_operators(kit: Kit) -&gt; str:" in text
    assert "not ** &lt;&lt; &gt;&gt; &amp; | ^" in text
    assert "<code>release_local</code>" in text
    assert "`" not in text.replace("```", "").partition("<main>")[2].partition('id="code"')[0]


# One behaviour


LIVE = [key for key, each in IMPLEMENTATIONS.items() if each.load and load(each) is not None]


def chosen_for(key: str) -> str | None:
    behaviour = BEHAVIOURS[key]
    chosen = choose(behaviour, find_results([behaviour]))
    return None if chosen is None else chosen.key


def test_everything_about_a_behaviour_is_printed() -> None:
    behaviour = BEHAVIOURS["child-pop-seen-by-parent"]
    file = io.StringIO()
    results = find_results([behaviour])
    print_behaviour(behaviour, results, Console(file=file, width=200))
    text = file.getvalue()
    for wanted in (behaviour.question, behaviour.why, *behaviour.code.splitlines()):
        assert wanted in text
    lines = [" ".join(line.split()) for line in text.splitlines()]
    for key, answer in results.answers[behaviour.key].items():
        assert f"{answer} {key} {IMPLEMENTATIONS[key].title}" in lines


@needs_greenlet
def test_the_first_that_answers_otherwise_than_minictx_is_traced() -> None:
    assert chosen_for("greenlets-isolated") == "threading"
    assert chosen_for("dead-threads-data-read") == "minictx-threads"
    assert chosen_for("child-task-starts-from") in ("asgiref", "contextvar")


def test_where_all_agree_minictx_is_traced() -> None:
    assert chosen_for("threads-isolated") == "minictx"


@pytest.mark.parametrize("key", LIVE)
def test_the_trace_shows_what_each_implementation_stores_and_finds(key: str) -> None:
    behaviour, implementation = BEHAVIOURS["tasks-isolated"], IMPLEMENTATIONS[key]
    trace = trace_behaviour(behaviour, implementation)
    events = [
        (trace.runners[event["context"]].label, event["kind"], event["name"], event["value"])
        for event in trace.events
        if event["kind"] in ("set", "get")
    ]
    kept = find_results([behaviour]).answers[behaviour.key][key] == "yes"
    assert events == [
        ("A", "set", "user", "'alice'"),
        ("B", "set", "user", "'bob'"),
        ("A", "get", "user", "'alice'" if kept else "'bob'"),
    ]
    (local,) = trace.objects.values()
    assert (local.type, local.label) == ("Local", "local")
    lines = {event["line"] for event in trace.events if event["kind"] in ("set", "get")}
    assert len(lines) == 3
    (file,) = {event["file"] for event in trace.events if event["line"] in lines}
    assert file.endswith("compare/locals/behaviours/isolation.py")


@pytest.mark.parametrize("key", LIVE)
def test_a_name_that_is_missing_or_deleted_is_traced_once(key: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["child-task-starts-from"], IMPLEMENTATIONS[key])
    kinds = [event["kind"] for event in trace.events if event["kind"] in ("set", "get")]
    assert kinds == ["set", "get", "set", "get"]
    if key != "contextvar":
        trace = trace_behaviour(BEHAVIOURS["deleted-here-only"], IMPLEMENTATIONS[key])
        events = [event for event in trace.events if "name" in event]
        assert [event["kind"] for event in events] == ["set", "set", "delete", "get", "get"]
        assert [event.get("value") for event in events[3:]] == [None, "'alice'"]


@pytest.mark.parametrize("key", LIVE)
def test_after_the_trace_the_classes_are_as_they_were(key: str) -> None:
    kit = load(IMPLEMENTATIONS[key])
    assert kit is not None
    classes = [type(kit.Local()), *type(kit.Local()).__mro__]
    before = [dict(vars(cls)) for cls in classes]
    trace_behaviour(BEHAVIOURS["threads-isolated"], IMPLEMENTATIONS[key])
    assert [dict(vars(cls)) for cls in classes] == before


def test_an_object_that_takes_the_id_of_a_dead_one_is_another_in_the_trace() -> None:
    trace = trace_behaviour(BEHAVIOURS["entries-left-in-context"], IMPLEMENTATIONS["threading"])
    assert len(trace.objects) == 100


def test_the_trace_is_printed_and_written_as_a_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    page = tmp_path / "trace.html"
    compare_one("threads-isolated", "threading", str(page))
    printed = capsys.readouterr().out
    assert "threads-isolated, threading.local: 13 events, 3 threads" in printed
    assert "local.user → 'alice'" in printed
    assert f"the trace is in {page}" in printed
    assert "threads-isolated, threading.local" in page.read_text("utf-8")


def test_a_page_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OutputError, match=r"^cannot write '.*': Is a directory$"):
        compare_one("is-none", None, str(tmp_path))


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("thread-isolated", "did you mean threads-isolated or "),
        ("pickle", "did you mean "),
        ("qqqqq", "minictx compare --help lists them"),
    ],
)
def test_a_behaviour_that_does_not_exist_is_answered_with_the_nearest(
    key: str, message: str
) -> None:
    with pytest.raises(CompareError) as error:
        find_behaviour(key)
    assert str(error.value).startswith(f"there is no behaviour {key!r}: {message}")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("gevnt", "there is no implementation 'gevnt': did you mean gevent?"),
        ("qqqqq", "there is no implementation 'qqqqq': use threading, gevent, "),
        ("werkzeug-1.0", "werkzeug-1.0 is recorded, it cannot be traced: use threading, "),
    ],
)
def test_an_implementation_that_cannot_be_traced_is_answered_with_those_that_can(
    key: str, message: str
) -> None:
    with pytest.raises(CompareError) as error:
        find_implementation(key)
    assert str(error.value).startswith(message)


def test_what_an_implementation_does_not_have_cannot_be_traced() -> None:
    with pytest.raises(CompareError, match=r"^threading\.local has no such thing: "):
        compare_one("stack-for-each-thread", "threading")


@needs_greenlet
@pytest.mark.parametrize("key", ["threading", "minictx-threads"])
def test_what_greenlets_share_is_drawn_in_the_storage_of_their_thread(key: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["greenlets-isolated"], IMPLEMENTATIONS[key])
    state = State()
    stored = []
    for event in trace.events:
        state.apply(event)
        if event["kind"] == "set":
            (namespaces,) = state.locals.values()
            stored.append({trace.runners[who].label: {**namespaces[who]} for who in namespaces})
    assert stored == [
        {"stage of A, B": {"user": "'alice'"}},
        {"stage of A, B": {"user": "'bob'"}},
    ]
    # minictx cannot know when a thread ends, where it is not asked who runs.
    kept = trace.events[-1]["left"]
    assert [entry["value"] for entry in kept] == ["'bob'"] * (key == "minictx-threads")


@needs_greenlet
def test_what_greenlets_do_not_share_is_drawn_in_their_own() -> None:
    trace = trace_behaviour(BEHAVIOURS["greenlets-isolated"], IMPLEMENTATIONS["minictx"])
    assert not any("owner" in event for event in trace.events)


@pytest.mark.parametrize("of", ["asgiref", "contextvar", "werkzeug", "contextual"])
def test_what_a_task_inherits_is_drawn_in_its_own(of: str) -> None:
    trace = trace_behaviour(BEHAVIOURS["child-task-starts-from"], IMPLEMENTATIONS[of])
    (inherited,) = [event for event in trace.events if event["kind"] == "inherit"]
    assert inherited["held"][0]["value"] == "'alice'"
