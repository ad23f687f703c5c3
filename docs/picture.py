"""Draw docs/page.png, the picture of the README: uv run docs/picture.py

It records the two requests of the demo, and takes a screenshot of their page with Debian's
Chromium.
"""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from minictx.demo import meet_in_two_greenlets
from minictx.trace import record
from minictx.trace.page import write_page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]

with record(title="two requests, two greenlets, one thread") as trace:
    meet_in_two_greenlets()

# Where a view first uses `request`, while the other view waits.
step = next(
    event["n"]
    for event in trace.events
    if event["kind"] == "resolve" and trace.objects[event["object"]].label == "request"
)

with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
    page_file = Path(folder) / "page.html"
    write_page(trace, page_file)
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    page = browser.new_page(viewport={"width": 1120, "height": 800})
    page.goto(f"{page_file.as_uri()}#step={step}")
    page.screenshot(path=Path(__file__).parent / "page.png")
    browser.close()
