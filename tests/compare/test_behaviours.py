"""The behaviours, and what the implementations answer."""

from __future__ import annotations

import json
import subprocess
import sys
from contextvars import copy_context
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from minictx.compare.locals.behaviours import BEHAVIOURS, TOPICS, Behaviour
from minictx.compare.locals.implementations import IMPLEMENTATIONS, Kit
from minictx.compare.locals.results import (
    NOT_INSTALLED,
    NOTHING,
    Answers,
    Results,
    ask,
    probe,
)
from tests.actors import greenlet

ROOT = Path(__file__).parent.parent.parent

# What was measured by hand, apart from all this, with other programs. "." was not measured.
HEADS = "TL GL AL CV W1 W1T W2 W"
MEASURED = """
threads-isolated             yes  yes  yes  yes  yes  yes yes  yes
greenlets-isolated           no   yes  yes  yes  yes  .   yes  yes
tasks-isolated               no   no   yes  yes  no   no  yes  yes
child-task-starts-from       same same copy copy same .   copy copy
seen-in-to-thread            no   no   no   yes  no   .   yes  yes
dead-threads-data-read       no   no   no   no   no   yes no   no
freed-with-thread            yes  yes  yes  yes  .    no  yes  yes
freed-with-greenlet          no   yes  yes  yes  no   .   yes  yes
generator-write-seen         yes  yes  yes  yes  yes  yes yes  yes
copied-context-isolated      no   no   yes  yes  no   .   yes  yes
subclass-init-runs-in-each   yes  yes  -    -    no   no  no   no
iteration-gives              -    -    -    -    all  all here here
ident-can-be-replaced        no   no   no   -    yes  yes no   no
proxy-to-function            -    -    -    -    yes  yes yes  yes
proxy-to-contextvar          -    -    -    -    no   no  no   yes
proxy-to-stack               -    -    -    -    no   no  no   yes
proxy-says-your-message      -    -    -    -    no   no  no   yes
proxy-to-name-of-function    -    -    -    -    no   no  no   yes
wrapped-is-function          -    -    -    -    yes  yes yes  yes
wrapped-is-local             -    -    -    -    no   no  no   yes
unbound-can-be-looked-at     -    -    -    -    yes  yes yes  yes
isinstance-sees-object       -    -    -    -    no   no  yes  yes
in-place-keeps-proxy         -    -    -    -    no   no  yes  yes
newer-methods                -    -    -    -    none .   all  all
copy-is-objects              -    -    -    -    yes  yes yes  yes
none-on-top-is-unbound       -    -    -    -    yes  yes yes  yes
child-pop-seen-by-parent     -    -    -    -    yes  yes yes  no
child-task-changes-a-list    yes  yes  yes  yes  yes  yes yes  yes
proxy-in-thread              -    -    -    -    no   no  no   no
entries-left-in-context      0    0    .    100  0    0   .    100
"""


@pytest.fixture
def answers(results: Results) -> Answers:
    return results.answers


@pytest.mark.parametrize("line", MEASURED.strip().splitlines())
def test_the_answers_are_what_was_measured_by_hand(line: str, answers: Answers) -> None:
    key, *measured = line.split()
    of = {each.head: each.key for each in IMPLEMENTATIONS.values()}
    for head, wanted in zip(HEADS.split(), measured, strict=True):
        answer = answers[key][of[head]]
        if wanted != "." and answer != NOT_INSTALLED and (greenlet or answer != NOTHING):
            assert (head, answer) == (head, wanted)


def test_minictx_differs_from_its_twin_over_contextvars_where_it_is_meant_to(
    answers: Answers,
) -> None:
    differs = {key for key, row in answers.items() if row["minictx"] != row["contextual"]}
    assert differs == {
        "tasks-isolated",
        "copied-context-isolated",
        "generator-moved-context",
        "child-task-starts-from",
        "later-write-seen-by-child",
        "gathered-write-seen",
        "seen-in-to-thread",
        "freed-with-task",
        "entries-left-in-context",
        "freed-with-itself",
        "storage-shows",
        "ident-can-be-replaced",
        "child-push-seen-by-parent",
        "child-pop-seen-by-parent",
        "pushed-list-is-the-stack",
    }


def test_every_run_gives_the_same_answers_and_leaves_nothing_in_its_context(
    answers: Answers,
) -> None:
    before = dict(copy_context())
    found = probe()
    assert dict(copy_context()) == before
    for key, row in found.items():
        assert row == {of: answers[key][of] for of in row}, key


def test_the_answers_are_the_same_before_and_after_gevent_was_imported() -> None:
    if find_spec("gevent") is None:
        pytest.skip("gevent is not installed")
    code = (
        "import sys\n"
        "from minictx.compare.locals.implementations import IMPLEMENTATIONS\n"
        "from minictx.compare.locals.results import probe\n"
        "rest = [each for each in IMPLEMENTATIONS.values() if each.key != 'gevent']\n"
        "before = probe(implementations=rest)\n"
        "assert 'gevent' not in sys.modules\n"
        "import gevent, gevent.local\n"
        "assert probe(implementations=rest) == before\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, cwd=ROOT)


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_behaviour_asks_a_question_and_says_why_it_matters(behaviour: Behaviour) -> None:
    assert behaviour.question.endswith("?")
    assert len(behaviour.question) < 100
    assert behaviour.why.endswith(".")
    assert len(behaviour.key) <= 26  # as wide as the table's first column may be


@pytest.mark.parametrize("behaviour", BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_the_code_of_a_behaviour_is_python_and_all_that_it_calls_beside_it(
    behaviour: Behaviour,
) -> None:
    code = behaviour.code
    compile(code, behaviour.key, "exec")
    assert f"def {behaviour.run.__name__}(kit: Kit) -> str:" in code
    assert '"""' not in code
    assert "@" not in code.partition("def ")[0]


def test_the_code_shows_helpers_first() -> None:
    code = BEHAVIOURS["tasks-isolated"].code
    assert code.startswith("def each_keeps_its_own(kit: Kit, on: Kind) -> bool:")
    assert code.count("def ") == 4  # the helper, its two actors, and the behaviour


def test_no_two_behaviours_have_the_same_key() -> None:
    assert len(BEHAVIOURS) == sum(len(topic.behaviours) for topic in TOPICS)


def test_a_mistake_in_a_behaviour_is_no_answer() -> None:
    def fails(kit: Kit) -> str:
        return str(1 / 0)

    with pytest.raises(ZeroDivisionError):
        ask(Behaviour("fails", "", fails), Kit(object))


# What is not installed is said to be missing, and the rest works


def compare_without(packages: list[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    hide = "".join(f"sys.modules[{package!r}] = None\n" for package in packages)
    code = (
        f"import sys; sys.argv[1:] = ['compare', *{list(arguments)!r}]\n{hide}"
        "from minictx.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60
    )


def answers_without(packages: list[str]) -> dict[str, Any]:
    result = compare_without(packages, "--json")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("package", ["gevent", "asgiref", "werkzeug"])
def test_a_missing_package_is_said_to_be_missing(package: str) -> None:
    found = answers_without([package])
    assert found["implementations"][package]["note"] == "not installed"
    assert {row["answers"][package] for row in found["behaviours"].values()} == {
        "not installed"
    }
    assert found["behaviours"]["threads-isolated"]["answers"]["minictx"] == "yes"


def test_the_table_leaves_out_a_missing_package_and_says_so() -> None:
    result = compare_without(["asgiref"])
    assert result.returncode == 0, result.stderr
    assert "AL    asgiref.Local: not installed" in result.stdout
    assert "AL" not in result.stdout.splitlines()[0].split()
    assert "TL" in result.stdout.splitlines()[0].split()


def test_without_greenlet_only_the_rows_about_greenlets_have_no_answer() -> None:
    found = answers_without(["greenlet", "gevent"])
    silent = {
        key for key, row in found["behaviours"].items() if row["answers"]["minictx"] == "-"
    }
    assert silent == {
        "greenlets-isolated",
        "greenlet-starts-from",
        "freed-with-greenlet",
        "stack-for-each-greenlet",
    }


def test_without_greenlet_there_is_nothing_to_trace_in_such_a_row() -> None:
    result = compare_without(["greenlet", "gevent"], "greenlets-isolated")
    assert result.returncode == 2
    assert result.stderr == "minictx: there is nothing to trace: greenlet is not installed\n"
    assert "Does each greenlet have its own value?" in result.stdout


def test_a_missing_package_cannot_be_traced() -> None:
    result = compare_without(["gevent"], "threads-isolated", "--of", "gevent")
    assert result.returncode == 2
    assert result.stderr == (
        "minictx: gevent is not installed: pip install 'minictx[all]' brings it\n"
    )
