from pathlib import Path

import beyond_tasks
import pytest
from local import release_local

from minictx.learn.prediction import check_prediction, check_program
from minictx.stage import run

READS = {3: "A", 4: "the child", 5: "A", 6: "B"}  # {step: who reads there}


@pytest.fixture(autouse=True)
def an_empty_local():
    release_local(beyond_tasks.local)


def test_the_program_is_as_it_was():
    check_program(beyond_tasks.__file__, Path(__file__).with_name("start.py"))


def test_the_prediction_is_what_happens():
    order = beyond_tasks.ORDER
    # Two steps more: an actor ends only after it has gone on from its last yield.
    steps = run(order + " A B", on="tasks", **beyond_tasks.ACTORS).steps
    happened = []
    for number, who in READS.items():
        place = f"at step {number} of {order!r}, {who} reads, from the"
        of_local, of_variable = steps[number - 1].value
        happened += [(f"{place} Local,", of_local), (f"{place} ContextVar,", of_variable)]
    prediction = beyond_tasks.prediction
    if isinstance(prediction, list):
        assert len(prediction) == len(happened), (
            f"prediction needs {len(happened)} answers, two for each of the steps 3 to 6:"
            f" {len(prediction)} are there"
        )
    check_prediction(prediction, happened)
