"""The page of a trace, in a real browser; what needs none comes first."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from minictx.trace.page import MODULES, render_page, write_page
from minictx.trace.state import State
from minictx.trace.trace import Runner, Source, Trace
from tests.trace import traces
from tests.trace.page_traces import (
    crowd,
    greenlets_and_tasks,
    real_flask,
    requests_and_a_lost_one,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Locator, Page, Request

    Open = Callable[..., Page]

ASSETS = resources.files("minictx.trace").joinpath("assets")
HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!-- <script> <![CDATA[ ]]> -->",
    "\u2028\u2029 \x00\x1b[31m \ud800 &lt;b&gt; & $title ${data} \\u003c",
    "\"><img src=x onerror=alert(1)><svg onload=alert(1)>'",
    "__proto__",
    traces.HOSTILE,
]


# Without a browser


class Scripts(HTMLParser):
    """Collect the scripts of a page, as HTML delimits them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self.inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag == "script"
        if self.inside:
            self.found.append((dict(attrs), ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            attributes, text = self.found[-1]
            self.found[-1] = (attributes, text + data)


def hostile_trace() -> Trace:
    """Every text of this trace tries to be more than text."""
    story = traces.Story(HOSTILE[0])
    who = story.runner(HOSTILE[1])
    stack = story.object(HOSTILE[2], "LocalStack")
    local = story.object(HOSTILE[4], "Local")
    proxy = story.object(HOSTILE[3], "LocalProxy")
    story.trace.sources[0] = Source("app.py", 1, HOSTILE)
    for text in HOSTILE:
        story.add(who, "push", object=stack, value=text)
        story.add(who, "set", object=local, name=text, value=text)
        story.add(who, "resolve", object=proxy, value=text)
        story.add(who, "unbound", object=proxy, message=text)
        story.add(who, "hook", name=text, function_name=text, phase="begin")
        story.add(who, text, object=stack)
    left = [story.left(stack, who, text) for text in HOSTILE]
    story.add(who, "left", left=left + [story.left(local, who, text, text) for text in HOSTILE])
    return story.trace


def test_the_page_without_its_data_is_small() -> None:
    assert len(render_page(Trace("app.py")).encode()) < 120_000


def test_nothing_in_the_page_names_another_place() -> None:
    addresses = re.findall(r"(?:https?:)?//[\w.]+\.\w+[^\s\"']*", render_page(Trace("app.py")))
    assert set(addresses) == {"http://www.w3.org/2000/svg"}  # a name, never fetched


def test_every_module_is_in_the_page_once_and_imports_only_from_those_before_it() -> None:
    files = {item.name for item in ASSETS.iterdir() if item.name.endswith(".js")}
    assert Counter(MODULES) == Counter(files)
    for number, name in enumerate(MODULES):
        imported = re.findall(r'from "\./([\w.]+)";', ASSETS.joinpath(name).read_text("utf-8"))
        assert set(imported) <= set(MODULES[:number]), name


def test_no_name_is_given_by_two_modules() -> None:
    pattern = r"^(?:export )?(?:async )?(?:function|class|const|let) (\w+)"
    names = [
        name
        for module in MODULES
        for name in re.findall(pattern, ASSETS.joinpath(module).read_text("utf-8"), re.M)
    ]
    assert [name for name, count in Counter(names).items() if count > 1] == []


def test_hostile_texts_stay_data() -> None:
    trace = hostile_trace()
    page = render_page(trace)
    (data_attributes, data), (script_attributes, _) = Scripts(page).found
    assert data_attributes == {"type": "application/json", "id": "trace"}
    assert script_attributes == {"type": "module"}
    assert "<" not in data
    assert data.isascii()
    found = json.loads(data)
    assert found["title"] == HOSTILE[0]
    assert [event.get("value") for event in found["events"]] == [
        event.get("value") for event in trace.events
    ]
    assert "<title>&lt;/script&gt;" in page


def test_the_policy_lets_nothing_run_but_what_the_page_brings() -> None:
    page = render_page(hostile_trace())
    match = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert match is not None
    policy = dict(part.split(" ", 1) for part in match[1].split("; "))
    assert policy["default-src"] == "'none'"
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", policy["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", policy["style-src"])
    assert "unsafe" not in match[1]


def test_a_page_is_written_even_where_a_name_has_no_utf_8(tmp_path: Path) -> None:
    trace = Trace("half \ud83d of a pair", runners={1: Runner(1, "thread", "\udc80")})
    write_page(trace, tmp_path / "page.html")
    assert "half &#55357; of a pair" in (tmp_path / "page.html").read_text(encoding="utf-8")


# In a browser


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open the page of a trace; afterwards nothing must have been said, asked or fetched."""
    unwanted: list[str] = []
    pages: list[Page] = []

    def open_page(
        trace: Trace, address: str = "", width: int = 1280, scheme: Any = "light", **more: Any
    ) -> Page:
        file = tmp_path / f"page{len(pages)}.html"
        write_page(trace, file)
        size: Any = {"width": width, "height": 860}
        page = browser.new_page(viewport=size, color_scheme=scheme, **more)
        pages.append(page)
        page.set_default_timeout(5_000)
        page.on("console", lambda message: unwanted.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: unwanted.append(f"error: {error}"))

        def note_dialog(dialog: Dialog) -> None:
            unwanted.append(f"dialog: {dialog.message}")
            dialog.dismiss()

        def note_request(request: Request) -> None:
            if request.url.partition("#")[0] != file.as_uri():
                unwanted.append(f"request: {request.url}")

        page.on("dialog", note_dialog)
        page.on("request", note_request)
        page.goto(file.as_uri() + address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert unwanted == []


def step_of(page: Page) -> int:
    return int(page.locator("#goto").input_value())


def sentence(page: Page) -> str:
    return page.locator("#sentence").inner_text()


def step_with(trace: Trace, kind: str, number: int = 0) -> int:
    """Return the step of an event of that kind: of the first one, or the one after it, ..."""
    steps: list[int] = [event["n"] for event in trace.events if event["kind"] == kind]
    return steps[number]


def test_buttons_step_to_both_ends_and_no_further(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace)
    assert step_of(page) == 0
    assert sentence(page) == "Before the first event. Step forward to begin."
    # By force: playwright would wait for the button, which says that it is disabled.
    page.get_by_role("button", name="Step back").click(force=True)
    assert step_of(page) == 0
    page.get_by_role("button", name="Step forward").click()
    assert (step_of(page), sentence(page)) == (1, "main begins to run")
    page.get_by_role("button", name="Last step").click()
    assert step_of(page) == len(trace.events)
    page.get_by_role("button", name="Step forward").click(force=True)
    assert step_of(page) == len(trace.events)
    assert page.locator("#forward").get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="Step back").click()
    assert step_of(page) == len(trace.events) - 1
    page.get_by_role("button", name="First step").click()
    assert step_of(page) == 0


def test_keys_do_what_the_buttons_do(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace)
    steps = []
    for key in ["ArrowRight", "ArrowRight", "ArrowLeft", "End", "ArrowRight", "Home"]:
        page.keyboard.press(key)
        steps.append(step_of(page))
    last = len(trace.events)
    assert steps == [1, 2, 1, last, last, 0]

    page.keyboard.press("g")
    page.keyboard.type("8")
    page.keyboard.press("Enter")
    assert step_of(page) == 8
    page.keyboard.press("ArrowRight")  # in the field: it moves the cursor
    assert step_of(page) == 8
    page.locator("#goto").blur()
    page.keyboard.press("e")
    page.keyboard.press("ArrowDown")
    assert step_of(page) == 9
    assert page.evaluate("document.activeElement.id") == "list"
    assert page.locator("#list").get_attribute("aria-activedescendant") == "event-9"
    page.keyboard.press("f")
    assert page.locator("#filter-kinds").is_visible()


def test_the_help_opens_closes_and_can_turn_single_keys_off(open_page: Open) -> None:
    page = open_page(requests_and_a_lost_one())
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 0
    page.locator("#letters").uncheck()
    page.keyboard.press("Escape")
    assert not page.locator("#help").is_visible()
    page.keyboard.press("p")
    assert page.locator("#predict").get_attribute("aria-pressed") == "false"
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 1


def test_the_focus_can_be_seen(open_page: Open) -> None:
    page = open_page(requests_and_a_lost_one())
    for _ in range(12):
        page.keyboard.press("Tab")
        style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid", page.evaluate("document.activeElement.id")


def test_one_can_jump_by_the_list_the_slider_and_the_same_kind_or_lane(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace)
    page.get_by_role("option", name="alice sets local.user").click()
    first_set = step_with(trace, "set")
    assert step_of(page) == first_set
    page.keyboard.press("k")
    assert step_of(page) == step_with(trace, "set", 1)
    page.keyboard.press("K")
    assert step_of(page) == first_set
    page.locator("#lane-next").click()
    alice = trace.events[first_set - 1]["context"]
    after = [e["n"] for e in trace.events if e["context"] == alice and e["n"] > first_set]
    assert step_of(page) == after[0]
    page.get_by_role("slider", name="Step").fill("12")
    assert step_of(page) == 12


def test_it_plays_and_pauses(open_page: Open) -> None:
    from playwright.sync_api import expect

    trace = requests_and_a_lost_one()
    page = open_page(trace)
    page.locator("#speed").select_option("20")
    page.get_by_role("button", name="Play").click()
    assert page.locator("#sentence").get_attribute("aria-live") == "off"
    expect(page.locator("#goto")).to_have_value(re.compile(r"^([4-9]|\d\d)$"))
    page.keyboard.press(" ")  # the button has the focus, and takes the key
    page.get_by_role("button", name="Play").wait_for()
    assert page.locator("#sentence").get_attribute("aria-live") == "polite"
    page.locator("#goto").fill(str(len(trace.events) - 1))
    page.locator("#goto").blur()
    page.keyboard.press(" ")
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()  # it stops by itself at the end
    assert step_of(page) == len(trace.events)


READ_STORAGE = """() => {
    const all = (element, what) => [...element.querySelectorAll(what)];
    const texts = (element, what) => all(element, what).map(found => found.textContent);
    const found = [];
    for (const lane of document.querySelectorAll(".lane")) {
        for (const one of lane.querySelectorAll("[data-object]")) {
            const rows = all(one, "tr[data-name]:not(.gone, .missing)");
            const values = one.matches("table")
                ? Object.fromEntries(rows.map(row => texts(row, "code")))
                : texts(one, ".item:not(.gone) > code");
            if (rows.length || values.length) {
                found.push([Number(one.dataset.object), Number(lane.dataset.context), values]);
            }
        }
    }
    return [found, document.querySelector(".lane.running")?.dataset.context];
}"""


@pytest.mark.parametrize(
    "make",
    [requests_and_a_lost_one, traces.two_requests, traces.locals_of, traces.inherited],
)
def test_at_every_step_the_lanes_hold_what_the_state_says(
    open_page: Open, make: Callable[[], Trace]
) -> None:
    trace = make()
    page = open_page(trace)
    state = State()
    for event in trace.events:
        page.keyboard.press("ArrowRight")
        state.apply(event)
        found, running = page.evaluate(READ_STORAGE)
        stored: dict[int, Any] = {**state.stacks, **state.locals}
        expected = [
            [obj, context, values]
            for obj, owners in stored.items()
            for context, values in owners.items()
            if values
        ]
        key = json.dumps
        assert sorted(found, key=key) == sorted(expected, key=key), event
        assert running == (None if state.running in state.ended else str(state.running))


def test_one_can_go_anywhere_in_a_long_trace(open_page: Open) -> None:
    trace = crowd(2500, people=3)
    page = open_page(trace)
    for step in (998, 2500, 999, 1001, 1000, 2001, 0, 2000, 1999):
        page.locator("#goto").fill(str(step))
        page.locator("#goto").blur()
        state = State().apply_all(trace.events[:step])
        stacks, local = state.stacks.get(1, {}), state.locals.get(2, {})
        tops = [[1, who, items[-1]] for who, items in stacks.items()]
        tables = [[2, who, names] for who, names in local.items()]
        found, _ = page.evaluate(READ_STORAGE)
        shown = [[obj, who, held[-1] if obj == 1 else held] for obj, who, held in found]
        assert sorted(shown, key=json.dumps) == sorted(tops + tables, key=json.dumps)


def test_a_lane_says_who_it_is_and_when_it_lived(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace)
    alice = page.get_by_role("article", name="alice")
    assert "thread, started by main" in alice.inner_text()
    assert "not begun" in alice.inner_text()
    page.keyboard.press("End")
    ended = step_with(trace, "end", 1)
    assert f"ended at step {ended}" in alice.inner_text()
    late = page.get_by_role("article", name="late")
    assert "left something behind" in late.inner_text()
    assert late.locator(".item.left, tr.left").count() == 2
    assert "left" not in alice.inner_text()


def assert_line_leads_to(page: Page, target: Locator) -> None:
    """Check that the line over the lanes ends at the left edge of an element."""
    end = page.evaluate(
        """() => {
            const path = document.querySelector("#lines > path");
            const { x, y } = path.getPointAtLength(path.getTotalLength());
            const board = document.querySelector("#lines").getBoundingClientRect();
            return { x: x + board.left, y: y + board.top };
        }"""
    )
    box = target.bounding_box()
    assert box is not None
    assert abs(end["x"] - box["x"]) < 5
    assert box["y"] < end["y"] < box["y"] + box["height"]


@pytest.mark.parametrize(("number", "who"), [(0, "alice"), (2, "bob")])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_line_leads_from_a_proxy_to_what_it_stands_for_now(
    open_page: Open, number: int, who: str, width: int
) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, f"#step={step_with(trace, 'resolve', number) - 1}", width=width)
    assert page.locator("#lines > path.resolve").count() == 0
    page.keyboard.press("ArrowRight")
    assert f"/hello/{who}" in page.locator("#proxies .active").inner_text()
    lane = page.get_by_role("article", name=who)
    tower = lane.locator(".tower", has_text="_request_ctx_stack")
    assert_line_leads_to(page, tower.locator(".top"))


def test_an_unbound_proxy_shows_its_message_and_leads_to_an_empty_stack(
    open_page: Open,
) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, f"#step={step_with(trace, 'unbound')}")
    assert page.locator("#proxies .active").inner_text() == "request→ nothing here"
    assert "Working outside of request context." in page.locator("#details").inner_text()
    late = page.get_by_role("article", name="late")
    assert page.locator("#lines > path.unbound").count() == 1
    assert_line_leads_to(page, late.locator(".tower", has_text="_request_ctx_stack"))
    assert "print(request.path)" in page.locator("#excerpt [aria-current]").inner_text()


def test_many_proxies_make_rows_not_a_wider_board(open_page: Open) -> None:
    story = traces.Story()
    who = story.runner("main")
    for number in range(20):
        proxy = story.object(f"a_rather_long_name_{number}", "LocalProxy")
        story.add(who, "resolve", object=proxy, value="'a value'")
    page = open_page(story.trace, "#step=21")
    assert page.locator("#proxies li").count() == 13  # twelve, and the one that is used
    assert "and 7 more" in page.locator("#proxies").inner_text()
    wide, seen = page.evaluate("[scroller.scrollWidth, scroller.clientWidth]")
    assert wide == seen


def test_a_switch_is_drawn_from_lane_to_lane(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, f"#step={step_with(trace, 'switch', 1)}")
    assert sentence(page) == "bob takes over from alice"
    assert page.locator("#lines > path.switch").count() == 1


def test_the_line_of_source_of_the_event_is_marked(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, f"#step={step_with(trace, 'hook')}")
    marked = page.locator("#excerpt [aria-current=step]")
    assert marked.count() == 1
    assert (marked.text_content() or "").split() == ["7", "def", "load_user():"]
    page.keyboard.press("Home")
    assert page.locator("#excerpt").inner_text() == "Nothing has run yet."


def test_greenlets_tasks_and_an_owner_who_does_not_run(open_page: Open) -> None:
    trace = greenlets_and_tasks()
    page = open_page(trace, f"#step={step_with(trace, 'set', 1)}")
    assert "two sets local.x to 2, in the storage of one" in sentence(page)
    one = page.get_by_role("article", name="one")
    assert one.locator("tr.new").locator("code, .tag").all_inner_texts() == ["x", "2", "set"]
    assert "greenlet, started by main" in one.inner_text()
    page.keyboard.press("End")
    assert "limit of 10 events" in sentence(page)


def test_what_a_task_finds_in_its_context_is_said(open_page: Open) -> None:
    trace = traces.inherited()
    page = open_page(trace, f"#step={step_with(trace, 'inherit')}")
    assert "child finds in its context: stack = ['shop', 'cart']" in sentence(page)
    page = open_page(trace, f"#step={step_with(trace, 'inherit', 1)}")
    assert "child finds in its context: local.user = 'alice', local.n = 1" in sentence(page)


def test_what_a_task_uses_is_in_the_lane_of_its_thread(open_page: Open) -> None:
    trace = greenlets_and_tasks()
    page = open_page(trace, f"#step={step_with(trace, 'resolve')}")
    assert "Task-1 uses x: it stands for 3" in sentence(page)
    assert_line_leads_to(page, page.get_by_role("article", name="main").locator("tr"))


def test_contexts_of_flask_without_local_stacks_are_towers_too(open_page: Open) -> None:
    trace = real_flask()
    page = open_page(trace, f"#step={step_with(trace, 'resolve')}")
    towers = page.locator(".tower")
    assert [text.split("\n")[-1] for text in towers.all_inner_texts()] == [
        "request contexts",
        "app contexts",
    ]
    assert page.locator(".tower .item").count() == 2
    assert_line_leads_to(page, towers.first.locator(".top"))
    page.keyboard.press("End")
    assert page.locator(".tower .item").count() == 0


def test_lanes_and_kinds_can_be_left_out(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace)
    page.get_by_text("Filter lanes and kinds").click()
    page.get_by_role("button", name="no kinds").click()
    assert page.locator(".row").count() == 0
    page.get_by_role("checkbox", name="push", exact=False).first.check()
    page.get_by_role("checkbox", name="resolve").check()
    page.get_by_role("checkbox", name="alice").uncheck()
    kinds = ("push", "resolve", "context_push")
    alice = 2
    wanted = [
        event["n"]
        for event in trace.events
        if event["context"] != alice and event["kind"] in kinds
    ]
    shown = {trace.events[n - 1]["kind"] for n in wanted}
    page.get_by_role("checkbox", name="context_push").check()
    page.get_by_role("checkbox", name=re.compile("^push")).check()
    assert shown == set(kinds)
    assert page.locator("#filter-note").inner_text() == (
        f"{len(wanted)} of {len(trace.events)} shown"
    )
    assert page.get_by_role("article", name="alice").count() == 0
    steps = []
    for _ in wanted:
        page.locator("#forward").click()
        steps.append(step_of(page))
    assert steps == wanted
    assert page.locator("#slider").input_value() == str(len(wanted))
    page.get_by_role("button", name="all kinds").click()
    page.get_by_role("button", name="all lanes").click()
    assert page.locator("#filter-note").inner_text() == str(len(trace.events))


def test_predict_covers_the_next_step_until_asked(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    push = step_with(trace, "push", 1)
    value = trace.events[push - 1]["value"]
    page = open_page(trace, f"#step={push - 1}")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert step_of(page) == push
    assert sentence(page).startswith("alice pushes something on _request_ctx_stack.")
    everything = page.locator("body")
    covered = [f"pushes {value}", "bob begins to run"]
    assert not any(text in everything.inner_text() for text in covered)
    assert page.locator(".tower .item", has_text=value).count() == 0
    page.keyboard.press("Enter")
    assert sentence(page) == f"alice pushes {value} on _request_ctx_stack"
    assert page.locator(".tower .item.new", has_text=value).count() == 1

    page.keyboard.press("ArrowRight")
    assert page.locator("#reveal").is_visible()
    page.keyboard.press("ArrowRight")  # the key that steps reveals, too
    assert step_of(page) == push + 1
    assert not page.locator("#reveal").is_visible()
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Reveal").click()
    assert page.evaluate("document.activeElement.id") == "forward"
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    assert not page.locator("#reveal").is_visible()


def test_the_question_is_the_same_whether_a_proxy_is_bound_or_not(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    questions = []
    for kind in ("resolve", "unbound"):
        page = open_page(trace, f"#step={step_with(trace, kind)}&predict=1")
        questions.append(sentence(page).partition(" ")[2])
    assert questions == ["uses request. What does it stand for here?"] * 2


def test_the_address_holds_step_and_filters_and_can_be_shared(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, "#step=17&lanes=1,3&kinds=push,pop,set&predict=1")
    assert step_of(page) == 17
    assert page.locator("#reveal").is_visible()
    assert page.get_by_role("article").count() == 2
    page.keyboard.press("p")
    page.wait_for_url(re.compile(r"#step=17&lanes=1,3&kinds=push,set,pop$"))
    page.keyboard.press("End")
    page.wait_for_url(re.compile(r"#step=(?!17)\d+&"))
    page.evaluate("location.hash = '#step=5'")
    page.get_by_role("article").nth(3).wait_for()
    assert step_of(page) == 5
    page.keyboard.press("p")
    page.wait_for_url(re.compile(r"#step=5&predict=1$"))


@pytest.mark.parametrize("address", ["#step=-3", "#step=x&lanes=99&kinds=", "#%E0%A4%A", "#"])
def test_an_address_that_makes_no_sense_is_no_error(open_page: Open, address: str) -> None:
    page = open_page(requests_and_a_lost_one(), address)
    assert step_of(page) == 0


def test_a_kind_that_no_address_can_hold_is_no_error(open_page: Open) -> None:
    story = traces.Story()
    alice = story.runner("alice")
    story.add(alice, "odd \ud800")
    story.add(alice, "line")
    page = open_page(story.trace, "#step=1")
    page.get_by_text("Filter lanes and kinds").click()
    page.get_by_role("checkbox", name=re.compile("^line")).uncheck()
    page.wait_for_url(re.compile("#step=1&kinds=begin,odd%20%EF%BF%BD$"))


def test_a_step_beyond_the_end_is_the_last_one(open_page: Open) -> None:
    trace = requests_and_a_lost_one()
    assert step_of(open_page(trace, "#step=9999")) == len(trace.events)


def test_an_empty_trace_has_a_page(open_page: Open) -> None:
    page = open_page(Trace("nothing"))
    page.keyboard.press("ArrowRight")
    assert step_of(page) == 0


def test_hostile_texts_are_shown_as_texts(open_page: Open) -> None:
    trace = hostile_trace()
    page = open_page(trace)
    markup = "() => document.querySelectorAll('script, img, [onload], [onerror]').length"
    scripts = page.evaluate(markup)
    for _ in trace.events:
        page.keyboard.press("ArrowRight")
        assert page.evaluate(markup) == scripts == 2
    assert page.title().startswith(HOSTILE[0])
    assert page.locator(".item code").first.inner_text() == HOSTILE[0]
    rows = page.locator(".names th code").all_inner_texts()
    assert HOSTILE[0] in rows
    assert "__proto__" in rows


def test_the_policy_is_in_force(browser: Browser, tmp_path: Path) -> None:
    write_page(requests_and_a_lost_one(), tmp_path / "page.html")
    page = browser.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    for attack in (
        "const s = document.createElement('script'); s.append('window.ran = 1');"
        " document.body.append(s)",
        "document.body.innerHTML += '<img src=x onerror=\"window.ran = 1\">'",
        "fetch('http://127.0.0.1:9/').catch(() => {})",
        "new Image().src = 'http://127.0.0.1:9/x.png'",
        "document.body.setAttribute('style', 'display: none')",
    ):
        with page.expect_console_message(
            lambda message: bool(re.search("Policy|Trusted", message.text))
        ):
            page.evaluate(f"() => {{ try {{ {attack} }} catch (error) {{}} }}")
    assert page.evaluate("window.ran") is None
    assert page.locator("body").is_visible()
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_colours_are_those_of_the_system(open_page: Open, scheme: str) -> None:
    page = open_page(requests_and_a_lost_one(), scheme=scheme)
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3
    assert (brightness > 200) == (scheme == "light")
    assert (brightness < 60) == (scheme == "dark")


@pytest.mark.parametrize(
    ("motion", "animation"), [("reduce", "none"), ("no-preference", "arrive")]
)
def test_nothing_moves_for_who_asked_for_less_motion(
    open_page: Open, motion: str, animation: str
) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, f"#step={step_with(trace, 'push')}", reduced_motion=motion)
    moving = "item => getComputedStyle(item).animationName"
    assert page.locator(".item.new").evaluate(moving) == animation
    anything = "[...document.querySelectorAll('*')].map(" + moving + ")"
    assert set(page.evaluate(anything)) == {"none", animation}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_paper_are_the_step_and_the_events_around_it_and_no_buttons(
    open_page: Open, scheme: str
) -> None:
    trace = crowd(500)
    page = open_page(trace, "#step=250", scheme=scheme)
    page.emulate_media(media="print", color_scheme=scheme)  # type: ignore[arg-type]
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert page.locator(".row").count() <= 200  # though a list on paper has no height to fill
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert not page.locator("#controls").is_visible()
    assert page.locator(".row").count() == 50
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 33, 48)"
    assert len(page.pdf()) > 10_000
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator(".row[aria-selected=true]").count() == 1


@pytest.mark.parametrize("width", [1280, 400])
def test_the_page_never_scrolls_sideways(open_page: Open, width: int) -> None:
    trace = requests_and_a_lost_one()
    page = open_page(trace, width=width)
    for step in (0, step_with(trace, "resolve"), step_with(trace, "unbound"), 64):
        page.locator("#goto").fill(str(step))
        page.locator("#goto").blur()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        pytest.param(400, "dark", marks=pytest.mark.slow),
        pytest.param(1280, "dark", marks=pytest.mark.slow),
        pytest.param(400, "light", marks=pytest.mark.slow),
    ],
)
def test_axe_finds_no_barrier(open_page: Open, width: int, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    trace = requests_and_a_lost_one()
    page = open_page(trace, width=width, scheme=scheme, reduced_motion="reduce")
    page.get_by_text("Filter lanes and kinds").click()
    kinds = {"start": 0, "push": 0, "resolve": 0, "get": 0, "pop": 0, "unbound": 0, "left": 0}
    for kind in kinds:
        step = 0 if kind == "start" else step_with(trace, kind)
        page.locator("#goto").fill(str(step))
        page.locator("#goto").blur()
        results = Axe().run(page)
        assert results.violations_count == 0, f"{kind}: {results.generate_report()}"
    page.keyboard.press("Home")
    page.keyboard.press("p")
    page.keyboard.press("ArrowRight")
    results = Axe().run(page)
    assert results.violations_count == 0, f"predict: {results.generate_report()}"
    page.keyboard.press("?")
    results = Axe().run(page)
    assert results.violations_count == 0, f"help: {results.generate_report()}"


TIME_STEPS = """() => {
    const times = [];
    for (const id of ["forward", "back", "last", "back", "first", "forward", "kind-next"]) {
        for (let i = 0; i < 20; i++) {
            const start = performance.now();
            document.getElementById(id).click();
            document.body.getBoundingClientRect();
            times.push(performance.now() - start);
        }
    }
    times.sort((a, b) => a - b);
    return [times[times.length >> 1], times.at(-1)];
}"""


@pytest.mark.slow
def test_a_hundred_thousand_events_open_and_step(open_page: Open) -> None:
    page = open_page(crowd(100_000))
    opened = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    median, longest = page.evaluate(TIME_STEPS)
    print(
        f"\nopened in {opened:.0f} ms; a step takes {median:.1f} ms, at most {longest:.1f} ms"
    )
    page.locator("#goto").fill("54321")
    page.locator("#goto").blur()
    assert step_of(page) == 54321
    assert page.locator(".row[aria-selected=true]").get_attribute("data-step") == "54321"
    assert page.locator(".row").count() < 100
    page.keyboard.press("End")
    assert step_of(page) == 100_000
    assert "more lanes are not drawn" in page.locator("#more-lanes").inner_text()
