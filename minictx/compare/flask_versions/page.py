"""Page: all stories and their differences as one HTML file, which has no script at all.

What differs between any two versions is in it, ready made. Two rows of radio buttons say
which two are compared, the address says which scenario, and the style shows only that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import combinations_with_replacement
from string import Template

from minictx.compare.flask_versions.differences import (
    FACTS,
    Row,
    compare,
    count_changes,
    find_facts,
    overview,
)
from minictx.compare.flask_versions.recordings import PINS, VERSIONS, story_of
from minictx.compare.flask_versions.scenarios import SCENARIOS
from minictx.compare.flask_versions.story import INDENT
from minictx.files import make_page, read_asset

__all__ = ["render_page"]

PACKAGE = "minictx.compare.flask_versions"

Pair = tuple[str, str]

PAIRS: list[Pair] = list(combinations_with_replacement(VERSIONS, 2))
WORDS = {"-": "removed", "+": "added"}
SIGNS = {"-": "&minus;", "+": "+"}


def render_page(key: str | None, older: str, newer: str) -> str:
    """Return the page of a scenario, or of all, that compares these two versions at first.

    >>> print(render_page("ok", "1.1.4", "3.1.3")[:15])
    <!doctype html>
    """
    return make_page(
        PACKAGE,
        style="\n".join(_rules()),
        choices=_choices("one", "Compare", older) + _choices("other", "with", newer),
        legend="".join(_legend()),
        back='<a href="#overview">All scenarios</a>' if key is None else "",
        overview=_overview() if key is None else "",
        scenarios="".join(_scenario(each) for each in ([key] if key else SCENARIOS)),
    )


# Which two versions


def _rules() -> Iterator[str]:
    """Yield a rule for any two radio buttons: what is of these two versions is shown."""
    for older, newer in PAIRS:
        one, other = VERSIONS.index(older), VERSIONS.index(newer)
        for a, b in {(one, other), (other, one)}:
            chosen = f":root:has(#one-{a}:checked):has(#other-{b}:checked)"
            yield f"{chosen} .of.p{one}{other} {{ display: revert; }}"


def _class(pairs: Iterable[Pair]) -> str:
    """Return the classes of what is shown for these pairs of versions only."""
    numbers = (f"p{VERSIONS.index(older)}{VERSIONS.index(newer)}" for older, newer in pairs)
    return " ".join(["of", *numbers])


def _choices(name: str, legend: str, chosen: str) -> str:
    buttons = (
        f'<label><input type="radio" name="{name}" id="{name}-{number}" autocomplete="off"'
        f"{' checked' * (version == chosen)}> {_name(version)}</label>"
        for number, version in enumerate(VERSIONS)
    )
    return f"<fieldset><legend>{legend}</legend>{''.join(buttons)}</fieldset>\n"


def _name(version: str) -> str:
    return "MiniFlask" if version == "minictx" else f"Flask {version}"


def _legend() -> Iterator[str]:
    for older, newer in PAIRS:
        text = (
            f"<b>&minus;</b> only in {_name(older)}, <b>+</b> only in {_name(newer)}"
            if older != newer
            else f"All steps of {_name(older)}"
        )
        yield f'<span class="{_class([(older, newer)])}">{text}</span>\n'


# All scenarios


def _overview() -> str:
    names = [*PINS, "MiniFlask"]
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row"><a href="#{entry["scenario"]}">{entry["scenario"]}</a></th>'
        f"<td>{entry['steps']} steps</td>"
        f"{''.join(_cell(change) for change in entry['changes'].values())}</tr>\n"
        for entry in overview(VERSIONS)
    )
    return Template(read_asset(PACKAGE, "overview.html")).substitute(head=head, rows=rows)


def _cell(change: dict[str, int]) -> str:
    if not any(change.values()):
        return '<td class="same">=</td>'
    return f"<td><b>+{change['added']} &minus;{change['removed']}</b></td>"


# One scenario


def _scenario(key: str) -> str:
    return (
        f'<section id="{key}" aria-labelledby="{key}-title">'
        f'<h2 id="{key}-title">{key}</h2><p>{escape(SCENARIOS[key].sentence)}</p>\n'
        f"{''.join(_facts(key))}{''.join(_stories(key))}</section>\n"
    )


def _facts(key: str) -> Iterator[str]:
    for fact in FACTS:
        where = [pair for pair in PAIRS if fact.words in find_facts(key, *pair)]
        if where:
            yield f'<p class="fact {_class(where)}">{escape(fact.words)}</p>\n'


def _stories(key: str) -> Iterator[str]:
    """Yield each comparison once, for all pairs of versions for which it comes out the same."""
    pairs: dict[tuple[Row, ...], list[Pair]] = {}
    for older, newer in PAIRS:
        rows = tuple(compare(story_of(older, key), story_of(newer, key)))
        pairs.setdefault(rows, []).append((older, newer))
    for rows, where in pairs.items():
        steps = "".join(_row(row) for row in rows)
        yield f'<div class="{_class(where)}">{_count(rows)}<ol>{steps}</ol></div>\n'


def _count(rows: Iterable[Row]) -> str:
    added, removed = count_changes(list(rows))
    if not added + removed:
        return "<p>No step differs.</p>"
    return f"<p>{added} steps added, {removed} removed.</p>"


def _row(row: Row) -> str:
    step = row.step.lstrip()
    depth = (len(row.step) - len(step)) // len(INDENT)
    classes = [f"d{depth}", *(["said"] if step.startswith("*") else [])]
    mark = ""
    if word := WORDS.get(row.mark):
        classes.append(word)
        mark = f'<b aria-hidden="true">{SIGNS[row.mark]}</b><i class="word">{word}</i>'
        mark += "<i>moved</i>" * row.moved
    text = escape(step.removeprefix("* "))
    return f'<li class="{" ".join(classes)}">{mark}<span>{text}</span></li>\n'
