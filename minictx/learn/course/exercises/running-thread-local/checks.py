from pathlib import Path

import running_thread_local

from minictx.learn.prediction import check_prediction, check_program
from minictx.stage import run

READS = (3, 4, 5)


def test_the_program_is_as_it_was():
    check_program(running_thread_local.__file__, Path(__file__).with_name("start.py"))


def test_the_prediction_is_what_happens():
    order = running_thread_local.ORDER
    happened = []
    for on in ("threads", "greenlets"):
        steps = run(order, on=on, **running_thread_local.ACTORS).steps
        happened += [
            (f"on {on}, at step {number} of {order!r}, {steps[number - 1].actor} reads", value)
            for number, value in ((each, steps[each - 1].value) for each in READS)
        ]
    check_prediction(running_thread_local.prediction, happened)
