"""Page: all answers as one HTML file, which runs no script and loads nothing."""

from __future__ import annotations

import re
from html import escape
from itertools import groupby

from minictx.compare.locals.behaviours import TOPICS, Behaviour, Topic
from minictx.compare.locals.implementations import IMPLEMENTATIONS, Implementation
from minictx.compare.locals.results import Results
from minictx.files import make_page

__all__ = ["render_page"]

# The roles are those of the elements. A browser forgets them where the style makes a card
# of a row, unless they are said.
HEAD = '<th role="columnheader" scope="col"><abbr title="{title}">{head}</abbr></th>'
CELL = '<td role="cell" class="{kind}"><span class="head">{head}</span>{answer}</td>'


def render_page(results: Results) -> str:
    """Return the page, as HTML."""
    return make_page(
        "minictx.compare.locals",
        topics="".join(f'<li><a href="#{_id(each)}">{each.title}</a></li>' for each in TOPICS),
        legend="".join(_legend(results, each) for each in IMPLEMENTATIONS.values()),
        tables="\n".join(_table(results, each) for each in TOPICS),
        articles="\n".join(
            _article(behaviour, row) for each in TOPICS for behaviour, row in results.rows(each)
        ),
    )


def _id(topic: Topic) -> str:
    return topic.title.lower()


def _legend(results: Results, implementation: Implementation) -> str:
    note = results.note(implementation)
    text = implementation.title + (f": {note}" if note else "")
    return f"<dt>{implementation.head}</dt><dd>{escape(text)}</dd>"


def _table(results: Results, topic: Topic) -> str:
    columns = results.columns(topic)
    heads = "".join(HEAD.format(title=escape(each.title), head=each.head) for each in columns)
    rows = "\n".join(_row(behaviour, row, columns) for behaviour, row in results.rows(topic))
    return f"""\
<section aria-labelledby="{_id(topic)}">
<h2 id="{_id(topic)}">{topic.title}</h2>
<table role="table" aria-labelledby="{_id(topic)}">
<thead role="rowgroup"><tr role="row"><td role="cell"></td>{heads}</tr></thead>
<tbody role="rowgroup">
{rows}
</tbody>
</table>
</section>"""


def _row(behaviour: Behaviour, row: dict[str, str], columns: list[Implementation]) -> str:
    cells = "".join(
        CELL.format(kind=_kind(row[each.key]), head=each.head, answer=_break(row[each.key]))
        for each in columns
    )
    return (
        f'<tr role="row"><th role="rowheader" scope="row">'
        f'<a href="#{behaviour.key}">{behaviour.key}</a>'
        f' <span class="question">{_prose(behaviour.question)}</span></th>{cells}</tr>'
    )


def _prose(text: str) -> str:
    """Return text as HTML; what stands in backticks is code."""
    return re.sub("`([^`]*)`", r"<code>\1</code>", escape(text))


def _break(answer: str) -> str:
    """Return an answer as HTML that may be broken, in a narrow column, where a word ends."""
    return escape(answer).replace("Error", "<wbr>Error")


def _kind(answer: str) -> str:
    return "error" if answer.endswith("Error") else answer if answer in ("yes", "no") else ""


def _article(behaviour: Behaviour, row: dict[str, str]) -> str:
    return f"""\
<article id="{behaviour.key}">
<h3>{behaviour.key}</h3>
<p>{_prose(behaviour.question)}</p>
<p class="why">{_prose(behaviour.why)}</p>
<ul class="answers">{_answers(row)}</ul>
<pre tabindex="0" aria-label="Code of {behaviour.key}">{escape(behaviour.code)}</pre>
</article>"""


def _answers(row: dict[str, str]) -> str:
    """List each answer with those who give it, the answer of the most first."""
    keys = sorted(row, key=row.__getitem__)
    parts = [
        (answer, [IMPLEMENTATIONS[key].head for key in group])
        for answer, group in groupby(keys, key=row.__getitem__)
    ]
    parts.sort(key=lambda part: -len(part[1]))
    return "".join(
        f"<li><b>{escape(answer)}</b>: {', '.join(who)}</li>" for answer, who in parts
    )
