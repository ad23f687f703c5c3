"""The table in the terminal, in Markdown, and on a page."""

from __future__ import annotations

import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

pytest.importorskip("rich")

from rich.console import Console

from minictx.compare.locals.behaviours import BEHAVIOURS, TOPICS
from minictx.compare.locals.implementations import IMPLEMENTATIONS
from minictx.compare.locals.page import render_page
from minictx.compare.locals.results import NOT_INSTALLED, Results, find_results
from minictx.compare.locals.show import make_markdown, print_table, shorten

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "compare.md"
BEGIN, END = "<!-- begin: minictx compare --markdown -->\n", "<!-- end -->"


@pytest.fixture(scope="module")
def results() -> Results:
    return find_results()


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
    assert row["why"].startswith("werkzeug 2.0 copied the list when it pushed")
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
