from pathlib import Path

import stack_each

from minictx.learn.prediction import check_prediction, check_program
from minictx.stage import run


def test_the_program_is_as_it_was():
    check_program(stack_each.__file__, Path(__file__).with_name("start.py"))


def test_the_prediction_is_what_happens():
    order = stack_each.ORDER
    # Two steps more: an actor ends only after it has gone on from its last yield.
    steps = run(order + " T1 T2", **stack_each.THREADS).steps
    happened = [
        (f"at step {number} of {order!r}, {step.actor} yields", step.value)
        for number, step in enumerate(steps, 1)
        if not step.finished
    ]
    check_prediction(stack_each.prediction, happened)
