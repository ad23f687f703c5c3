"""Known attacks on a page, in every text of a trace: all of them stay text, in a real browser.

Each tries to set ``window.hit``, to open a dialog, to fetch something, or to look like
something else. A trace with harmless texts in the same places is the measure: there may be no
other kind of element in the page, and none with another attribute.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from minictx.trace.page import write_page
from minictx.trace.trace import Source, Trace
from tests.trace import traces

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

VECTORS = [
    "<script>window.hit=1</script>",
    "</script><script>window.hit=1</script>",
    "</SCRIPT ><script>window.hit=1//",
    "<!--<script>",
    "--><script>window.hit=1</script>",
    "]]><script>window.hit=1</script>",
    "</title><script>window.hit=1</script>",
    "</style><script>window.hit=1</script>",
    "</textarea><script>window.hit=1</script>",
    "</noscript><img src=x onerror=window.hit=1>",
    "<img src=x onerror=window.hit=1>",
    "<img src='http://127.0.0.1:9/x.png'>",
    "'\"><img src=x onerror=window.hit=1>",
    '" onmouseover=window.hit=1 x="',
    "' autofocus onfocus=window.hit=1 '",
    "` onclick=window.hit=1 `",
    "<svg onload=window.hit=1>",
    "<svg><script>window.hit=1</script></svg>",
    "<svg><animate onbegin=window.hit=1 attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:window.hit=1'><text>x</text></a></svg>",
    "<math><maction actiontype=statusline xlink:href=javascript:window.hit=1>x",
    "<iframe src='javascript:parent.hit=1'></iframe>",
    "<iframe srcdoc='<script>parent.hit=1</script>'></iframe>",
    "<object data='data:text/html,<script>parent.hit=1</script>'></object>",
    "<embed src='javascript:window.hit=1'>",
    "<a href='javascript:window.hit=1'>x</a>",
    "javascript:window.hit=1",
    "data:text/html,<script>window.hit=1</script>",
    "<details open ontoggle=window.hit=1>",
    "<video><source onerror=window.hit=1></video>",
    "<body onload=window.hit=1>",
    "<input autofocus onfocus=window.hit=1>",
    "<form action='http://127.0.0.1:9/'><button>x</button></form>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<base href='http://127.0.0.1:9/'>",
    "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
    "<style>@import 'http://127.0.0.1:9/x.css'; * { display: none }</style>",
    "<template><script>window.hit=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.hit=1>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=window.hit=1>",
    "${window.hit=1}",
    "`${window.hit=1}`",
    "{{constructor.constructor('window.hit=1')()}}",
    "$title $data ${script}",
    "\\u003cscript>window.hit=1\\u003c/script>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.hit=1&#62;",
    "%3Cscript%3Ewindow.hit=1%3C/script%3E",
    "+ADw-script+AD4-window.hit=1+ADw-/script+AD4-",
    "\ufeff<script>window.hit=1</script>",
    "\u2028window.hit=1\u2029window.hit=1",
    "\x00<script>window.hit=1</script>",
    "\x1b]0;hit\x07\x1b[31m",
    "\u202egnp.exe\u202c\u2066\u2069\u200f",
    "*/window.hit=1/*",
    "//# sourceMappingURL=http://127.0.0.1:9/x.map",
    "__proto__",
    "constructor",
    "toString",
]

# Step through the whole trace. Return every kind of element that was there, which is its name
# and those of its attributes; and every text of a stack's item.
WALK = """() => {
    const kinds = new Set(), texts = new Set();
    const note = () => {
        for (const element of document.querySelectorAll("*")) {
            const names = [...element.attributes].map(one => one.name).sort();
            kinds.add([element.localName, ...names].join(" "));
        }
        const items = document.querySelectorAll(".tower .item code");
        items.forEach(item => texts.add(item.textContent));
    };
    note();
    while (document.getElementById("forward").getAttribute("aria-disabled") !== "true") {
        document.getElementById("forward").click();
        note();
    }
    return [[...kinds], [...texts]];
}"""


def trace_of(texts: list[str]) -> Trace:
    """Return a trace that has each text as a value, a name, a thread, a file and more."""
    story = traces.Story(" ".join(texts))
    people = [story.runner(text) for text in texts]
    stack = story.object(texts[0], "LocalStack")
    local = story.object(texts[1], "Local")
    proxy = story.object(texts[2], "LocalProxy")
    story.trace.sources = [Source(text, 1, [text, text]) for text in texts]
    for who, text in zip(people, texts, strict=True):
        story.add(who, "push", object=stack, value=text)
        story.add(who, "set", object=local, name=text, value=text)
        match who % 4:  # each step takes its time: these take turns
            case 0:
                story.add(who, "resolve", object=proxy, value=text)
            case 1:
                story.add(who, "unbound", object=proxy, message=text)
            case 2:
                story.add(who, "hook", name=text, function_name=text, phase="begin")
            case 3:
                story.add(who, "error", value=text, handled=False)
        for event in story.events[-3:]:
            event["file"], event["function"] = text, text
    return story.trace


def walk(page: Page, trace: Trace, file: Path) -> tuple[set[str], set[str]]:
    """Return the kinds of elements, and the items of stacks, of all steps of a trace's page."""
    write_page(trace, file)
    page.goto(file.as_uri())
    kinds, texts = page.evaluate(WALK)
    assert int(page.locator("#goto").input_value()) == len(trace.events)
    return set(kinds), set(texts)


@pytest.mark.slow
def test_known_attacks_change_nothing_in_the_page_but_its_texts(
    browser: Browser, tmp_path: Path
) -> None:
    unwanted: list[str] = []
    page = browser.new_page()
    harmless = trace_of([f"text {number}" for number in range(len(VECTORS))])
    expected, _ = walk(page, harmless, tmp_path / "harmless.html")
    page.on("console", lambda message: unwanted.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: unwanted.append(f"error: {error}"))
    page.on("dialog", lambda dialog: unwanted.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: unwanted.append(f"request: {request.url}"))
    found, shown = walk(page, trace_of(VECTORS), tmp_path / "page.html")
    assert page.evaluate("window.hit") is None
    assert found <= expected
    assert len(found) > 30
    assert shown == set(VECTORS)
    assert unwanted == [f"request: {(tmp_path / 'page.html').as_uri()}"]
