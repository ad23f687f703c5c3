"""The page: without a script, and right for any two versions."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from minictx.compare.flask_versions.differences import compare, find_facts
from minictx.compare.flask_versions.page import render_page
from minictx.compare.flask_versions.recordings import VERSIONS, story_of
from minictx.compare.flask_versions.scenarios import SCENARIOS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Open = Callable[..., Page]


@pytest.fixture(scope="module")
def whole() -> str:
    return render_page(None, "1.1.4", "3.1.3")


# Without a browser


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def test_the_page_has_no_script_and_loads_nothing(whole: str) -> None:
    for tag, attributes in Tags(whole).found:
        assert tag not in {"script", "link", "img", "iframe", "object", "base"}
        assert not {"src", "style"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in whole
    assert "@import" not in whole


def test_its_policy_lets_this_one_style_be_used_and_nothing_else(whole: str) -> None:
    style = re.search("<style>(.*)</style>", whole, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in whole


def test_every_link_leads_to_a_scenario_and_each_has_one(whole: str) -> None:
    tags = Tags(whole).found
    links = {attributes["href"] for tag, attributes in tags if tag == "a"}
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert links == {"#overview", *(f"#{key}" for key in SCENARIOS)}
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in links if link} <= set(ids)


def test_a_page_of_one_scenario_has_only_that() -> None:
    page = render_page("two-apps", "1.1.4", "3.1.3")
    assert re.findall('<section id="(.*?)"', page) == ["two-apps"]
    assert "<a " not in page


# In a browser


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Open a page; afterwards nothing must have been said, or fetched."""
    unwanted: list[str] = []
    pages: list[Page] = []

    def open_page(
        html: str, address: str = "", width: int = 1280, scheme: Any = "light"
    ) -> Page:
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        page = browser.new_page(viewport={"width": width, "height": 860}, color_scheme=scheme)
        pages.append(page)
        page.set_default_timeout(5_000)
        page.on("console", lambda message: unwanted.append(message.text))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.partition("#")[0] == file.as_uri()
                else unwanted.append(request.url)
            ),
        )
        page.goto(file.as_uri() + address)
        return page

    yield open_page
    for page in pages:
        page.close()
    assert unwanted == []


# The others are all drawn alike.
CHANGED = [
    "ok",
    *(key for key in SCENARIOS if len({str(story_of(v, key)) for v in VERSIONS}) > 1),
]

# Choose any two versions, in either order, and return what can then be seen.
CHOOSE_ALL = """() => {
  const texts = (selector) => [...document.querySelectorAll(selector)]
    .filter((each) => each.checkVisibility()).map((each) => each.textContent.trim());
  const rows = () => [...document.querySelectorAll("section:target li")]
    .filter((each) => each.checkVisibility())
    .map((each) => [...each.querySelectorAll("i, span")].map((part) => part.textContent));
  const seen = [];
  for (const one of document.querySelectorAll("[name=one]"))
    for (const other of document.querySelectorAll("[name=other]")) {
      one.checked = other.checked = true;
      seen.push([rows(), texts("section:target .fact"), texts("form .of")]);
    }
  return seen;
}"""


def read(row: list[str]) -> tuple[str, str, bool]:
    """Return the mark, the step and whether it moved, as a screen reader reads them."""
    marks = {"removed": "-", "added": "+"}
    return marks.get(row[0], "="), row[-1], "moved" in row[:-1]


def expected(key: str, older: str, newer: str) -> list[tuple[str, str, bool]]:
    rows = compare(story_of(older, key), story_of(newer, key))
    return [(row.mark, row.step.strip().removeprefix("* "), row.moved) for row in rows]


def legend(older: str, newer: str) -> str:
    names = ["MiniFlask" if each == "minictx" else f"Flask {each}" for each in (older, newer)]
    if older == newer:
        return f"All steps of {names[0]}"
    return f"\N{MINUS SIGN} only in {names[0]}, + only in {names[1]}"


def test_at_first_all_scenarios_are_listed_and_a_click_shows_one(
    open_page: Open, whole: str
) -> None:
    page = open_page(whole)
    assert page.locator("section:visible").count() == 1
    assert page.locator("#overview").is_visible()
    page.get_by_role("link", name="two-apps", exact=True).click()
    assert page.locator("section:visible h2").all_inner_texts() == ["two-apps"]
    page.get_by_role("link", name="All scenarios").click()
    assert page.locator("section:visible h2").all_inner_texts() == ["All scenarios"]


@pytest.mark.slow
def test_any_two_versions_are_compared_and_always_the_older_with_the_newer(
    open_page: Open, whole: str
) -> None:
    page = open_page(whole)
    for key in CHANGED:
        page.evaluate("key => { location.hash = key; }", key)
        seen = iter(page.evaluate(CHOOSE_ALL))
        for one, other in product(VERSIONS, VERSIONS):
            older, newer = sorted((one, other), key=VERSIONS.index)
            rows, facts, legends = next(seen)
            assert [read(row) for row in rows] == expected(key, older, newer)
            assert facts == find_facts(key, older, newer)
            assert legends == [legend(older, newer)]


def test_a_radio_button_that_is_clicked_changes_what_is_compared(
    open_page: Open, whole: str
) -> None:
    page = open_page(whole, "#first-request")
    removed = page.locator("section:target li.removed:visible span")
    assert removed.all_inner_texts() == ["before_first_request prepare"]
    page.get_by_role("group", name="with").get_by_label("Flask 2.1.3").check()
    assert removed.count() == 0


def test_the_versions_that_were_asked_for_are_chosen(open_page: Open) -> None:
    page = open_page(render_page(None, "2.1.3", "2.3.3"), "#first-request")
    assert page.locator("#one-1").is_checked()
    assert page.locator("#other-2").is_checked()
    assert page.locator("section:target li.removed:visible span").all_inner_texts() == [
        "before_first_request prepare"
    ]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 400)])
@pytest.mark.parametrize("key", [None, "stream-waits"])
def test_it_is_accessible_and_fits_the_width(
    open_page: Open, scheme: str, width: int, key: str | None
) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    page = open_page(render_page(key, "1.1.4", "minictx"), width=width, scheme=scheme)
    found = Axe().run(page).response["violations"]
    assert [violation["id"] for violation in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
