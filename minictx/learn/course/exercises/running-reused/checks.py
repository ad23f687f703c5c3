from pathlib import Path

import running_reused

from minictx.learn.prediction import check_prediction, check_program
from minictx.stage import run


def test_the_program_is_as_it_was():
    check_program(running_reused.__file__, Path(__file__).with_name("start.py"))


def test_the_prediction_is_what_happens():
    order = running_reused.ORDER
    steps = run(order, **running_reused.THREADS).steps
    happened = [
        (f"at step {number} of {order!r}, {step.actor} finds", step.value)
        for number, step in enumerate(steps, 1)
        if not step.finished
    ]
    check_prediction(running_reused.prediction, happened)
